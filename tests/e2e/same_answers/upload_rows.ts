/**
 * Uploads in parts: CreateMultipartUpload, UploadPart, UploadPartCopy, ListParts, CompleteMultipartUpload, AbortMultipartUpload.
 * @module
 */

import {
  COMPLETED,
  CREATED,
  malformed,
  needlessBody,
  NOT_COMPLETED,
  OTHER_PARAMETER,
  otherOutcome,
  OUT_OF_BOUNDS,
  PARTS,
  readOf,
  verified,
  WRONG_CHECKSUM,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene, type Variant } from "./row.ts";

const A = '"0cc175b9c0f1b6a831c399e269772661"'; // of "a"
const B = '"92eb5ffee6ae2fec3ad71c777531578f"'; // of "b"

type Part = readonly [number: number | string, eTag: string];

function complete(...parts: readonly Part[]): string {
  const listed = parts.map(([number, eTag]) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${eTag}</ETag></Part>`
  );
  return `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
}

/** A new upload of `key` with two parts, as `{u}`. */
function upload(key: string): Row[] {
  return [
    row(`POST /{b}/${key}?uploads`, { keeps: { u: "UploadId" } }),
    row(`PUT /{b}/${key}?uploadId={u}&partNumber=1`, { body: "a" }),
    row(`PUT /{b}/${key}?partNumber=2&uploadId={u}`, { body: "b" }),
  ];
}

const LOST_TAGS = otherOutcome("So `x-amz-tagging` there, and", { proxy: "501 NotImplemented" });
/** With these no upload begins. */
const REFUSED = ["wrong", "AES256"];

const CREATES: readonly Readonly<Record<string, string>>[] = [
  {
    "content-type": "text/x-upload",
    "content-encoding": "gzip",
    "cache-control": "no-cache",
    "x-amz-meta-colour": "blue",
  },
  { "x-amz-acl": "public-read" },
  { "x-amz-acl": "wrong" },
  { "x-amz-storage-class": "STANDARD" },
  { "x-amz-checksum-algorithm": "CRC32" },
  { "x-amz-checksum-algorithm": "WRONG" },
  { "x-amz-tagging": "a=1" },
  { "x-amz-server-side-encryption": "AES256" },
  { "x-amz-server-side-encryption": "wrong" },
  { "x-amz-website-redirect-location": "/other" },
];

const NO_PART = malformed("400 InvalidPart");

const COMPLETIONS: readonly Variant<string>[] = [
  [complete([1, A], [2, B]), COMPLETED],
  [complete([1, A.slice(1, -1)], [2, B.slice(1, -1)]), COMPLETED],
  complete([1, A]),
  complete([2, B]),
  [complete([2, B], [1, A]), COMPLETED],
  complete([1, A], [1, A]),
  complete([1, B], [2, A]),
  complete([1, A], [3, B]),
  [complete([0, A]), NO_PART],
  complete([10001, A]),
  [complete(["x", A]), NO_PART],
  [complete([1, ""]), NO_PART],
  complete(),
  "",
  "not xml",
  "<Other/>",
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
];

const COPIES: readonly Readonly<Record<string, string>>[] = [
  {},
  { "x-amz-copy-source-range": "bytes=0-4" },
  { "x-amz-copy-source-range": "bytes=0-500" },
  { "x-amz-copy-source-range": "bytes=20-30" },
  { "x-amz-copy-source-range": "bytes=5-" },
  { "x-amz-copy-source-range": "bytes=-5" },
  { "x-amz-copy-source-range": "0-4" },
  { "x-amz-copy-source-range": "bytes=4-0" },
  { "x-amz-copy-source": "/{b}/none" },
  { "x-amz-copy-source": "/{b}-none/k" },
  { "x-amz-copy-source": "/{b}/a%20%2B%C3%A9" },
];

const ID = "2~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NO_UPLOAD = otherOutcome("Any other answers `404 NoSuchUpload` or `NoSuchVersion`", {
  gateway: "404 NoSuchKey",
  proxy: "404 NoSuchUpload",
});

/** Of an upload's parts. */
const LISTS: readonly Variant<string>[] = [
  ["", PARTS],
  ["&max-parts=1", PARTS],
  ["&max-parts=0", PARTS],
  ["&max-parts=-1", OUT_OF_BOUNDS],
  "&max-parts=abc",
  ["&max-parts=5000", PARTS],
  ["&part-number-marker=1", PARTS],
  ["&part-number-marker=5", PARTS],
  "&part-number-marker=abc",
  ["&max-parts=1&part-number-marker=1", PARTS],
  ["&encoding-type=url", PARTS],
];

const NUMBERS: readonly Variant<string>[] = [
  ["0", OUT_OF_BOUNDS],
  "10000",
  ["10001", OUT_OF_BOUNDS],
  ["-1", OUT_OF_BOUNDS],
  "abc",
  "",
];

function rowsOf(
  variants: readonly Variant<string>[],
  make: (value: string, differs: Difference | undefined, at: number) => readonly Row[],
): Row[] {
  return variants.flatMap((variant, at) =>
    typeof variant === "string" ? make(variant, undefined, at) : make(...variant, at)
  );
}

const PART = "PUT /{b}/k?uploadId={u}&partNumber=3";
const WHOLE = complete([1, A], [2, B]);

/** See the module. */
export const UPLOAD_SCENES: readonly Scene[] = [
  {
    name: "parts",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...upload("k"),
      ...rowsOf(LISTS, (more, differs) => [row(`GET /{b}/k?uploadId={u}${more}`, { differs })]),
      row("GET /{b}/k?uploadId={u}", { signing: { kind: "presigned" }, differs: PARTS }),
      row(`GET /{b}/k?uploadId=${ID}`),
      row("GET /{b}/k?uploadId=", { differs: NO_UPLOAD }),
      row("GET /{b}/k?uploadId=nonsense"),
      row("GET /{b}/other?uploadId={u}"),
      row("PUT /{b}/k?uploadId={u}&partNumber=1", { body: "a" }),
      ...rowsOf(NUMBERS, (number, differs) => [
        row(`PUT /{b}/k?uploadId={u}&partNumber=${number}`, { body: "a", differs }),
      ]),
      row("PUT /{b}/k?uploadId={u}", { body: "a" }),
      row("PUT /{b}/object?partNumber=1", { body: "a", differs: OTHER_PARAMETER }),
      row(`PUT /{b}/k?uploadId=${ID}&partNumber=1`, { body: "a" }),
      row(PART, { body: "a", headers: { "content-md5": `${"A".repeat(22)}==` } }),
      row(PART, {
        body: "hello world",
        headers: { "x-amz-checksum-crc32": "DUoRhQ==" },
        differs: verified("crc32"),
      }),
      row(PART, {
        body: "hello world",
        headers: { "x-amz-checksum-crc32": "AAAAAA==" },
        differs: WRONG_CHECKSUM,
      }),
      row("PUT /{b}/k?uploadId={u}&partNumber=4"),
      row("DELETE /{b}/k?uploadId={u}"),
      row("DELETE /{b}/k?uploadId={u}"),
      row(`DELETE /{b}/k?uploadId=${ID}`),
      row("GET /{b}/k?uploadId={u}"),
      row("GET /{b}/k"),
      row("POST /{b}-none/k?uploads"),
      row("POST /{b}/k?uploads=1", {
        differs: otherOutcome("one with a value (`?acl=1`)", { proxy: "400 InvalidArgument" }),
      }),
      row("POST /{b}/k?uploads", { body: "x", differs: needlessBody() }),
    ],
  },
  {
    name: "kinds of uploads",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...CREATES.flatMap((headers, at) => {
        const lost = "x-amz-tagging" in headers ? LOST_TAGS : undefined;
        const isRefused = REFUSED.some((value) => Object.values(headers).includes(value));
        return [
          row(`POST /{b}/c${at}?uploads`, {
            headers,
            keeps: { u: "UploadId" },
            differs: lost,
          }),
          row(`PUT /{b}/c${at}?uploadId={u}&partNumber=1`, {
            body: "a",
            differs: readOf(lost, "404 NoSuchUpload"),
          }),
          row(`POST /{b}/c${at}?uploadId={u}`, {
            body: complete([1, A]),
            differs: readOf(lost, "404 NoSuchUpload") ?? (isRefused ? NOT_COMPLETED : COMPLETED),
          }),
          row(`HEAD /{b}/c${at}`, { differs: readOf(lost, "404 NoSuchKey") }),
        ];
      }),
    ],
  },
  {
    name: "completions",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...rowsOf(COMPLETIONS, (body, differs, at) => [
        ...upload(`k${at}`),
        row(`POST /{b}/k${at}?uploadId={u}`, { body, differs }),
        row(`HEAD /{b}/k${at}`),
        row(`GET /{b}/k${at}?partNumber=1`),
      ]),
      ...upload("twice"),
      row("POST /{b}/twice?uploadId={u}", { body: WHOLE, differs: COMPLETED }),
      row("POST /{b}/twice?uploadId={u}", { body: WHOLE, differs: COMPLETED }),
      row("DELETE /{b}/twice?uploadId={u}"),
      row(`POST /{b}/none?uploadId=${ID}`, { body: WHOLE, differs: NOT_COMPLETED }),
      row(`POST /{b}-none/k?uploadId=${ID}`, { body: WHOLE }),
      row(`POST /{b}-none/k?uploadId=${ID}`, { body: WHOLE, headers: { "if-match": A } }),
      row("POST /{b}/k?uploadId=", {
        body: WHOLE,
        differs: { ...NOT_COMPLETED, gateway: "500 UnknownError" },
      }),
      ...upload("%C3%A9%20+%26"),
      row("POST /{b}/%C3%A9%20+%26?uploadId={u}", { body: WHOLE, differs: COMPLETED }),
      ...upload("virtual"),
      row("POST /{b}/virtual?uploadId={u}", { isVirtual: true, body: WHOLE, differs: COMPLETED }),
      ...upload("condition"),
      row("POST /{b}/condition?uploadId={u}", {
        body: WHOLE,
        headers: { "if-none-match": "*" },
        differs: COMPLETED,
      }),
      row("GET /{b}"),
    ],
  },
  {
    name: "part copies",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/source", { body: "hello world" }),
      row("PUT /{b}/a%20%2B%C3%A9", { body: "plus" }),
      row("POST /{b}/k?uploads", { keeps: { u: "UploadId" } }),
      ...COPIES.map((headers, at) =>
        row(`PUT /{b}/k?uploadId={u}&partNumber=${at + 1}`, {
          headers: { "x-amz-copy-source": "/{b}/source", ...headers },
        })
      ),
      row(`PUT /{b}/k?uploadId=${ID}&partNumber=1`, {
        headers: { "x-amz-copy-source": "/{b}/source" },
      }),
      row("GET /{b}/k?uploadId={u}", { differs: PARTS }),
      row("PUT /{b}/k?uploadId={u}&partNumber=1", {
        headers: {
          "x-amz-copy-source": "/{b}/source",
          "x-amz-copy-source-if-match": '"no"',
        },
        differs: otherOutcome("So the proxy first asks the source", {
          proxy: "412 PreconditionFailed",
        }),
      }),
    ],
  },
];
