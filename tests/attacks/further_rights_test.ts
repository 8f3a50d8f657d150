/**
 * Rights that AWS asks for beside an operation's own: whoever lacks them learns nothing, and the backend has seen nothing.
 * @module
 */

import assert from "node:assert/strict";
import {
  type Key,
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

const WRITER: Key = { accessKey: "writer-key", secretKey: "writer-secret-of-the-tests" };

/** One user, who may do `actions` everywhere. */
function startWith(
  listener: ListenerName,
  { actions, respond, backend = {} }: {
    actions: readonly string[];
    respond?: Respond;
    backend?: Record<string, unknown>;
  },
): Promise<ProxyUnderTest> {
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
  };
  const { accessKey: access_key, secretKey: secret_key } = WRITER;
  return ProxyUnderTest.start({
    listener,
    settings: { backend, users: [{ name: "writer", access_key, secret_key, policy }] },
    ...(respond === undefined ? {} : { respond }),
  });
}

/** A backend whose object has the ETag `"abc"`. */
const FOUND: Respond = () => ({
  send: [
    formatResponse({ headers: [["ETag", '"abc"']], body: "<Result><ETag>abc</ETag></Result>" }),
  ],
});

const WRITES: readonly SignedRequest[] = [
  { method: "PUT", target: "/any-bucket/k", body: "x" },
  {
    method: "POST",
    target: "/any-bucket/k?uploadId=u",
    body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
      "</CompleteMultipartUpload>",
  },
];

testListeners("who may only write does not learn an ETag by a condition", async (listener) => {
  await using proxy = await startWith(listener, { actions: ["s3:PutObject"], respond: FOUND });
  for (const write of WRITES) {
    for (const name of ["if-match", "if-none-match"]) {
      for (const eTag of ['"abc"', "abc", '"abd"', " * ,x"]) {
        const response = await proxy.send({ ...write, headers: [[name, eTag]], key: WRITER });
        proxy.assertRefused(response, eTag.includes("*") ? "InvalidArgument" : "AccessDenied");
      }
    }
  }
});

testListeners(
  "who may only write or delete does not learn a date by a condition",
  async (listener) => {
    await using proxy = await startWith(listener, {
      actions: ["s3:PutObject", "s3:DeleteObject"],
      respond: FOUND,
      backend: { trust_preconditions: true },
    });
    const date = new Date().toUTCString();
    for (const write of [...WRITES, { method: "DELETE", target: "/any-bucket/k" }]) {
      for (const name of ["if-modified-since", "if-unmodified-since"]) {
        const response = await proxy.send({ ...write, headers: [[name, date]], key: WRITER });
        proxy.assertRefused(response, "AccessDenied");
      }
    }
  },
);

testListeners(
  "who may read as well compares ETags, and `*` needs no right to",
  async (listener) => {
    await using proxy = await startWith(listener, {
      actions: ["s3:PutObject", "s3:GetObject"],
      respond: FOUND,
    });
    await using blind = await startWith(listener, { actions: ["s3:PutObject"], respond: FOUND });
    for (const write of WRITES) {
      const send = (to: ProxyUnderTest, header: Header): ReturnType<ProxyUnderTest["send"]> =>
        to.send({ ...write, headers: [header], key: WRITER });
      assert.equal((await send(proxy, ["if-match", '"abc"'])).status, 200);
      assert.equal((await send(proxy, ["if-match", '"abd"'])).errorCode, "PreconditionFailed");
      assert.equal((await send(blind, ["if-match", "*"])).status, 200);
      assert.equal((await send(blind, ["if-none-match", "*"])).errorCode, "PreconditionFailed");
    }
  },
);

/** What tells of locks and tags, and who may be told. */
const TOLD: readonly (readonly [header: string, value: string, ...rights: string[]])[] = [
  ["x-amz-object-lock-mode", "GOVERNANCE", "s3:GetObjectRetention"],
  ["x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z", "s3:GetObjectRetention"],
  ["x-amz-object-lock-legal-hold", "ON", "s3:GetObjectLegalHold"],
  ["x-amz-tagging-count", "2", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
];
const LOCKED: Respond = () => ({
  send: [
    formatResponse({
      headers: [
        ["ETag", '"abc"'],
        ["x-amz-version-id", "v1"],
        ...TOLD.map(([name, value]): Header => [name, value]),
      ],
    }),
  ],
});

testListeners("a read tells of locks and tags only who may read them", async (listener) => {
  const reading = ["s3:GetObject", "s3:GetObjectVersion"];
  for (const right of ["s3:ListBucket", ...new Set(TOLD.flatMap(([, , ...rights]) => rights))]) {
    const actions = [...reading, right];
    await using proxy = await startWith(listener, { actions, respond: LOCKED });
    for (const method of ["GET", "HEAD"]) {
      for (const query of ["", "?versionId=v1"]) {
        const target = `/any-bucket/k${query}`;
        const response = await proxy.send({ method, target, key: WRITER });
        assert.equal(response.status, 200);
        for (const [name, value, ofObject, ofVersion = ofObject] of TOLD) {
          const isTold = right === (query === "" ? ofObject : ofVersion);
          assert.equal(response.header(name), isTold ? value : undefined, `${right} ${target}`);
        }
      }
    }
  }
});
