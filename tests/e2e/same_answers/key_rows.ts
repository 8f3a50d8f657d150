/**
 * Objects that are encrypted with a key of the client's, which RGW takes over HTTPS only.
 * @module
 */

import { CREATED, otherDocument } from "./differences.ts";
import { row, type Scene } from "./row.ts";

const KEY = "x-amz-server-side-encryption-customer-";

function keyHeaders(key: string, md5: string): Record<string, string> {
  return { [`${KEY}algorithm`]: "AES256", [`${KEY}key`]: key, [`${KEY}key-md5`]: md5 };
}

const RIGHT = keyHeaders(
  "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
  "KYvwGXoFFJ42a2u2GDWhwQ==",
);
const WRONG = keyHeaders(
  "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
  "/zsIf/zBwDp3qMlPBjznSw==",
);
/** The same for the source of a copy. */
const SOURCE = Object.fromEntries(
  Object.entries(RIGHT).map(([name, value]) => [name.replace("amz-", "amz-copy-source-"), value]),
);
const COPY = { "x-amz-copy-source": "/{b}/k" };
const PART = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" +
  "<ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Part></CompleteMultipartUpload>";

/** See the module. */
export const KEY_SCENES: readonly Scene[] = [{
  name: "customer keys",
  isSecure: true,
  rows: [
    row("PUT /{b}", { differs: CREATED }),
    row("PUT /{b}/k", { body: "hello world", headers: RIGHT }),
    ...["GET", "HEAD"].flatMap((method) => [
      row(`${method} /{b}/k`, { headers: RIGHT }),
      row(`${method} /{b}/k`, { headers: { ...RIGHT, range: "bytes=2-4" } }),
      row(`${method} /{b}/k`),
      row(`${method} /{b}/k`, { headers: WRONG }),
      row(`${method} /{b}/k`, { headers: { [`${KEY}algorithm`]: "AES256" } }),
    ]),
    ...[
      { ...RIGHT, [`${KEY}key-md5`]: "/zsIf/zBwDp3qMlPBjznSw==" },
      { ...RIGHT, [`${KEY}algorithm`]: "DES" },
      { ...RIGHT, [`${KEY}key`]: "short" },
    ].map((headers) => row("PUT /{b}/wrong", { body: "x", headers })),
    row("PUT /{b}/copy", { headers: { ...COPY, ...SOURCE } }),
    row("PUT /{b}/copy", { headers: { ...COPY, ...SOURCE, ...RIGHT } }),
    row("PUT /{b}/copy", { headers: COPY }),
    row("HEAD /{b}/copy", { headers: RIGHT }),
    row("POST /{b}/m?uploads", { headers: RIGHT, keeps: { u: "UploadId" } }),
    row("PUT /{b}/m?uploadId={u}&partNumber=1", { body: "a", headers: RIGHT }),
    row("PUT /{b}/m?uploadId={u}&partNumber=2", { body: "a" }),
    row("POST /{b}/m?uploadId={u}", {
      body: PART,
      differs: otherDocument("Its Location is made of the client's own host"),
    }),
    row("GET /{b}/m", { headers: RIGHT }),
    row("GET /{b}/k?attributes", {
      headers: { ...RIGHT, "x-amz-object-attributes": "ObjectSize" },
      differs: otherDocument(
        "The proxy answers GetObjectAttributes itself",
        ...["accept-ranges", "content-length", "content-type", "etag"],
        ...[`${KEY}algorithm`, `${KEY}key-md5`],
      ),
    }),
  ],
}];
