import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { FairLine } from "../../src/lib/fair_line.ts";
import { KeyLock } from "../../src/lib/key_lock.ts";
import { LiveSet } from "../../src/lib/live_set.ts";
import { COLUMNS } from "../../src/lib/shared_layout.ts";
import { SharedMemory } from "../../src/lib/shared_memory.ts";
import { Metrics } from "../../src/observability/metrics.ts";
import { UploadSlots } from "../../src/payload/upload_slots.ts";
import { proxyRequest, type ProxyResponse } from "../../src/proxy.ts";
import type { RawRequest } from "../../src/s3/request.ts";
import { createSnapshot } from "../../src/server/snapshot.ts";
import { BucketCors } from "../../src/stages/bucket_cors.ts";
import { BucketVersions } from "../../src/stages/bucket_versions.ts";
import { FormSlots } from "../../src/stages/post_object.ts";
import { RequestSlots } from "../../src/stages/request_slots.ts";
import { UserPace } from "../../src/stages/user_pace.ts";
import { StsPace } from "../../src/sts/sts_pace.ts";
import { createRecordingLogger } from "../support/recording_logger.ts";
import { signHeaders } from "../support/signer.ts";

const KEY = { accessKey: "alice-key", secretKey: "alice-secret-of-the-tests" };
const HOST = "127.0.0.1:8080";

/** Has the proxy answer a request, in front of a backend that must not be asked. */
async function answer(
  memory: SharedMemory,
  { method, target, isSigned }: { method: string; target: string; isSigned: boolean },
): Promise<ProxyResponse> {
  const { config } = parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: "http://127.0.0.1:9000",
      },
      users: [{ access_key: KEY.accessKey, secret_key: KEY.secretKey }],
    }),
    { path: "test", environment: () => undefined, readSecretFile: () => assert.fail("no file") },
  );
  const transport = {
    send: () => assert.fail("the backend was asked"),
    isReachable: () => Promise.resolve(true),
    close: () => {},
  };
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", HOST]],
    ...KEY,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const raw: RawRequest = {
    method,
    target,
    authority: HOST,
    scheme: "http",
    headers: new Map(
      isSigned ? headers.map(([name, value]) => [name.toLowerCase(), value]) : [["host", HOST]],
    ),
    body: null,
    clientAddress: "127.0.0.1",
    clientGone: () => new AbortController().signal,
  };
  return await proxyRequest(raw, {
    snapshot: createSnapshot(config, {
      certificates: { server: undefined, client: undefined, authorities: [] },
      transport,
      memory,
      line: new FairLine(memory),
      before: undefined,
    }),
    services: {
      logger: createRecordingLogger().logger,
      metrics: new Metrics({
        eventLoopLagSeconds: () => 0,
        heapBytes: () => 0,
        piecesTaken: () => 0,
        piecesGiven: () => 0,
      }),
      clock: systemClock,
      journeys: new LiveSet(),
      backendRefused: () => {},
      requestSlots: new RequestSlots(memory),
      userPace: new UserPace(memory),
      stsPace: new StsPace(memory),
      uploadSlots: new UploadSlots(memory),
      keyLock: new KeyLock(memory),
      formSlots: new FormSlots(),
      bucketCors: new BucketCors(memory),
      bucketVersions: new BucketVersions(),
    },
  });
}

for (
  const [name, request, status] of [
    ["X5 a refusal", { method: "GET", target: "/mine/k", isSigned: true }, 403],
    ["X6 a refusal of a stranger", { method: "GET", target: "/mine/k", isSigned: false }, 403],
    ["X6 what cannot be parsed", { method: "GET", target: "/b/../k", isSigned: false }, 400],
    ["X6 a health check", { method: "GET", target: "/", isSigned: false }, 200],
    ["X6 a preflight", { method: "OPTIONS", target: "/mine/k", isSigned: false }, 400],
  ] as const
) {
  Deno.test(`proxyRequest() holds no slot once it has answered, read or not: ${name}`, async () => {
    const memory = SharedMemory.create(1);
    const { answer: { status: answered }, ended } = await answer(memory, request);
    assert.equal(answered, status);
    for (const column of [COLUMNS.requests, COLUMNS.strangers, COLUMNS.connections]) {
      assert.equal(memory.sum(column), 0);
    }
    ended("complete");
    assert.deepEqual([COLUMNS.requests, COLUMNS.strangers].map((at) => memory.sum(at)), [0, 0]);
  });
}
