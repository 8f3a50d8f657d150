/**
 * Reads of objects: GetObject, HeadObject, GetObjectAttributes; with conditions, ranges and overrides.
 * @module
 */

import {
  CREATED,
  IGNORED_CONDITION,
  needlessBody,
  noMethod,
  OTHER_PARAMETER,
  otherDocument,
  otherHeaders,
  otherOutcome,
  OUT_OF_BOUNDS,
  UNKNOWN_HEADER,
  UNKNOWN_PARAMETER,
} from "./differences.ts";
import { type Row, row, type Scene, type Variant } from "./row.ts";

type Headers = Readonly<Record<string, string>>;

const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";
const E_TAG = '"5eb63bbbe01eeed093cb22bb8f5acdc3"'; // of "hello world"
const OTHER = '"00000000000000000000000000000000"';
const BIG = new Uint8Array(300_000).map((_, at) => at % 251);

const NO_RANGE = otherOutcome("A `Range` that is not valid", {
  gateway: "416 InvalidRange",
  proxy: "200",
});
const WHOLE = otherOutcome("A `Range` that is not valid", { gateway: "206", proxy: "200" });
const OTHER_UNIT = otherHeaders("A `Range` that is not valid", "content-range");
const IF_RANGE = otherOutcome("`If-Range` on GetObject: RGW ignores it", {
  gateway: "206",
  proxy: "200",
});
const OTHER_OWNER = otherOutcome("are compared with the owner that answers", {
  proxy: "403 AccessDenied",
});
const NO_INTERIM = otherHeaders("`Expect: 100-continue` without a body", "(interim)");
const CUSTOMER_KEY = "x-amz-server-side-encryption-customer-";

/** Each goes with a GET and a HEAD. */
const READS: readonly Variant<Headers>[] = [
  {},
  { "if-match": E_TAG },
  { "if-match": E_TAG.slice(1, -1) },
  { "if-match": OTHER },
  { "if-match": "*" },
  { "if-match": "" },
  { "if-match": `${OTHER}, ${E_TAG}` },
  { "if-match": `W/${E_TAG}` },
  { "if-none-match": E_TAG },
  { "if-none-match": E_TAG.slice(1, -1) },
  { "if-none-match": OTHER },
  { "if-none-match": "*" },
  { "if-none-match": "" },
  { "if-none-match": `${OTHER}, ${E_TAG}` },
  { "if-none-match": `W/${E_TAG}` },
  { "if-modified-since": PAST },
  { "if-modified-since": FUTURE },
  { "if-modified-since": "not a date" },
  { "if-modified-since": "Monday, 01-Jan-01 00:00:00 GMT" },
  { "if-modified-since": "" },
  { "if-unmodified-since": PAST },
  { "if-unmodified-since": FUTURE },
  { "if-unmodified-since": "not a date" },
  { "if-match": E_TAG, "if-unmodified-since": PAST },
  { "if-none-match": OTHER, "if-modified-since": FUTURE },
  { "if-match": E_TAG, "if-none-match": E_TAG },
  { range: "bytes=0-4" },
  { range: "bytes=6-" },
  { range: "bytes=-5" },
  { range: "bytes=-500" },
  [
    { range: "bytes=-0" },
    otherOutcome("`bytes=-0` is `416 InvalidRange`", { gateway: "206", proxy: "416 InvalidRange" }),
  ],
  { range: "bytes=0-0" },
  { range: "bytes=10-10" },
  { range: "bytes=11-" },
  { range: "bytes=11-20" },
  { range: "bytes=5-500" },
  [{ range: "bytes=5-4" }, NO_RANGE],
  [{ range: "bytes=0-1,3-4" }, WHOLE],
  [{ range: "bytes=abc" }, NO_RANGE],
  [{ range: "bytes=" }, NO_RANGE],
  [{ range: "items=0-4" }, OTHER_UNIT],
  [{ range: "" }, OTHER_UNIT],
  [{ range: "bytes= 0-4" }, WHOLE],
  { range: "Bytes=0-4" },
  [{ range: "bytes=0-99999999999999999999" }, WHOLE],
  { range: "bytes=0-4", "if-range": E_TAG },
  { range: "bytes=0-4", "if-match": E_TAG },
  { range: "bytes=0-4", "if-match": OTHER },
  { range: "bytes=0-4", "if-none-match": E_TAG },
  { range: "bytes=20-", "if-none-match": E_TAG },
  { "accept-encoding": "gzip" },
  { "x-amz-checksum-mode": "ENABLED" },
  { "x-amz-request-payer": "requester" },
  { "x-amz-expected-bucket-owner": "{owner}" },
  [{ "x-amz-expected-bucket-owner": "somebody" }, OTHER_OWNER],
  { "content-type": "text/plain" },
  { [`${CUSTOMER_KEY}algorithm`]: "AES256" },
  {
    [`${CUSTOMER_KEY}algorithm`]: "AES256",
    [`${CUSTOMER_KEY}key`]: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    [`${CUSTOMER_KEY}key-md5`]: "KYvwGXoFFJ42a2u2GDWhwQ==",
  },
  [{ "x-amz-unknown": "1" }, UNKNOWN_HEADER],
  { cookie: "a=b" },
  { accept: "text/none" },
  { "cache-control": "no-cache" },
  { "content-length": "0" },
  [{ expect: "100-continue" }, NO_INTERIM],
  { "user-agent": "" },
];

const NO_PART = otherOutcome("`partNumber` on reads: RGW 16 ignores it", {
  proxy: "501 NotImplemented",
});
const NO_VERSION = otherOutcome("Any other answers `404 NoSuchUpload` or `NoSuchVersion`", {
  proxy: "404 NoSuchVersion",
});

const OVERRIDES: readonly Variant<string>[] = [
  "",
  "&response-content-language=de",
  "response-content-type=text/plain",
  "response-content-type=text%2Fplain%3B%20charset%3Dutf-8",
  "response-content-language=de",
  "response-expires=Thu%2C%2001%20Dec%202033%2016%3A00%3A00%20GMT",
  "response-cache-control=no-cache",
  "response-content-disposition=attachment%3B%20filename%3D%22a%20b.txt%22",
  "response-content-disposition=attachment%3B%20filename%3D%22%C3%A9.txt%22",
  "response-content-encoding=x-own",
  "response-content-type=",
  "response-content-type",
  ["response-unknown=a", UNKNOWN_PARAMETER],
  "response-content-type=text/plain&response-cache-control=no-store&response-expires=now",
  "partNumber=1",
  ["partNumber=2", NO_PART],
  ["partNumber=0", OUT_OF_BOUNDS],
  ["partNumber=abc", OUT_OF_BOUNDS],
  ["partNumber=10001", OUT_OF_BOUNDS],
  "versionId=null",
  ["versionId=", NO_VERSION],
  "versionId=nothing",
  "x-id=GetObject",
  "x-amz-meta-a=1",
  ["Acl", UNKNOWN_PARAMETER],
  ["unknown", UNKNOWN_PARAMETER],
  ["delete", noMethod()],
];

function both(target: string, variants: readonly Variant<Headers>[] = [{}]): Row[] {
  return variants.flatMap((variant) => {
    const [headers, differs] = isPair(variant) ? variant : [variant];
    return ["GET", "HEAD"].map((method) => row(`${method} ${target}`, { headers, differs }));
  });
}

function isPair(
  variant: Variant<Headers>,
): variant is Extract<Variant<Headers>, readonly unknown[]> {
  return Array.isArray(variant);
}

const ATTRIBUTES = { "x-amz-object-attributes": "ETag,ObjectSize,StorageClass" };
const ATTRIBUTED = "The proxy answers GetObjectAttributes itself";

/** See the module. */
export const READ_SCENES: readonly Scene[] = [
  {
    name: "reads",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", {
        body: "hello world",
        headers: {
          "content-type": "text/x-test",
          "content-language": "en",
          "content-disposition": 'inline; filename="x.txt"',
          "cache-control": "max-age=60",
          "expires": FUTURE,
          "x-amz-meta-colour": "blue",
        },
      }),
      ...both("/{b}/k", READS),
      ...OVERRIDES.flatMap((variant) => {
        const [query, differs] = typeof variant === "string" ? [variant] : variant;
        return ["GET", "HEAD"].map((method) => row(`${method} /{b}/k?${query}`, { differs }));
      }),
      ...[OTHER, FUTURE].map((value) =>
        row("GET /{b}/k", {
          headers: { range: "bytes=0-4", "if-range": value },
          differs: IF_RANGE,
        })
      ),
      ...both("/{b}/none"),
      ...both("/{b}/none", [{ "if-match": "*" }, { "if-none-match": "*" }, { range: "bytes=0-1" }]),
      ...both("/{b}-none/k"),
      row("PUT /{b}/empty"),
      ...both("/{b}/empty"),
      ...both("/{b}/empty", [
        { range: "bytes=0-" },
        { range: "bytes=0-0" },
        { range: "bytes=-1" },
        { range: "bytes=-0" },
        [{ range: "bytes=abc" }, NO_RANGE],
      ]),
      row("PUT /{b}/zipped", { body: "not really", headers: { "content-encoding": "gzip" } }),
      ...both("/{b}/zipped"),
      ...both("/{b}/zipped", [{ range: "bytes=0-2" }, { "accept-encoding": "identity" }]),
      row("PUT /{b}/big", { body: BIG }),
      ...both("/{b}/big", [
        {},
        { range: "bytes=65535-65537" },
        { range: "bytes=200000-" },
        { range: "bytes=-70000" },
        { range: "bytes=100-199999" },
      ]),
      row("GET /{b}/k?attributes", {
        headers: ATTRIBUTES,
        differs: otherDocument(
          ATTRIBUTED,
          ...["accept-ranges", "cache-control", "content-disposition", "content-language"],
          ...["content-length", "content-type", "etag", "expires", "x-amz-meta-colour"],
        ),
      }),
      row("GET /{b}/none?attributes", { headers: ATTRIBUTES }),
      row("GET /{b}-none/k?attributes", { headers: ATTRIBUTES }),
      row("GET /{b}/k?attributes", {
        differs: otherOutcome(ATTRIBUTED, { proxy: "400 InvalidRequest" }),
      }),
      row("GET /{b}/k?torrent", {
        differs: otherOutcome("GetObjectTorrent", {
          gateway: "400 InvalidArgument",
          proxy: "501 NotImplemented",
        }),
      }),
      row("GET /{b}/k?uploads", {
        differs: otherOutcome("A known subresource with a method it does not have", {
          proxy: "400 InvalidRequest",
        }),
      }),
      row("GET /{b}/k", { body: "x", differs: needlessBody() }),
      row("POST /{b}/k", {
        differs: otherOutcome("and to an object `405 MethodNotAllowed`", {
          gateway: "400 InvalidArgument",
          proxy: "405 MethodNotAllowed",
        }),
      }),
      row("PATCH /{b}/k"),
      row("OPTIONS /{b}/k", {
        headers: { origin: "https://a.example", "access-control-request-method": "GET" },
        differs: otherOutcome("A preflight that no rule allows", {
          gateway: "403 AccessDenied",
          proxy: "403 AccessForbidden",
        }),
      }),
      row("DELETE /{b}/none", { body: "x", differs: needlessBody("501 NotImplemented") }),
      row("DELETE /{b}/none", {
        headers: { "if-match": "*" },
        differs: { ...IGNORED_CONDITION, gateway: "204" },
      }),
      row("DELETE /{b}/none?versionId=null"),
      row("DELETE /{b}/none?partNumber=1", { differs: { ...OTHER_PARAMETER, gateway: "204" } }),
      row("DELETE /{b}/k"),
      row("DELETE /{b}/k"),
      row("DELETE /{b}-none/k"),
      ...both("/{b}/k"),
    ],
  },
];
