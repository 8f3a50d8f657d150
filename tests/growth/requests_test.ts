/**
 * X1: the nastiest text for every place of a request that text comes in at costs what it is long: each header, each
 * parameter, path, query, and the head itself.
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parseIpRange } from "../../src/iam/ip_range.ts";
import { readRequestHead } from "../../src/http1/request_head.ts";
import { BrokenRule } from "../../src/http1/refusals.ts";
import { LIMITS } from "../../src/limits.ts";
import { parseDeclaredChecksum } from "../../src/payload/declared_checksum.ts";
import { parseFormBoundary } from "../../src/payload/form_parser.ts";
import { answerPreflight } from "../../src/s3/cors.ts";
import { S3Error } from "../../src/s3/error.ts";
import { formatErrorDocument } from "../../src/s3/error_document.ts";
import { readGrantees } from "../../src/s3/grants.ts";
import { headerFate } from "../../src/s3/header_table.ts";
import { parseObjectAttributes } from "../../src/s3/object_attributes.ts";
import { OPERATIONS } from "../../src/s3/operation_table.ts";
import { parseS3Request, type RawRequest } from "../../src/s3/request.ts";
import { resolveClient } from "../../src/server/forwarded.ts";
import { readRequestLine } from "../../src/server/listener.ts";
import { SecretAccessKey } from "../../src/sigv4/secret_access_key.ts";
import { verifySignature } from "../../src/sigv4/verify.ts";
import { buildUpstreamHeaders } from "../../src/upstream/headers.ts";
import { assertLinear, NASTIEST, NASTY, repeat, testGrowth } from "../support/growth.ts";
import { buildRawRequest, SAMPLE_RULES } from "../unit/s3/sample_request.ts";

/** What a head may have of one text, and of one that is encoded. */
const LENGTH_MAX = LIMITS.maxHeaderBytes - 4096;
const ENCODED_LENGTH_MAX = LENGTH_MAX / 4;

const NOW = new Date("2030-06-15T12:00:00Z");
const AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=alice/20300615/us-east-1/s3/aws4_request, " +
  `SignedHeaders=HEADERS, Signature=${"0".repeat(64)}`;
const KNOWN = {
  secretAccessKey: new SecretAccessKey("a-secret-of-these-tests"),
  identity: "alice",
};

/** All that a request meets before it is sent, up to the refusal of its signature. */
function drive(raw: RawRequest): void {
  ignoringRefusals(() => {
    const request = parseS3Request(raw, SAMPLE_RULES);
    readGrantees(request, "alice");
    buildUpstreamHeaders(request);
    ignoringRefusals(() => parseDeclaredChecksum(request.headers));
    ignoringRefusals(() => parseObjectAttributes(request.headers));
    parseFormBoundary(request.headers.get("content-type") ?? "");
    const options = { lookup: () => KNOWN, now: NOW, clockSkewSecondsMax: 900, region: undefined };
    verifySignature(request, options);
  });
}

/** A refusal is answered, so writing it is part of the work. */
function ignoringRefusals(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const { code, message, detail } = error;
    formatErrorDocument({ code, message, detail: detail ?? {}, resource: "/", requestId: "r" });
  }
}

interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly header: readonly [name: string, value: string];
}

function buildSigned(
  { method = "GET", target = "/bucket", header }: Partial<SignedRequest>,
): RawRequest {
  const headers = new Map([
    ["host", "proxy.example"],
    ["x-amz-content-sha256", "UNSIGNED-PAYLOAD"],
    ["x-amz-date", "20300615T120000Z"],
  ]);
  if (header !== undefined) headers.set(...header);
  const signed = [...headers.keys()].filter((name) => name !== "authorization").toSorted();
  if (header?.[0] === "authorization") {
    if (header[1] === "") headers.delete("authorization");
  } else {
    headers.set("authorization", AUTHORIZATION.replace("HEADERS", signed.join(";")));
  }
  return buildRawRequest({ method, target, headers: [...headers] });
}

const table = await Deno.readTextFile(new URL("../../src/s3/header_table.ts", import.meta.url));
/** Every header that the table names, and some that other files read. */
const HEADERS = new Set([
  ...[...table.matchAll(/^ {2}"([a-z][a-z0-9-]+)",$/gm)].map(([, name = ""]) => name)
    .filter((name) => headerFate(name) !== "drop"),
  "if-range",
  "origin",
  "referer",
  "user-agent",
  "transfer-encoding",
  "x-amz-meta-a",
  "x-unknown",
]);
const READ_HEADERS =
  /^(?:range|if-.*|origin|user-agent|x-amz-checksum-mode|x-amz-object-attributes)$/;
/** Those that are taken apart; of the others all are treated alike. */
const PARSED_HEADERS =
  /^(?:authorization|content-encoding|content-type|range|x-amz-(?:copy-source|date|grant-read|meta-a|tagging|trailer))$/;

Deno.test("X1 the table of headers was found", () => assert.ok(HEADERS.size > 60));

for (const name of HEADERS) {
  const method = READ_HEADERS.test(name) ? "GET" : "PUT";
  testGrowth(`the header ${name}`, {
    lengthMax: LENGTH_MAX,
    work: (value) => drive(buildSigned({ method, target: "/bucket/key", header: [name, value] })),
    pieces: PARSED_HEADERS.test(name) ? NASTY : NASTIEST,
  });
}

const parameters = new Map(
  OPERATIONS.filter(({ forwarded }) => forwarded).flatMap((operation) =>
    [...operation.parameters, operation.subresource].filter(Boolean).map((name) =>
      [name, operation] as const
    )
  ),
);
Deno.test("X1 the parameters were found", () => assert.ok(parameters.size > 40));

for (const [name, { method, level, subresource }] of parameters) {
  const path = level === "service" ? "/" : level === "bucket" ? "/bucket" : "/bucket/key";
  const selector = subresource === "" || subresource === name ? "" : `${subresource}&`;
  testGrowth(`the parameter ${name}`, {
    lengthMax: ENCODED_LENGTH_MAX,
    work: (value) =>
      drive(buildSigned({
        method,
        target: `${path}?${selector}${name}=${encodeURIComponent(value)}`,
      })),
    pieces: NASTIEST,
  });
}

const TARGETS: readonly (readonly [string, number, (text: string) => Partial<SignedRequest>])[] = [
  ["a path", LENGTH_MAX, (text) => ({ target: `/bucket/${text}` })],
  [
    "an encoded path",
    ENCODED_LENGTH_MAX,
    (text) => ({ target: `/bucket/${encodeURIComponent(text)}` }),
  ],
  ["a bucket", LENGTH_MAX, (text) => ({ target: `/${text}` })],
  ["a query", LENGTH_MAX, (text) => ({ target: `/bucket?${text}` })],
  [
    "a header in the query",
    ENCODED_LENGTH_MAX,
    (text) => ({
      method: "PUT",
      target: `/bucket/key?X-Amz-Meta-A=${encodeURIComponent(text)}`,
    }),
  ],
  [
    "a presigned URL's credential",
    ENCODED_LENGTH_MAX,
    (text) => ({
      target: "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20300615T120000Z" +
        `&X-Amz-Expires=60&X-Amz-SignedHeaders=${encodeURIComponent(text)}` +
        `&X-Amz-Signature=${"0".repeat(64)}&X-Amz-Credential=${encodeURIComponent(text)}`,
      header: ["authorization", ""],
    }),
  ],
  ["the Host header", LENGTH_MAX, (text) => ({ target: "/bucket", header: ["host", text] })],
];
for (const [name, lengthMax, build] of TARGETS) {
  const work = (text: string): void => drive(buildSigned({ method: "GET", ...build(text) }));
  testGrowth(name, { lengthMax, work });
}

testGrowth("an absolute request target", {
  lengthMax: LENGTH_MAX,
  work: (text) => readRequestLine(`http://${text}`, "proxy.example"),
});
testGrowth("X-Forwarded-For", {
  lengthMax: LENGTH_MAX,
  work: (value) => {
    const raw = buildRawRequest({ headers: [["x-forwarded-for", value]] });
    const range = parseIpRange("203.0.113.0/24");
    return resolveClient(raw, range === undefined ? [] : [range]);
  },
});
testGrowth("the headers of a preflight", {
  lengthMax: LENGTH_MAX / 2,
  work: (value) =>
    ignoringRefusals(() => {
      const rule = {
        matchesBucket: () => true,
        allowedOrigins: ["https://*.example"],
        allowedMethods: ["PUT"],
        allowedHeaders: ["x-*-a", "*b"],
        exposeHeaders: [],
        maxAgeSeconds: undefined,
      };
      const raw = buildRawRequest({
        method: "OPTIONS",
        headers: [
          ["origin", `https://${value}.example`],
          ["access-control-request-method", "PUT"],
          ["access-control-request-headers", value],
        ],
      });
      answerPreflight(raw, { rules: [rule], addressing: SAMPLE_RULES });
    }),
});

testGrowth("a request's head", {
  lengthMax: LENGTH_MAX / 2,
  work: (text) => {
    for (
      const head of [`GET /${text} HTTP/1.1\r\nHost: a\r\n`, `GET / HTTP/1.1\r\nA: ${text}\r\n`]
    ) {
      readHead(`${head}${text}\r\n\r\n`);
    }
  },
});
for (const line of ["a: b\r\n", "connection: a\r\n", "a:\t \t\r\n"]) {
  Deno.test(`X1 many lines ${JSON.stringify(line)} cost what they are long`, () =>
    assertLinear({
      name: line,
      lengthMax: LENGTH_MAX,
      build: (length) => repeat([line, "GET / HTTP/1.1\r\nHost: a\r\n", "\r\n"], length),
      work: readHead,
    }));
}

function readHead(text: string): void {
  const bytes = Buffer.from(text, "latin1");
  try {
    readRequestHead(bytes, { start: 0, end: bytes.length, bytesMax: LIMITS.maxHeaderBytes });
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
  }
}

Deno.test("X1 assertLinear() finds what is not linear", () => {
  assert.throws(() =>
    assertLinear({
      name: "an expression that looks for its end from each blank",
      lengthMax: 4096,
      build: (length) => repeat([" ", "a\tb", "c"], length),
      work: (text) => text.replace(/[ \t]*\t[ \t]*/g, " "),
    }), /is not linear/);
});
