/**
 * C15: what the console says of a recorded request by the rules as they are now is about that request, or it says that this
 * cannot be told: of parameters, headers and hosts nothing is kept.
 * @module
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { askConsole, readJson, startWithConsole } from "../support/console_client.ts";
import {
  ADMIN,
  ALICE,
  type Key,
  type ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { signHeaders } from "../support/signer.ts";

/** Threads report once a second; tests do not wait as long. */
Object.assign(LIMITS, { activityReportIntervalMs: 20 });

const WRITER: Key = { accessKey: "writer-key", secretKey: "writer-secret-of-the-tests" };
const NAMESAKE: Key = { accessKey: "namesake-key", secretKey: "namesake-secret-of-the-tests" };
const USERS = [
  {
    access_key: WRITER.accessKey,
    secret_key: WRITER.secretKey,
    grants: [{ buckets: ["mine"], access: "read-write", prefixes: ["open/"] }],
  },
  {
    name: "nobody",
    access_key: NAMESAKE.accessKey,
    secret_key: NAMESAKE.secretKey,
    allowed_buckets: ["*"],
  },
];

/** What is asked of S3. */
type Asked = SignedRequest & { readonly host?: string };

/** The answer to why `request` was answered as it was, to an administrator. */
async function askWhy(
  proxy: ProxyUnderTest,
  request: Asked,
): Promise<Record<string, unknown>> {
  const { method = "GET", target, headers = [], key = WRITER, host = proxy.host } = request;
  const signed = signHeaders({
    method,
    target,
    headers: [["host", host], ...headers],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const sent = await proxy.sendRaw({ method, target, headers: signed.headers });
  const id = sent.header("x-amz-request-id");
  for (let tries = 0; tries < 200; tries++) {
    const answer = await askConsole(proxy, `/api/why?id=${id}&n=${tries}`, { key: ADMIN });
    if (answer.status === 200) return readJson(answer);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assert.fail(`the request ${id} is not there`);
}

const UNTOLD: readonly (readonly [name: string, request: Asked])[] = [
  ["a right that a header brought", {
    method: "PUT",
    target: "/mine/open/k",
    headers: [["x-amz-acl", "bucket-owner-read"]],
  }],
  ["a version", { target: "/mine/open/k?versionId=null", key: ALICE }],
  ["a prefix", { target: "/mine?prefix=open/" }],
  ["another bucket, in the host", {
    target: "/mine/open/k",
    host: "app-other.s3.test",
  }],
];

testListeners(
  "C15 the rules as they are now are told of the request that was",
  async (listener) => {
    await using proxy = await startWithConsole({ listener, settings: { users: USERS } });
    for (const [name, request] of UNTOLD) {
      const { allowed, sentences } = await askWhy(proxy, request);
      assert.equal(allowed, undefined, name);
      assert.match(String(sentences), /What the rules say now cannot be told/, name);
    }
    const stranger = { target: "/mine/k", key: { ...ALICE, secretKey: "wrong" } };
    assert.equal((await askWhy(proxy, stranger))["allowed"], undefined);
    const told = await askWhy(proxy, { target: "/mine/open/k" });
    assert.equal(told["allowed"], true);
    const denied = await askWhy(proxy, { target: "/mine/k" });
    assert.equal(denied["allowed"], false);
  },
);
