/**
 * Many versions in lists, and what a lifecycle says of objects and uploads.
 * @module
 */

import { COMPLETED, CREATED, otherHeaders, PARTS, REGION } from "./differences.ts";
import { row, type Scene } from "./row.ts";

const LIFE = "<LifecycleConfiguration>" +
  "<Rule><ID>tmp</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>" +
  "<Expiration><Days>1</Days></Expiration></Rule>" +
  "<Rule><ID>up</ID><Filter><Prefix>up/</Prefix></Filter><Status>Enabled</Status>" +
  "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>" +
  "</AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";

function publicPolicy(principal: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Principal: principal === "*" ? "*" : { AWS: [principal] },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::{b}/*",
    }],
  });
}

function blockPublic(acls: boolean, policies: boolean): string {
  return "<PublicAccessBlockConfiguration>" +
    `<BlockPublicAcls>${acls}</BlockPublicAcls><IgnorePublicAcls>${acls}</IgnorePublicAcls>` +
    `<BlockPublicPolicy>${policies}</BlockPublicPolicy>` +
    `<RestrictPublicBuckets>${policies}</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;
}

/** See the module. */
export const HISTORY_SCENES: readonly Scene[] = [
  {
    name: "expirations",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}?lifecycle", {
        body: LIFE,
        differs: otherHeaders(
          "The answers to Put and Get carry it",
          "x-amz-transition-default-minimum-object-size",
        ),
      }),
      row("PUT /{b}/tmp/x", { body: "x" }),
      row("HEAD /{b}/tmp/x"),
      row("GET /{b}/tmp/x"),
      row("PUT /{b}/other", { headers: { "x-amz-copy-source": "/{b}/tmp/x" } }),
      row("PUT /{b}/tmp/y", { headers: { "x-amz-copy-source": "/{b}/tmp/x" } }),
      row("POST /{b}/tmp/m?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/tmp/m?uploadId={u}&partNumber=1", { body: "a" }),
      row("POST /{b}/tmp/m?uploadId={u}", {
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
          "<ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Part></CompleteMultipartUpload>",
        differs: COMPLETED,
      }),
      row("POST /{b}/up/m?uploads", { keeps: { u: "UploadId" } }),
      row("GET /{b}/up/m?uploadId={u}", { differs: PARTS }),
      row("GET /{b}?uploads"),
    ],
  },
  {
    name: "many versions",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}?versioning", {
        body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
      }),
      ...["a", "dir/b", "dir/c", "%C3%A9%20+"].flatMap((key) => [
        row(`PUT /{b}/${key}`, { body: "1" }),
        row(`PUT /{b}/${key}`, { body: "2", keeps: { v: "x-amz-version-id" } }),
        row(`DELETE /{b}/${key}`),
      ]),
      ...[
        "",
        "&encoding-type=url",
        "&delimiter=/",
        "&delimiter=/&max-keys=2",
        "&prefix=dir/",
        "&max-keys=5",
        "&max-keys=abc",
        "&max-keys=",
        "&key-marker=dir/b",
        "&key-marker=zzz",
      ].map((more) => row(`GET /{b}?versions${more}`)),
      row("GET /{b}?versions&max-keys=4", {
        keeps: { k: "NextKeyMarker", n: "NextVersionIdMarker" },
      }),
      row("GET /{b}?versions&max-keys=4&key-marker={k}&version-id-marker={n}", {
        keeps: { k: "NextKeyMarker", n: "NextVersionIdMarker" },
      }),
      row("GET /{b}?versions&max-keys=40&key-marker={k}&version-id-marker={n}"),
      row("GET /{b}?list-type=2"),
      row("PUT /{b}/%C3%A9%20+?acl&versionId={v}", { headers: { "x-amz-acl": "public-read" } }),
      row("GET /{b}/%C3%A9%20+?acl&versionId={v}"),
      row("PUT /{b}/%C3%A9%20+?tagging&versionId={v}", {
        body: "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
      }),
      row("HEAD /{b}/%C3%A9%20+?versionId={v}"),
      row("PUT /{b}/again", { headers: { "x-amz-copy-source": "/{b}/%C3%A9%20+?versionId={v}" } }),
      row("GET /{b}/again?tagging"),
      row("PUT /{b}/again", {
        headers: { "x-amz-copy-source": "/{b}/again", "x-amz-metadata-directive": "REPLACE" },
      }),
      row("PUT /{b}/again", { headers: { "x-amz-copy-source": "/{b}/again" } }),
      row("POST /{b}/m?uploads", { keeps: { u: "UploadId" } }),
      row("PUT /{b}/m?uploadId={u}&partNumber=1", {
        headers: {
          "x-amz-copy-source": "/{b}/%C3%A9%20+?versionId={v}",
          "x-amz-copy-source-range": "bytes=0-0",
        },
      }),
      row("PUT /{b}/m?uploadId={u}&partNumber=1", {
        headers: { "x-amz-copy-source": "/{b}/a" },
      }),
      row("POST /{b}/m?uploadId={u}", {
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
          "<ETag>c81e728d9d4c2f636f067f89cc14862c</ETag></Part></CompleteMultipartUpload>",
        differs: COMPLETED,
      }),
      row("POST /{b}?delete", {
        body: "<Delete><Object><Key>a</Key></Object><Object><Key>new</Key></Object></Delete>",
      }),
      row("POST /{b}?delete", {
        body: "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>",
      }),
      row("DELETE /{b}"),
    ],
  },
  {
    name: "public access",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", { body: "x" }),
      row("GET /{b}?policyStatus"),
      row("PUT /{b}?policy", { body: publicPolicy("*") }),
      row("GET /{b}?policyStatus"),
      row("GET /{b}?policy"),
      row("PUT /{b}?policy", { body: publicPolicy("arn:aws:iam:::user/nobody") }),
      row("GET /{b}?policyStatus"),
      row("DELETE /{b}?policy"),
      row("PUT /{b}?acl", { headers: { "x-amz-acl": "public-read" } }),
      row("GET /{b}?policyStatus"),
      row("PUT /{b}?publicAccessBlock", { body: blockPublic(true, false) }),
      row("PUT /{b}?acl", { headers: { "x-amz-acl": "public-read" } }),
      row("PUT /{b}/k?acl", { headers: { "x-amz-acl": "public-read" } }),
      row("PUT /{b}/new", { body: "x", headers: { "x-amz-acl": "public-read" } }),
      row("PUT /{b}?policy", { body: publicPolicy("*") }),
      row("PUT /{b}?publicAccessBlock", { body: blockPublic(false, true) }),
      row("PUT /{b}?policy", { body: publicPolicy("*") }),
      row("PUT /{b}?acl", { headers: { "x-amz-acl": "public-read" } }),
      row("GET /{b}?acl"),
      row("GET /{b}/k"),
      row("GET /{b}?list-type=2"),
      row("DELETE /{b}?publicAccessBlock"),
      row("GET /{b}?publicAccessBlock"),
      ...["{owner}", ""].flatMap((owner) => {
        const headers = { "x-amz-expected-bucket-owner": owner };
        return [
          row("HEAD /{b}", { headers, differs: REGION }),
          row("GET /{b}?acl", { headers }),
          row("GET /{b}?list-type=2", { headers }),
          row("PUT /{b}/k", { headers, body: "x" }),
        ];
      }),
    ],
  },
];
