/**
 * Odd keys wherever a key can stand, documents in every form that XML has, and hashes and lives that are wrong.
 * @module
 */

import {
  COMPLETED,
  CREATED,
  malformed,
  otherDocument,
  otherOutcome,
  PARTS,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene } from "./row.ts";

/** As they stand in a target, and in a document. */
const KEYS: readonly (readonly [target: string, text: string])[] = [
  ["plus%2B%20+", "plus+ +"],
  ["%C3%A9%E2%82%AC%F0%9F%98%80", "é€😀"],
  ["e%CC%81", "e\u0301"],
  ["%22%27%3C%3E%26amp%3B", "&quot;'&lt;&gt;&amp;amp;"],
  ["percent%2525%25", "percent%25%"],
  ["q%3Fa=b%26c%23d", "q?a=b&amp;c#d"],
  ["semi%3B,:@$!*%28%29", "semi;,:@$!*()"],
  ["back%5Cslash", "back\\slash"],
  ["slash//es/", "slash//es/"],
  ["/first", "/first"],
  ["%20blanks%20", " blanks "],
  ["tab%09", "tab&#9;"],
  ["..a/..b", "..a/..b"],
  ["%7B%7C%7D%5B%5D%5E%60~", "{|}[]^`~"],
  ["%EF%BB%BFbom", "\uFEFFbom"],
  ["%E2%80%AErtl", "\u202Ertl"],
];

const PRESIGNED = { kind: "presigned" } as const;
const A = "0cc175b9c0f1b6a831c399e269772661"; // of "a"
const PART = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${A}</ETag></Part>` +
  "</CompleteMultipartUpload>";

function everywhere([target, text]: typeof KEYS[number]): Row[] {
  const path = `/{b}/${target}`;
  const query = target.replaceAll("&", "%26").replaceAll("+", "%2B").replaceAll("#", "%23");
  return [
    row(`PUT ${path}`, { body: "a", headers: { "x-amz-tagging": "a=1" } }),
    row(`GET ${path}`),
    row(`GET ${path}`, { signing: PRESIGNED }),
    row(`HEAD ${path}`, { isVirtual: true }),
    row(`GET ${path}?tagging`),
    row(`GET ${path}?acl`),
    row(`GET /{b}?prefix=${query}`),
    row(`GET /{b}?list-type=2&prefix=${query}`),
    row(`GET /{b}?versions&prefix=${query}`),
    row("PUT /{b}/copy", { headers: { "x-amz-copy-source": `{b}/${target}` } }),
    row(`PUT ${path}-copy`, { headers: { "x-amz-copy-source": `/{b}/${target}` } }),
    row(`POST ${path}-parts?uploads`, { keeps: { u: "UploadId" } }),
    row(`PUT ${path}-parts?uploadId={u}&partNumber=1`, { body: "a" }),
    row(`GET /{b}?uploads&prefix=${query}`),
    row(`GET ${path}-parts?uploadId={u}`, { differs: PARTS }),
    row(`POST ${path}-parts?uploadId={u}`, { body: PART, differs: COMPLETED }),
    row("POST /{b}?delete", {
      body: `<Delete><Object><Key>${text}</Key></Object></Delete>`,
    }),
    row(`HEAD ${path}`),
  ];
}

const DELETE = "<Delete><Object><Key>k</Key></Object></Delete>";

/** What differs for each document that the proxy reads, by what it is for. */
interface Differences {
  readonly remove?: Difference;
  readonly acl?: Difference;
  readonly complete?: Difference;
  readonly create?: Difference;
}

const PREFIXED = "Prefixes of namespaces are understood";
/** What neither side takes. */
const NOT_VALID: Differences = {
  remove: malformed("400"),
  acl: malformed("400 InvalidArgument"),
  create: malformed("400 InvalidArgument"),
};

/** The same document written in other ways. */
const FORMS: readonly {
  readonly name: string;
  readonly write: (document: string) => string;
  /** Default: completions alone, in the usual way. */
  readonly differs?: Differences;
}[] = [
  { name: "declared", write: (text) => `<?xml version="1.0" encoding="UTF-8"?>${text}` },
  {
    name: "lower",
    write: (text) => `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n${text}\r\n`,
  },
  { name: "quoted", write: (text) => `<?xml version='1.0'?>${text}` },
  { name: "latin", write: (text) => `<?xml version="1.0" encoding="ISO-8859-1"?>${text}` },
  { name: "bom", write: (text) => `\uFEFF<?xml version="1.0"?>${text}` },
  { name: "blanks", write: (text) => `\n  ${text}\n` },
  { name: "comment", write: (text) => `<!-- c -->${text}<!-- c -->` },
  { name: "spread", write: (text) => text.replaceAll("><", ">\n\t<") },
  { name: "entity", write: (text) => text.replace("k<", "&#107;<") },
  {
    name: "namespace",
    write: (text) => text.replace(">", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'),
  },
  {
    name: "prefix",
    write: (text) =>
      text.replaceAll("</", "</s:").replaceAll(/<(?=\w)/g, "<s:").replace(
        ">",
        ' xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/">',
      ),
    differs: {
      remove: otherOutcome(PREFIXED, { gateway: "400", proxy: "200" }),
      acl: otherOutcome(PREFIXED, { gateway: "400 InvalidArgument", proxy: "200" }),
      complete: otherOutcome(PREFIXED, { gateway: "400 MalformedXML", proxy: "200" }),
      create: otherOutcome(PREFIXED, { gateway: "400 InvalidArgument", proxy: "200" }),
    },
  },
  { name: "tail", write: (text) => `${text}more`, differs: NOT_VALID },
  { name: "cut", write: (text) => text.slice(0, -3), differs: NOT_VALID },
  { name: "upper", write: (text) => text.toUpperCase(), differs: NOT_VALID },
  {
    name: "doctype",
    write: (text) => `<!DOCTYPE x>${text}`,
    differs: {
      remove: malformed("200"),
      acl: malformed("200"),
      complete: malformed("200"),
      create: malformed("200"),
    },
  },
  {
    name: "unknown",
    write: (text) => text.replace(/<\/(\w+)>$/, "<Unknown>1</Unknown></$1>"),
    differs: { remove: malformed("200"), complete: malformed("200"), create: malformed("200") },
  },
];

function writeForm({ name, write, differs }: typeof FORMS[number]): Row[] {
  const { remove, acl, complete, create = CREATED } = differs ?? { complete: COMPLETED };
  return [
    row("PUT /{b}/deleted", { body: name }),
    row("POST /{b}?delete", { body: write(DELETE), differs: remove }),
    row("PUT /{b}/k", { body: name }),
    row("PUT /{b}/k?tagging", { body: write(TAGS) }),
    row("PUT /{b}/k?acl", { body: write(ACL), differs: acl }),
    row("PUT /{b}?cors", { body: write(RULES) }),
    row("PUT /{b}?versioning", { body: write(VERSIONING) }),
    row(`POST /{b}/${name}?uploads`, { keeps: { u: "UploadId" } }),
    row(`PUT /{b}/${name}?uploadId={u}&partNumber=1`, { body: "a" }),
    row(`POST /{b}/${name}?uploadId={u}`, { body: write(PART), differs: complete }),
    row(`PUT /{b}-${name}`, { body: write(LOCATION), differs: create }),
  ];
}

const LOCATION =
  "<CreateBucketConfiguration><LocationConstraint>default</LocationConstraint></CreateBucketConfiguration>";
const TAGS = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
const RULES = "<CORSConfiguration><CORSRule><AllowedOrigin>k</AllowedOrigin>" +
  "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
const VERSIONING = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
const ACL = "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList><Grant>" +
  '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">' +
  "<ID>{owner}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>" +
  "</AccessControlPolicy>";

const OTHER_HASH = "0".repeat(64);

/** See the module. */
export const PLACE_SCENES: readonly Scene[] = [
  {
    name: "odd keys in all places",
    rows: [row("PUT /{b}", { differs: CREATED }), ...KEYS.flatMap(everywhere), row("GET /{b}")],
  },
  {
    name: "forms of documents",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...FORMS.flatMap(writeForm),
      row("GET /{b}?versions&prefix=deleted"),
    ],
  },
  {
    name: "hashes and lives",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", { body: "x" }),
      row("PUT /{b}/hash", { body: "x", signing: { kind: "header", hash: OTHER_HASH } }),
      row("HEAD /{b}/hash"),
      row("PUT /{b}/hash", { body: "x", signing: { kind: "header", hash: "UNSIGNED-PAYLOAD" } }),
      row("PUT /{b}?tagging", {
        body: TAGS,
        signing: { kind: "header", hash: OTHER_HASH },
        differs: otherOutcome("A document whose `Content-MD5` or signed hash is wrong", {
          proxy: "400 XAmzContentSHA256Mismatch",
        }),
      }),
      row("POST /{b}?delete", { body: DELETE, signing: { kind: "header", hash: OTHER_HASH } }),
      row("PUT /{b}?cors", { body: RULES, signing: { kind: "header", hash: OTHER_HASH } }),
      row("GET /{b}/k", { signing: { kind: "header", hash: OTHER_HASH } }),
      row("PUT /{b}/upper", {
        body: "x",
        signing: { kind: "header", hash: OTHER_HASH.toUpperCase() },
      }),
      row("POST /{b}/k?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/k?uploadId={u}&partNumber=1", {
        body: "x",
        signing: { kind: "header", hash: OTHER_HASH },
      }),
      ...[1, 604800].map((expires) =>
        row("GET /{b}/k", { signing: { kind: "presigned", expires } })
      ),
      ...[0, -1, 604801, "abc", "", "1.5"].map((expires) =>
        row("GET /{b}/k", {
          signing: { kind: "presigned", expires },
          differs: otherOutcome("A presigned URL's life that is no number", {
            gateway: expires === "1.5" ? "200" : "403 AccessDenied",
            proxy: "400 AuthorizationQueryParametersError",
          }),
        })
      ),
      row("PUT /{b}/k", { body: "a" }),
      row("POST /{b}/parts?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/parts?uploadId={u}&partNumber=1", { body: "" }),
      row("PUT /{b}/parts?uploadId={u}&partNumber=2", { body: "a" }),
      row("POST /{b}/parts?uploadId={u}", {
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
          "<ETag>d41d8cd98f00b204e9800998ecf8427e</ETag></Part><Part><PartNumber>2</PartNumber>" +
          `<ETag>${A}</ETag></Part></CompleteMultipartUpload>`,
      }),
      row("POST /{b}/parts?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/parts?uploadId={u}&partNumber=1", { body: "a" }),
      row("DELETE /{b}"),
      row("POST /{b}/parts?uploadId={u}", { body: PART, differs: COMPLETED }),
      row("PUT /{b}/copy", { headers: { "x-amz-copy-source": "/{b}/parts" } }),
      row("HEAD /{b}/copy"),
      row("GET /{b}/parts?partNumber=1"),
      row("GET /{b}/parts?attributes", {
        headers: { "x-amz-object-attributes": "ObjectParts" },
        differs: otherDocument(
          "The proxy answers GetObjectAttributes itself",
          ...["accept-ranges", "content-length", "content-type", "etag"],
        ),
      }),
      row("PUT /{b}", { headers: { "x-amz-acl": "public-read" } }),
      row("GET /{b}?acl"),
      row("PUT /{b}", {
        headers: { "x-amz-bucket-object-lock-enabled": "true" },
        differs: CREATED,
      }),
      row("GET /{b}?object-lock"),
    ],
  },
];
