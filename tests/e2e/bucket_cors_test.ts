/**
 * What pages and SDKs ask of a bucket on the real gateway: its own CORS rules, and an object's attributes.
 */

import assert from "node:assert/strict";
import { type RawBody, type RawResponse, request } from "../support/raw_client.ts";
import type { Header } from "../support/signer.ts";
import { USERS } from "./support/proxy_child.ts";
import { sendSigned } from "./support/signed_request.ts";
import { useStack } from "./support/stack.ts";

const stack = useStack({ name: "bucket-cors" });

const BUCKET = "e2e-alpha-cors";
const ORIGIN = "https://app.example";
const RULES = `<CORSConfiguration><CORSRule><AllowedOrigin>${ORIGIN}</AllowedOrigin>
  <AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>
  </CORSRule></CORSConfiguration>`;

function port(): number {
  return Number(new URL(stack().proxies.http.endpoint).port);
}

async function send(
  method: string,
  path: string,
  { headers = [], body }: { headers?: readonly Header[]; body?: RawBody } = {},
): Promise<RawResponse> {
  const rest = body === undefined ? {} : { body };
  const target = `/${BUCKET}${path}`;
  return await sendSigned({ port: port(), method, target, headers, user: USERS.alpha, ...rest });
}

function preflight(): Promise<RawResponse> {
  return request({
    port: port(),
    method: "OPTIONS",
    target: `/${BUCKET}/k`,
    headers: [["origin", ORIGIN], ["access-control-request-method", "PUT"]],
  });
}

Deno.test("preflights follow PutBucketCors at once, and end with DeleteBucketCors", async () => {
  assert.equal((await send("PUT", "")).status, 200);
  assert.equal((await preflight()).errorCode, "AccessForbidden");
  const put = await send("PUT", "?cors", { body: RULES });
  assert.equal(put.status, 200, put.text);
  const allowed = await preflight();
  assert.equal(allowed.status, 200, allowed.text);
  assert.equal(allowed.header("access-control-allow-origin"), ORIGIN);
  const stored = await send("PUT", "/k", { body: "x", headers: [["origin", ORIGIN]] });
  assert.equal(stored.header("access-control-expose-headers"), "ETag");
  assert.equal((await send("DELETE", "?cors")).status, 204);
  assert.equal((await preflight()).errorCode, "AccessForbidden");
});

Deno.test("GetObjectAttributes tells of an object, of one made of parts, and of none", async () => {
  assert.equal((await send("PUT", "")).status, 200);
  await send("PUT", "/k", { body: "hello" });
  const headers = [[
    "x-amz-object-attributes",
    "ETag,ObjectParts,ObjectSize,StorageClass",
  ]] as const;
  const whole = await send("GET", "/k?attributes", { headers });
  assert.match(
    whole.text,
    /<ETag>5d41402abc4b2a76b9719d911017c592<\/ETag><StorageClass>STANDARD<\/StorageClass><ObjectSize>5</,
  );
  const started = await send("POST", "/parts?uploads");
  const uploadId = /<UploadId>([^<]*)/.exec(started.text)?.[1] ?? "";
  const part = await send("PUT", `/parts?partNumber=1&uploadId=${uploadId}`, { body: "part" });
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${
    part.header("etag")
  }</ETag></Part></CompleteMultipartUpload>`;
  assert.equal((await send("POST", `/parts?uploadId=${uploadId}`, { body })).status, 200);
  const parts = await send("GET", "/parts?attributes", { headers });
  assert.match(parts.text, /<ObjectParts><PartsCount>1<\/PartsCount><\/ObjectParts>/);
  assert.equal((await send("GET", "/none?attributes", { headers })).errorCode, "NoSuchKey");
});
