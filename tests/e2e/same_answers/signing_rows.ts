/**
 * Ways to sign and to address: presigned URLs, virtual hosts, forms, signatures that are wrong.
 * @module
 */

import type { FormInput } from "../../support/form_builder.ts";
import {
  COMPLETED,
  CREATED,
  otherDocument,
  otherHeaders,
  otherOutcome,
  REGION,
  TYPED,
  UNKNOWN_HEADER,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene } from "./row.ts";

const PRESIGNED = { kind: "presigned" } as const;

/** Of a form that was taken. */
const FORM = otherHeaders("A form upload's answer has the ETag", "etag", "location");

function form(
  fields: Readonly<Record<string, string>>,
  { differs, forged, ...more }: Partial<FormInput> & Pick<Row, "differs" | "forged"> = {},
): Row {
  return row("POST /{b}", {
    signing: { kind: "form", form: { fields, file: "the file", ...more } },
    differs,
    ...(forged === undefined ? {} : { forged }),
  });
}

function otherForgery(proxy: string): Difference {
  return otherOutcome("A form whose signature is wrong", { gateway: "403 AccessDenied", proxy });
}

const HOISTED = otherDocument("An `x-amz-*` header in a presigned query counts as a header");

/** See the module. */
export const SIGNING_SCENES: readonly Scene[] = [
  {
    name: "signatures",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/k", { body: "hello world" }),
      ...["GET", "HEAD"].flatMap((method) => [
        row(`${method} /{b}/k`, { signing: PRESIGNED }),
        row(`${method} /{b}/k?response-content-type=text/plain`, { signing: PRESIGNED }),
        row(`${method} /{b}/k`, { signing: PRESIGNED, headers: { range: "bytes=0-4" } }),
        row(`${method} /{b}/none`, { signing: PRESIGNED }),
        row(`${method} /{b}/k`, { signing: PRESIGNED, forged: "wrong secret" }),
        row(`${method} /{b}/k`, { signing: PRESIGNED, forged: "unknown key" }),
        row(`${method} /{b}/k`, { signing: PRESIGNED, forged: "old" }),
        row(`${method} /{b}/k`, { forged: "wrong secret" }),
        row(`${method} /{b}/k`, { forged: "unknown key" }),
        row(`${method} /{b}/k`, { forged: "old" }),
        row(`${method} /{b}/k`, { signing: { kind: "none" } }),
        row(`${method} /{b}/k`, { signing: { kind: "unsigned" } }),
        row(`${method} /{b}/k`, { isVirtual: true }),
        row(`${method} /{b}/none`, { isVirtual: true }),
        row(`${method} /{b}-none/k`, { isVirtual: true }),
        row(`${method} /{b}`, {
          isVirtual: true,
          differs: method === "HEAD" ? REGION : undefined,
        }),
      ]),
      row("GET /{b}?list-type=2&prefix=k", { isVirtual: true }),
      row("GET /{b}?location", { isVirtual: true, differs: TYPED }),
      row("GET /{b}?list-type=2&prefix=k", { signing: PRESIGNED }),
      row("PUT /{b}/p", { signing: PRESIGNED, body: "presigned" }),
      row("PUT /{b}/p2", {
        signing: PRESIGNED,
        body: "x",
        headers: { "content-type": "text/plain" },
      }),
      row("PUT /{b}/p3?x-amz-meta-a=1", { signing: PRESIGNED, body: "x" }),
      row("HEAD /{b}/p3"),
      row("DELETE /{b}/p", { signing: PRESIGNED }),
      row("PUT /{b}/v", { isVirtual: true, body: "virtual" }),
      row("GET /{b}/v"),
      row("PUT /{b}/v%20%2B/a//b", { isVirtual: true, body: "virtual" }),
      row("GET /{b}/v%20%2B/a//b", { isVirtual: true }),
      row("POST /{b}/m?uploads", { isVirtual: true, keeps: { u: "UploadId" } }),
      row("PUT /{b}/m?uploadId={u}&partNumber=1", { isVirtual: true, body: "a" }),
      row("POST /{b}/m?uploadId={u}", {
        isVirtual: true,
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
          "<ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Part></CompleteMultipartUpload>",
        differs: COMPLETED,
      }),
      row("DELETE /{b}/v", { isVirtual: true }),
      row("PUT /{b}-virtual", { isVirtual: true, differs: CREATED }),
      row("HEAD /{b}-virtual", { isVirtual: true, differs: REGION }),
      row("DELETE /{b}-virtual", { isVirtual: true }),
      ...["GET", "HEAD"].flatMap((method) => [
        row(`${method} /{b}/k?versionId=null`, { signing: PRESIGNED }),
        row(`${method} /{b}/k?partNumber=1`, { signing: PRESIGNED }),
        row(`${method} /{b}/k?x-amz-checksum-mode=ENABLED`, { signing: PRESIGNED }),
        row(`${method} /{b}/k?X-Amz-Unknown=1`, {
          signing: PRESIGNED,
          differs: UNKNOWN_HEADER,
        }),
        row(`${method} /{b}/k?Content-Type=text/plain`, { signing: PRESIGNED }),
        row(`${method} /{b}/k?x-id=GetObject`, { signing: PRESIGNED }),
      ]),
      row("PUT /{b}/p4?X-Amz-Acl=public-read", { signing: PRESIGNED, body: "x" }),
      row("GET /{b}/p4?acl", { differs: HOISTED }),
      row("PUT /{b}/p5?x-amz-tagging=a%3D1", { signing: PRESIGNED, body: "x" }),
      row("GET /{b}/p5?tagging", { differs: HOISTED }),
      row("PUT /{b}/p6", {
        signing: PRESIGNED,
        body: "x",
        headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
      }),
      row("PUT /{b}/p7", { signing: PRESIGNED }),
      row("POST /{b}/p8?uploads", { signing: PRESIGNED, keeps: { u: "UploadId" } }),
      row("PUT /{b}/p8?uploadId={u}&partNumber=1", { signing: PRESIGNED, body: "a" }),
      row("DELETE /{b}/p8?uploadId={u}", { signing: PRESIGNED }),
      row("POST /{b}?delete", {
        signing: PRESIGNED,
        body: "<Delete><Object><Key>p7</Key></Object></Delete>",
      }),
      row("GET /{b}?acl", { signing: PRESIGNED }),
      row("GET /{b}/k", {
        headers: { "x-amz-date": "20260101T000000Z" },
        differs: otherOutcome("of another day than the signature's", {
          gateway: "403 RequestTimeTooSkewed",
          proxy: "400 AuthorizationHeaderMalformed",
        }),
      }),
      row("GET /{b}/k", {
        headers: { "x-amz-security-token": "nonsense" },
        differs: otherOutcome("any other is `400 InvalidToken`", { proxy: "400 InvalidToken" }),
      }),
      row("PUT /{b}/h", {
        body: "x",
        headers: { "x-amz-content-sha256": "nonsense" },
        differs: otherOutcome("an `x-amz-content-sha256` that is none", {
          gateway: "403 SignatureDoesNotMatch",
          proxy: "400 InvalidArgument",
        }),
      }),
    ],
  },
  {
    name: "forms",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      form({ key: "plain" }, { differs: FORM }),
      row("GET /{b}/plain"),
      form({ key: "up/${filename}" }),
      form({ key: "up/${filename}" }, {
        conditions: [{ bucket: "{b}" }, ["starts-with", "$key", "up/"]],
        differs: FORM,
      }),
      row("GET /{b}/up/photo.jpg"),
      form({
        key: "typed",
        "Content-Type": "text/plain",
        "x-amz-meta-a": "1",
        "Cache-Control": "no-cache",
      }, { differs: FORM }),
      row("HEAD /{b}/typed", {
        differs: otherHeaders("`Cache-Control` and the like are kept", "cache-control"),
      }),
      form({ key: "s200", success_action_status: "200" }, { differs: FORM }),
      form({ key: "s201", success_action_status: "201" }, {
        differs: { ...FORM, body: true },
      }),
      form({ key: "s204", success_action_status: "204" }, { differs: FORM }),
      form({ key: "s999", success_action_status: "999" }, { differs: FORM }),
      form({ key: "r", success_action_redirect: "https://elsewhere.example/done" }, {
        differs: otherOutcome("`success_action_redirect` works for the origins", {
          gateway: "303",
          proxy: "204",
        }),
      }),
      form({ key: "acl", acl: "public-read" }, { differs: FORM }),
      form({ key: "acl", acl: "wrong" }),
      form({
        key: "tagged",
        tagging: "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
      }, { differs: FORM }),
      row("GET /{b}/tagged?tagging"),
      form({ key: "" }),
      form({}),
      form({ key: "late" }, { expiresSeconds: -60 }),
      form({ key: "odd" }, { conditions: [{ bucket: "{b}" }] }),
      form({ key: "large" }, {
        conditions: [{ bucket: "{b}" }, ["content-length-range", 0, 1], [
          "starts-with",
          "$key",
          "",
        ]],
      }),
      form({ key: "empty" }, { file: "", differs: FORM }),
      form({ key: "forged" }, {
        forged: "wrong secret",
        differs: otherForgery("403 SignatureDoesNotMatch"),
      }),
      form({ key: "forged" }, {
        forged: "unknown key",
        differs: otherForgery("403 InvalidAccessKeyId"),
      }),
      row("GET /{b}/forged"),
      row("GET /{b}?list-type=2"),
    ],
  },
];
