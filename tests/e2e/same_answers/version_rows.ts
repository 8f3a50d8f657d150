/**
 * Versions, delete markers, locks, tags and ACLs of objects.
 * @module
 */

import {
  COMPLETED,
  CREATED,
  malformed,
  otherDocument,
  otherOutcome,
  OUT_OF_BOUNDS,
} from "./differences.ts";
import { type Row, row, type Scene } from "./row.ts";

const VERSIONS = (status: string): string =>
  `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;

const NO_VERSION = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

function tags(...pairs: readonly (readonly [string, string])[]): string {
  const listed = pairs.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<Tagging><TagSet>${listed.join("")}</TagSet></Tagging>`;
}

/** Documents of tags, for objects and buckets. */
export const TAG_DOCUMENTS: readonly string[] = [
  tags(["a", "1"], ["b", "2"]),
  tags(),
  tags(["a", ""]),
  tags(["é", "€ &amp; &lt;"]),
  tags(["a", "1"], ["a", "2"]),
  tags(["k".repeat(128), "v".repeat(256)]),
  tags(["k".repeat(129), "v"]),
  tags(["k", "v".repeat(257)]),
  tags(["aws:x", "1"]),
  tags(...Array.from({ length: 10 }, (_, at) => [`k${at}`, "v"] as const)),
  tags(...Array.from({ length: 11 }, (_, at) => [`k${at}`, "v"] as const)),
  "<Tagging/>",
  "<Other/>",
  "not xml",
  "",
];

function acl(grants: string): string {
  return '<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    "<Owner><ID>{owner}</ID></Owner>" +
    `<AccessControlList>${grants}</AccessControlList></AccessControlPolicy>`;
}

function grant(type: string, grantee: string, permission: string): string {
  return '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
    `xsi:type="${type}">${grantee}</Grantee><Permission>${permission}</Permission></Grant>`;
}

const OWNER = grant("CanonicalUser", "<ID>{owner}</ID>", "FULL_CONTROL");
const ALL = "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>";

/** Documents of ACLs, for objects and buckets. */
export const ACL_DOCUMENTS: readonly string[] = [
  acl(OWNER),
  acl(OWNER + grant("Group", ALL, "READ")),
  acl(grant("CanonicalUser", "<ID>nobody-there</ID>", "READ")),
  acl(grant("CanonicalUser", "<ID>{owner}</ID>", "WRONG")),
  acl(""),
  "<AccessControlPolicy/>",
  "<Other/>",
  "not xml",
];

/** Of an object or a bucket at `target`, which ends in `?acl`. */
export function aclRows(target: string): Row[] {
  return [
    row(`GET ${target}`),
    ...ACL_DOCUMENTS.flatMap((body) => [
      row(`PUT ${target}`, {
        body,
        differs: body === "not xml" ? malformed("400 InvalidArgument") : undefined,
      }),
      row(`GET ${target}`),
    ]),
    ...["private", "public-read", "public-read-write", "authenticated-read", "wrong"].flatMap((
      value,
    ) => [row(`PUT ${target}`, { headers: { "x-amz-acl": value } }), row(`GET ${target}`)]),
    row(`PUT ${target}`, {
      headers: { "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
    }),
    row(`GET ${target}`),
    row(`PUT ${target}`, {
      differs: otherOutcome("a PutAcl without ACL `400 MissingSecurityHeader`", {
        gateway: "400 InvalidArgument",
        proxy: "400 MissingSecurityHeader",
      }),
    }),
    row(`GET ${target}`),
  ];
}

const LEGAL_HOLDS = [
  "<LegalHold><Status>ON</Status></LegalHold>",
  "<LegalHold><Status>OFF</Status></LegalHold>",
  "<LegalHold><Status>on</Status></LegalHold>",
  "<LegalHold/>",
  "not xml",
];
const RETENTIONS = [
  "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2100-01-01T00:00:00Z</RetainUntilDate></Retention>",
  "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2101-01-01T00:00:00Z</RetainUntilDate></Retention>",
  "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2001-01-01T00:00:00Z</RetainUntilDate></Retention>",
  "<Retention><Mode>WRONG</Mode><RetainUntilDate>2100-01-01T00:00:00Z</RetainUntilDate></Retention>",
  "<Retention/>",
  "not xml",
];
const LOCKS = [
  "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
  "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
  "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>0</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
  "<ObjectLockConfiguration/>",
  "not xml",
];

/** See the module. */
export const VERSION_SCENES: readonly Scene[] = [
  {
    name: "versions",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/before", { body: "0" }),
      row("GET /{b}?versioning"),
      row("PUT /{b}?versioning", { body: VERSIONS("Enabled") }),
      row("GET /{b}?versioning"),
      row("PUT /{b}/k", { body: "1", keeps: { v1: "x-amz-version-id" } }),
      row("PUT /{b}/k", { body: "22", keeps: { v2: "x-amz-version-id" } }),
      row("PUT /{b}/before", { body: "1" }),
      ...["k", "k?versionId={v1}", "k?versionId={v2}", "before?versionId=null"].flatMap((
        target,
      ) => [
        row(`GET /{b}/${target}`),
        row(`HEAD /{b}/${target}`),
      ]),
      row(`GET /{b}/k?versionId=${NO_VERSION}`),
      row(`HEAD /{b}/k?versionId=${NO_VERSION}`),
      row("GET /{b}/k?versionId=null"),
      row("GET /{b}/none?versionId={v1}"),
      row("GET /{b}/k?attributes&versionId={v1}", {
        headers: { "x-amz-object-attributes": "ETag,ObjectSize" },
        differs: otherDocument(
          "The proxy answers GetObjectAttributes itself",
          ...["accept-ranges", "content-length", "content-type", "etag"],
        ),
      }),
      row(`GET /{b}/k?attributes&versionId=${NO_VERSION}`, {
        headers: { "x-amz-object-attributes": "ETag" },
      }),
      row("PUT /{b}/copy", { headers: { "x-amz-copy-source": "/{b}/k?versionId={v1}" } }),
      row("GET /{b}/copy"),
      row("PUT /{b}/copy", { headers: { "x-amz-copy-source": `/{b}/k?versionId=${NO_VERSION}` } }),
      row("PUT /{b}/k?tagging&versionId={v1}", { body: tags(["a", "1"]) }),
      row("GET /{b}/k?tagging&versionId={v1}"),
      row("GET /{b}/k?tagging"),
      row(`GET /{b}/k?tagging&versionId=${NO_VERSION}`),
      row("DELETE /{b}/k?tagging&versionId={v1}"),
      row("GET /{b}/k?acl&versionId={v1}"),
      row(`GET /{b}/k?acl&versionId=${NO_VERSION}`),
      row("GET /{b}?versions"),
      row("GET /{b}?versions&max-keys=1"),
      row("GET /{b}?versions&max-keys=0"),
      row("GET /{b}?versions&max-keys=-1", { differs: OUT_OF_BOUNDS }),
      row("GET /{b}?versions&prefix=k"),
      row("GET /{b}?versions&delimiter=o&encoding-type=url"),
      row("GET /{b}?versions&key-marker=copy"),
      row("GET /{b}?versions&key-marker=k&version-id-marker={v2}"),
      row("GET /{b}?versions&version-id-marker={v2}"),
      row("GET /{b}?versions&key-marker=k&version-id-marker="),
      row("DELETE /{b}/k", { keeps: { marker: "x-amz-version-id" } }),
      row("GET /{b}/k"),
      row("HEAD /{b}/k"),
      row("GET /{b}/k?versionId={marker}"),
      row("HEAD /{b}/k?versionId={marker}"),
      row("GET /{b}/k?attributes", { headers: { "x-amz-object-attributes": "ETag" } }),
      row("GET /{b}/k?attributes&versionId={marker}", {
        headers: { "x-amz-object-attributes": "ETag" },
      }),
      row("PUT /{b}/copy", {
        headers: { "x-amz-copy-source": "/{b}/k", "x-amz-copy-source-if-match": "x" },
      }),
      row("GET /{b}/k?tagging"),
      row("GET /{b}/k?acl"),
      row("PUT /{b}/copy", { headers: { "x-amz-copy-source": "/{b}/k" } }),
      row("PUT /{b}/copy", { headers: { "x-amz-copy-source": "/{b}/k?versionId={marker}" } }),
      row("GET /{b}"),
      row("GET /{b}?versions"),
      row("DELETE /{b}/k?versionId={marker}"),
      row("GET /{b}/k"),
      row("DELETE /{b}/k?versionId={v2}"),
      row("DELETE /{b}/k?versionId={v2}"),
      row(`DELETE /{b}/k?versionId=${NO_VERSION}`),
      row("DELETE /{b}/never"),
      row("DELETE /{b}/before?versionId=null"),
      row("POST /{b}?delete", { body: "<Delete><Object><Key>copy</Key></Object></Delete>" }),
      row("POST /{b}?delete", {
        body: "<Delete><Object><Key>k</Key><VersionId>{v1}</VersionId></Object></Delete>",
      }),
      row("PUT /{b}?versioning", { body: VERSIONS("Suspended") }),
      row("GET /{b}?versioning"),
      row("PUT /{b}/k", { body: "null" }),
      row("HEAD /{b}/k"),
      row("HEAD /{b}/k?versionId=null"),
      row("DELETE /{b}/k"),
      row("POST /{b}/m?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/m?uploadId={u}&partNumber=1", { body: "a" }),
      row("PUT /{b}?versioning", { body: VERSIONS("Enabled") }),
      row("POST /{b}/m?uploadId={u}", {
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
          "<ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Part></CompleteMultipartUpload>",
        differs: COMPLETED,
      }),
      row("HEAD /{b}/m"),
      row("GET /{b}?versions"),
      row("PUT /{b}?versioning", { body: VERSIONS("Wrong") }),
      row("PUT /{b}?versioning", { body: "<VersioningConfiguration/>" }),
      row("PUT /{b}?versioning", { body: "not xml" }),
      row("PUT /{b}?versioning", { body: "" }),
      row("PUT /{b}-none?versioning", { body: VERSIONS("Enabled") }),
    ],
  },
  {
    name: "tags and acls",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", { body: "x" }),
      row("GET /{b}/k?tagging"),
      ...TAG_DOCUMENTS.flatMap((body) => [
        row("PUT /{b}/k?tagging", { body }),
        row("GET /{b}/k?tagging"),
      ]),
      row("HEAD /{b}/k"),
      row("DELETE /{b}/k?tagging"),
      row("DELETE /{b}/k?tagging"),
      row("GET /{b}/k?tagging"),
      row("PUT /{b}/none?tagging", { body: TAG_DOCUMENTS[0] ?? "" }),
      row("GET /{b}/none?tagging"),
      row("DELETE /{b}/none?tagging"),
      row("GET /{b}-none/k?tagging"),
      ...aclRows("/{b}/k?acl"),
      row("GET /{b}/none?acl"),
      row("PUT /{b}/none?acl", { headers: { "x-amz-acl": "private" } }),
    ],
  },
  {
    name: "locks",
    rows: [
      row("PUT /{b}", {
        headers: { "x-amz-bucket-object-lock-enabled": "true" },
        differs: CREATED,
      }),
      row("GET /{b}?object-lock"),
      row("GET /{b}?versioning"),
      ...LOCKS.flatMap((body) => [
        row("PUT /{b}?object-lock", { body }),
        row("GET /{b}?object-lock"),
      ]),
      row("PUT /{b}?object-lock", { body: LOCKS[0] ?? "" }),
      row("PUT /{b}/k", { body: "x", keeps: { v: "x-amz-version-id" } }),
      row("GET /{b}/k?legal-hold"),
      row("GET /{b}/k?retention"),
      ...LEGAL_HOLDS.flatMap((body) => [
        row("PUT /{b}/k?legal-hold", { body }),
        row("GET /{b}/k?legal-hold"),
      ]),
      ...RETENTIONS.flatMap((body) => [
        row("PUT /{b}/k?retention", { body }),
        row("GET /{b}/k?retention"),
      ]),
      row("HEAD /{b}/k"),
      row("DELETE /{b}/k?versionId={v}"),
      row("PUT /{b}/k?retention", {
        body: RETENTIONS[0] ?? "",
      }),
      row("PUT /{b}/k?retention", {
        body: RETENTIONS[0] ?? "",
        headers: { "x-amz-bypass-governance-retention": "true" },
      }),
      row("GET /{b}/k?retention&versionId={v}"),
      row("GET /{b}/k?legal-hold&versionId={v}"),
      row("GET /{b}/none?retention"),
      row("GET /{b}/none?legal-hold"),
      row("PUT /{b}/none?legal-hold", { body: LEGAL_HOLDS[0] ?? "" }),
      row("PUT /{b}/held", {
        body: "x",
        headers: { "x-amz-object-lock-legal-hold": "ON" },
        keeps: { h: "x-amz-version-id" },
      }),
      row("HEAD /{b}/held"),
      row("DELETE /{b}/held?versionId={h}"),
      row("PUT /{b}/held?legal-hold", { body: LEGAL_HOLDS[1] ?? "" }),
      row("DELETE /{b}/held?versionId={h}"),
      row("PUT /{b}/kept", {
        body: "x",
        headers: {
          "x-amz-object-lock-mode": "GOVERNANCE",
          "x-amz-object-lock-retain-until-date": "2100-01-01T00:00:00Z",
        },
      }),
      row("HEAD /{b}/kept"),
      row("PUT /{b}/kept", { body: "x", headers: { "x-amz-object-lock-mode": "GOVERNANCE" } }),
      row("POST /{b}?delete", {
        body: "<Delete><Object><Key>k</Key><VersionId>{v}</VersionId></Object></Delete>",
        differs: otherDocument("The words and elements beside them are S3's own"),
      }),
      row("POST /{b}?delete", {
        body: "<Delete><Object><Key>k</Key><VersionId>{v}</VersionId></Object></Delete>",
        headers: { "x-amz-bypass-governance-retention": "true" },
      }),
      row("PUT /{b}?object-lock", { body: LOCKS[1] ?? "" }),
      row("PUT /{b}/default", { body: "x" }),
      row("HEAD /{b}/default"),
      row("GET /{b}/default?retention"),
      row("POST /{b}/parts?uploads", { keeps: { u: "UploadId" } }),
      row("DELETE /{b}/parts?uploadId={u}"),
      row("PUT /{b}/late", {
        body: "x",
        headers: {
          "x-amz-object-lock-mode": "GOVERNANCE",
          "x-amz-object-lock-retain-until-date": "2001-01-01T00:00:00Z",
        },
      }),
      row("PUT /{b}/wrong", {
        body: "x",
        headers: {
          "x-amz-object-lock-mode": "GOVERNANCE",
          "x-amz-object-lock-retain-until-date": "tomorrow",
        },
      }),
      row("PUT /{b}/compliance", {
        body: "x",
        headers: {
          "x-amz-object-lock-mode": "COMPLIANCE",
          "x-amz-object-lock-retain-until-date": "2100-01-01T00:00:00.123Z",
          "x-amz-object-lock-legal-hold": "OFF",
        },
      }),
      row("HEAD /{b}/compliance"),
      row("GET /{b}?versions"),
      row("DELETE /{b}"),
      row("PUT /{b}?versioning", { body: VERSIONS("Suspended") }),
      row("PUT /{b}-open", { differs: CREATED }),
      row("GET /{b}-open?object-lock"),
      row("PUT /{b}-open?object-lock", { body: LOCKS[0] ?? "" }),
      row("PUT /{b}-open/k", { body: "x" }),
      row("GET /{b}-open/k?retention"),
      row("GET /{b}-open/k?legal-hold"),
      row("PUT /{b}-open/k?legal-hold", { body: LEGAL_HOLDS[0] ?? "" }),
      row("PUT /{b}-open/k?retention", { body: RETENTIONS[0] ?? "" }),
    ],
  },
];
