/**
 * Buckets themselves, and names that are odd: ListBuckets, HeadBucket, CreateBucket, DeleteBucket.
 * @module
 */

import {
  CREATED,
  ENCODED,
  malformed,
  otherDocument,
  otherOutcome,
  REGION,
  TYPED,
} from "./differences.ts";
import { type Difference, row, type Scene } from "./row.ts";

const LISTED = otherDocument("ListBuckets takes `prefix`, `max-buckets`");
const TAKEN = otherOutcome("An empty CreateBucketConfiguration is taken", {
  gateway: "400 InvalidArgument",
  proxy: "200",
});
const NO_REGION = "<CreateBucketConfiguration><LocationConstraint>nowhere</LocationConstraint>" +
  "</CreateBucketConfiguration>";

function invalidUri(gateway: string): Difference {
  return otherOutcome("A name that is not UTF-8, or not percent-encoded", {
    gateway,
    proxy: "400 InvalidURI",
  });
}

const TOO_LONG = otherOutcome("A key of more than 1024 bytes is `400 KeyTooLongError`", {
  gateway: "400 InvalidObjectName",
  proxy: "400 KeyTooLongError",
});

/** See the module. */
export const BUCKET_SCENES: readonly Scene[] = [
  {
    name: "buckets",
    rows: [
      row("PUT /{b}-one", { differs: CREATED }),
      row("PUT /{b}-two", { differs: CREATED }),
      row("GET /"),
      row("GET /?max-buckets=1", { differs: LISTED }),
      row("GET /?prefix=other", { differs: LISTED }),
      row("GET /", { signing: { kind: "presigned" } }),
      row("HEAD /", {
        differs: otherOutcome("At service level only ListBuckets", {
          proxy: "405 MethodNotAllowed",
        }),
      }),
      row("PUT /"),
      row("DELETE /"),
      row("HEAD /{b}-one", { differs: REGION }),
      row("HEAD /{b}-none"),
      row("GET /{b}-none"),
      row("GET /{b}-one?location", { differs: TYPED }),
      row("GET /{b}-none?location"),
      row("PUT /{b}-one", { differs: CREATED }),
      row("PUT /{b}-acl", { headers: { "x-amz-acl": "private" }, differs: CREATED }),
      row("PUT /{b}-acl2", { headers: { "x-amz-acl": "public-read" }, differs: CREATED }),
      row("GET /{b}-acl2?acl"),
      row("PUT /{b}-acl3", { headers: { "x-amz-acl": "wrong" } }),
      row("PUT /{b}-grant", { headers: { "x-amz-grant-read": "id=master" }, differs: CREATED }),
      row("PUT /{b}-lock", {
        headers: { "x-amz-bucket-object-lock-enabled": "true" },
        differs: CREATED,
      }),
      row("PUT /{b}-xml", { body: "<CreateBucketConfiguration/>", differs: TAKEN }),
      row("DELETE /{b}-xml", {
        differs: { told: TAKEN.told, gateway: "404 NoSuchBucket", proxy: "204" },
      }),
      row("PUT /{b}-xml2", { body: NO_REGION }),
      row("PUT /{b}-xml3", { body: "not xml", differs: malformed("400 InvalidArgument") }),
      row("PUT /ab"),
      row("PUT /{b}-Capital"),
      row("PUT /{b}_under"),
      row("PUT /{b}..dots"),
      row("PUT /192.168.5.4"),
      row("DELETE /{b}-none"),
      row("PUT /{b}-two/key", { body: "x" }),
      row("DELETE /{b}-two"),
      row("DELETE /{b}-two/key"),
      row("DELETE /{b}-two"),
      row("GET /{b}-two"),
      row("PUT /{b}-slash/", { differs: CREATED }),
      row("DELETE /{b}-slash/"),
      row("POST /{b}-one", {
        differs: otherOutcome("`POST` to a bucket that is neither", {
          gateway: "400 InvalidArgument",
          proxy: "412 PreconditionFailed",
        }),
      }),
      row("DELETE /{b}-one"),
    ],
  },
  {
    name: "odd keys",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      row("PUT /{b}/odd%01key", { body: "x" }),
      row("PUT /{b}/odd%0D%0Akey", { body: "x" }),
      row("PUT /{b}/odd%09key", { body: "x" }),
      row("PUT /{b}/odd%7Fkey", { body: "x" }),
      row("GET /{b}"),
      row("GET /{b}?encoding-type=url"),
      row("GET /{b}?list-type=2"),
      row("GET /{b}?versions"),
      row("GET /{b}?prefix=odd%0D"),
      row("GET /{b}?prefix=odd%0D&encoding-type=url", { differs: ENCODED }),
      row("GET /{b}/odd%01key"),
      row("PUT /{b}/%FF", { body: "x", differs: invalidUri("400 InvalidObjectName") }),
      row("PUT /{b}/a%zz", { body: "x", differs: invalidUri("405 MethodNotAllowed") }),
      row("PUT /{b}/a/./b", { body: "x" }),
      row("PUT /{b}/a/../b", { body: "x" }),
      row("GET /{b}/a/../b"),
      row("GET /{b}//"),
      row("PUT /{b}//", { body: "x" }),
      row("PUT /{b}//x", { body: "x" }),
      row("GET /{b}//x"),
      row("HEAD /{b}//x"),
      row(`PUT /{b}/${"k".repeat(1024)}`, { body: "x" }),
      row(`GET /{b}/${"k".repeat(1024)}`),
      ...["PUT", "GET", "HEAD", "DELETE"].map((method) =>
        row(`${method} /{b}/${"k".repeat(1025)}`, { differs: TOO_LONG })
      ),
      row(`PUT /{b}/${"%C3%A9".repeat(512)}`, { body: "x" }),
      row(`PUT /{b}/${"%C3%A9".repeat(512)}e`, { body: "x", differs: TOO_LONG }),
      row("GET /{b}"),
      row("GET /{b}?encoding-type=url"),
    ],
  },
];
