import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { ByteSource } from "../../../src/lib/byte_source.ts";
import { frameBody } from "../../../src/payload/framed_source.ts";

/** A source that gives at most `piece` bytes a read, and ends after `length`. */
function source(length: number, piece: number): ByteSource & { cancelled: number } {
  let left = length;
  return {
    cancelled: 0,
    read(into): Promise<number> {
      const wanted = Math.min(left, piece, into.length);
      into.fill(97, 0, wanted);
      left -= wanted;
      return Promise.resolve(wanted);
    },
    cancel(): void {
      this.cancelled++;
    },
  };
}

async function readAll(stream: ByteSource, room: number): Promise<string> {
  let text = "";
  const into = new Uint8Array(room);
  for (let length; (length = await stream.read(into)) > 0;) {
    text += new TextDecoder().decode(into.subarray(0, length));
  }
  return text;
}

const PROVEN = {
  algorithm: "CRC32",
  header: "x-amz-checksum-crc32",
  value: "AAAAAA==",
} as const;
const CHUNK = LIMITS.framedChunkBytes;

function expectFrame(length: number): string {
  let text = "";
  for (let left = length; left > 0; left -= CHUNK) {
    const size = Math.min(left, CHUNK);
    text += `${size.toString(16)}\r\n${"a".repeat(size)}\r\n`;
  }
  return `${text}0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`;
}

for (const length of [1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK]) {
  for (const [piece, room] of [[1 << 20, 1 << 20], [1000, 77], [7, 5000]] as const) {
    Deno.test(`frameBody() frames ${length} bytes that come by ${piece} into ${room}`, async () => {
      const { stream, bytes } = frameBody(source(length, piece), {
        length,
        algorithm: "CRC32",
        proof: Promise.resolve(PROVEN),
      });
      const text = await readAll(stream, room);
      assert.equal(text, expectFrame(length));
      assert.equal(bytes, text.length);
      assert.equal(await stream.read(new Uint8Array(9)), 0);
    });
  }
}

Deno.test("frameBody() never sends the end of a body that is not proven, or ends early", async () => {
  const failing = frameBody(source(5, 5), {
    length: 5,
    algorithm: "CRC32",
    proof: Promise.reject(new Error("BadDigest")),
  });
  await assert.rejects(readAll(failing.stream, 100), /BadDigest/);
  const short = frameBody(source(4, 5), {
    length: 5,
    algorithm: "CRC32",
    proof: Promise.resolve(PROVEN),
  });
  const text = await readAll(short.stream, 100);
  assert.ok(text.length < short.bytes && !text.includes("checksum"));
});

Deno.test("frameBody() cancels what it reads", () => {
  const inner = source(5, 5);
  const proof = Promise.resolve(PROVEN);
  frameBody(inner, { length: 5, algorithm: "CRC32", proof }).stream.cancel();
  assert.equal(inner.cancelled, 1);
});
