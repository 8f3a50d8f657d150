/**
 * `src/http1/` beside the parser of `node:http`, on right and nearly right messages: what ours accepts, the other reads the
 * same; the other way round, every difference is a rule of `src/http1/refusals.ts`. And however a message is cut, ours
 * reads the same.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkedBody } from "../../src/http1/chunked_body.ts";
import type { Framing } from "../../src/http1/framing.ts";
import { HeadWatch } from "../../src/http1/head_watch.ts";
import type { RuleName } from "../../src/http1/refusals.ts";
import { readRequestHead, type RequestHead } from "../../src/http1/request_head.ts";
import { readResponseHead, type ResponseHead } from "../../src/http1/response_head.ts";
import { anyCharacter } from "../support/any_character.ts";
import { type OracleReading, readByOracle } from "../support/node_http_parser.ts";
import { bytesOf, HEAD_BYTES_MAX, ruleOr, textOf } from "../unit/http1/sample_messages.ts";
import { mutate, PARAMETERS } from "./mutation.ts";

/** Cheap enough for more of them than others have. */
const MANY = {
  ...PARAMETERS,
  numRuns: Math.max(PARAMETERS.numRuns, 1000),
  interruptAfterTimeLimit: 5 * PARAMETERS.interruptAfterTimeLimit,
};

/** The first message of a connection, as ours has it. */
interface Reading<Head> {
  readonly head: Head | undefined;
  readonly body: string;
  readonly isComplete: boolean;
  readonly rule: RuleName | undefined;
}

type ReadHead<Head> = (bytes: Uint8Array, end: number) => Head | undefined;

/** As a connection does it: a buffer that fills up, in pieces. */
function readInPieces<Head extends { end: number; framing: Framing }>(
  pieces: readonly string[],
  readHead: ReadHead<Head>,
): Reading<Head> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  const watch = new HeadWatch();
  let head: Head | undefined;
  let body: BodyOfTest | undefined;
  let end = 0;
  const rule = ruleOr((): undefined => {
    for (const piece of pieces) {
      bytes.set(bytesOf(piece), end);
      const start = end;
      end += piece.length;
      if (body !== undefined) body.push(bytes.slice(start, end));
      else if (head === undefined && watch.isWorthReading(bytes, { start: 0, end })) {
        head = readHead(bytes, end);
        if (head === undefined) continue;
        body = new BodyOfTest(head.framing);
        body.push(bytes.slice(head.end, end));
      }
    }
  });
  return { head, body: body?.text ?? "", isComplete: body?.isComplete ?? false, rule };
}

class BodyOfTest {
  text = "";
  isComplete = false;
  readonly #framing: Framing;
  readonly #chunks = new ChunkedBody();

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  push(piece: Uint8Array): void {
    switch (this.#framing.kind) {
      case "none":
        this.isComplete = true;
        return;
      case "length": {
        const { bytes } = this.#framing;
        this.text += textOf(piece.subarray(0, bytes - this.text.length));
        this.isComplete = this.text.length === bytes;
        return;
      }
      case "chunked":
        if (this.isComplete) return;
        this.text += textOf(piece.subarray(0, this.#chunks.decode(piece)));
        this.isComplete = this.#chunks.isEnded;
        return;
      case "until_close":
        this.text += textOf(piece);
    }
  }
}

const readRequest: ReadHead<RequestHead> = (bytes, end) =>
  readRequestHead(bytes, { start: 0, end, bytesMax: HEAD_BYTES_MAX });
const readResponseTo = (method: string): ReadHead<ResponseHead> => (bytes, end) =>
  readResponseHead(bytes, { start: 0, end, bytesMax: HEAD_BYTES_MAX, method });

function cut(text: string, cuts: readonly number[]): string[] {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

/** Reads `text` whole, cut, and byte by byte: the same. A rule may show later where more is waited for. */
function readEachWay<Head extends { end: number; framing: Framing }>(
  text: string,
  { cuts, readHead }: { cuts: readonly number[]; readHead: ReadHead<Head> },
): Reading<Head> {
  const whole = readInPieces([text], readHead);
  // Byte by byte is slow: a quarter of them.
  const ways = [cut(text, cuts), ...(cuts.length % 4 === 3 ? [[...text]] : [])];
  for (const pieces of ways) {
    const inPieces = readInPieces(pieces, readHead);
    if (whole.rule === undefined) assert.deepEqual(inPieces, whole);
    else if (whole.head === undefined) assert.ok(inPieces.head === undefined);
    // What came before is handed on where it came before.
    else assert.deepEqual([inPieces.head, inPieces.rule], [whole.head, whole.rule]);
  }
  return whole;
}

/** Names as they come, values joined, as ours has it. */
function mergeFields(raw: readonly string[]): [name: string, value: string][] {
  const fields = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? "";
    const value = raw[at + 1] ?? "";
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return [...fields];
}

/** Where ours takes what the oracle refuses, and why that is right. */
const ACCEPTED: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: "RFC 9110 §9.1: any token is a method, and an unknown one has an answer",
};

function assertSameReading(
  ours: Reading<RequestHead | ResponseHead>,
  { message, error }: OracleReading,
): void {
  if (ours.head === undefined) {
    if (ours.rule === undefined) assert.ok(!message, "ours waits for more of a head");
    return;
  }
  if (error !== undefined && error in ACCEPTED) return;
  if (ours.rule === undefined) assert.equal(error, undefined);
  assert.ok(message !== undefined, "ours has a head");
  assert.equal(message.minorVersion, ours.head.minorVersion);
  assert.deepEqual(mergeFields(message.rawHeaders), [...ours.head.headers]);
  if (ours.rule !== undefined) return; // a body that breaks a rule
  assert.equal(message.body, ours.body);
  assert.equal(message.isComplete, ours.isComplete);
}

const HEAD = "PUT /b/k?x=%20 HTTP/1.1\r\nHost: s3.test\r\n";
const REQUESTS = [
  `GET / HTTP/1.1\r\nHost: s3.test\r\n\r\n`,
  `${HEAD}Content-Length: 5\r\nX-Amz-Meta-A: caf\xe9 \t b\r\n\r\nhello`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx-a: b\r\n\r\n`,
  `${HEAD}x-a: b\r\nX-A: c\r\nConnection: close, x-a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`,
  "GET http://s3.test/b HTTP/1.1\r\nHost: s3.test\r\n\r\n",
  "HEAD / HTTP/1.0\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
];
const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "e"\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00a;b="c\\""\r\n0123456789\r\n0\r\n\r\n',
  "HTTP/1.1 206\r\n\r\nuntil close",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
  "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\nxml",
  "HTTP/1.1 503 Slow\tDown caf\xe9\r\nConnection: close\r\n\r\n",
];
const DICTIONARY = [
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  "\0",
  "\x7f",
  "\x80",
  ":",
  ": ",
  ";",
  "=",
  '"',
  "\\",
  "0",
  "1",
  "5",
  "a",
  "f",
  "ffffffffffffff",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "Host: a\r\n",
  "Content-Length: 5\r\n",
  "content-length:0\r\n",
  "Content-Length: 5, 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "transfer-encoding : chunked\r\n",
  " folded\r\n",
  "HTTP/1.0",
  "HTTP/1.1",
  "Connection: keep-alive\r\n",
  "Upgrade: h2c\r\n",
  "Expect: 100-continue\r\n",
  "GET ",
  "HEAD ",
  "http://",
  "//",
  "?",
  "#",
  "*",
  "200",
  "100",
  "101",
  "204",
  "600",
];
const cuts = fc.array(fc.nat(), { maxLength: 7 });
const latin1 = (text: string): string => textOf(bytesOf(text));

Deno.test("fuzz: a request is read as node:http reads it, or breaks a rule", () => {
  let accepted = 0;
  fc.assert(
    fc.property(mutate(REQUESTS, DICTIONARY), cuts, (sample, cuts) => {
      const text = latin1(sample);
      const ours = readEachWay(text, { cuts, readHead: readRequest });
      const oracle = readByOracle(text, { type: "request" });
      assertSameReading(ours, oracle);
      if (ours.head === undefined) return;
      accepted++;
      const { method, target, authority } = ours.head;
      if (oracle.message === undefined) return;
      assert.equal(oracle.message.method, method);
      const { url } = oracle.message;
      const isOurs = url === target || /^https?:/i.test(url) &&
          url.slice(url.indexOf("//") + 2) ===
            authority +
              (target === "/" ? url.slice(url.indexOf("//") + 2 + authority.length) : target);
      assert.ok(isOurs, url);
    }),
    MANY,
  );
  assert.ok(accepted > 100, "or the test tests little");
});

Deno.test("fuzz: a response is read as node:http reads it, or breaks a rule", () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      mutate(RESPONSES, DICTIONARY),
      cuts,
      fc.constantFrom("GET", "HEAD"),
      (sample, cuts, method) => {
        const text = latin1(sample);
        const ours = readEachWay(text, { cuts, readHead: readResponseTo(method) });
        const oracle = readByOracle(text, { type: "response", hasNoBody: method === "HEAD" });
        assertSameReading(ours, oracle);
        if (ours.head === undefined || oracle.message === undefined) return;
        accepted++;
        assert.equal(oracle.message.status, ours.head.status);
      },
    ),
    MANY,
  );
  assert.ok(accepted > 100, "or the test tests little");
});

/** Bodies that are right, of chunks of any size and spelling. */
const chunk = fc.record({
  data: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }).map((text) => latin1(text)),
  zeros: fc.nat(2),
  upper: fc.boolean(),
  extension: fc.constantFrom("", ";a", ";a=b", ';a="b; \\" c"'),
});

Deno.test("fuzz: a chunked body, however written and cut, holds what was put into it", () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 20 }), cuts, (chunks, cuts) => {
      const data = chunks.map(({ data }) => data).join("");
      const lines = chunks.map(({ data, zeros, upper, extension }) => {
        const size = "0".repeat(zeros) + data.length.toString(16);
        return `${upper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
      });
      const text = `${REQUESTS[2]?.split("\r\n\r\n")[0]}\r\n\r\n${lines.join("")}0\r\n\r\n`;
      const ours = readEachWay(text, { cuts, readHead: readRequest });
      assert.deepEqual([ours.body, ours.isComplete, ours.rule], [data, true, undefined]);
      assertSameReading(ours, readByOracle(text, { type: "request" }));
    }),
    PARAMETERS,
  );
});
