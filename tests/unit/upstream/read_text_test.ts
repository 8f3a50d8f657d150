import assert from "node:assert/strict";
import { THREAD_READS } from "../../../src/lib/reading_pace.ts";
import { LIMITS } from "../../../src/limits.ts";
import { readText } from "../../../src/upstream/read_text.ts";
import type { ByteSource } from "../../../src/lib/byte_source.ts";
import type { BackendResponse } from "../../../src/upstream/backend_response.ts";

/** A body of so many pieces, and the memory that they were read into. */
function answer(
  pieces: readonly string[],
): { response: BackendResponse; memory: ArrayBufferLike[] } {
  const memory: ArrayBufferLike[] = [];
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  const body = {
    read: (into: Uint8Array): Promise<number> => {
      memory.push(into.buffer);
      const piece = left.shift();
      if (piece !== undefined) into.set(piece);
      return Promise.resolve(piece?.length ?? 0);
    },
    cancel: (): void => {},
  };
  return { response: { status: 200, headers: new Headers(), body }, memory };
}

Deno.test("readText() gives back the memory of each piece at once", async () => {
  const pieces = ["a".repeat(LIMITS.documentPieceBytes), "é", "b"];
  const { response, memory } = answer(pieces);
  assert.equal(await readText(response, LIMITS.aclBytesMax), pieces.join(""));
  const detached = memory.map((buffer) => (buffer as ArrayBuffer).detached);
  assert.deepEqual(detached, [true, true, true, false]); // the last one saw the end
});

Deno.test("readText() refuses one byte more than its bound, and what is not UTF-8", async () => {
  assert.equal(await readText(answer(["abc"]).response, 3), "abc");
  await assert.rejects(readText(answer(["ab", "cd"]).response, 3), { code: "BadGateway" });
  const { response } = answer(["a"]);
  const body = {
    read: (into: Uint8Array) => (into[0] = 0xff, Promise.resolve(1)),
    cancel: () => {},
  };
  await assert.rejects(readText({ ...response, body }, 3), { code: "BadGateway" });
});

Deno.test("readText() reads nothing of what says that it is too long", async () => {
  const { response, memory } = answer(["abc", "d"]);
  let cancelled = 0;
  const { read } = response.body as ByteSource;
  const body = { read, cancel: () => void cancelled++ };
  const headers = new Headers({ "content-length": "4" });
  await assert.rejects(readText({ ...response, headers, body }, 3), {
    code: "BadGateway",
    reason: "response_too_large",
  });
  assert.deepEqual(memory, []);
  assert.equal(cancelled, 1);
});

Deno.test("readText() has what is longer than a piece wait for the thread's pace, and nothing else", async () => {
  THREAD_READS.take("other", { bytes: 3 * LIMITS.readAtOnceBytesMax });
  const order: string[] = [];
  const long = readText(answer(["ab", "cd"]).response, 4).then((text) => order.push(text));
  await new Promise((resolve) => setTimeout(resolve, 0));
  const short = readText(answer(["ef"]).response, 4).then((text) => order.push(text));
  await Promise.all([long, short]);
  assert.deepEqual(order, ["ef", "abcd"]);
});
