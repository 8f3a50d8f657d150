/**
 * F Forms of Signature Version 2, which older tools and Ceph's own tests sign: taken where `security.presigned_v2` says so,
 * and held to their policy like any other.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { buildForm, type FormInput } from "../support/form_builder.ts";
import {
  ALICE,
  type ListenerName,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";

const CONDITIONS = [{ bucket: "mine" }, ["starts-with", "$key", "in/"], [
  "content-length-range",
  0,
  10,
]];

function start(listener: ListenerName, isTaken = true): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    settings: isTaken ? { security: { presigned_v2: true } } : {},
  });
}

/** A form whose policy is signed by SHA-1 and the secret itself. */
async function post(
  proxy: ProxyUnderTest,
  { expiresSeconds = 600, conditions = CONDITIONS, change, ...rest }: Partial<FormInput> = {},
): Promise<RawResponse> {
  const expiration = new Date(Date.now() + expiresSeconds * 1000).toISOString();
  const form = buildForm({
    bucket: "mine",
    key: ALICE,
    date: new Date(),
    fields: { key: "in/a.txt" },
    policy: { expiration, conditions },
    ...rest,
    change: (fields) => {
      for (const name of [...fields.keys()]) if (name.startsWith("x-amz-")) fields.delete(name);
      const policy = fields.get("policy") ?? "";
      fields.set("AWSAccessKeyId", ALICE.accessKey);
      fields.set("signature", createHmac("sha1", ALICE.secretKey).update(policy).digest("base64"));
      change?.(fields);
    },
  });
  const headers = [["host", proxy.host] as const, ...form.headers];
  return await proxy.sendRaw({ method: "POST", target: "/mine", headers, body: form.body });
}

testListeners(
  "F a form of Signature Version 2 is taken where the setting says so",
  async (listener) => {
    await using proxy = await start(listener);
    const response = await post(proxy);
    assert.equal(response.status, 204, response.text);
    assert.equal(proxy.backend.requests[0]?.startLine, "PUT /mine/in/a.txt HTTP/1.1");
  },
);

testListeners(
  "F a form of Signature Version 2 is refused without the setting, which is named",
  async (listener) => {
    await using proxy = await start(listener, false);
    const response = await post(proxy);
    proxy.assertRefused(response, "InvalidRequest");
    assert.match(response.text, /security\.presigned_v2/);
  },
);

const REFUSED: readonly (readonly [name: string, change: Partial<FormInput>, code: string])[] = [
  ["another signature", {
    change: (fields) => fields.set("signature", Buffer.alloc(20).toString("base64")),
  }, "SignatureDoesNotMatch"],
  ["the signature of Version 4's key", {
    change: (fields) => fields.set("signature", "00".repeat(32)),
  }, "SignatureDoesNotMatch"],
  ["no signature", { change: (fields) => fields.delete("signature") }, "InvalidArgument"],
  ["no key", { change: (fields) => fields.delete("AWSAccessKeyId") }, "InvalidArgument"],
  ["no policy", { change: (fields) => fields.delete("policy") }, "InvalidArgument"],
  [
    "an unknown key",
    { change: (fields) => fields.set("AWSAccessKeyId", "who") },
    "InvalidAccessKeyId",
  ],
  ["a session token", {
    change: (fields) => fields.set("x-amz-security-token", "t"),
  }, "InvalidToken"],
  ["a policy that has expired", { expiresSeconds: -1 }, "AccessDenied"],
  ["a policy for more than 7 days", { expiresSeconds: 604_801 + 60 }, "AccessDenied"],
  ["another prefix", { fields: { key: "out/a.txt" } }, "AccessDenied"],
  ["a field without a condition", {
    fields: { key: "in/a", "x-amz-meta-a": "1" },
    conditions: [
      ...CONDITIONS,
    ],
    change: (fields) => fields.set("x-amz-meta-b", "1"),
  }, "AccessDenied"],
  ["a longer file", { file: "01234567890" }, "EntityTooLarge"],
];

for (const [name, change, code] of REFUSED) {
  testListeners(`F a form of Signature Version 2 with ${name}: ${code}`, async (listener) => {
    await using proxy = await start(listener);
    proxy.assertRefused(await post(proxy, change), code);
  });
}
