import assert from "node:assert/strict";
import {
  buildRequestFields,
  logRequest,
  type RequestFacts,
} from "../../../src/observability/access_log.ts";
import { configureLogging } from "../../../src/observability/log.ts";

const FACTS: RequestFacts = {
  requestId: "0A1B2C3D4E5F6071",
  user: "alice",
  bucket: "bucket-alpha",
  operation: "PutObject",
  method: "PUT",
  path: "/bucket-alpha/file.txt",
  status: 200,
  durationSeconds: 0.0453,
  bytesIn: 10,
  bytesOut: 0,
  clientIp: "192.0.2.1",
};

async function logged(facts: RequestFacts): Promise<string> {
  let written = "";
  const write = (lines: string): Promise<void> => {
    written += lines;
    return Promise.resolve();
  };
  const logger = configureLogging({ level: "info", format: "json", write });
  logRequest(logger, facts);
  await logger.flush();
  return written;
}

Deno.test("R1 buildRequestFields() cuts a presigned query off the path", () => {
  const path = "/b/k%3Fx?X-Amz-Credential=AKIA&X-Amz-Signature=0123?";
  assert.equal(buildRequestFields({ ...FACTS, path }).path, "/b/k%3Fx");
});

Deno.test("R1 buildRequestFields() cuts off a presigned query that a client has encoded as a part of the key", () => {
  const query = "X-Amz-Credential=AKIA&X-Amz-Signature=0123";
  const resource = `arn:aws:s3:::b/k?${query}`;
  for (const encoded of [`%3F${query}`, `%3f${encodeURIComponent(query)}`]) {
    const fields = buildRequestFields({ ...FACTS, path: `/b/k${encoded}`, resource });
    assert.deepEqual([fields.path, fields.resource], ["/b/k", "arn:aws:s3:::b/k"]);
  }
  const path = "/b/what%3F.txt";
  assert.equal(buildRequestFields({ ...FACTS, path }).path, path);
});

Deno.test("R1 logRequest() keeps a hostile path and user agent on its one line", async () => {
  const hostile = '/b/"\n{"level":"error"}\u2028\x1b[2J';
  const line = await logged({ ...FACTS, path: hostile, userAgent: hostile });
  assert.match(line, /^[ -~]+\n$/);
  assert.equal(JSON.parse(line).path, hostile);
});

Deno.test("buildRequestFields() leaves bytes out when the client went away", () => {
  const fields = buildRequestFields({ ...FACTS, code: "client_closed" });
  assert.equal(fields.code, "client_closed");
  assert.equal(fields.bytes_in, undefined);
  assert.equal(fields.bytes_out, undefined);
});

Deno.test("logRequest() is an error for 5xx, and for what the backend broke off, but not where the client went away", async () => {
  const expected: [Partial<RequestFacts>, string][] = [
    [{ status: 200 }, "info"],
    [{ status: 403, code: "AccessDenied" }, "info"],
    [{ status: 499 }, "info"],
    [{ status: 500, code: "InternalError" }, "error"],
    [{ status: 503, code: "SlowDown" }, "error"],
    [{ status: 503, code: "SlowDown", reason: "requests_per_second" }, "warn"],
    [{ status: 503, code: "SlowDown", reason: "share_of_requests" }, "warn"],
    [{ status: 503, code: "SlowDown", reason: "unauthenticated_requests" }, "warn"],
    [{ status: 503, code: "SlowDown", reason: "connections" }, "error"],
    [{ status: 503, code: "SlowDown", reason: "in_flight_requests" }, "error"],
    [{ status: 500, code: "client_closed" }, "info"],
    [{ status: 503, code: "shutdown_timeout" }, "info"],
    [{ status: 200, code: "backend_closed" }, "error"],
  ];
  for (const [facts, level] of expected) {
    assert.equal(JSON.parse(await logged({ ...FACTS, ...facts })).level, level);
  }
});

Deno.test("logRequest() writes the fields in their order", async () => {
  const line = await logged(FACTS);
  assert.equal(
    line.replace(/"ts":"[^"]+"/, '"ts":"T"'),
    '{"level":"info","ts":"T","msg":"request completed","request_id":"0A1B2C3D4E5F6071",' +
      '"user":"alice","bucket":"bucket-alpha","operation":"PutObject","method":"PUT",' +
      '"path":"/bucket-alpha/file.txt","status":200,"duration":0.0453,"bytes_in":10,' +
      '"bytes_out":0,"client_ip":"192.0.2.1"}\n',
  );
});

Deno.test("logRequest() writes every fact it is given", async () => {
  const { level: _, ts: __, msg: ___, ...fields } = JSON.parse(
    await logged({
      ...FACTS,
      status: 403,
      code: "AccessDenied",
      durationSeconds: 0.1 + 0.2,
      accessKey: "alice-key",
      action: "s3:PutObject",
      resource: "arn:aws:s3:::bucket-alpha/file.txt",
      prefix: "team-a/",
      backendRequestId: "tx0001",
      backendLatencySeconds: 0.012345678,
      decision: "deny",
      reason: "no statement allows it",
      statement: "users[0].policy.Statement[1]",
      userAgent: "aws-cli/2",
    }),
  );
  assert.deepEqual(fields, {
    request_id: "0A1B2C3D4E5F6071",
    user: "alice",
    access_key: "alice-key",
    bucket: "bucket-alpha",
    operation: "PutObject",
    method: "PUT",
    path: "/bucket-alpha/file.txt",
    status: 403,
    code: "AccessDenied",
    duration: 0.3,
    bytes_in: 10,
    bytes_out: 0,
    client_ip: "192.0.2.1",
    backend_request_id: "tx0001",
    backend_latency: 0.012346,
    decision: "deny",
    action: "s3:PutObject",
    resource: "arn:aws:s3:::bucket-alpha/file.txt",
    prefix: "team-a/",
    reason: "no statement allows it",
    statement: "users[0].policy.Statement[1]",
    user_agent: "aws-cli/2",
  });
});
