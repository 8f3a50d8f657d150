/**
 * How the cost of a request grows: with headers, query parameters and chunks. Run it with
 * `deno task bench:growth`; with statements and users: `deno task bench:rights`.
 * @module
 */

import { Metrics } from "../../src/observability/metrics.ts";
import { decodePayload } from "../../src/payload/decode_payload.ts";
import { parseS3Request } from "../../src/s3/request.ts";
import { SecretAccessKey } from "../../src/sigv4/secret_access_key.ts";
import { verifySignature } from "../../src/sigv4/verify.ts";
import { type Header, signHeaders } from "../support/signer.ts";
import { buildRawRequest, SAMPLE_RULES } from "../unit/s3/sample_request.ts";

const KEY = { accessKey: "bench-key", secretKey: "secret-of-the-benchmark" };
const KNOWN = { secretAccessKey: new SecretAccessKey(KEY.secretKey), identity: "bench" };
const ROUNDS = 2000;
const BODY_BYTES = 64 * 1024 * 1024;

console.log(`µs to record a request in the metrics | ${timeMetrics().toFixed(1)}`);
console.log("signed headers | µs to parse and verify");
for (const count of [0, 10, 20, 40, 80]) {
  const headers = Array.from({ length: count }, (_, index): Header => [
    `x-amz-meta-name-${index}`,
    `value ${index}`,
  ]);
  console.log(`${count + 3} | ${timeRequest({ target: "/bucket/key", headers }).toFixed(1)}`);
}
console.log("query parameters | µs to parse and verify");
for (const count of [0, 2, 4, 8]) {
  // As many as one operation takes: a listing's own.
  const names = [
    "prefix",
    "delimiter",
    "start-after",
    "continuation-token",
    "max-keys",
    "encoding-type",
    "fetch-owner",
    "list-type",
  ];
  const query = names.slice(-count || names.length).map((name) => `${name}=2`).join("&");
  const target = count === 0 ? "/bucket" : `/bucket?${query}`;
  console.log(`${count} | ${timeRequest({ target, headers: [] }).toFixed(1)}`);
}
console.log("bytes a chunk | MB/s decoded, unsigned");
for (const bytes of [64, 1024, 8 * 1024, 64 * 1024, 1024 * 1024]) {
  console.log(`${bytes} | ${(await timeChunks(bytes)).toFixed(0)}`);
}

/** Median microseconds to read one request and to prove who sent it. */
function timeRequest(
  { target, headers }: { target: string; headers: readonly Header[] },
): number {
  const now = new Date();
  const signed = signHeaders({
    method: "GET",
    target,
    headers: [["host", "proxy.example"], ...headers],
    ...KEY,
    date: now,
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const raw = buildRawRequest({ method: "GET", target, headers: signed.headers });
  const call = (): void => {
    verifySignature(parseS3Request(raw, SAMPLE_RULES), {
      lookup: () => KNOWN,
      now,
      clockSkewSecondsMax: 900,
      region: undefined,
    });
  };
  return timeMedian(call);
}

/** Median microseconds to record one request of many users. */
function timeMetrics(): number {
  const metrics = new Metrics({
    heapBytes: () => 0,
    eventLoopLagSeconds: () => 0,
    piecesTaken: () => 0,
    piecesGiven: () => 0,
  });
  metrics.configureBuckets(["bucket"]);
  let turn = 0;
  return timeMedian(() =>
    metrics.recordRequest({
      requestId: "0123456789ABCDEF",
      user: `user-${turn++ % 100}`,
      bucket: "bucket",
      operation: "GetObject",
      method: "GET",
      path: "/bucket/key",
      status: 200,
      durationSeconds: 0.01,
      bytesIn: 0,
      bytesOut: 1024,
      clientIp: "192.0.2.1",
      backendLatencySeconds: 0.005,
    })
  );
}

function timeMedian(call: () => void): number {
  for (let warmUp = 0; warmUp < ROUNDS; warmUp++) call();
  const times = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now();
    call();
    return (performance.now() - startedMs) * 1000;
  }).toSorted((one, other) => one - other);
  return times[ROUNDS >> 1] ?? NaN;
}

/** Decodes {@linkcode BODY_BYTES} that come in pieces of 256 KiB, in chunks of `bytes`. */
async function timeChunks(bytes: number): Promise<number> {
  const chunk = new TextEncoder().encode(`${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`);
  const chunks = BODY_BYTES / bytes;
  const framed = new Uint8Array(chunk.length * chunks + 5);
  for (let index = 0; index < chunks; index++) framed.set(chunk, index * chunk.length);
  framed.set(new TextEncoder().encode("0\r\n\r\n"), chunk.length * chunks);
  const { source } = decodePayload(new Blob([framed]).stream(), {
    plan: {
      kind: "chunked",
      length: BODY_BYTES,
      form: "chunked_unsigned_trailer",
      seed: undefined,
      checksum: undefined,
    },
  });
  const startedMs = performance.now();
  for (const piece = new Uint8Array(256 * 1024); await source.read(piece) > 0;);
  return BODY_BYTES / 1000 / (performance.now() - startedMs);
}
