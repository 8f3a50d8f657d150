/**
 * Nothing a client can send crashes a parser, hangs it, or is taken for our own mistake.
 */

import { formatDeleteRequest } from "../../src/s3/delete_request.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChunkedForm } from "../../src/payload/chunk_parser.ts";
import { ChunkParser } from "../../src/payload/chunk_parser.ts";
import { S3Error } from "../../src/s3/error.ts";
import { parseS3Request, type RawRequest } from "../../src/s3/request.ts";
import { runWhole } from "../../src/lib/turns.ts";
import { parseCompletedParts, rewriteCompletedParts } from "../../src/s3/completed_parts.ts";
import { parseDeleteRequest, parseLocationConstraint } from "../../src/s3/request_documents.ts";
import { formatXml, parseXml } from "../../src/s3/xml.ts";
import { SecretAccessKey } from "../../src/sigv4/secret_access_key.ts";
import { verifySignature } from "../../src/sigv4/verify.ts";
import { type Header, presign, signHeaders } from "../support/signer.ts";
import { createSampleBytes, cutAt } from "../unit/payload/sample_bodies.ts";
import { buildRawRequest, SAMPLE_RULES } from "../unit/s3/sample_request.ts";
import { mutate, PARAMETERS } from "./mutation.ts";

const KEY = { accessKey: "fuzz-key", secretKey: "fuzz-secret-of-the-tests" };
const DATE = new Date("2026-01-02T03:04:05Z");
const FORMS: readonly ChunkedForm[] = [
  "chunked_signed",
  "chunked_signed_trailer",
  "chunked_unsigned_trailer",
];

/** An `S3Error` that blames the client: any status but 5xx, and 501 for what is not done here. */
function assertClientError(error: unknown): void {
  assert(error instanceof S3Error, String(error));
  assert(error.status < 500 || error.status === 501, error.code);
}

function refuses(action: () => void): void {
  try {
    action();
  } catch (error) {
    assertClientError(error);
  }
}

function toLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

const chunkedSamples = FORMS.map((form) =>
  new TextDecoder("latin1").decode(createSampleBytes(form).bytes)
);

Deno.test("fuzz: ChunkParser yields no more than it was given, or an S3Error", () => {
  const dictionary = [
    "\r\n",
    "0\r\n",
    "\n",
    ";chunk-signature=",
    "x-amz-checksum-crc32:",
    "ffff",
    "-1",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...FORMS),
      mutate(chunkedSamples, dictionary),
      fc.array(fc.nat(2000), { maxLength: 20 }),
      (form, text, cuts) =>
        refuses(() => {
          const bytes = toLatin1(text);
          const parser = new ChunkParser(form);
          let dataBytes = 0;
          for (const piece of cutAt(bytes, cuts)) {
            for (const event of parser.push(piece)) {
              if (event.kind === "data") dataBytes += event.data.length;
            }
          }
          assert(dataBytes <= bytes.length);
          parser.end();
        }),
    ),
    PARAMETERS,
  );
});

const DOCUMENTS = [
  "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key><VersionId>v</VersionId></Object></Delete>",
  "<CompleteMultipartUpload xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Part><PartNumber>1</PartNumber>" +
  "<ETag>&quot;e&quot;</ETag></Part></CompleteMultipartUpload>",
  "<CreateBucketConfiguration><LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>",
];
const XML_PIECES = [
  "<",
  ">",
  "</",
  "/>",
  "&#x41;",
  "&lt;",
  "&nope;",
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
];
const MORE_XML_PIECES = [
  "<![CDATA[",
  "]]>",
  "<!--",
  "-->",
  "<?",
  "?>",
  "xmlns:a='b'",
  "<a:Key>",
  "<?xml version='1.1'?>",
  "&#1;",
  "\u0000",
];

Deno.test("fuzz: parseXml() reads what formatXml() wrote, or answers MalformedXML", () => {
  fc.assert(
    fc.property(mutate(DOCUMENTS, [...XML_PIECES, ...MORE_XML_PIECES]), (text) =>
      refuses(() => {
        const root = parseXml(text);
        assert.deepEqual(parseXml(formatXml(root)), root);
      })),
    PARAMETERS,
  );
});

Deno.test("fuzz: request documents mean the same once they are written again", () => {
  fc.assert(
    fc.property(mutate(DOCUMENTS, [...XML_PIECES, ...MORE_XML_PIECES]), (text) => {
      refuses(() => {
        const asked = parseDeleteRequest(text);
        assert.deepEqual(parseDeleteRequest(formatDeleteRequest(asked)), asked);
      });
      refuses(() => {
        const parts = parseCompletedParts(text);
        // Checksums go to the stores that keep them, and to no other; quotes inside quotes are taken for those around an ETag.
        const unquoted = parts.map(({ partNumber, eTag }) => ({
          partNumber,
          eTag: eTag.replace(/^"(.*)"$/, "$1"),
          checksum: undefined,
        }));
        const rewritten = runWhole(rewriteCompletedParts(text, { checksums: [] }));
        assert.deepEqual(parseCompletedParts(rewritten), unquoted);
      });
      refuses(() => void parseLocationConstraint(text));
    }),
    PARAMETERS,
  );
});

/** Parsed and verified like a request from a listener; `true` where it is believed. */
function isBelieved(raw: RawRequest): boolean {
  try {
    verifySignature(parseS3Request(raw, SAMPLE_RULES), {
      lookup: ({ accessKeyId }) =>
        accessKeyId === KEY.accessKey
          ? { secretAccessKey: new SecretAccessKey(KEY.secretKey), identity: "fuzz" }
          : undefined,
      now: DATE,
      clockSkewSecondsMax: 900,
      region: undefined,
    });
    return true;
  } catch (error) {
    assertClientError(error);
    return false;
  }
}

const HOST: Header = ["host", "s3.amazonaws.com"];
const SIGNED = signHeaders({
  method: "PUT",
  target: "/bucket/key?partNumber=1&uploadId=u",
  headers: [HOST, ["x-amz-copy-source", "/bucket/a%20b?versionId=1"]],
  ...KEY,
  date: DATE,
  payloadHash: "UNSIGNED-PAYLOAD",
});
const HEADER_PIECES = [
  "AWS4-HMAC-SHA256",
  "Credential=",
  "SignedHeaders=",
  "Signature=",
  "host;",
  "/",
  ",",
  "=",
  " ",
];

Deno.test("fuzz: an Authorization header that is not the one that was signed is not believed", () => {
  const original = SIGNED.headers.find(([name]) => name.toLowerCase() === "authorization")?.[1] ??
    "";
  assert.notEqual(original, "");
  fc.assert(
    fc.property(mutate([original], HEADER_PIECES), (authorization) => {
      const headers = SIGNED.headers.map(([name, value]): Header => [
        name,
        name.toLowerCase() === "authorization" ? authorization : value,
      ]);
      const raw = buildRawRequest({
        method: "PUT",
        target: "/bucket/key?partNumber=1&uploadId=u",
        headers,
      });
      const believed = isBelieved(raw);
      // Spaces around and between its fields are all that may differ.
      if (believed) {
        assert.equal(authorization.replace(/[\s,]/g, ""), original.replace(/[\s,]/g, ""));
      }
    }),
    PARAMETERS,
  );
});

Deno.test("fuzz: a copy source is refused or read", () => {
  const pieces = ["/", "%2F", "%25", "?versionId=", "%3F", ":", "..", "\\", "%zz", "arn:aws:s3:::"];
  fc.assert(
    fc.property(
      mutate(["/bucket/a%20b?versionId=1", "bucket/key"], pieces),
      (source) => {
        const headers: Header[] = [HOST, ["x-amz-copy-source", source]];
        isBelieved(buildRawRequest({ method: "PUT", target: "/bucket/key", headers }));
      },
    ),
    PARAMETERS,
  );
});

Deno.test("fuzz: a presigned target that is not the one that was signed is not believed", () => {
  const sample = { method: "GET", target: "/bucket/key?prefix=a%20b", headers: [HOST], ...KEY };
  const { target: original } = presign({
    ...sample,
    target: "/bucket/key",
    date: DATE,
    expires: 60,
  });
  const listing = presign({
    ...sample,
    target: "/bucket?list-type=2&prefix=a%20b",
    date: DATE,
    expires: 60,
  });
  const pieces = [
    "&",
    "=",
    "?",
    "%",
    "%2F",
    "/",
    "/../",
    "acl",
    "versionId=1",
    "X-Amz-Expires=",
    "x-amz-acl=private",
  ];
  fc.assert(
    fc.property(mutate([original, listing.target], pieces), (target) => {
      const believed = isBelieved(
        buildRawRequest({ method: "GET", target, headers: [HOST] }),
      );
      if (believed) {
        assert([original, listing.target].some((signed) => saysTheSame(target, signed)), target);
      }
    }),
    PARAMETERS,
  );
});

/** Equal but for the order of parameters, empty ones, and what needs no percent. */
function saysTheSame(target: string, signed: string): boolean {
  const read = (text: string): string => {
    const [path = "", query = ""] = text.split(/\?(.*)/s);
    const parameters = query.split("&").filter((parameter) => parameter !== "");
    return decodeURIComponent(`${path}?${parameters.toSorted().join("&")}`.replaceAll("+", "%20"));
  };
  try {
    return read(target) === read(signed);
  } catch {
    return false;
  }
}
