import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { type RequestFacts } from "../../../src/observability/access_log.ts";
import { EXPOSITION_TYPE, formatExposition } from "../../../src/observability/exposition.ts";
import { AUTH_ERROR_REASONS } from "../../../src/observability/metric_labels.ts";
import { Metrics } from "../../../src/observability/metrics.ts";

const FACTS: RequestFacts = {
  requestId: "0A1B2C3D4E5F6071",
  user: "alice",
  bucket: "bucket-alpha",
  operation: "PutObject",
  method: "PUT",
  path: "/bucket-alpha/file.txt",
  status: 200,
  durationSeconds: 0.03,
  clientIp: "192.0.2.1",
};

function createMetrics(): Metrics {
  return new Metrics({
    heapBytes: () => 200,
    eventLoopLagSeconds: () => 0.25,
    piecesTaken: () => 3,
    piecesGiven: () => 2,
  });
}

async function expose(metrics: Metrics): Promise<string> {
  return await formatExposition([await metrics.read()]);
}

/** name and labels as written → value. */
async function readSamples(metrics: Metrics): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of (await expose(metrics)).split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const valueAt = line.lastIndexOf(" ");
    const name = line.slice(0, valueAt);
    assert.ok(!samples.has(name), `"${name}" is exposed twice`);
    samples.set(name, Number(line.slice(valueAt + 1)));
  }
  return samples;
}

/** Values of `label` that occur in samples of `metric`. */
async function readLabels(
  metrics: Metrics,
  { metric, label }: { metric: string; label: string },
): Promise<Set<string | undefined>> {
  const names = [...(await readSamples(metrics)).keys()].filter((name) =>
    name.startsWith(metric + "{")
  );
  return new Set(names.map((name) => new RegExp(`[{,]${label}="([^"]*)"`).exec(name)?.[1]));
}

Deno.test("R2 Metrics.recordRequest() gives no label to a bucket from a refused request", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, bucket: "invented", status: 403 });
  metrics.recordRequest({ ...FACTS, bucket: "missing", status: 404 });
  assert.deepEqual(
    await readLabels(metrics, { metric: "s3_proxy_requests_total", label: "bucket" }),
    new Set(["other"]),
  );
});

Deno.test("Metrics.recordRequest() learns no bucket from an unsigned preflight", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, method: "OPTIONS", user: undefined, bucket: "invented" });
  assert.equal(
    (await readSamples(metrics)).get(
      's3_proxy_requests_total{method="OPTIONS",code="200",bucket="other",user=""}',
    ),
    1,
  );
});

Deno.test("Metrics.recordRequest() learns buckets up to the bound and not one more", async () => {
  const metrics = createMetrics();
  metrics.configureBuckets(["bucket-alpha"]);
  metrics.recordRequest(FACTS);
  for (let bucket = 0; bucket <= LIMITS.metricsSeenBucketsMax; bucket++) {
    metrics.recordRequest({ ...FACTS, bucket: `seen-${bucket}` });
  }
  const labels = await readLabels(metrics, { metric: "s3_proxy_requests_total", label: "bucket" });
  assert.equal(labels.size, 1 + LIMITS.metricsSeenBucketsMax + 1);
  assert.ok(labels.has("bucket-alpha"));
  assert.ok(labels.has("other"));
});

Deno.test("Metrics.recordRequest() counts into other users past the bound on series", async () => {
  const metrics = createMetrics();
  metrics.configureBuckets(["bucket-alpha"]);
  for (let user = 0; user <= LIMITS.metricsSeriesMax; user++) {
    metrics.recordRequest({ ...FACTS, user: `user-${user}` });
  }
  const samples = await readSamples(metrics);
  assert.equal(
    samples.get('s3_proxy_requests_total{method="PUT",code="200",bucket="other",user="other"}'),
    1,
  );
  const counted = [...samples.keys()].filter((name) => name.startsWith("s3_proxy_requests_total{"));
  assert.equal(counted.length, LIMITS.metricsSeriesMax + 1);
});

Deno.test("R2 Metrics.recordRequest() gives no label to an invented method", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, method: "BREW" });
  assert.deepEqual(
    await readLabels(metrics, { metric: "s3_proxy_requests_total", label: "method" }),
    new Set(["other"]),
  );
});

Deno.test("Metrics.recordRequest() counts no unknown and no impossible bytes", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, code: "client_closed", bytesIn: 10, bytesOut: 10 });
  for (const bytes of [NaN, -1, Infinity, 0.5, undefined]) {
    metrics.recordRequest({ ...FACTS, bytesIn: bytes, bytesOut: bytes });
  }
  const labels = await readLabels(metrics, {
    metric: "s3_proxy_data_transfer_bytes_total",
    label: "direction",
  });
  assert.deepEqual(labels, new Set());
});

Deno.test("R2 Metrics.authError() gives no label to an unknown reason", async () => {
  const metrics = createMetrics();
  metrics.authError("signature_mismatch");
  metrics.authError("0123456789abcdef");
  metrics.authError(undefined);
  const samples = await readSamples(metrics);
  assert.equal(samples.get('s3_proxy_auth_errors_total{reason="signature_mismatch"}'), 1);
  assert.equal(samples.get('s3_proxy_auth_errors_total{reason="other"}'), 2);
  assert.deepEqual(
    await readLabels(metrics, { metric: "s3_proxy_auth_errors_total", label: "reason" }),
    new Set(AUTH_ERROR_REASONS),
  );
});

Deno.test("R2 Metrics.rbacDenied() gives no label to an invented bucket", async () => {
  const metrics = createMetrics();
  metrics.configureBuckets(["bucket-alpha"]);
  metrics.rbacDenied("alice", "bucket-alpha");
  metrics.rbacDenied("alice", "invented");
  metrics.rbacDenied("alice", undefined);
  const samples = await readSamples(metrics);
  for (const bucket of ["bucket-alpha", "other", ""]) {
    assert.equal(samples.get(`s3_proxy_rbac_denied_total{user="alice",bucket="${bucket}"}`), 1);
  }
});

Deno.test("Metrics.recordRequest() counts a request, its times and its bytes", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, bytesIn: 10, bytesOut: 3, backendLatencySeconds: 0.02 });
  metrics.recordRequest({ ...FACTS, bytesIn: 10, durationSeconds: 400 });
  const samples = await readSamples(metrics);
  const latency = '{method="PUT",bucket="bucket-alpha"}';
  const duration = 's3_proxy_request_duration_seconds_bucket{le="';
  const expected: Record<string, number> = {
    's3_proxy_requests_total{method="PUT",code="200",bucket="bucket-alpha",user="alice"}': 2,
    's3_proxy_data_transfer_bytes_total{direction="in",user="alice",bucket="bucket-alpha"}': 20,
    's3_proxy_data_transfer_bytes_total{direction="out",user="alice",bucket="bucket-alpha"}': 3,
    [`${duration}0.025",method="PUT",bucket="bucket-alpha"}`]: 0,
    [`${duration}0.05",method="PUT",bucket="bucket-alpha"}`]: 1,
    [`${duration}300",method="PUT",bucket="bucket-alpha"}`]: 1,
    [`${duration}+Inf",method="PUT",bucket="bucket-alpha"}`]: 2,
    [`s3_proxy_request_duration_seconds_sum${latency}`]: 400.03,
    [`s3_proxy_backend_latency_seconds_count${latency}`]: 1,
    [`s3_proxy_backend_latency_seconds_sum${latency}`]: 0.02,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(samples.get(name), value, name);
  }
});

Deno.test("Metrics tells how its thread does", async () => {
  const metrics = createMetrics();
  metrics.requestStarted();
  metrics.requestStarted();
  metrics.requestEnded();
  const samples = await readSamples(metrics);
  const expected: Record<string, number> = {
    "s3_proxy_in_flight_requests": 1,
    's3_proxy_buffer_pool_requests_total{action="get"}': 3,
    's3_proxy_buffer_pool_requests_total{action="put"}': 2,
    "process_heap_bytes": 200,
    "s3_proxy_event_loop_lag_seconds": 0.25,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(samples.get(name), value, name);
  }
});

Deno.test("Metrics.read() describes every sample and escapes labels", async () => {
  const metrics = createMetrics();
  metrics.recordRequest({ ...FACTS, user: 'a"b\\c\nd', backendLatencySeconds: 0.01 });
  metrics.rbacDenied("alice", "invented");
  const described = new Map<string, Set<string>>();
  const text = await expose(metrics);
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const comment = /^# (HELP|TYPE) (\w+) ./.exec(line);
    if (comment !== null) {
      const [, kind = "", name = ""] = comment;
      described.set(name, (described.get(name) ?? new Set()).add(kind));
      continue;
    }
    const label = String.raw`\w+="(?:[^"\\\n]|\\["\\n])*"`;
    const sample = new RegExp(`^(\\w+)(?:\\{${label}(?:,${label})*\\})? [-+\\d.e]+$`).exec(line);
    assert.ok(sample !== null, `Cannot parse "${line}"`);
    const [, name = ""] = sample;
    const family = described.get(name) ?? described.get(name.replace(/_(bucket|sum|count)$/, ""));
    assert.deepEqual(family, new Set(["HELP", "TYPE"]), name);
  }
  assert.ok(text.includes(String.raw`user="a\"b\\c\nd"`));
  assert.ok(text.endsWith("\n"));
  assert.equal(EXPOSITION_TYPE, "text/plain; version=0.0.4; charset=utf-8");
});
