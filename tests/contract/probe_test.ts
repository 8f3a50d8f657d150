/** The probe on scripted backends: what it makes is removed, and where it has no place it asks for nothing more. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { ProbeError, probeShortly, probeStore } from "../../src/probe/probe.ts";
import type { AccessKeyId } from "../../src/s3/names.ts";
import { verifyBackend } from "../../src/server/probe_backend.ts";
import { SecretAccessKey } from "../../src/sigv4/secret_access_key.ts";
import {
  formatResponse,
  type RecordingBackend,
  type Respond,
  startRecordingBackend,
} from "../support/recording_backend.ts";
import { createRecordingLogger } from "../support/recording_logger.ts";

const NAME = "s3-proxy-probe-1";

async function probe(
  respond: Respond,
  { bucket, isShort = false }: { bucket?: string; isShort?: boolean } = {},
): Promise<{ backend: RecordingBackend; result: Awaited<ReturnType<typeof probeStore>> }> {
  await using backend = startRecordingBackend(respond);
  const ask = isShort ? probeShortly : probeStore;
  const result = await ask({
    transport: {
      endpoint: new URL(`http://127.0.0.1:${backend.port}`),
      caCertificates: [],
      clientCertificate: undefined,
      idleConnectionTimeoutMs: 1000,
      maxIdleConnections: 0,
      prefersFetch: false,
      stallTimeoutMs: 5000,
      userAgent: "probe",
    },
    credentials: {
      accessKeyId: "MASTER" as AccessKeyId,
      secretAccessKey: new SecretAccessKey("master-secret-of-the-tests"),
      region: "us-east-1",
    },
    connectTimeoutMs: 5000,
    responseHeaderTimeoutMs: 5000,
    clock: () => new Date(),
    bucket,
    name: NAME,
  });
  return { backend, result };
}

/** A store that does whatever it is asked, remembers nothing and heeds no condition. */
const HEEDLESS: Respond = ({ method, target }) => ({
  send: [formatResponse(
    method === "POST" && target.includes("uploads")
      ? { body: "<R><UploadId>u</UploadId></R>" }
      : method === "DELETE"
      ? { status: 204 }
      : {},
  )],
});

Deno.test("probeStore() trusts a store with nothing that it does not do, and removes all it made", async () => {
  const { backend, result } = await probe(HEEDLESS);
  const { measured } = result;
  assert.deepEqual(measured.conditions, []);
  assert.deepEqual(measured.checksums, []);
  assert.deepEqual([measured.settings, measured.settings_read], [[], []]);
  assert.deepEqual(measured.encryption, []);
  assert.equal(measured.versions, false);
  assert.equal(measured.put_makes_buckets, true);
  assert.equal(measured.payload_hash, false);
  const made = new Set<string>();
  const removed = new Set<string>();
  for (const { method, target } of backend.requests) {
    assert.ok(target.startsWith(`/${NAME}`), target); // nothing of anybody else's is touched
    const [path = ""] = target.split("?");
    if (method === "PUT") made.add(path);
    if (method === "DELETE") removed.add(path);
  }
  assert.deepEqual([...made.difference(removed)], []);
  assert.deepEqual(result.left, []);
});

Deno.test("probeStore() stays below its prefix in a bucket that is there, and writes no setting", async () => {
  const { backend } = await probe(HEEDLESS, { bucket: "theirs" });
  for (const { method, target } of backend.requests) {
    const isRead = method === "GET" || method === "HEAD";
    // `/…` and `…\…` are other spellings of its own keys.
    const isOwn = target.startsWith(`/theirs/${NAME}`);
    assert.ok(isOwn || isRead, `${method} ${target}`);
    if (method === "PUT") assert.doesNotMatch(target, /\?(?!partNumber)/);
  }
});

Deno.test("probeStore() asks for nothing where it may not make a bucket, and says so", async () => {
  let asked = 0;
  const refuse: Respond = ({ method }) => {
    if (method === "PUT") asked++;
    const body = "<Error><Code>AccessDenied</Code></Error>";
    return { send: [formatResponse({ status: 403, body: method === "HEAD" ? "" : body })] };
  };
  await assert.rejects(probe(refuse), new ProbeError("CreateBucket is answered 403 AccessDenied"));
  assert.equal(asked, 1);
  await assert.rejects(probe(refuse, { bucket: "theirs" }), /"theirs" is answered 403/);
  assert.equal(asked, 1);
});

Deno.test("probeShortly() writes no setting and few objects", async () => {
  const { backend } = await probe(HEEDLESS, { isShort: true });
  assert.ok(backend.requests.length < 100);
  for (const { method, target } of backend.requests) {
    if (method === "PUT") assert.doesNotMatch(target, /\?(?!partNumber)/);
  }
});

function configure(endpoint: string, backend: Record<string, unknown>): Record<string, unknown> {
  const keys = { access_key: "MASTER", secret_key: "master-secret-of-tests" };
  return { master_credentials: { ...keys, endpoint }, users: [], backend };
}

/** Whether the program may start, which facts the log names, and what the backend was asked. */
async function verify(
  backend: Record<string, unknown>,
  respond: Respond = HEEDLESS,
): Promise<{ mayStart: boolean; facts: unknown[]; asked: number }> {
  await using store = startRecordingBackend(respond);
  const endpoint = `http://127.0.0.1:${store.port}`;
  const { config } = parseConfig(JSON.stringify(configure(endpoint, backend)), {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  const certificates = { server: undefined, client: undefined, authorities: [] };
  const { logger, errors } = createRecordingLogger();
  const mayStart = await verifyBackend({ config, certificates }, logger);
  const facts = errors.map((line) => (line as { fact: unknown }).fact);
  return { mayStart, facts, asked: store.requests.length };
}

Deno.test("backend.verify refuses a store that does not hold what is trusted, and names each fact", async () => {
  const { mayStart, facts } = await verify({ kind: "minio", verify: true });
  assert.equal(mayStart, false);
  const names = ["conditions", "versions", "upload_keys"];
  assert.deepEqual(facts, names.map((name) => `backend.capabilities.${name}`));
});

Deno.test("backend.verify takes a store that is trusted with nothing, and one that cannot be asked", async () => {
  const nothing = await verify({ kind: "other", verify: true });
  assert.deepEqual([nothing.mayStart, nothing.facts], [true, []]);
  const silent = await verify({ kind: "minio", verify: true }, () => ({
    send: [formatResponse({ status: 503 })],
  }));
  assert.deepEqual([silent.mayStart, silent.facts], [true, []]);
  const unasked = await verify({ kind: "minio" });
  assert.deepEqual([unasked.mayStart, unasked.asked], [true, 0]);
});
