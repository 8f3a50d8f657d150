/**
 * What heads are read as, and written.
 */

import assert from "node:assert/strict";
import { addToHash, findFieldName, listFieldNames } from "../../../src/http1/field_names.ts";
import { HeadWatch } from "../../../src/http1/head_watch.ts";
import { readRequestHead } from "../../../src/http1/request_head.ts";
import {
  formatFields,
  formatRequestHead,
  formatResponseHead,
} from "../../../src/http1/write_head.ts";
import { writeLatin1 } from "../../../src/lib/bytes.ts";
import { LIMITS } from "../../../src/limits.ts";
import { bytesOf, readRequest, readResponse, textOf } from "./sample_messages.ts";

const PUT = "PUT /b/k%20?x=1 HTTP/1.1\r\nHOST: s3.test:80\r\nX-Amz-Meta-A: \t caf\xe9  b\t \r\n" +
  "x-amz-META-a:c\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";

Deno.test("readRequestHead() reads names in lower case and values without the blanks around them", () => {
  const head = readRequest(PUT + "hello");
  assert.ok(typeof head === "object");
  const { headers, ...rest } = head;
  assert.deepEqual([...headers], [
    ["host", "s3.test:80"],
    ["x-amz-meta-a", "caf\xe9  b, c"],
    ["content-length", "5"],
    ["expect", "100-Continue"],
  ]);
  assert.deepEqual(rest, {
    method: "PUT",
    target: "/b/k%20?x=1",
    authority: "s3.test:80",
    minorVersion: 1,
    framing: { kind: "length", bytes: 5 },
    keepsAlive: true,
    expectsContinue: true,
    end: PUT.length,
  });
});

Deno.test("readRequestHead() waits for every byte of a head, at its bound too", () => {
  for (let length = 0; length < PUT.length; length++) {
    assert.equal(readRequest(PUT.slice(0, length)), undefined, String(length));
  }
  assert.equal(typeof readRequest(PUT, PUT.length), "object");
  assert.equal(readRequest(PUT, PUT.length - 1), "head_too_large");
});

const host = "Host: s3.test\r\n";
const READ: readonly [text: string, expected: Record<string, unknown>][] = [
  [`\r\nGET / HTTP/1.1\r\n${host}\r\n`, { method: "GET", target: "/", keepsAlive: true }],
  [`GET http://s3.test HTTP/1.1\r\n${host}\r\n`, { target: "/", authority: "s3.test" }],
  [`GET HTTP://s3.test/../%2e HTTP/1.1\r\n${host}\r\n`, { target: "/../%2e" }],
  [`OPTIONS * HTTP/1.1\r\n${host}\r\n`, { target: "*" }],
  ["GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", { authority: "", keepsAlive: false }],
  ["GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", { expectsContinue: false }],
  [`GET / HTTP/1.1\r\n${host}Connection: a, Close\r\n\r\n`, { keepsAlive: false }],
  [`GET / HTTP/1.1\r\n${host}Connection: closed\r\n\r\n`, { keepsAlive: true }],
  [`GET / HTTP/1.1\r\n${host}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n`, { keepsAlive: true }],
  [`PUT / HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`, { framing: { kind: "none" } }],
  [`PUT / HTTP/1.1\r\n${host}Transfer-Encoding: Chunked\r\n\r\n`, { framing: { kind: "chunked" } }],
  [`X-RAY / HTTP/1.1\r\n${host}\r\n`, { method: "X-RAY" }],
];

Deno.test("readRequestHead() reads every form that is one", () => {
  for (const [text, expected] of READ) {
    const head = readRequest(text);
    assert.ok(typeof head === "object", `${head}: ${text}`);
    const actual = Object.fromEntries(
      Object.keys(expected).map((key) => [key, head[key as "end"]]),
    );
    assert.deepEqual(actual, expected, text);
  }
});

Deno.test("readRequestHead() takes as many field lines as there may be", () => {
  const names = Array.from({ length: LIMITS.headFieldsMax - 1 }, (_, at) => `x${at}: y\r\n`);
  const head = readRequest(`GET / HTTP/1.1\r\n${host}${names.join("")}\r\n`);
  assert.ok(typeof head === "object");
  assert.equal(head.headers.size, LIMITS.headFieldsMax);
});

Deno.test("readResponseHead() tells how long the answer is", () => {
  const cases: readonly [text: string, method: string, framing: string, keepsAlive: boolean][] = [
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", "length", true],
    ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET", "none", true],
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", "none", true],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", "chunked", true],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD", "none", true],
    ["HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET", "none", true],
    ["HTTP/1.1 204\r\n\r\n", "DELETE", "none", true],
    ["HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "DELETE", "none", true],
    ["HTTP/1.1 100 Continue\r\n\r\n", "PUT", "none", true],
    ["HTTP/1.1 200 \r\n\r\n", "GET", "until_close", false],
    ["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", "GET", "length", false],
    ["HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", "length", false],
  ];
  for (const [text, method, framing, keepsAlive] of cases) {
    const head = readResponse(text, { method });
    assert.ok(typeof head === "object", `${head}: ${text}`);
    assert.deepEqual([head.framing.kind, head.keepsAlive, head.end], [
      framing,
      keepsAlive,
      text.length,
    ]);
    for (let length = 0; length < text.length; length++) {
      assert.equal(readResponse(text.slice(0, length), { method }), undefined);
    }
  }
});

Deno.test("HeadWatch has a head of many pieces read a few times, and at its end", () => {
  const lines = "a: b\r\n".repeat(500);
  const text = `GET / HTTP/1.1\r\n${host}${lines}\r\n`;
  const bytes = bytesOf(text);
  const watch = new HeadWatch();
  let readBytes = 0;
  let head;
  for (let end = 1; end <= bytes.length; end++) {
    if (!watch.isWorthReading(bytes, { start: 0, end })) continue;
    readBytes += end;
    head = readRequestHead(bytes, { start: 0, end, bytesMax: 65_536 });
  }
  assert.equal(head?.end, bytes.length);
  assert.ok(readBytes <= 3 * bytes.length, String(readBytes));
});

function hashOf(name: string): number {
  return bytesOf(name).reduce(addToHash, 0);
}

Deno.test("findFieldName() knows each common name by a hash of its own", () => {
  for (const name of listFieldNames()) {
    assert.equal(findFieldName(hashOf(name)), name);
  }
});

Deno.test("readRequestHead() does not take a name for another with its hash", () => {
  // Two more in one place are 62 fewer in the next: "o" and "s" are "q" and "5".
  const head = readRequest(`GET / HTTP/1.1\r\n${host}hq5t: other.test\r\n\r\n`);
  assert.ok(typeof head === "object");
  assert.deepEqual([...head.headers.keys()], ["host", "hq5t"]);
  assert.equal(hashOf("hq5t"), hashOf("host"), "or the test tests nothing");
});

Deno.test("formatResponseHead() spells names as S3 does, and values as bytes", () => {
  const text = formatResponseHead(206, [["etag", '"e"'], ["x-amz-meta-a", "caf\xe9"]]);
  assert.equal(text, 'HTTP/1.1 206 Partial Content\r\nETag: "e"\r\nx-amz-meta-a: caf\xe9\r\n\r\n');
  const bytes = new Uint8Array(text.length + 1);
  assert.equal(writeLatin1(text, { bytes, at: 1 }), bytes.length);
  assert.equal(textOf(bytes.subarray(1)), text);
  assert.equal(writeLatin1("abc", { bytes, at: 2 }), 5);
  assert.equal(textOf(bytes.subarray(2, 5)), "abc");
});

Deno.test("formatRequestHead() and formatResponseHead() write nothing that breaks out of its line", () => {
  for (const value of ["a\r\nb: c", "a\nb", "\0", "\u0100", "a\x7f"]) {
    assert.throws(() => formatResponseHead(200, [["a", value]]), /A field is one line/);
  }
  for (const name of ["", "a b", "a:", "a\r\n", "\u00e9"]) {
    assert.throws(() => formatResponseHead(200, [[name, "b"]]), /A field is one line/);
  }
  const line = { method: "GET", target: "/../a?b" };
  assert.equal(
    formatRequestHead(line, formatFields(new Map([["host", "s3.test"]]))),
    "GET /../a?b HTTP/1.1\r\nHost: s3.test\r\n\r\n",
  );
  for (const target of ["/a b", "/a\r\n", "/\u00e9", ""]) {
    assert.throws(() => formatRequestHead({ ...line, target }, ""), /A request line is one line/);
  }
});
