/**
 * A multipart upload of 10 000 parts, each with a SHA-256 that SDKs repeat when they complete it.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { LIMITS } from "../../src/limits.ts";
import type { RawResponse } from "../support/raw_client.ts";
import type { Header } from "../support/signer.ts";
import { USERS } from "./support/proxy_child.ts";
import { sendSigned } from "./support/signed_request.ts";
import { useStack } from "./support/stack.ts";

const PARTS = LIMITS.partNumberMax;
const SENT_AT_A_TIME = 16;
const BUCKET = "e2e-alpha-many-parts";
/** As SDKs write those of ETags: the second one those for Go. */
const QUOTES = ['"', "&#34;", "&quot;"];
const TARGET = `/${BUCKET}/object`;

const stack = useStack({ name: "many-parts" });

Deno.test(`CompleteMultipartUpload takes ${PARTS} parts with their SHA-256`, async () => {
  const { proxies, backend } = stack();
  const port = Number(new URL(proxies.http.endpoint).port);
  const send = (
    input: { method: string; target: string; headers?: Header[]; body?: string },
  ): Promise<RawResponse> => sendSigned({ port, user: USERS.alpha, ...input });
  await backend.makeBucket(BUCKET);
  const created = await send({
    method: "POST",
    target: `${TARGET}?uploads`,
    headers: [["x-amz-checksum-algorithm", "SHA256"]],
  });
  const [, uploadId = assert.fail(created.text)] =
    /<UploadId>(.*)<\/UploadId>/.exec(created.text) ?? [];

  const parts = new Array<string>(PARTS);
  let next = 0;
  const sendParts = async (): Promise<void> => {
    while (next < PARTS) {
      const index = next++;
      const body = `part ${index + 1}\n`;
      const checksum = Buffer.from(createHash("sha256").update(body).digest()).toString("base64");
      const target = `${TARGET}?partNumber=${index + 1}&uploadId=${uploadId}`;
      const headers: Header[] = [["x-amz-checksum-sha256", checksum]];
      const answer = await send({ method: "PUT", target, headers, body });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.header("x-amz-checksum-sha256"), checksum);
      const quote = QUOTES[index % QUOTES.length] ?? "";
      const eTag = answer.header("etag")?.replaceAll('"', quote);
      parts[index] = `<Part><PartNumber>${index + 1}</PartNumber><ETag>${eTag}</ETag>` +
        `<ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`;
    }
  };
  await Promise.all(Array.from({ length: SENT_AT_A_TIME }, sendParts));

  const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  assert.ok(
    document.length > LIMITS.backendXmlBodyBytesMax,
    "the gateway would refuse it as it is",
  );
  const completed = await send({
    method: "POST",
    target: `${TARGET}?uploadId=${uploadId}`,
    body: document,
  });
  assert.equal(completed.status, 200, completed.text);
  assert.match(
    completed.text,
    new RegExp(`<ETag>(?:"|&quot;)[0-9a-f]{32}-${PARTS}(?:"|&quot;)</ETag>`),
  );
  const stored = await send({ method: "GET", target: TARGET });
  const expected = Array.from({ length: PARTS }, (_, index) => `part ${index + 1}\n`).join("");
  assert.equal(stored.text, expected);
});
