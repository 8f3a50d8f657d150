/**
 * X1: the nastiest text at every place of a body costs what it is long: documents of clients and of backends, forms and
 * their policies, chunks and trailers.
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import { ChunkParser } from "../../src/payload/chunk_parser.ts";
import { parseChecksumTrailer } from "../../src/payload/declared_checksum.ts";
import { FormParser, parseFormBoundary } from "../../src/payload/form_parser.ts";
import { readBackendError } from "../../src/s3/backend_error.ts";
import { parseBucketCors } from "../../src/s3/bucket_cors.ts";
import { S3Error } from "../../src/s3/error.ts";
import { completeFormFields } from "../../src/s3/form_fields.ts";
import { parseFormPolicy, verifyFormPolicy } from "../../src/s3/form_policy.ts";
import { formatRedirect } from "../../src/s3/form_redirect.ts";
import { ListingRewriter } from "../../src/s3/listing_rewriter.ts";
import { parseCompletedParts } from "../../src/s3/completed_parts.ts";
import { parseDeleteRequest } from "../../src/s3/request_documents.ts";
import { formatTags, parseTagging } from "../../src/s3/tagging.ts";
import { parseXml } from "../../src/s3/xml.ts";
import { assertLinear, type Piece, repeat, testGrowth } from "../support/growth.ts";

function ignoringRefusals(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
  }
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A document may have 1 MiB; what is not linear costs hundreds of times as much at this already. */
const DOCUMENT_CHARACTERS = 32 * 1024;
const PIECES: readonly Piece[] = [[" "], ["<"], ['"'], ["&#x0", "&"], ["-"], ["\xe9"]];
const PLACES: readonly (readonly [string, (text: string) => string])[] = [
  ["a key", (text) => `<Delete><Object><Key>${escape(text)}</Key></Object></Delete>`],
  ["CDATA", (text) => `<Delete><Object><Key><![CDATA[${text}]]></Key></Object></Delete>`],
  ["a comment", (text) => `<Delete><!--${text.replaceAll("-", "=")}--></Delete>`],
  ["an attribute", (text) => `<Delete a="${escape(text)}"/>`],
  ["an element's name", (text) => `<a${text}/>`],
  ["markup", (text) => `<Delete>${text}`],
];
for (const [name, wrap] of PLACES) {
  testGrowth(`${name} of a document`, {
    lengthMax: DOCUMENT_CHARACTERS,
    work: (text) => ignoringRefusals(() => parseDeleteRequest(wrap(text))),
    pieces: PIECES,
  });
  testGrowth(`${name} of a listing`, {
    lengthMax: DOCUMENT_CHARACTERS,
    work: (text) => rewrite(wrap(text).replaceAll("Object>", "Contents>")),
    pieces: PIECES,
  });
}

const ELEMENTS = [
  "<Object><Key>k</Key></Object>",
  "<a/>",
  "<a>",
  "&#97;",
  "<![CDATA[a]]>",
  "<a b='c'/>",
];
for (const element of ELEMENTS) {
  Deno.test(`X1 many ${element} cost what they are long`, () =>
    assertLinear({
      name: element,
      lengthMax: DOCUMENT_CHARACTERS / 2,
      build: (length) => repeat([element, "<Delete>", "</Delete>"], length),
      work: (text) => {
        ignoringRefusals(() => parseDeleteRequest(text));
        ignoringRefusals(() => parseCompletedParts(text));
        ignoringRefusals(() => parseBucketCors(parseXml(text)));
        rewrite(text);
      },
    }));
}

/** As the bytes come, and in pieces of no more than a few: what is held must not be looked at anew with each. */
function rewrite(document: string): void {
  const bytes = encodeUtf8(document);
  for (const pieceBytes of [LIMITS.responseDocumentPieceBytes, 61]) {
    const rewriter = new ListingRewriter({
      owner: { id: "alice", displayName: "alice" },
      parameters: new Map([["encoding-type", "url"], ["prefix", "a"]]),
    });
    ignoringRefusals(() => {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        rewriter.push(bytes.subarray(at, at + pieceBytes));
      }
      rewriter.finish();
    });
  }
}

testGrowth("a backend's error", {
  lengthMax: LIMITS.backendErrorBytesMax,
  work: (text) =>
    ignoringRefusals(() => readBackendError(400, `<Error><Code>${text}</Code></Error>`)),
});
testGrowth("a form's tags", {
  lengthMax: LIMITS.formFieldsBytesMax,
  work: (text) =>
    ignoringRefusals(() =>
      formatTags(parseTagging(
        `<Tagging><TagSet><Tag><Key>a</Key><Value>${escape(text)}</Value></Tag></TagSet></Tagging>`,
      ))
    ),
});

const DECLARED = { algorithm: "CRC32", source: "trailer" } as const;
testGrowth("a trailer", {
  lengthMax: LIMITS.trailerBytesMax - 64,
  work: (text) => {
    ignoringRefusals(() =>
      parseChecksumTrailer({ name: "x-amz-checksum-crc32", value: text }, DECLARED)
    );
    pushEachByte(
      new ChunkParser("chunked_unsigned_trailer"),
      `0\r\nx-amz-checksum-crc32:${text}\r\n\r\n`,
    );
  },
});
testGrowth("a line of chunks", {
  lengthMax: LIMITS.chunkHeaderBytesMax,
  work: (text) => pushEachByte(new ChunkParser("chunked_signed"), `1;${text}\r\na`),
});
Deno.test("X1 a body of one-byte chunks costs what it is long", () =>
  assertLinear({
    name: "chunks",
    lengthMax: 16 * 1024,
    build: (length) => repeat(["1\r\na\r\n"], length),
    work: (text) => pushEachByte(new ChunkParser("chunked_unsigned_trailer"), text),
  }));

testGrowth("a form's type", { lengthMax: 60 * 1024, work: (text) => formTypes(text) });
testGrowth("a part's head", {
  lengthMax: LIMITS.formPartHeadBytesMax - 64,
  work: (text) =>
    pushEachByte(
      new FormParser("b"),
      `--b\r\nContent-Disposition: form-data; name="a"; filename="${text}"\r\n\r\n`,
    ),
});
testGrowth("a form's data", {
  lengthMax: LIMITS.formFieldsBytesMax / 2,
  pieces: [["a"], ["\r"], ["\r\n-"], ["\r\n-----"], ["-"]],
  work: (text) =>
    pushEachByte(
      new FormParser("-----b"),
      `-------b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}`,
    ),
});
testGrowth("a form's fields", {
  lengthMax: LIMITS.formFieldsBytesMax,
  work: (text) =>
    ignoringRefusals(() => {
      const fields = new Map([["key", text], ["a", "${filename}".repeat(text.length / 20)]]);
      const origins = new Set(["https://a.example"]);
      for (const url of [text, `https://a.example/${text}`]) {
        formatRedirect(url, { origins, bucket: "bucket", key: text, eTag: text });
      }
      completeFormFields(fields, { filename: text, bucket: "bucket" });
    }),
});
testGrowth("a form's policy", {
  lengthMax: LIMITS.formFieldsBytesMax / 4,
  work: (text) =>
    ignoringRefusals(() => {
      const conditions = [["starts-with", "$key", text], { [text]: text }, text];
      for (const document of [text, JSON.stringify({ expiration: text, conditions })]) {
        ignoringRefusals(() => parseFormPolicy(document));
        ignoringRefusals(() => parseFormPolicy(Buffer.from(document).toString("base64")));
      }
      const policy = {
        expiration: new Date("2030-01-01T00:00:00Z"),
        conditions: [{ operator: "starts-with", field: "content-type", value: text }] as const,
        lengthRanges: [],
      };
      verifyFormPolicy(policy, {
        fields: new Map([["content-type", text]]),
        now: new Date("2029-01-01T00:00:00Z"),
      });
    }),
});

function formTypes(text: string): void {
  parseFormBoundary(`multipart/form-data; boundary=${text}`);
  parseFormBoundary(`multipart/form-data${text}`);
}

function pushEachByte(
  parser: { push: (bytes: Uint8Array) => Iterable<unknown> },
  text: string,
): void {
  const bytes = Buffer.from(text, "latin1");
  ignoringRefusals(() => {
    for (let at = 0; at < bytes.length; at++) {
      for (const event of parser.push(bytes.subarray(at, at + 1))) assert.ok(event);
    }
  });
}
