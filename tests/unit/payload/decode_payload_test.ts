import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { createChecksumHasher } from "../../../src/payload/checksum.ts";
import { decodePayload, proveEmpty } from "../../../src/payload/decode_payload.ts";
import type { ProvablePlan } from "../../../src/payload/payload_plan.ts";
import { parseContentSha256 } from "../../../src/sigv4/content_sha256.ts";
import { beforeDeadline } from "../../support/deadline.ts";
import { Gate } from "../../support/gate.ts";
import { sha256 } from "../../support/signer.ts";
import { joinBytes } from "../../support/wire.ts";
import {
  assertRefused,
  createSampleBytes,
  cutAt,
  cutBytes,
  decodeAll,
  PLAIN,
  streamOf,
} from "./sample_bodies.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function planPlain(text: string, { promised = text, length = text.length } = {}): ProvablePlan {
  const hash = parseContentSha256(sha256(promised));
  assert(hash.kind === "signed");
  return { kind: "verify_plain", length, sha256Hex: hash.sha256Hex, checksum: undefined };
}

function planChecksum(text: string): ProvablePlan {
  const hasher = createChecksumHasher("CRC32");
  hasher.update(joinBytes([text]));
  const checksum = { source: "header", algorithm: "CRC32", expected: hasher.digest() } as const;
  return { kind: "verify_plain", length: text.length, sha256Hex: undefined, checksum };
}

Deno.test("P1 decodePayload() refuses another body of the same length", async () => {
  const plan = planPlain(PLAIN);
  for (const at of [0, 20, PLAIN.length - 1]) {
    const bytes = joinBytes([PLAIN]);
    bytes[at] = 0;
    await assertRefused(bytes, { plan, code: "XAmzContentSHA256Mismatch" });
  }
  const outcome = await decodeAll([joinBytes(["other"])], planPlain("other", { promised: "body" }));
  assert(!outcome.proven);
  assert.deepEqual(outcome.error.detail, {
    ClientComputedContentSHA256: sha256("body"),
    S3ComputedContentSHA256: sha256("other"),
  });
});

Deno.test("P1 decodePayload() refuses a body longer or shorter than was said", async () => {
  for (const length of [0, 1, PLAIN.length - 1, PLAIN.length + 1, LIMITS.putBytesMax]) {
    const plan = planPlain(PLAIN, { length });
    const outcome = await decodeAll([joinBytes([PLAIN])], plan);
    assert(!outcome.proven);
    assert.equal(outcome.error.code, "IncompleteBody");
    assert.deepEqual(outcome.error.detail, {
      NumberBytesExpected: String(length),
      NumberBytesProvided: String(PLAIN.length),
    });
    assert(outcome.plain.length <= length, "surplus bytes passed");
  }
});

Deno.test("P10 decodePayload() refuses a checksum header that does not match", async () => {
  await assertRefused(joinBytes([PLAIN]), {
    plan: { ...planChecksum(PLAIN.toUpperCase()) },
    code: "BadDigest",
  });
});

Deno.test("decodePayload() proves a plain body, and gives its checksum back", async () => {
  for (const pieces of [cutAt(joinBytes([PLAIN]), []), cutBytes(joinBytes([PLAIN]))]) {
    const checksum = { algorithm: "CRC32", header: "x-amz-checksum-crc32", value: "QU+jOQ==" };
    const plan = planChecksum(PLAIN);
    assert.deepEqual(await decodeAll(pieces, plan), { proven: true, plain: PLAIN, checksum });
  }
  assert.deepEqual(await decodeAll(cutBytes(joinBytes([PLAIN])), planPlain(PLAIN)), {
    proven: true,
    plain: PLAIN,
    checksum: undefined,
  });
});

Deno.test("decodePayload() holds the last piece back until the body has ended", async () => {
  const whole = "x".repeat(1000);
  for (const { cuts, passed } of [{ cuts: [], passed: 700 }, { cuts: [999], passed: 999 }]) {
    const ended = new Gate();
    const body = streamOf(cutAt(joinBytes([whole]), cuts), ended.opened);
    const { source, settled } = decodePayload(body, { plan: planPlain(whole) });
    const piece = new Uint8Array(700);
    let received = 0;
    while (received < passed) received += await source.read(piece);
    assert.equal(received, passed);
    const last = source.read(piece);
    // The body was asked for more and has nothing: whatever is read now waits for the end.
    assert.equal(await Promise.race([last, nextTask()]), "nothing");
    ended.open();
    assert.equal(await last, whole.length - passed);
    assert.equal(await source.read(piece), 0);
    assert.equal(await settled, undefined);
  }
});

Deno.test("decodePayload() fills the memory of its reader, and none behind it", async () => {
  const whole = "x".repeat(1000);
  const { source } = decodePayload(streamOf(cutAt(joinBytes([whole]), [])), {
    plan: planPlain(whole),
  });
  const memory = new Uint8Array(1000);
  assert.equal(await source.read(memory.subarray(100, 400)), 300);
  assert.deepEqual(
    memory.map((byte) => byte === 120 ? 1 : byte),
    new Uint8Array(1000).fill(1, 100, 400),
  );
  source.cancel();
});

Deno.test("decodePayload() reads nothing before its source is read", async () => {
  let pulls = 0;
  const body = new ReadableStream<Bytes>({ pull: () => void pulls++ }, { highWaterMark: 0 });
  const { source } = decodePayload(body, { plan: planPlain(PLAIN) });
  await nextTask();
  assert.equal(pulls, 0);
  source.cancel();
});

Deno.test("decodePayload() lets go of a body that broke its promise", async () => {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Bytes>({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
    cancel: () => cancelled.resolve(),
  });
  const { source, settled } = decodePayload(body, { plan: planPlain("short") });
  const expected = { code: "IncompleteBody" };
  await assert.rejects(source.read(new Uint8Array(100)), expected);
  await assert.rejects(settled, expected);
  await beforeDeadline(cancelled.promise, "the end of an endless body");
});

Deno.test("decodePayload() reads the body on when its source is cancelled", async () => {
  const body = streamOf([joinBytes([PLAIN])]);
  const { source, settled } = decodePayload(body, { plan: planPlain(PLAIN) });
  const answered = new Error("The backend answered early");
  source.cancel(answered);
  await assert.rejects(settled, answered);
});

Deno.test("decodePayload() ends with the signal, waiting or not begun", async () => {
  for (const when of ["before", "while"]) {
    const abort = new AbortController();
    const deadline = new Error("The transfer took too long");
    let reason: unknown;
    const body = new ReadableStream<Bytes>({ cancel: (given) => void (reason = given) });
    if (when === "before") abort.abort(deadline);
    const { source, settled } = decodePayload(body, {
      plan: planPlain(PLAIN),
      signal: abort.signal,
    });
    const read = source.read(new Uint8Array(100));
    abort.abort(deadline);
    await assert.rejects(beforeDeadline(read, "the stream's error"), deadline);
    await assert.rejects(settled, deadline);
    assert.equal(reason, deadline);
  }
});

Deno.test("decodePayload() does not close when the signal comes before the end", async () => {
  const abort = new AbortController();
  const body = new ReadableStream<Bytes>({
    start: (controller) => controller.enqueue(joinBytes([PLAIN])),
  });
  const { source, settled } = decodePayload(body, {
    plan: planPlain(PLAIN),
    signal: abort.signal,
  });
  const read = source.read(new Uint8Array(100));
  await nextTask();
  abort.abort(new Error("gone"));
  await assert.rejects(read, /gone/);
  await assert.rejects(settled, /gone/);
});

Deno.test("decodePayload() takes a body that breaks off for an incomplete one", async () => {
  const cause = new TypeError("connection reset");
  const body = new ReadableStream<Bytes>({ pull: (controller) => controller.error(cause) });
  const { source, settled } = decodePayload(body, { plan: planPlain(PLAIN) });
  await assert.rejects(source.read(new Uint8Array(100)), { code: "IncompleteBody", cause });
  await assert.rejects(settled, { code: "IncompleteBody" });
});

Deno.test("proveEmpty() refuses what does not hold for a body without plain bytes", async () => {
  const { bytes, plan } = createSampleBytes("chunked_signed");
  const empty = { ...plan, length: 0 };
  await assert.rejects(proveEmpty(null, { plan: empty }), { code: "IncompleteBody" });
  await assert.rejects(proveEmpty(streamOf([bytes]), { plan: empty }), { code: "IncompleteBody" });
  const plain = planPlain("", { promised: "something" });
  await assert.rejects(proveEmpty(null, { plan: plain }), { code: "XAmzContentSHA256Mismatch" });
  const wrong = { ...planChecksum("something"), length: 0 };
  await assert.rejects(proveEmpty(streamOf([]), { plan: wrong }), { code: "BadDigest" });
  await assert.rejects(proveEmpty(streamOf([]), { plan: planPlain("x") }), /plain bytes/);
});

Deno.test("proveEmpty() proves a body without plain bytes", async () => {
  assert.equal(await proveEmpty(null, { plan: planPlain("") }), undefined);
  const plan: ProvablePlan = {
    kind: "chunked",
    length: 0,
    form: "chunked_unsigned_trailer",
    seed: undefined,
    checksum: { source: "trailer", algorithm: "CRC64NVME" },
  };
  const body = joinBytes(["0\r\nx-amz-checksum-crc64nvme:AAAAAAAAAAA=\r\n\r\n"]);
  assert.deepEqual(await proveEmpty(streamOf(cutBytes(body)), { plan }), {
    algorithm: "CRC64NVME",
    header: "x-amz-checksum-crc64nvme",
    value: "AAAAAAAAAAA=",
  });
});

/** Lets everything run that can run without the outside. */
function nextTask(): Promise<"nothing"> {
  return new Promise((resolve) => setTimeout(() => resolve("nothing"), 0));
}
