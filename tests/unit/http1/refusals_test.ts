/**
 * Each rule is broken by a message of its own, whole and byte by byte.
 */

import assert from "node:assert/strict";
import { BrokenRule, type RuleName, RULES } from "../../../src/http1/refusals.ts";
import { LIMITS } from "../../../src/limits.ts";
import { decodeChunks, HEAD_BYTES_MAX, readRequest, readResponse } from "./sample_messages.ts";

const HOST = "Host: s3.test\r\n";
const get = (lines: string): string => `GET /b/k HTTP/1.1\r\n${HOST}${lines}\r\n`;
const ok = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n`;
const fields = (count: number): string => "a:\r\n".repeat(count);

const REQUESTS: readonly [rule: RuleName, text: string][] = [
  ["bare_line_end", `GET /b/k HTTP/1.1\n${HOST}\r\n`],
  ["bare_line_end", get("a: b\n")],
  ["bare_line_end", get("a: b\rc: d\r\n")],
  ["bare_line_end", get("a: b\r\n\n")],
  ["bare_line_end", get("\rc: d\r\n")],
  ["bare_line_end", get("\n")],
  ["blank_before_fields", `GET /b/k HTTP/1.1\r\n ${HOST}\r\n`],
  ["folded_line", get("a: b\r\n c\r\n")],
  ["folded_line", get("a: b\r\n\tc\r\n")],
  ["too_many_fields", get(fields(LIMITS.headFieldsMax))],
  ["head_too_large", get(`a: ${"b".repeat(HEAD_BYTES_MAX)}\r\n`)],
  ["head_too_large", `GET /${"b".repeat(HEAD_BYTES_MAX)}`],
  ["request_line", `GET  /b/k HTTP/1.1\r\n${HOST}\r\n`],
  ["request_line", ` GET /b/k HTTP/1.1\r\n${HOST}\r\n`],
  ["request_line", `GET /b/k HTTP/1.1 \r\n${HOST}\r\n`],
  ["request_line", `GET /b/k\r\n${HOST}\r\n`],
  ["request_line", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 a TLS client"],
  ["request_line", `\r\n\r\nGET /b/k HTTP/1.1\r\n${HOST}\r\n`],
  ["target_characters", `GET /b/caf\xe9 HTTP/1.1\r\n${HOST}\r\n`],
  ["target_characters", `GET /b/\0 HTTP/1.1\r\n${HOST}\r\n`],
  ["target_characters", `GET /b/k\tHTTP/1.1\r\n${HOST}\r\n`],
  ["target_form", `GET b/k HTTP/1.1\r\n${HOST}\r\n`],
  ["target_form", `GET * HTTP/1.1\r\n${HOST}\r\n`],
  ["target_form", `GET ftp://s3.test/b HTTP/1.1\r\n${HOST}\r\n`],
  ["target_form", `GET http:///b HTTP/1.1\r\n${HOST}\r\n`],
  ["target_form", `GET http://s3.test?b HTTP/1.1\r\n${HOST}\r\n`],
  ["other_authority", `GET http://other.test/b HTTP/1.1\r\n${HOST}\r\n`],
  ["connect", `CONNECT s3.test:443 HTTP/1.1\r\n${HOST}\r\n`],
  ["version", `GET /b/k HTTP/2.0\r\n${HOST}\r\n`],
  ["version", `GET /b/k HTTP/1.2\r\n${HOST}\r\n`],
  ["version", `GET /b/k http/1.1\r\n${HOST}\r\n`],
  ["version", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["field_name", get("a\r\n")],
  ["field_name", get(": b\r\n")],
  ["field_name", get("a\0: b\r\n")],
  ["field_name", get("caf\xe9: b\r\n")],
  ["blank_before_colon", get("a : b\r\n")],
  ["blank_before_colon", get("a\t: b\r\n")],
  ["field_value", get("a: b\0c\r\n")],
  ["field_value", get("a: \x7f\r\n")],
  ["host_missing", "GET /b/k HTTP/1.1\r\n\r\n"],
  ["host_repeated", get("host: s3.test\r\n")],
  ["length_repeated", get("Content-Length: 3\r\ncontent-length: 3\r\n")],
  ["length_repeated", get("Content-Length: 3, 3\r\n")],
  ["length_invalid", get("Content-Length: -1\r\n")],
  ["length_invalid", get("Content-Length: +1\r\n")],
  ["length_invalid", get("Content-Length: 0x1\r\n")],
  ["length_invalid", get("Content-Length: 010\r\n")],
  ["length_invalid", get("Content-Length:\r\n")],
  ["length_invalid", get("Content-Length: 1 1\r\n")],
  ["length_invalid", get("Content-Length: 1000000000000000\r\n")],
  ["length_and_coding", get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")],
  ["coding_unknown", get("Transfer-Encoding: gzip, chunked\r\n")],
  ["chunked_not_last", get("Transfer-Encoding: chunked, gzip\r\n")],
  ["chunked_not_last", get("Transfer-Encoding: identity\r\n")],
  ["chunked_not_last", get("Transfer-Encoding:\r\n")],
  ["coding_unknown", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")],
  ["coding_in_1_0", "PUT /b/k HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"],
];

const RESPONSES: readonly [rule: RuleName, text: string][] = [
  ["status_line", "HTTP/1.1  200 OK\r\n\r\n"],
  ["status_line", "HTTP/1.1 20 OK\r\n\r\n"],
  ["status_line", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["status_line", "HTTP/1.1 +20 OK\r\n\r\n"],
  ["status_line", "HTTP/1.1 200 O\0K\r\n\r\n"],
  ["status_unknown", "HTTP/1.1 099 OK\r\n\r\n"],
  ["status_unknown", "HTTP/1.1 600 OK\r\n\r\n"],
  ["switched_protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["version", "HTTP/2.0 200 OK\r\n\r\n"],
  ["version", "ICY 200 OK no HTTP at all"],
  ["version", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
  ["bare_line_end", "HTTP/1.1 200 OK\n\r\n"],
  ["folded_line", ok("a: b\r\n c\r\n")],
  ["field_value", ok("a: b\0\r\n")],
  ["too_many_fields", ok(fields(LIMITS.headFieldsMax + 1))],
  ["head_too_large", ok(`a: ${"b".repeat(HEAD_BYTES_MAX)}\r\n`)],
  ["length_repeated", ok("Content-Length: 3\r\nContent-Length: 3\r\n")],
  ["length_invalid", ok("Content-Length: 3a\r\n")],
  ["length_and_coding", ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")],
  ["chunked_not_last", ok("Transfer-Encoding: gzip\r\n")],
  ["coding_in_1_0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["body_forbidden", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"],
  ["body_forbidden", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["body_forbidden", "HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n"],
];

const extension = (bytes: number): string => `1;${"a".repeat(bytes - 1)}\r\nx\r\n0\r\n\r\n`;
const trailer = (bytes: number): string => `0\r\na:${"b".repeat(bytes - 6)}\r\n\r\n`;

const CHUNKS: readonly [rule: RuleName, text: string][] = [
  ["chunk_size", "\r\nx\r\n0\r\n\r\n"],
  ["chunk_size", "zz\r\nx\r\n0\r\n\r\n"],
  ["chunk_size", "-1\r\nx\r\n0\r\n\r\n"],
  ["chunk_size", "0x1\r\nx\r\n0\r\n\r\n"],
  ["chunk_size", "1 \r\nx\r\n0\r\n\r\n"],
  ["chunk_size", " 1\r\nx\r\n0\r\n\r\n"],
  ["chunk_size", "20000000000000\r\n"],
  ["chunk_size", "ffffffffffffffffff\r\n"],
  ["chunk_size", `${"0".repeat(LIMITS.chunkSizeDigitsMax)}1\r\nx\r\n`],
  ["bare_line_end", "1\nx\r\n0\r\n\r\n"],
  ["bare_line_end", "1\rx\r\n0\r\n\r\n"],
  ["bare_line_end", "1;a\nx\r\n0\r\n\r\n"],
  ["bare_line_end", "0\r\n\n"],
  ["bare_line_end", "0\r\n\rx"],
  ["bare_line_end", "0\r\na: b\n\r\n"],
  ["bare_line_end", "0\r\na: b\rc\r\n\r\n"],
  ["chunk_end", "1\r\nxx\r\n0\r\n\r\n"],
  ["chunk_end", "2\r\nx\r\n0\r\n\r\n"],
  ["chunk_end", "1\r\nx\n0\r\n\r\n"],
  ["chunk_end", "1\r\nx\rx0\r\n\r\n"],
  ["chunk_extension", "1;\r\nx\r\n0\r\n\r\n"],
  ["chunk_extension", "1; a\r\nx\r\n0\r\n\r\n"],
  ["chunk_extension", "1;=b\r\nx\r\n0\r\n\r\n"],
  ["chunk_extension", "1;a=\r\nx\r\n0\r\n\r\n"],
  ["chunk_extension", "1;a=b=c\r\nx\r\n0\r\n\r\n"],
  ["chunk_extension", '1;a="\x01"\r\nx\r\n0\r\n\r\n'],
  ["chunk_extension", '1;a="b\r\nx\r\n0\r\n\r\n'],
  ["chunk_extension", '1;a="\\\n"\r\nx\r\n0\r\n\r\n'],
  ["chunk_extension", '1;a="b"c\r\nx\r\n0\r\n\r\n'],
  ["chunk_extensions_too_large", extension(LIMITS.chunkExtensionBytesMax + 1)],
  ["chunk_extensions_too_large", "1;a\r\nx\r\n".repeat(LIMITS.chunkExtensionBytesMax)],
  ["trailers_too_large", trailer(LIMITS.trailerBytesMax + 1)],
  ["trailer_forbidden", "0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["trailer_forbidden", "0\r\na: b\r\ncontent-length: 5\r\n\r\n"],
  ["trailer_forbidden", "0\r\nHOST: a\r\n\r\n"],
  ["trailer_forbidden", "0\r\nConnection: close\r\n\r\n"],
  ["field_name", "0\r\na\r\n\r\n"],
  ["field_name", "0\r\n a: b\r\n\r\n"],
  ["field_name", "0\r\na : b\r\n\r\n"],
  ["field_name", "0\r\n: b\r\n\r\n"],
  ["field_value", "0\r\na: b\0\r\n\r\n"],
];

Deno.test("readRequestHead() refuses by the rule that is broken", () => {
  for (const [rule, text] of REQUESTS) {
    assert.equal(readRequest(text), rule, JSON.stringify(text.slice(0, 80)));
  }
});

Deno.test("readResponseHead() refuses by the rule that is broken", () => {
  for (const [rule, text] of RESPONSES) {
    assert.equal(readResponse(text), rule, JSON.stringify(text.slice(0, 80)));
  }
});

Deno.test("ChunkedBody refuses by the rule that is broken, whole and byte by byte", () => {
  for (const [rule, text] of CHUNKS) {
    assert.equal(decodeChunks([text]), rule, JSON.stringify(text.slice(0, 80)));
    assert.equal(decodeChunks([...text]), rule, JSON.stringify(text.slice(0, 80)));
  }
});

Deno.test("every rule is broken by a message above", () => {
  const broken = new Set([...REQUESTS, ...RESPONSES, ...CHUNKS].map(([rule]) => rule));
  assert.deepEqual(Object.keys(RULES).filter((rule) => !broken.has(rule as RuleName)), []);
});

Deno.test("BrokenRule says what is wrong, and where that stands", () => {
  const error = new BrokenRule("coding_unknown");
  assert.equal(error.status, 501);
  assert.match(error.message, /^Transfer-Encoding .* \(RFC 9112 §6\.1\)$/);
});
