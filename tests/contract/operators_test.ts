/** What operators see of a running proxy: metrics, health, and what a reload tells them. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import type { LoadedFile } from "../../src/config/load.ts";
import { configureLogging } from "../../src/observability/log.ts";
import { startProxy } from "../../src/server/start_proxy.ts";
import { ALICE, type Key, NOBODY, ProxyUnderTest } from "../support/proxy_under_test.ts";
import { startRecordingBackend } from "../support/recording_backend.ts";

const METRICS = { enabled: true, address: "127.0.0.1:0" };
const READER: Key = { accessKey: "reader-key", secretKey: "reader-secret-of-the-tests" };

/** name → labels, as the Go predecessor has them. */
const SEED_METRICS: Readonly<Record<string, readonly string[]>> = {
  s3_proxy_requests_total: ["bucket", "code", "method", "user"],
  s3_proxy_request_duration_seconds_bucket: ["bucket", "le", "method"],
  s3_proxy_in_flight_requests: [],
  s3_proxy_data_transfer_bytes_total: ["bucket", "direction", "user"],
  s3_proxy_backend_latency_seconds_bucket: ["bucket", "le", "method"],
  s3_proxy_auth_errors_total: ["reason"],
  s3_proxy_rbac_denied_total: ["bucket", "user"],
  s3_proxy_buffer_pool_requests_total: ["action"],
};

/** Every sample: its name, its labels, its value. */
async function readSamples(
  proxy: ProxyUnderTest,
): Promise<{ name: string; labels: Record<string, string>; value: number }[]> {
  const { status, text } = await proxy.readAdmin("/metrics");
  assert.equal(status, 200);
  return Array.from(
    text.matchAll(/^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/gm),
    ([, name, labels, value]) => ({
      name: name ?? "",
      labels: Object.fromEntries(
        Array.from((labels ?? "").matchAll(/(\w+)="([^"]*)"/g), ([, key, one]) => [key, one]),
      ),
      value: Number(value),
    }),
  );
}

Deno.test("metrics have the predecessor's names and labels", async () => {
  await using proxy = await ProxyUnderTest.start({ settings: { metrics: METRICS } });
  assert.equal((await proxy.send({ method: "PUT", target: "/mine/k", body: "hello" })).status, 200);
  await proxy.send({ target: "/mine/k", key: NOBODY });
  await proxy.send({ target: "/mine/k", key: { ...ALICE, secretKey: "another-secret" } });
  const samples = await readSamples(proxy);
  for (const [metric, labels] of Object.entries(SEED_METRICS)) {
    const found = samples.filter(({ name }) => name === metric);
    assert.ok(found.length > 0, metric);
    for (const sample of found) assert.deepEqual(Object.keys(sample.labels).sort(), labels, metric);
  }
  const find = (metric: string, wanted: Record<string, string>): number | undefined =>
    samples.find(({ name, labels }) =>
      name === metric && Object.entries(wanted).every(([label, value]) => labels[label] === value)
    )?.value;
  const mine = { user: ALICE.accessKey, bucket: "mine" };
  assert.equal(find("s3_proxy_requests_total", { ...mine, method: "PUT", code: "200" }), 1);
  assert.equal(find("s3_proxy_requests_total", { user: "", code: "403" }), 1);
  assert.equal(find("s3_proxy_data_transfer_bytes_total", { ...mine, direction: "in" }), 5);
  assert.equal(find("s3_proxy_auth_errors_total", { reason: "signature_mismatch" }), 1);
  assert.equal(find("s3_proxy_auth_errors_total", { reason: "clock_skew" }), 0);
  assert.equal(find("s3_proxy_auth_errors_total", { reason: "missing_credentials" }), 0);
  assert.equal(
    find("s3_proxy_rbac_denied_total", { user: NOBODY.accessKey, bucket: "mine" }),
    1,
  );
});

Deno.test("a HEAD tells the length of the object, and counts no bytes", async () => {
  await using proxy = await ProxyUnderTest.start({
    settings: { metrics: METRICS },
    respond: () => ({ send: ["HTTP/1.1 200 OK\r\nContent-Length: 4711\r\n\r\n"] }),
  });
  const response = await proxy.send({ method: "HEAD", target: "/mine/k" });
  assert.equal(response.header("content-length"), "4711");
  assert.match(await proxy.readLog(), /"method":"HEAD"[^\n]*"bytes_out":0\b/);
  const out = (await readSamples(proxy)).find(({ name, labels }) =>
    name === "s3_proxy_data_transfer_bytes_total" && labels.direction === "out"
  );
  assert.equal(out?.value ?? 0, 0);
});

Deno.test("pieces of memory that hardened takes and gives back are counted", async () => {
  await using proxy = await ProxyUnderTest.start({
    listener: "hardened",
    settings: { metrics: METRICS },
  });
  assert.equal((await proxy.send({ method: "PUT", target: "/mine/k", body: "hello" })).status, 200);
  assert.match(await proxy.readLog(), /"operation":"PutObject"/);
  const counts = (await readSamples(proxy))
    .filter(({ name }) => name === "s3_proxy_buffer_pool_requests_total")
    .map(({ labels, value }) => [labels.action, value]);
  // One for the body to the backend, one for the answer.
  assert.deepEqual(counts, [["get", 2], ["put", 2]]);
});

Deno.test("a bucket that a grant, a role or a policy names has a label of its own", async () => {
  const policy = {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::of-policy/a/*" },
  };
  await using proxy = await ProxyUnderTest.start({
    settings: {
      metrics: METRICS,
      roles: { reader: { grants: [{ access: "read-only", buckets: ["of-role"] }] } },
      users: [{
        access_key: READER.accessKey,
        secret_key: READER.secretKey,
        roles: ["reader"],
        grants: [{ access: "read-only", buckets: ["of-grant", "pattern-*"] }],
        policy,
      }],
    },
  });
  for (const bucket of ["of-role", "of-grant", "of-policy", "pattern-x", "nowhere"]) {
    const response = await proxy.send({ method: "DELETE", target: `/${bucket}/k`, key: READER });
    assert.equal(response.errorCode, "AccessDenied");
  }
  const denied = (await readSamples(proxy)).filter(({ name }) =>
    name === "s3_proxy_rbac_denied_total"
  );
  assert.deepEqual(denied.map(({ labels, value }) => [labels.bucket, value]).sort(), [
    ["of-grant", 1],
    ["of-policy", 1],
    ["of-role", 1],
    ["other", 2],
  ]);
});

Deno.test("metrics.enabled: false leaves the health checks, and an address alone has them too", async () => {
  for (const metrics of [{ ...METRICS, enabled: false }, { address: METRICS.address }]) {
    await using proxy = await ProxyUnderTest.start({ settings: { metrics } });
    assert.equal((await proxy.readAdmin("/metrics")).status, 404);
    assert.equal((await proxy.readAdmin("/healthz")).status, 200);
    assert.equal((await proxy.readAdmin("/readyz")).status, 200);
    assert.match(
      await proxy.readLog(),
      /"msg":"listening for operators","hostname":"127.0.0.1","port":\d+/,
    );
  }
});

Deno.test("the start logs the address of every listener", async () => {
  await using proxy = await ProxyUnderTest.start({
    settings: { metrics: METRICS, console: { enabled: true, address: "127.0.0.1:0" } },
  });
  const log = await proxy.readLog();
  for (const name of ["listening", "listening for operators", "listening for people"]) {
    const line = log.split("\n").find((line) => line.includes(`"msg":"${name}"`)) ?? "";
    assert.match(line, /"hostname":"127\.0\.0\.1"/, name);
    assert.match(line, /"port":[1-9]/, name);
  }
});

Deno.test("a proxy whose backend was never there is healthy and not ready", async () => {
  const unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = unused.addr;
  unused.close();
  await using proxy = await ProxyUnderTest.start({
    settings: {
      metrics: METRICS,
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: `http://127.0.0.1:${port}`,
      },
    },
  });
  assert.equal((await proxy.readAdmin("/healthz")).status, 200);
  assert.deepEqual(await proxy.readAdmin("/readyz"), {
    status: 503,
    text: "the backend cannot be reached\n",
  });
});

Deno.test("R2 clients find neither metrics nor health of the process", async () => {
  await using proxy = await ProxyUnderTest.start({ settings: { metrics: METRICS } });
  for (const target of ["/metrics", "/healthz", "/readyz"]) {
    const headers = [["host", proxy.host]] as const;
    const response = await proxy.sendRaw({ method: "GET", target, headers });
    proxy.assertRefused(response, "AccessDenied");
  }
});

Deno.test("a reload names the settings that need a restart, and puts the others to use", async () => {
  await using backend = startRecordingBackend();
  let log = "";
  const write = (lines: string): Promise<void> => Promise.resolve(void (log += lines));
  const logger = configureLogging({ level: "warn", format: "json", write });
  const readLog = async (): Promise<string> => {
    await logger.flush();
    return log;
  };
  const load = (changes: Readonly<Record<string, unknown>>): LoadedFile => {
    const data = {
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: `http://127.0.0.1:${backend.port}`,
      },
      server: { listen_addr: "127.0.0.1:0", workers: 1 },
      users: [],
      logging: { level: "warn" },
      ...changes,
    };
    const loaded = parseConfig(JSON.stringify(data), {
      path: "test",
      environment: () => undefined,
      readSecretFile: () => assert.fail("no file is needed"),
    });
    const certificates = { server: undefined, client: undefined, authorities: [] };
    return { ...loaded, certificates, checked: { ...loaded.checked, certificates } };
  };
  const { config, certificates } = load({});
  const proxy = await startProxy(config, { certificates, logger });
  try {
    await proxy.reload(
      load({ server: { listen_addr: "127.0.0.1:0", workers: 1, idle_timeout: "1s" } }),
    );
    assert.doesNotMatch(await readLog(), /restart/);
    await proxy.reload(
      load({ server: { listen_addr: "127.0.0.1:1", workers: 2 }, metrics: METRICS }),
    );
    assert.match(
      await readLog(),
      /need a restart","keys":"server.listen_addr, server.workers, metrics"/,
    );
  } finally {
    await proxy.stop();
  }
});
