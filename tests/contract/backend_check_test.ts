/** What is found out about a backend at the start and by `check --backend`, and at which cost; what `/readyz` makes of it. */

import assert from "node:assert/strict";
import type { CompleteConfig } from "../../src/config/compile.ts";
import { parseConfig } from "../../src/config/load.ts";
import { LIMITS } from "../../src/limits.ts";
import { BackendWatch, readCheckOptions } from "../../src/server/backend_watch.ts";
import { checkBackend } from "../../src/upstream/backend_check.ts";
import { changeLimits } from "../support/change_limits.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { createRecordingLogger } from "../support/recording_logger.ts";
import { ALICE, ProxyUnderTest } from "../support/proxy_under_test.ts";
import {
  type BackendOptions,
  formatResponse,
  type Respond,
  startRecordingBackend,
} from "../support/recording_backend.ts";

/** A backend that speaks no TLS mostly says nothing to it. */
const BRIEF_PROBE = { tlsProbeTimeoutMs: 300 };
const TLS = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
const LISTING = "<ListAllMyBucketsResult><Buckets><Bucket><Name>alpha</Name></Bucket></Buckets>" +
  "</ListAllMyBucketsResult>";
const HTML = "<!DOCTYPE html><html><body>It works!</body></html>";

function complete(
  endpoint: string,
  { sections = {}, authorities = [] }: {
    sections?: Record<string, unknown>;
    authorities?: string[];
  } = {},
): CompleteConfig {
  const data = {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint,
    },
    users: [{
      access_key: "u-key",
      secret_key: "u-secret-of-the-tests",
      allowed_buckets: ["alpha", "beta"],
    }],
    ...sections,
  };
  const { config } = parseConfig(JSON.stringify(data), {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  return { config, certificates: { server: undefined, client: undefined, authorities } };
}

function answer(status: number, body: string, headers: Record<string, string> = {}): Respond {
  return ({ method }) => ({
    send: [formatResponse({
      status,
      headers: Object.entries({ date: new Date().toUTCString(), ...headers }),
      body: method === "HEAD" ? "" : body,
    })],
  });
}

function error(code: string, more = ""): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code>${more}</Error>`;
}

/** The findings as lines, and how many requests they cost. */
async function check(
  respond: Respond,
  { tls, scheme = "http", buckets, ...options }: {
    tls?: BackendOptions["tls"];
    scheme?: string;
    buckets?: "named";
    authorities?: string[];
    sections?: Record<string, unknown>;
  } = {},
): Promise<{ lines: string[]; requests: string[] }> {
  await using backend = startRecordingBackend(respond, tls === undefined ? {} : { tls });
  const config = complete(`${scheme}://127.0.0.1:${backend.port}`, options);
  const findings = await checkBackend(readCheckOptions(config, { buckets }));
  return {
    lines: findings.map(({ level, subject, setting, message }) =>
      `${level} ${subject} ${setting ?? "-"}: ${message}`
    ),
    requests: backend.requests.map(({ startLine }) => startLine),
  };
}

Deno.test("checkBackend() asks once, signed, and tells kind, key, clock, region and rights", async () => {
  const requestId = "tx00000ab12cd34ef56a7b8-0065f0c4c7-100c-default";
  const { lines, requests } = await check(answer(200, LISTING, { "x-amz-request-id": requestId }));
  assert.deepEqual(requests, ["GET / HTTP/1.1"]);
  assert.deepEqual(lines.map((line) => line.replace(/[01] s off/, "0 s off")), [
    "ok S3 -: Ceph RADOS Gateway",
    "ok key -: accepted",
    "ok clock -: 0 s off",
    "ok region -: us-east-1 is accepted",
    "ok rights -: may list buckets, 1 are there",
  ]);
});

const REFUSALS: readonly (readonly [
  what: string,
  respond: Respond,
  line: RegExp,
])[] = [
  [
    "an unknown key",
    answer(403, error("InvalidAccessKeyId")),
    /^error key master_credentials\.access_key: .*correct it/,
  ],
  [
    "a wrong secret",
    answer(403, error("SignatureDoesNotMatch")),
    /^error key master_credentials\.secret_key: /,
  ],
  [
    "a clock that is refused",
    answer(403, error("RequestTimeTooSkewed")),
    /^error clock -: .*timedatectl/,
  ],
  [
    "another region",
    answer(400, error("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>")),
    /^error region master_credentials\.region: .*for "eu-central-1", not "us-east-1"/,
  ],
  [
    "a web page",
    answer(200, HTML, { "content-type": "text/html", server: "nginx" }),
    /^error S3 master_credentials\.endpoint: .*status 200, text\/html, nginx\) is not S3/,
  ],
  ["a 404 of a web server", answer(404, HTML), /^error S3 .*is not S3/],
  [
    "no HTTP",
    () => ({ send: ["SSH-2.0-OpenSSH_9.2\r\n"], close: true }),
    /^error S3 .*does not speak HTTP/,
  ],
  [
    "an end without an answer",
    () => ({ send: [], close: true }),
    /^error S3 .*breaks off, and is not S3/,
  ],
  [
    "a busy store",
    answer(503, error("SlowDown")),
    /^warn S3 -: ListBuckets is answered 503 SlowDown/,
  ],
  [
    "a clock two minutes behind",
    (request) =>
      answer(200, LISTING, { date: new Date(Date.now() - 120_000).toUTCString() })(request),
    /^warn clock -: this machine's clock is 1(?:19|2[0-3]) s ahead of the backend's: set it/,
  ],
];

for (const [what, respond, expected] of REFUSALS) {
  Deno.test(`checkBackend() tells ${what}, and what to change`, async () => {
    using _limits = changeLimits(BRIEF_PROBE);
    const { lines, requests } = await check(respond);
    assert.equal(requests.length, 1);
    assert.ok(lines.some((line) => expected.test(line)), lines.join("\n"));
  });
}

Deno.test("checkBackend() tells http:// to a port of TLS, and https:// to one without", async () => {
  using _limits = changeLimits(BRIEF_PROBE);
  const plain = await check(answer(200, LISTING), { tls: TLS });
  assert.deepEqual(plain.lines, [
    "error TLS master_credentials.endpoint: TLS is spoken at this port: write https://",
  ]);
  // nginx answers plain HTTP on a port of TLS with a page; here is one, and no TLS behind it.
  const page = await check(answer(400, HTML));
  assert.match(page.lines.join(), /is not S3/);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  const [secure] = await checkBackend(
    readCheckOptions(complete(`https://127.0.0.1:${server.addr.port}`), { buckets: undefined }),
  );
  await server.shutdown();
  assert.equal(secure?.setting, "master_credentials.endpoint");
  assert.match(secure.message, /^no TLS is spoken at this port: write http:\/\//);
});

Deno.test("checkBackend() tells a certificate that is not trusted, and is content with its authority", async () => {
  const untrusted = await check(answer(200, LISTING), { tls: TLS, scheme: "https" });
  assert.match(untrusted.lines.join(), /^error TLS backend\.ca_file: /);
  assert.deepEqual(untrusted.requests, []);
  const trusted = await check(answer(200, LISTING), {
    tls: TLS,
    scheme: "https",
    authorities: [TEST_CERTIFICATE],
  });
  assert.equal(trusted.lines[0], "ok TLS -: the certificate is trusted");
});

Deno.test("checkBackend() looks for the file's buckets where it is asked to", async () => {
  const respond: Respond = (request) =>
    request.method === "GET" ? answer(200, LISTING)(request) : answer(404, "")(request);
  const { lines, requests } = await check(respond, { buckets: "named" });
  assert.deepEqual(requests, ["GET / HTTP/1.1", "HEAD /beta HTTP/1.1"]);
  assert.match(lines[0] ?? "", /^ok address -: 127\.0\.0\.1:\d+ accepts connections$/);
  assert.deepEqual(lines.slice(-2), [
    "ok rights -: may list buckets, 1 are there, among them 1 of the 2 that the file names",
    "warn rights users: bucket beta is not there yet",
  ]);
});

Deno.test("checkBackend() asks for the buckets one by one where the key may not list them", async () => {
  const respond: Respond = (request) =>
    request.target === "/alpha"
      ? answer(200, "")(request)
      : answer(403, error("AccessDenied"))(request);
  const { lines } = await check(respond, { buckets: "named" });
  assert.deepEqual(lines.slice(-3), [
    "warn rights master_credentials: the key may not list buckets (AccessDenied), so users see none in ListBuckets",
    "ok rights -: may look at bucket alpha",
    "warn rights master_credentials: the key may not look at bucket beta (403)",
  ]);
});

Deno.test("checkBackend() asks for no more buckets than LIMITS.bucketsCheckedMax", async () => {
  const names = Array.from(
    { length: LIMITS.bucketsCheckedMax + 1 },
    (_, index) => `bucket-${index}`,
  );
  const users = [{
    access_key: "u-key",
    secret_key: "u-secret-of-the-tests",
    allowed_buckets: names,
  }];
  const { requests } = await check(answer(200, LISTING), { buckets: "named", sections: { users } });
  assert.equal(requests.length, 1 + LIMITS.bucketsCheckedMax);
});

Deno.test("checkBackend() tells a backend that accepts a connection and says nothing", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  const config = complete(`http://127.0.0.1:${silent.addr.port}`, {
    sections: { backend: { response_header_timeout: "50ms" } },
  });
  const findings = await checkBackend(readCheckOptions(config, { buckets: undefined }));
  assert.match(
    findings[0]?.message ?? "",
    /a connection is accepted, and no answer comes within 0.05 s/,
  );
  (await accepted).close();
  silent.close();
});

Deno.test("the start asks once, and logs what is wrong with the setting's name; /readyz says no until it is right", async () => {
  let respond = answer(403, error("SignatureDoesNotMatch"));
  await using backend = startRecordingBackend((request) => respond(request));
  const { logger, errors } = createRecordingLogger();
  let nowMs = 0;
  const watch = new BackendWatch(complete(`http://127.0.0.1:${backend.port}`), {
    refusals: () => 0,
    logger,
    nowMs: () => nowMs,
  });
  watch.begin();
  assert.equal(await watch.findProblem(), "the backend refuses the master key");
  assert.equal(backend.requests.length, 1, "the look at the start is waited for, and counts");
  const [told] = errors;
  assert.deepEqual(Object.keys(Object(told)), [
    "message",
    "endpoint",
    "check",
    "setting",
    "problem",
  ]);
  assert.equal(Object(told).setting, "master_credentials.secret_key");
  respond = answer(200, LISTING);
  assert.equal(await watch.findProblem(), "the backend refuses the master key");
  assert.equal(backend.requests.length, 1, "it is not asked again at once");
  nowMs += LIMITS.readinessProbeIntervalMs;
  assert.equal(await watch.findProblem(), undefined);
  nowMs += LIMITS.readinessProbeIntervalMs;
  assert.equal(await watch.findProblem(), undefined);
  assert.equal(backend.requests.length, 2, "a backend that takes the key costs no further request");
  assert.equal(errors.length, 1);
});

Deno.test("a key that is refused later turns /readyz to no, whichever thread has met it", async () => {
  let refusals = 0;
  await using backend = startRecordingBackend(answer(403, error("InvalidAccessKeyId")));
  const config = complete(`http://127.0.0.1:${backend.port}`, {
    sections: { backend: { check_at_start: false } },
  });
  const { logger } = createRecordingLogger();
  const watch = new BackendWatch(config, { refusals: () => refusals, logger, nowMs: () => 0 });
  watch.begin();
  assert.equal(await watch.findProblem(), undefined);
  assert.equal(backend.requests.length, 0, "check_at_start: false asks nothing");
  refusals++;
  assert.equal(await watch.findProblem(), "the backend refuses the master key");
});

Deno.test("a request that meets a refused key, or a web page, is counted for /readyz and logged with the setting", async () => {
  using _limits = changeLimits(BRIEF_PROBE);
  for (
    const [respond, code, problem, setting] of [
      [
        answer(403, error("InvalidAccessKeyId")),
        "InternalError",
        "the backend refuses the master key",
        "master_credentials.access_key",
      ],
      [
        answer(400, HTML),
        "BadGateway",
        "the backend does not answer as S3",
        "master_credentials.endpoint",
      ],
    ] as const
  ) {
    await using proxy = await ProxyUnderTest.start({
      respond,
      settings: { metrics: { address: "127.0.0.1:0" } },
    });
    assert.deepEqual(await proxy.readAdmin("/readyz"), { status: 200, text: "ok\n" });
    const response = await proxy.send({ target: "/mine/k", key: ALICE });
    assert.equal(response.errorCode, code);
    assert.match(await proxy.readLog(), new RegExp(`"setting":"${setting}"`));
    assert.deepEqual(await proxy.readAdmin("/readyz"), { status: 503, text: `${problem}\n` });
  }
});

Deno.test("a backend that is down is a warning at the start, and not ready", async () => {
  const unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = unused.addr;
  unused.close();
  const { logger, errors } = createRecordingLogger();
  const watch = new BackendWatch(complete(`http://127.0.0.1:${port}`), {
    refusals: () => 0,
    logger,
    nowMs: () => 0,
  });
  watch.begin();
  assert.equal(await watch.findProblem(), "the backend cannot be reached");
  assert.deepEqual(errors, []);
});

Deno.test("checkBackend() tells a region that new buckets would be asked for in, and the backend does not have", async () => {
  const respond: Respond = (request) =>
    request.target === "/alpha?location="
      ? answer(200, "<LocationConstraint>default</LocationConstraint>")(request)
      : answer(200, LISTING)(request);
  const regionOf = async (region: string): Promise<readonly [string[], string[]]> => {
    await using backend = startRecordingBackend(respond);
    const endpoint = `http://127.0.0.1:${backend.port}`;
    const master = {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint,
      region,
    };
    const config = complete(endpoint, { sections: { master_credentials: master } });
    const findings = await checkBackend(readCheckOptions(config, { buckets: undefined }));
    const told = findings.filter(({ subject }) => subject === "region");
    return [told.map(({ level }) => level), backend.requests.map(({ target }) => target)];
  };
  assert.deepEqual(await regionOf("us-east-1"), [["ok"], ["/"]]);
  assert.deepEqual(await regionOf("default"), [["ok"], ["/", "/alpha?location="]]);
  assert.deepEqual(await regionOf("fsn1"), [["warn"], ["/", "/alpha?location="]]);
});
