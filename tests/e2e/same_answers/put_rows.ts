/**
 * Uploads in one piece: PutObject, with every header that it takes, and bodies in all their forms.
 * @module
 */

import {
  CREATED,
  IGNORED_CONDITION,
  NO_CHECKSUM,
  OTHER_PARAMETER,
  otherDocument,
  otherHeaders,
  otherOutcome,
  readOf,
  UNKNOWN_HEADER,
  UNKNOWN_PARAMETER,
  verified,
  WRONG_CHECKSUM,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene } from "./row.ts";

type Headers = Readonly<Record<string, string>>;

const HELLO = "hello world";
const E_TAG = '"5eb63bbbe01eeed093cb22bb8f5acdc3"'; // of "hello world"
const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";
const ALL_USERS = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';
const LOCKED = "x-amz-object-lock-retain-until-date";
const CUSTOMER_KEY = "x-amz-server-side-encryption-customer-";

/** Of "hello world", right and wrong. */
const CHECKSUMS: readonly (readonly [algorithm: string, right: string, wrong: string])[] = [
  ["crc32", "DUoRhQ==", "AAAAAA=="],
  ["crc32c", "yZRlqg==", "AAAAAA=="],
  ["crc64nvme", "jSnVw/bqjr4=", "AAAAAAAAAAA="],
  ["sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=", `${"A".repeat(27)}=`],
  ["sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", `${"A".repeat(43)}=`],
  ["md5", "XrY7u+Ae7tCTyyK7j1rNww==", `${"A".repeat(22)}==`],
];

interface Put {
  readonly headers: Headers;
  /** The answer's difference, and what a HEAD afterwards differs in. */
  readonly differs?: Difference;
  readonly read?: Difference;
}

const UNNAMED = otherOutcome("A header without a name behind `x-amz-meta-`", {
  proxy: "501 NotImplemented",
});
const TOO_LARGE = otherOutcome("More than 2 KiB of metadata", { proxy: "400 MetadataTooLarge" });
const NOT_THERE = otherOutcome("`404 NoSuchKey`, as on S3", {
  gateway: "412 PreconditionFailed",
  proxy: "404 NoSuchKey",
});
const TABS = otherHeaders("Tabs in a header's value", "x-amz-meta-a");
const EMPTY = otherHeaders("An empty header is not passed on", "content-encoding");
const PRIVATE = otherDocument("becomes the private ACL");

/** Each is a PUT of "hello world", read again by HEAD. */
const PUTS: readonly (Headers | Put)[] = [
  {},
  ...["text/plain; charset=utf-8", "", 'text/plain;charset="utf-8"; a=b', "é"].map((value) => ({
    "content-type": value,
  })),
  { "content-encoding": "gzip" },
  { "content-encoding": "gzip, br" },
  { headers: { "content-encoding": "" }, read: EMPTY },
  { "content-language": "de, en" },
  { "content-language": "" },
  ...[
    'attachment; filename="a b.txt"',
    "attachment; filename*=UTF-8''%e2%82%ac.txt",
    'attachment; filename="é.txt"',
    "",
  ].map((value) => ({ "content-disposition": value })),
  { "cache-control": "no-store, max-age=0" },
  { "cache-control": "" },
  ...[FUTURE, "0", "whenever", ""].map((value) => ({ expires: value })),
  ...[
    ...["", "  blanks   inside  ", "é €", "=?UTF-8?B?w6k=?=", "%20+%C3%A9", "日本語", "\\"],
    '"quoted", comma; and <tags> &amp;',
  ].map((value) => ({ "x-amz-meta-a": value })),
  { headers: { "x-amz-meta-a": "a\tb" }, read: TABS },
  { "x-amz-meta-UPPER": "Case" },
  { "X-Amz-Meta-Mixed-Case": "1" },
  { "x-amz-meta-a_b": "under" },
  { "x-amz-meta-a.b": "dot" },
  { "x-amz-meta-x-amz-acl": "public-read" },
  { headers: { "x-amz-meta-": "no name" }, differs: UNNAMED },
  Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`x-amz-meta-n${at}`, `v${at}`])),
  { "x-amz-meta-long": "v".repeat(2000) },
  { headers: { "x-amz-meta-long": "v".repeat(2100) }, differs: TOO_LARGE },
  ...["XrY7u+Ae7tCTyyK7j1rNww==", `${"A".repeat(22)}==`, "not base64", ""].map((value) => ({
    "content-md5": value,
  })),
  ...CHECKSUMS.flatMap(([algorithm, right, wrong]): Put[] => [
    { headers: { [`x-amz-checksum-${algorithm}`]: right }, differs: verified(algorithm) },
    { headers: { [`x-amz-checksum-${algorithm}`]: wrong }, differs: WRONG_CHECKSUM },
  ]),
  { headers: { "x-amz-checksum-crc32": "AAA" }, differs: NO_CHECKSUM },
  {
    headers: { "x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": "DUoRhQ==" },
    differs: verified("crc32"),
  },
  {
    headers: {
      "x-amz-checksum-crc32": "DUoRhQ==",
      "x-amz-checksum-sha1": "Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    },
    differs: NO_CHECKSUM,
  },
  {
    headers: { "x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": "DUoRhQ==" },
    differs: NO_CHECKSUM,
  },
  { headers: { "x-amz-sdk-checksum-algorithm": "CRC32" }, differs: NO_CHECKSUM },
  { "x-amz-checksum-algorithm": "CRC32" },
  ...["private", "public-read", "bucket-owner-full-control", "wrong", ""].map((value) => ({
    "x-amz-acl": value,
  })),
  { "x-amz-grant-full-control": "id={owner}" },
  { headers: { "x-amz-grant-read": "id={owner}" }, read: PRIVATE },
  ...[ALL_USERS, "id=nobody-there", "nonsense"].map((value) => ({ "x-amz-grant-read": value })),
  ...["STANDARD", "GLACIER", "STANDARD_IA", "wrong"].map((value) => ({
    "x-amz-storage-class": value,
  })),
  ...[
    ...["a=1&b=2", "a=%20x&b=", "a", "a=1&a=2", "aws:x=1", "a=1&&b=2", "=1", "a=1%2", "é=%C3%A9"],
    Array.from({ length: 11 }, (_, at) => `k${at}=v`).join("&"),
  ].map((value) => ({ "x-amz-tagging": value })),
  ...["/other", "other", "https://elsewhere.example/"].map((value) => ({
    "x-amz-website-redirect-location": value,
  })),
  ...["AES256", "aws:kms", "wrong"].map((value) => ({ "x-amz-server-side-encryption": value })),
  { "x-amz-server-side-encryption-bucket-key-enabled": "true" },
  { [`${CUSTOMER_KEY}algorithm`]: "AES256" },
  {
    [`${CUSTOMER_KEY}algorithm`]: "AES256",
    [`${CUSTOMER_KEY}key`]: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    [`${CUSTOMER_KEY}key-md5`]: "KYvwGXoFFJ42a2u2GDWhwQ==",
  },
  { "x-amz-object-lock-legal-hold": "ON" },
  { "x-amz-object-lock-legal-hold": "wrong" },
  { "x-amz-object-lock-mode": "GOVERNANCE", [LOCKED]: "2100-01-01T00:00:00Z" },
  { "x-amz-object-lock-mode": "GOVERNANCE" },
  { "if-none-match": "*" },
  { headers: { "if-match": E_TAG }, differs: NOT_THERE },
  { headers: { "if-match": '"no"' }, differs: NOT_THERE },
  { "if-match": "*" },
  { headers: { "if-modified-since": PAST }, differs: IGNORED_CONDITION },
  { headers: { "if-unmodified-since": FUTURE }, differs: IGNORED_CONDITION },
  { headers: { "x-amz-unknown": "1" }, differs: UNKNOWN_HEADER },
  { "x-amz-copy-source-range": "bytes=0-1" },
  { "x-amz-request-payer": "requester" },
  { "x-amz-expected-bucket-owner": "{owner}" },
  { expect: "100-continue" },
  { range: "bytes=0-1" },
  { date: PAST },
  { "accept-encoding": "gzip" },
  { origin: "https://a.example" },
];

function putAndRead(put: Headers | Put, at: number): Row[] {
  const { headers, differs, read }: Put = isPut(put) ? put : { headers: put };
  const key = `/{b}/k${at}`;
  const hasAcl = Object.keys(headers).some((name) => /^x-amz-(?:acl|grant)/.test(name));
  return [
    row(`PUT ${key}`, { headers, body: HELLO, differs }),
    row(`HEAD ${key}`, { differs: hasAcl ? undefined : read ?? readOf(differs, "404 NoSuchKey") }),
    row(`GET ${key}?tagging`, { differs: readOf(differs, "404 NoSuchKey") }),
    ...hasAcl ? [row(`GET ${key}?acl`, { differs: read })] : [],
  ];
}

function isPut(put: Headers | Put): put is Put {
  return typeof put["headers"] === "object";
}

const CHUNKS = { kind: "chunks" } as const;
const FRAMED = otherHeaders("What goes to the backend is the plain body", "content-encoding");
const CHUNKED = otherOutcome("What goes to the backend is the plain body", {
  gateway: "400 XAmzContentSHA256Mismatch",
  proxy: "200",
});

/** Bodies in chunks with a checksum behind them, which RGW 16 does not take. */
function putWithTrailer([algorithm, right]: typeof CHECKSUMS[number]): Row[] {
  const trailer = [`x-amz-checksum-${algorithm}`, right] as const;
  const put = (body: string, isSigned: boolean, differs: Difference): Row =>
    row(`PUT /{b}/${algorithm}`, { body, signing: { ...CHUNKS, isSigned, trailer }, differs });
  return [
    put(HELLO, true, CHUNKED),
    put(HELLO, false, CHUNKED),
    put("other", false, { ...CHUNKED, proxy: "400 BadDigest" }),
  ];
}

const BIG = new Uint8Array(300_000).map((_, at) => at % 251);

/** See the module. */
export const PUT_SCENES: readonly Scene[] = [
  { name: "puts", rows: [row("PUT /{b}", { differs: CREATED }), ...PUTS.flatMap(putAndRead)] },
  {
    name: "bodies",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/empty"),
      row("HEAD /{b}/empty"),
      row("PUT /{b}/lengthless", { isLengthless: true }),
      row("PUT /{b}/chunked", {
        headers: { "transfer-encoding": "chunked" },
        body: "5\r\nhello\r\n0\r\n\r\n",
        signing: { kind: "unsigned" },
      }),
      row("PUT /{b}/twice", {
        headers: [["x-amz-meta-a", "1"], ["x-amz-meta-a", "2"]],
        body: HELLO,
      }),
      row("HEAD /{b}/twice"),
      row("PUT /{b}/unsigned", { body: HELLO, signing: { kind: "unsigned" } }),
      row("PUT /{b}/big", { body: BIG }),
      row("PUT /{b}/big", { body: BIG, signing: { ...CHUNKS, isSigned: true } }),
      row("HEAD /{b}/big", { differs: FRAMED }),
      row("PUT /{b}/none/k", { body: HELLO }),
      row("PUT /{b}-none/k", { body: HELLO }),
      row("PUT /{b}-none/k", { body: HELLO, headers: { "if-match": E_TAG } }),
      row("PUT /{b}-none/k", { body: HELLO, headers: { "if-match": "*" } }),
      row("PUT /{b}-none/k", { body: HELLO, headers: { "if-none-match": "*" } }),
      row("PUT /{b}/expect", {
        headers: { expect: "100-continue" },
        differs: otherHeaders("`Expect: 100-continue` without a body", "(interim)"),
      }),
      row("PUT /{b}/chunks", { body: HELLO, signing: { ...CHUNKS, isSigned: true } }),
      row("HEAD /{b}/chunks", { differs: FRAMED }),
      row("PUT /{b}/chunks0", {
        body: "",
        signing: { ...CHUNKS, isSigned: true },
        differs: CHUNKED,
      }),
      ...CHECKSUMS.flatMap(putWithTrailer),
      row("PUT /{b}/k", { body: HELLO, headers: { "content-length": "5" } }),
      row("PUT /{b}/k?acl&tagging", {
        body: "x",
        differs: { ...UNKNOWN_PARAMETER, gateway: "404 NoSuchKey" },
      }),
      row("PUT /{b}/k?unknown", { body: "x", differs: UNKNOWN_PARAMETER }),
      row("PUT /{b}/k?versionId=null", { body: "x", differs: OTHER_PARAMETER }),
      row("PUT /{b}/k?x-id=PutObject", { body: "x" }),
      row("PUT /{b}/folder/"),
      row("HEAD /{b}/folder/"),
      row("HEAD /{b}/folder"),
      row("PUT /{b}/folder/", { body: "not empty" }),
    ],
  },
];
