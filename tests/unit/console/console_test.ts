/** Of one console, without a listener: what a reload changes, and what is counted. */

import assert from "node:assert/strict";
import { Console } from "../../../src/console/console.ts";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { ActivityLog } from "../../../src/console/activity_log.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { LIMITS } from "../../../src/limits.ts";
import {
  ActivityRecorder,
  latencyBucket,
  latencyOfBucket,
  OTHERS,
} from "../../../src/observability/activity.ts";
import type { RequestFacts } from "../../../src/observability/access_log.ts";
import type { Answer } from "../../../src/respond.ts";
import { PROGRAM_STATE } from "../../support/program_state.ts";
import { createQuietLogger } from "../../support/quiet_logger.ts";
import { signHeaders } from "../../support/signer.ts";

const KEY = { accessKey: "OPS", secretKey: "ops-secret-of-this-test" };

function read(admins: readonly string[]): Config {
  return parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-this-test",
        endpoint: "https://backend.example.com",
      },
      users: [{ name: "ops", access_key: KEY.accessKey, secret_key: KEY.secretKey }],
      console: { enabled: true, admins },
    }),
    { path: "test", environment: () => undefined, readSecretFile: () => "" },
  ).config;
}

async function ask(page: Console, target: string): Promise<Answer> {
  const host = "127.0.0.1:9091";
  const { headers } = signHeaders({
    method: "GET",
    target,
    headers: [["host", host]],
    ...KEY,
    service: "s3-proxy-console",
    date: new Date(),
  });
  return await page.answer({
    method: "GET",
    target,
    authority: host,
    scheme: "http",
    headers: new Map(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: null,
    clientAddress: "127.0.0.1",
    clientGone: () => new AbortController().signal,
  });
}

Deno.test("Console.reconfigure() refuses who is no administrator any more, from the next question on", async () => {
  const page = new Console(read(["ops"]), {
    logger: createQuietLogger().logger,
    clock: () => new Date(),
    monotonicMs: () => performance.now(),
    fetchDocument: () => Promise.reject(new Error("there is no provider")),
    memory: SharedMemory.create(1),
    readProgram: () => PROGRAM_STATE,
  });
  assert.equal((await ask(page, "/api/live")).status, 200);
  page.reconfigure(read([]), []);
  assert.equal((await ask(page, "/api/live")).status, 403);
  assert.equal((await ask(page, "/api/me")).status, 200);
});

const FACTS: RequestFacts = {
  requestId: "0123456789ABCDEF",
  user: "ops",
  bucket: "b",
  operation: "GetObject",
  method: "GET",
  path: "/b/k?X-Amz-Signature=1",
  status: 200,
  durationSeconds: 0.01,
  bytesOut: 5,
  clientIp: "127.0.0.1",
};

Deno.test("ActivityRecorder.record() keeps nothing while nobody wants to know", () => {
  const recorder = new ActivityRecorder();
  recorder.record(FACTS);
  assert.equal(recorder.take(), undefined);
});

Deno.test("ActivityRecorder.record() is bounded in names and in requests, refused ones later than others", () => {
  const recorder = new ActivityRecorder();
  recorder.isEnabled = true;
  const count = LIMITS.activityRefusalsMax + LIMITS.activityNamesMax + 10;
  for (let index = 0; index < count; index++) {
    recorder.record({ ...FACTS, bucket: `b${index}`, path: `/b/${"k".repeat(9_000)}` });
  }
  for (let index = 0; index < count; index++) recorder.record({ ...FACTS, status: 403 });
  const activity = recorder.take();
  assert.ok(activity !== undefined);
  assert.equal(activity.total.requests, 2 * count);
  assert.equal(activity.total.errors, count);
  assert.equal(activity.requests.length, LIMITS.activityRefusalsMax);
  assert.equal(
    activity.requests.filter(({ fields }) => fields.status === 200).length,
    LIMITS.activityRequestsMax,
  );
  assert.equal(activity.unrecorded, 2 * count - LIMITS.activityRefusalsMax);
  assert.equal(activity.buckets.size, LIMITS.activityNamesMax + 1);
  assert.ok((activity.buckets.get(OTHERS)?.requests ?? 0) > 0);
  for (const { fields } of activity.requests) {
    assert.ok(String(fields.path).length <= LIMITS.activityPathCharactersMax);
    assert.ok(!String(fields.path).includes("?"));
  }
  assert.equal(recorder.take(), undefined);
});

Deno.test("latencyBucket() is right within a tenth", () => {
  for (const ms of [0.1, 0.7, 1, 3.3, 50, 999, 60_000]) {
    const middle = latencyOfBucket(latencyBucket(ms / 1000));
    assert.ok(Math.abs(middle / ms - 1) < 0.1, `${ms}: ${middle}`);
  }
  assert.equal(latencyBucket(0), 0);
  assert.equal(latencyOfBucket(latencyBucket(1e9)) > 0, true);
});

Deno.test("ActivityLog keeps an hour of counts, and the last requests", () => {
  const log = new ActivityLog();
  const recorder = new ActivityRecorder();
  recorder.isEnabled = true;
  const add = (nowMs: number): void => {
    recorder.record({ ...FACTS, accessKey: "OPS" });
    const activity = recorder.take();
    assert.ok(activity !== undefined);
    log.add(activity, nowMs);
  };
  const start = 1_800_000_000_000;
  const slots = LIMITS.activityKeptMs / LIMITS.activitySlotMs;
  for (let index = 0; index < slots + 20; index++) add(start + index * LIMITS.activitySlotMs);
  const last = start + (slots + 19) * LIMITS.activitySlotMs;
  assert.ok(log.slots(last).length <= slots + 1);
  assert.equal(log.slots(last + LIMITS.activityKeptMs + LIMITS.activitySlotMs).length, 0);
  assert.equal(log.lastUseMs("OPS"), last);
  log.keepKeys(new Set());
  assert.equal(log.lastUseMs("OPS"), undefined);
  for (let index = 0; index < LIMITS.activityRequestsKept * 1.2; index++) add(last);
  assert.equal(log.requests.length, LIMITS.activityRequestsKept);
  assert.equal(
    log.requests[0]?.sequence,
    (log.requests.at(-1)?.sequence ?? 0) - LIMITS.activityRequestsKept + 1,
  );
});
