/**
 * Lists of objects: ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads.
 * @module
 */

import {
  CREATED,
  ENCODED,
  GROUPED,
  needlessBody,
  noMethod,
  OTHER_PARAMETER,
  otherDocument,
  otherOutcome,
  OUT_OF_BOUNDS,
  REGION,
  TYPED,
  UNKNOWN_PARAMETER,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene, type Variant } from "./row.ts";

/** As they stand in a target. */
const KEYS = [
  "a",
  "a%20b",
  "a%2Bb",
  "a+b",
  "a%25b",
  "dir/",
  "dir/one",
  "dir/two/three",
  "dir//double",
  "/lead",
  "%C3%A9t%C3%A9",
  "e%CC%81",
  "%E2%82%AC/%F0%9F%98%80",
  "q%3Fmark%26and%3Dis%23hash",
  "%22quoted%22'%3Clt%3E",
  "star*(paren)!~",
  "z.-_z",
  "%5Cback%5Cslash",
  "semi;colon:at@dollar$",
  "tilde%7E",
  "low%2bhex",
  "..dots..",
  ".hidden",
  "%7Bbrace%7D%7C%5E%60%5B%5D",
];

const PARAMETERS: readonly Variant<string>[] = [
  "",
  "prefix=dir/",
  "prefix=dir%2F&delimiter=%2F",
  "delimiter=/",
  "delimiter=/&encoding-type=url",
  "encoding-type=url",
  "encoding-type=URL",
  "encoding-type=",
  ["encoding-type=base64", OUT_OF_BOUNDS],
  "delimiter=",
  "prefix=",
  "prefix",
  "prefix=a+b",
  "prefix=a%2Bb",
  ["prefix=a%20b&encoding-type=url", ENCODED],
  "prefix=%C3%A9",
  ["prefix=%C3%A9&encoding-type=url", ENCODED],
  "prefix=nothing",
  "prefix=/lead",
  "prefix=dir//",
  "delimiter=%C3%A9",
  "delimiter=ir/",
  "delimiter=+",
  ["delimiter=%20&encoding-type=url", ENCODED],
  "max-keys=3",
  "max-keys=3&delimiter=/",
  "max-keys=1&delimiter=/&prefix=dir/",
  "max-keys=0",
  "max-keys=1000",
  "max-keys=1001",
  "max-keys=5000",
  "max-keys=",
  ["max-keys=-1", OUT_OF_BOUNDS],
  "max-keys=abc",
  "max-keys=2147483647",
  ["max-keys=2147483648", OUT_OF_BOUNDS],
  "max-keys=1.5",
];

const V1_PARAMETERS: readonly Variant<string>[] = [
  "max-keys=3&encoding-type=url",
  ["max-keys=7&encoding-type=url", ENCODED],
  "marker=dir/",
  ["marker=a%20b&encoding-type=url", ENCODED],
  "marker=%C3%A9",
  "marker=zzz",
  "marker=",
  "marker=dir/&delimiter=/",
  ["max-keys=2&marker=a&encoding-type=url", ENCODED],
  "prefix=dir/&marker=dir/one&delimiter=/&max-keys=1",
];

const V2_PARAMETERS: readonly Variant<string>[] = [
  "max-keys=3&encoding-type=url",
  "start-after=dir/",
  ["start-after=a%20b&encoding-type=url", ENCODED],
  "start-after=%C3%A9t%C3%A9",
  "start-after=",
  "fetch-owner=true",
  "fetch-owner=false",
  "fetch-owner=abc",
  "continuation-token=",
  "continuation-token=nonsense",
  "max-keys=2&fetch-owner=true&encoding-type=url",
];

const UPLOAD_PARAMETERS: readonly Variant<string>[] = [
  "",
  "prefix=dir/",
  "prefix=%C3%A9",
  "max-uploads=1",
  "max-uploads=0",
  ["max-uploads=-1", OUT_OF_BOUNDS],
  "max-uploads=abc",
  "max-uploads=5000",
  ["encoding-type=url", GROUPED],
  "encoding-type=wrong",
  ["delimiter=/", GROUPED],
  ["delimiter=/&prefix=dir/", GROUPED],
  "key-marker=a",
  "key-marker=dir/one&upload-id-marker=",
  "key-marker=a&upload-id-marker={u1}",
  "upload-id-marker={u1}",
];

/** Of a list at `target`, which may have a query. */
function list(target: string, parameters: readonly Variant<string>[]): Row[] {
  const separator = target.includes("?") ? "&" : "?";
  return parameters.map((variant) => {
    const [parameter, differs] = typeof variant === "string" ? [variant] : variant;
    return row(`GET ${target}${parameter === "" ? "" : separator}${parameter}`, { differs });
  });
}

function invalidUri(gateway = "200"): Difference {
  return otherOutcome("A name that is not UTF-8, or not percent-encoded", {
    gateway,
    proxy: "400 InvalidURI",
  });
}

/** Its keys make a list longer than what is rewritten in one piece. */
const LONG_KEYS = Array.from({ length: 80 }, (_, at) => `${at + 100}${"%C3%A9/".repeat(300)}`);

/** See the module. */
export const LIST_SCENES: readonly Scene[] = [
  {
    name: "objects",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...list("/{b}", ["", "list-type=2", "versions", "list-type=2&fetch-owner=true"]),
      ...KEYS.map((key) => row(`PUT /{b}/${key}`, { body: key })),
      ...list("/{b}", [...PARAMETERS, ...V1_PARAMETERS]),
      ...list("/{b}?list-type=2", [...PARAMETERS, ...V2_PARAMETERS]),
      row("GET /{b}?list-type=2&max-keys=4", { keeps: { token: "NextContinuationToken" } }),
      row("GET /{b}?list-type=2&max-keys=4&continuation-token={token}"),
      row("GET /{b}?list-type=2&max-keys=4&delimiter=/", {
        keeps: { token: "NextContinuationToken" },
      }),
      row("GET /{b}?list-type=2&delimiter=/&continuation-token={token}"),
      row("GET /{b}?max-keys=2&delimiter=/", { keeps: { next: "NextMarker" } }),
      row("GET /{b}?max-keys=2&delimiter=/&marker={next}", { keeps: { next: "NextMarker" } }),
      row("GET /{b}?max-keys=2&delimiter=/&marker={next}"),
      row("HEAD /{b}/", { differs: REGION }),
      ...list("/{b}/", ["", "prefix=a"]),
      ...list("/{b}", [
        "&prefix=a",
        "acl=",
        ["ACL", UNKNOWN_PARAMETER],
        ["acl&policy", UNKNOWN_PARAMETER],
        "uploads=",
        "versions=",
        ["location=", TYPED],
        ["prefix=a%00", invalidUri()],
        ["prefix=%FF", invalidUri()],
        ["prefix=%zz", invalidUri("403 SignatureDoesNotMatch")],
        `prefix=${"p".repeat(1025)}`,
        `marker=${"p".repeat(1025)}`,
        ["list-type=1", OUT_OF_BOUNDS],
        ["list-type=3", OUT_OF_BOUNDS],
        ["list-type=", OUT_OF_BOUNDS],
        "marker=a&list-type=2",
        "start-after=a",
        "fetch-owner=true",
        ["allow-unordered=true", UNKNOWN_PARAMETER],
        ["unknown=1", UNKNOWN_PARAMETER],
        ["prefix=a&versionId=null", OTHER_PARAMETER],
        "x-unknown=1",
        [
          "prefix=a&prefix=d",
          otherOutcome("parameter given twice", {
            gateway: "403 SignatureDoesNotMatch",
            proxy: "400 InvalidArgument",
          }),
        ],
      ]),
      row("GET /{b}", { headers: { "x-amz-request-payer": "requester" } }),
      row("GET /{b}", { headers: { "x-amz-optional-object-attributes": "RestoreStatus" } }),
      row("GET /{b}", { headers: { "if-none-match": "*" } }),
      row("GET /{b}", { headers: { "accept-encoding": "gzip" } }),
      row("GET /{b}?prefix=a%2B", {
        headers: { accept: "application/json" },
        differs: otherDocument("`Accept` is not passed on"),
      }),
      row("GET /{b}", { body: "x", differs: needlessBody("501 NotImplemented") }),
      ...list("/{b}-none", ["", "list-type=2", "versions", "uploads"]),
      ...KEYS.flatMap((key) => [row(`GET /{b}/${key}`), row(`HEAD /{b}/${key}`)]),
      row("DELETE /{b}"),
    ],
  },
  {
    name: "long lists",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...LONG_KEYS.map((key) => row(`PUT /{b}/${key}`, { body: "x" })),
      ...list("/{b}", ["", "encoding-type=url", "delimiter=/", "max-keys=70", "versions"]),
      ...list("/{b}?list-type=2", ["", "encoding-type=url", "fetch-owner=true"]),
    ],
  },
  {
    name: "uploads",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("GET /{b}?uploads"),
      row("POST /{b}/a?uploads", { keeps: { u1: "UploadId" } }),
      row("POST /{b}/dir/one?uploads", { keeps: { u2: "UploadId" } }),
      row("POST /{b}/dir/two/three?uploads"),
      row("POST /{b}/%C3%A9%20+?uploads"),
      ...list("/{b}?uploads", UPLOAD_PARAMETERS),
      row("GET /{b}?uploads&max-uploads=2", {
        keeps: { k: "NextKeyMarker", n: "NextUploadIdMarker" },
      }),
      row("GET /{b}?uploads&max-uploads=2&key-marker={k}&upload-id-marker={n}"),
      row("HEAD /{b}?uploads", { differs: noMethod() }),
    ],
  },
];
