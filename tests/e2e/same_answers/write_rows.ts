/**
 * Other writes of objects: CopyObject, DeleteObjects.
 * @module
 */

import {
  CREATED,
  IGNORED_CONDITION,
  malformed,
  needlessBody,
  otherDocument,
  otherOutcome,
  wrongDigest,
} from "./differences.ts";
import { type Difference, type Rest, type Row, row, type Scene, type Variant } from "./row.ts";

type Headers = Readonly<Record<string, string>>;

const E_TAG = '"5eb63bbbe01eeed093cb22bb8f5acdc3"'; // of "hello world"
const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";
const METADATA = "x-amz-metadata-directive";
const TAGS = "x-amz-tagging-directive";
const SOURCE = "x-amz-copy-source";

const LOST_TAGS = otherOutcome("So `x-amz-tagging` there, and", { proxy: "501 NotImplemented" });
const SOURCE_CONDITION = otherOutcome("So the proxy first asks the source", {
  proxy: "412 PreconditionFailed",
});
const TARGET_CONDITION = otherOutcome("and on CompleteMultipartUpload and CopyObject", {
  proxy: "412 PreconditionFailed",
});

function otherSource(gateway: string, proxy = "400 InvalidArgument"): Difference {
  return otherOutcome("A copy source is decoded once.", { gateway, proxy });
}

/** The options of a copy of `/{b}/source` to `/{b}/copy`, which is read again by HEAD. */
const COPIES: readonly Variant<Headers>[] = [
  {},
  { [METADATA]: "COPY", "x-amz-meta-new": "1" },
  { [METADATA]: "REPLACE", "x-amz-meta-new": "1", "content-type": "text/new" },
  { [METADATA]: "REPLACE" },
  { [METADATA]: "replace" },
  { [METADATA]: "wrong" },
  { [METADATA]: "" },
  { [METADATA]: "REPLACE", "x-amz-meta-a": "é", "cache-control": "x", "expires": "0" },
  { [METADATA]: "REPLACE", "content-encoding": "gzip", "content-language": "fr" },
  { [METADATA]: "REPLACE", "content-disposition": "inline", "content-type": "" },
  { "content-type": "text/ignored", "cache-control": "ignored" },
  { [TAGS]: "COPY" },
  [{ [TAGS]: "REPLACE" }, LOST_TAGS],
  [{ [TAGS]: "REPLACE", "x-amz-tagging": "n=1" }, LOST_TAGS],
  { [METADATA]: "REPLACE", [TAGS]: "REPLACE" },
  { "x-amz-copy-source-if-match": E_TAG },
  [{ "x-amz-copy-source-if-match": '"no"' }, SOURCE_CONDITION],
  [{ "x-amz-copy-source-if-none-match": E_TAG }, SOURCE_CONDITION],
  { "x-amz-copy-source-if-none-match": '"no"' },
  { "x-amz-copy-source-if-modified-since": PAST },
  [{ "x-amz-copy-source-if-modified-since": FUTURE }, SOURCE_CONDITION],
  [{ "x-amz-copy-source-if-unmodified-since": PAST }, SOURCE_CONDITION],
  { "x-amz-copy-source-if-unmodified-since": FUTURE },
  { [SOURCE]: "{b}/source" },
  { [SOURCE]: "/{b}/source?versionId=null" },
  { [SOURCE]: "/{b}/source?versionId=none" },
  [{ [SOURCE]: "/{b}/source?versionId=" }, otherSource("200")],
  [{ [SOURCE]: "/{b}/source?other=1" }, otherSource("200")],
  { [SOURCE]: "/{b}/so%75rce" },
  { [SOURCE]: "/{b}/none" },
  { [SOURCE]: "/{b}-none/k" },
  { [SOURCE]: "/{b}/none", "x-amz-copy-source-if-match": E_TAG },
  { [SOURCE]: "/{b}-none/k", "x-amz-copy-source-if-match": E_TAG },
  { [SOURCE]: "/{b}/source?versionId=none", "x-amz-copy-source-if-match": E_TAG },
  { [SOURCE]: "/{b}/a%20%2B%C3%A9" },
  { [SOURCE]: "/{b}/a+b" },
  { [SOURCE]: "/{b}/empty" },
  { [SOURCE]: "/{b}//double" },
  { [SOURCE]: "/{b}" },
  { [SOURCE]: "" },
  { [SOURCE]: "/{b}/" },
  { [SOURCE]: "{b}" },
  [{ [SOURCE]: "arn:aws:s3:::{b}/source" }, otherSource("404 NoSuchBucket")],
  [{ [SOURCE]: "/{b}/%E9" }, otherSource("404 NoSuchKey", "400 InvalidURI")],
  [{ [SOURCE]: `/{b}/${"k".repeat(1025)}` }, otherSource("404 NoSuchKey", "400 KeyTooLongError")],
  { [SOURCE]: "/{b}/copy", [METADATA]: "REPLACE", "x-amz-meta-self": "1" },
  { [SOURCE]: "/{b}/copy" },
  { "x-amz-acl": "public-read" },
  { "x-amz-acl": "wrong" },
  { "x-amz-grant-read": "id={owner}" },
  { "x-amz-storage-class": "STANDARD" },
  { "x-amz-storage-class": "wrong" },
  { "x-amz-checksum-algorithm": "SHA256" },
  { "x-amz-website-redirect-location": "/elsewhere" },
  { "x-amz-server-side-encryption": "AES256" },
  { "content-md5": `${"A".repeat(22)}==` },
  [{ "if-none-match": "*" }, TARGET_CONDITION],
  { "if-match": E_TAG },
  [{ "if-modified-since": PAST }, IGNORED_CONDITION],
];

function copyAndRead(variant: Variant<Headers>): Row[] {
  const [headers, differs] = isPair(variant) ? variant : [variant];
  const copy = { [SOURCE]: "/{b}/source", ...headers };
  return [
    row("PUT /{b}/copy", { headers: copy, differs }),
    // One of the sides has made a copy: the next row starts from the same again.
    ...differs === undefined
      ? [row("HEAD /{b}/copy"), row("GET /{b}/copy?tagging")]
      : [row("PUT /{b}/copy", { headers: { [SOURCE]: "/{b}/source" } })],
  ];
}

function isPair(variant: Variant<Headers>): variant is readonly [Headers, Difference] {
  return Array.isArray(variant);
}

/** Of `length` keys. */
function keys(length: number): string {
  return Array.from({ length }, (_, at) => `<Object><Key>k${at}</Key></Object>`).join("");
}

const ONE = "<Object><Key>a</Key></Object>";
const NO_KEYS = malformed("400");

const DELETES: readonly Rest[] = [
  { body: `<Delete>${ONE}<Object><Key>none</Key></Object></Delete>` },
  { body: "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>" },
  {
    body: '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      "<Object><Key>a &amp; é</Key></Object></Delete>",
  },
  {
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n<Delete>\n <Object>\n  <Key>c</Key>\n </Object>\n' +
      " <Quiet>false</Quiet>\n</Delete>\n",
  },
  { body: `<Delete>${ONE}${ONE}</Delete>` },
  { body: "<Delete><Object><Key> d </Key></Object><Object><Key>e&#10;f</Key></Object></Delete>" },
  { body: "<Delete><Object><Key><![CDATA[<g>]]></Key></Object></Delete>" },
  { body: `<Delete>${keys(20)}</Delete>` },
  { body: `<Delete><Quiet>true</Quiet>${keys(20)}</Delete>` },
  { body: "<Delete><Object><Key>a/../b</Key></Object></Delete>" },
  { body: "<Delete><Object><Key>a</Key><VersionId></VersionId></Object></Delete>" },
  { body: "<Delete><Object><Key>a</Key><VersionId>null</VersionId></Object></Delete>" },
  { body: "<Delete><Object><Key>a</Key><VersionId>none</VersionId></Object></Delete>" },
  {
    body: "<Delete><Object><Key>a</Key><ETag>x</ETag></Object></Delete>",
    differs: otherOutcome("Conditional entries of a DeleteObjects document", {
      proxy: "501 NotImplemented",
    }),
  },
  { body: "<Delete><Object><Key></Key></Object></Delete>", differs: NO_KEYS },
  { body: "<Delete></Delete>", differs: malformed("200") },
  { body: "<Delete><Object></Object></Delete>", differs: NO_KEYS },
  { body: "<Other/>", differs: NO_KEYS },
  { body: "not xml", differs: NO_KEYS },
  { body: "", differs: NO_KEYS },
  { body: `<Delete>${keys(1001)}</Delete>`, differs: NO_KEYS },
  {
    body: `<Delete><Object><Key>${"k".repeat(1025)}</Key></Object></Delete>`,
    differs: otherDocument("In a DeleteObjects such a key is an error of its own"),
  },
  {
    body: `<Delete>${ONE}</Delete>`,
    headers: { "content-md5": `${"A".repeat(22)}==` },
    differs: wrongDigest("200"),
  },
  { body: `<Delete>${ONE}</Delete>`, headers: { "x-amz-bypass-governance-retention": "true" } },
];

/** See the module. */
export const WRITE_SCENES: readonly Scene[] = [
  {
    name: "copies",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/source", {
        body: "hello world",
        headers: {
          "content-type": "text/x-source",
          "cache-control": "no-cache",
          "x-amz-meta-colour": "blue",
          "x-amz-tagging": "a=1",
        },
      }),
      row("PUT /{b}/a%20%2B%C3%A9", { body: "plus" }),
      row("PUT /{b}/a+b", { body: "plus" }),
      row("PUT /{b}/empty", { headers: { "x-amz-meta-empty": "yes" } }),
      row("PUT /{b}//double", { body: "double" }),
      row("PUT /{b}/copy", {
        headers: { [SOURCE]: "/{b}/source" },
        body: "x",
        differs: needlessBody("501 NotImplemented"),
      }),
      row("PUT /{b}/copy", { headers: { [SOURCE]: "/{b}/source" }, isLengthless: true }),
      ...COPIES.flatMap(copyAndRead),
      row("PUT /{b}/copy", {
        headers: { [SOURCE]: "/{b}/source", "x-amz-copy-source-range": "bytes=0-1" },
        differs: otherOutcome("`x-amz-copy-source-range` is for UploadPartCopy only", {
          proxy: "400 InvalidArgument",
        }),
      }),
      row("PUT /{b}-none/copy", { headers: { [SOURCE]: "/{b}/source" } }),
    ],
  },
  {
    name: "deletes",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/a", { body: "x" }),
      row("PUT /{b}/b", { body: "x" }),
      ...DELETES.map((rest) => row("POST /{b}?delete", rest)),
      row("POST /{b}-none?delete", DELETES[0]),
    ],
  },
];
