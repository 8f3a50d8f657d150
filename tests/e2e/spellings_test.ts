/** What clients send beside the API's letter, on the real gateway, which would refuse it, or read it in its own way. */

import assert from "node:assert/strict";
import type { RawBody, RawResponse } from "../support/raw_client.ts";
import type { Header } from "../support/signer.ts";
import { USERS } from "./support/proxy_child.ts";
import { sendSigned } from "./support/signed_request.ts";
import { useStack } from "./support/stack.ts";

const stack = useStack({ name: "spellings" });
const BUCKET = "e2e-alpha-spellings";
const MINIMUM = "x-amz-transition-default-minimum-object-size";
const LIFECYCLE = "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>tmp/</Prefix></Filter>" +
  "<Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";

async function send(
  method: string,
  target: string,
  { headers = [], body }: { headers?: readonly Header[]; body?: RawBody } = {},
): Promise<RawResponse> {
  const port = Number(new URL(stack().proxies.http.endpoint).port);
  const rest = body === undefined ? {} : { body };
  return await sendSigned({ port, method, target, headers, user: USERS.admin, ...rest });
}

Deno.test("what S3 ignores is ignored", async () => {
  const owned: Header[] = [["x-amz-object-ownership", "BucketOwnerEnforced"]];
  assert.equal((await send("PUT", `/${BUCKET}`, { headers: owned })).status, 200);
  const sdk: Header = ["x-amz-api-version", "2006-03-01"];
  const empty: Header[] = [["x-amz-acl", ""], ["x-amz-tagging", ""], sdk];
  assert.equal((await send("PUT", `/${BUCKET}/k`, { headers: empty, body: "hello" })).status, 200);
  const read = await send("GET", `/${BUCKET}/k?x-user=1`, { headers: [sdk] });
  assert.equal(read.text, "hello");
  const listed = await send("GET", `/${BUCKET}?list-type=2&marker=z&fetch-owner=true`);
  assert.match(listed.text, /<Key>k</);
  const region = /<BucketRegion>([^<]+)</.exec((await send("GET", "/?max-buckets=1")).text)?.[1];
  assert.match((await send("GET", `/?bucket-region=${region}`)).text, /<Name>e2e-alpha-spellings</);
  const emptyBody = { body: { chunks: [] } };
  const upload = await send("POST", `/${BUCKET}/k?uploads`, emptyBody);
  assert.match(upload.text, /<UploadId>/);
  assert.equal((await send("DELETE", `/${BUCKET}/k`, emptyBody)).status, 204);
});

Deno.test("Terraform's lifecycle is put, and told as it was put", async () => {
  assert.equal((await send("PUT", `/${BUCKET}`)).status, 200);
  const headers: Header[] = [[MINIMUM, "all_storage_classes_128K"]];
  const put = await send("PUT", `/${BUCKET}?lifecycle`, { headers, body: LIFECYCLE });
  assert.equal(put.status, 200, put.text);
  const read = await send("GET", `/${BUCKET}?lifecycle`);
  assert.match(read.text, /<Days>1</);
  assert.equal(read.header(MINIMUM), headers[0]?.[1]);
});
