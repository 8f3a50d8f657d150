import assert from "node:assert/strict";
import type { ByteSource } from "../../../src/lib/byte_source.ts";
import { LIMITS } from "../../../src/limits.ts";
import { readDocument } from "../../../src/payload/read_document.ts";

/** A body of `bytes` bytes, as fast as it is read. */
function openBody(bytes: number): ByteSource {
  let left = bytes;
  return {
    read: (into) => {
      const length = Math.min(left, into.length);
      left -= length;
      return Promise.resolve(length);
    },
    cancel: () => {},
  };
}

/** Reads one; answers with how much memory it has asked for. */
async function read(bytes: number, headers: Readonly<Record<string, string>>): Promise<number> {
  let held = 0;
  const document = await readDocument(openBody(bytes), {
    headers: new Map(Object.entries(headers)),
    payloadHash: { kind: "unsigned" },
    hasChecksum: false,
    operation: "CompleteMultipartUpload",
    place: { user: "reader", grow: (more) => void (held += more), release: () => {} },
  });
  assert.equal(document.length, bytes);
  return held;
}

Deno.test("readDocument() holds no more than a document says that it has", async () => {
  const bytes = 9 * LIMITS.documentPieceBytes + 1;
  assert.equal(await read(bytes, { "content-length": String(bytes) }), bytes);
  const { documentPieceBytes } = LIMITS;
  assert.equal(
    await read(10, { "content-length": "10" }),
    documentPieceBytes,
    "one piece at least",
  );
});

Deno.test("readDocument() holds at most four times what has come of a document of unknown length", async () => {
  for (const bytes of [1, 4, 9].map((pieces) => pieces * LIMITS.documentPieceBytes + 1)) {
    assert.ok(await read(bytes, {}) <= 4 * bytes, `${bytes} bytes`);
  }
});
