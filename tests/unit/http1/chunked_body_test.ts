/**
 * Chunked bodies, at every cut.
 */

import assert from "node:assert/strict";
import { ChunkedBody } from "../../../src/http1/chunked_body.ts";
import { LIMITS } from "../../../src/limits.ts";
import { bytesOf, decodeChunks } from "./sample_messages.ts";

const BODY =
  '5;a;b=c;d="e\\"; \xe9"\r\nhello\r\n00A\r\n, world!\r\n\r\n0;z\r\nx-a: b\r\nX-C:\r\n\r\n';
const EXPECTED = { data: "hello, world!\r\n", isEnded: true, rest: "next" };

Deno.test("ChunkedBody takes the framing out, cut anywhere in two, and byte by byte", () => {
  const text = `${BODY}next`;
  assert.deepEqual(decodeChunks([text]), EXPECTED);
  assert.deepEqual(decodeChunks([...text]), EXPECTED);
  for (let cut = 0; cut <= text.length; cut++) {
    assert.deepEqual(decodeChunks([text.slice(0, cut), text.slice(cut)]), EXPECTED, String(cut));
  }
});

Deno.test("ChunkedBody has not ended before its last byte", () => {
  for (let length = 0; length < BODY.length; length++) {
    const read = decodeChunks([BODY.slice(0, length)]);
    assert.ok(typeof read === "object" && !read.isEnded && read.rest === "", String(length));
  }
});

Deno.test("ChunkedBody tells what of a chunk is still to come", () => {
  const body = new ChunkedBody();
  assert.equal(body.chunkBytesLeft, 0);
  assert.equal(body.decode(bytesOf("1fffffffffffff\r\nabc")), 3);
  assert.equal(body.chunkBytesLeft, Number.MAX_SAFE_INTEGER - 3);
});

Deno.test("ChunkedBody takes extensions and trailers as long as they may be", () => {
  const extension = `;${"a".repeat(LIMITS.chunkExtensionBytesMax - 1)}`;
  const trailer = `a:${"b".repeat(LIMITS.trailerBytesMax - 6)}\r\n`;
  const digits = "1".padStart(LIMITS.chunkSizeDigitsMax, "0");
  const read = decodeChunks([`${digits}${extension}\r\nx\r\n0\r\n${trailer}\r\n`]);
  assert.deepEqual(read, { data: "x", isEnded: true, rest: "" });
});
