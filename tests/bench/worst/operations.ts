/**
 * The dearest request of each operation: the longest head that it takes, and the document that costs most.
 * @module
 */

import { LIMITS } from "../../../src/limits.ts";
import { type Operation, OPERATIONS } from "../../../src/s3/operation_table.ts";
import type { Header } from "../../support/signer.ts";
import { headerText, keyText, PIECES, TARGET_PIECES, targetText } from "./refusals.ts";
import { fill, GREEDY, type Variant, vary, type Wanted, type WorstCase } from "./worst_case.ts";

const MIB = 1 << 20;
const HEADER_CHARACTERS = 40_000;
const PARAMETER_CHARACTERS = 1024;
const METADATA_HEADERS = 80;
const DELETED_KEYS = 1000;
const PARTS = 10_000;
const CHECKSUM = "i".repeat(43) + "=";
const E_TAG = "e".repeat(32);
const REFERENCES = "&#x65;".repeat(32);
const ODD_PARTS = LIMITS.oddPartsMax;
const REFERENCE_PARTS = Math.floor(LIMITS.partsResolvedBytesMax / (REFERENCES.length + 2));
const OTHER_FIELDS =
  "\n<LastModified>2026-01-01T00:00:00.000Z</LastModified>\n<Size>5368709120</Size>\n";

/** Texts that an XML parser likes less than others. */
const DOCUMENT_PIECES: Readonly<Record<string, string>> = {
  "short elements": "<a/>",
  "elements inside each other": "<a>",
  "character references": "&#x1f600;",
  entities: "&amp;",
  comments: "<!--a-->",
  "text in sections": "<![CDATA[a]]>",
  "blank lines": "\r\n",
  "an attribute's text": "&lt;",
  text: "a",
};

/** One for each operation that reaches a backend, and one for each document that is read here. */
export function listOperations(): WorstCase[] {
  const forwarded = OPERATIONS.filter((operation) => operation.forwarded);
  return [
    ...forwarded.map((operation): WorstCase => ({
      name: `${operation.name}: a long head`,
      kind: "operation",
      variants: headVariants(operation),
    })),
    ...forwarded.filter(({ body }) => body === "xml").map((operation): WorstCase => ({
      name: `${operation.name}: a long document`,
      kind: "operation",
      variants: documentVariants(operation),
    })),
  ];
}

function headVariants(operation: Operation): Variant[] {
  const inTarget = vary(TARGET_PIECES, (piece) => ({
    ...plainRequest(operation, piece),
    ...(operation.copies ? { headers: [["x-amz-copy-source", `/worst/${keyText(piece)}`]] } : {}),
  }));
  const inHeaders = vary(PIECES, (piece) => ({
    ...plainRequest(operation, "a"),
    headers: longHeaders(operation, piece),
  }));
  return [...inTarget, ...inHeaders];
}

/** The operation with the longest path and parameters of `piece` that it may have. */
function plainRequest(
  { method, level, subresource, parameters }: Operation,
  piece: string,
): Wanted {
  const path = level === "service"
    ? "/"
    : level === "bucket"
    ? "/worst"
    : `/worst/${keyText(piece)}`;
  const query = [...parameters].map((name) => `${name}=${parameterValue(name, piece)}`);
  if (subresource !== "") query.unshift(subresource === "list-type" ? "list-type=2" : subresource);
  return { method, target: query.length === 0 ? path : `${path}?${query.join("&")}`, key: GREEDY };
}

function parameterValue(name: string, piece: string): string {
  if (/^max-|^partNumber$/.test(name)) return "1000";
  if (name === "encoding-type") return "url";
  if (/true|fetch-owner|metadata/.test(name)) return "true";
  if (/id$|id-marker$/i.test(name)) return fill("a", PARAMETER_CHARACTERS);
  return name === "prefix" ? keyText(piece) : targetText(piece, PARAMETER_CHARACTERS);
}

function longHeaders({ method, body, copies }: Operation, piece: string): Header[] {
  if (method === "GET" || method === "HEAD" || body !== "object" && !copies) {
    return [["content-disposition", headerText(piece, HEADER_CHARACTERS)]];
  }
  const metadata = Array.from(
    { length: METADATA_HEADERS },
    (_, at): Header => [`x-amz-meta-${at}`, headerText(piece, 5)],
  );
  const source: Header[] = copies ? [["x-amz-copy-source", "/worst/source"]] : [];
  return [
    ...source,
    ...metadata,
    ["content-disposition", headerText(piece, HEADER_CHARACTERS / 2)],
    ["x-amz-tagging", headerText(piece, HEADER_CHARACTERS / 2)],
  ];
}

function documentVariants(operation: Operation): Variant[] {
  const build = (body: string): Wanted => ({ ...documentRequest(operation), body });
  return [
    ...vary(DOCUMENT_PIECES, (piece) => build(`<a>${fill(piece, MIB - 100)}</a>`)),
    ...vary(OWN_DOCUMENTS[operation.name]?.() ?? {}, build),
  ];
}

function documentRequest({ method, level, subresource, parameters }: Operation): Wanted {
  const query = parameters.has("uploadId") ? "uploadId=u" : subresource;
  const selector = subresource === "uploadId" ? "uploadId=u" : query;
  return {
    method,
    target: `${level === "bucket" ? "/worst" : "/worst/key"}${
      selector === "" ? "" : `?${selector}`
    }`,
    key: GREEDY,
  };
}

/** Those that mean something, as long as they may be. */
const OWN_DOCUMENTS: Readonly<Record<string, () => Record<string, string>>> = {
  DeleteObjects: () => {
    const keys: Record<string, string> = {
      letters: fill("k", 1000),
      "character references": fill("&#x10000;", 900),
      entities: fill("&amp;", 900),
      slashes: fill("a/", 900),
      stars: fill("*", 1000),
      "no keys": fill("../", 1000),
    };
    return Object.fromEntries(
      Object.entries(keys).map(([label, key]) => [label, formatDelete(key)]),
    );
  },
  CompleteMultipartUpload: () => ({
    "10 000 parts": formatParts(() => ({})),
    "10 000 parts of all fields": formatParts(() => ({ more: OTHER_FIELDS })),
    // As nobody writes them, so that as many as may be are read as any XML.
    "10 000 parts, some odd": formatParts((at) =>
      at < ODD_PARTS ? { start: "<Part >", eTag: at < REFERENCE_PARTS ? REFERENCES : E_TAG } : {}
    ),
  }),
  PutBucketReplication: () => ({ rules: formatReplication() }),
  PutBucketAcl: () => ({ grants: formatAcl() }),
  PutObjectAcl: () => ({ grants: formatAcl() }),
};

function formatDelete(key: string): string {
  const objects = Array.from(
    { length: DELETED_KEYS },
    (_, at) => `<Object><Key>${at}${key}</Key></Object>`,
  );
  return `<Delete>${objects.join("")}</Delete>`;
}

function formatParts(
  write: (at: number) => { start?: string; eTag?: string; more?: string },
): string {
  const parts = Array.from({ length: PARTS }, (_, at) => {
    const { start = "<Part>", eTag = E_TAG, more = "" } = write(at);
    return `${start}<PartNumber>${at + 1}</PartNumber><ETag>"${eTag}"</ETag>` +
      `<ChecksumSHA256>${CHECKSUM}</ChecksumSHA256>${more}</Part>`;
  });
  return `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
}

/** As many rules, elements and buckets as there may be. */
function formatReplication(): string {
  const { replicationRulesMax, xmlTreeElementsMax } = LIMITS;
  const tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
  const others = Math.floor((xmlTreeElementsMax - 1) / replicationRulesMax) - 5;
  const rules = Array.from(
    { length: replicationRulesMax },
    (_, at) =>
      `<Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::worst-${at}</Bucket>` +
      `</Destination><And>${tag.repeat(Math.floor(others / 3))}</And></Rule>`,
  );
  return `<ReplicationConfiguration>${rules.join("")}</ReplicationConfiguration>`;
}

function formatAcl(): string {
  const grant = '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
    'xsi:type="CanonicalUser"><ID>greedy-key</ID></Grantee><Permission>READ</Permission></Grant>';
  return "<AccessControlPolicy><Owner><ID>greedy-key</ID></Owner><AccessControlList>" +
    `${grant.repeat(4000)}</AccessControlList></AccessControlPolicy>`;
}
