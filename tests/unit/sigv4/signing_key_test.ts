import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { CredentialScope } from "../../../src/sigv4/credential_scope.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";
import { deriveSigningKey, signString, verifyString } from "../../../src/sigv4/signing_key.ts";
import { deriveSigningKey as deriveIndependently, hmac } from "../../support/signer.ts";

function buildScope(region: string): CredentialScope {
  return { date: "20130524", region, service: "s3" };
}

Deno.test("verifyString() rejects what is not the signature", async () => {
  const key = await deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1"));
  const signature = await signString(key, "text");
  for (
    const wrong of [
      "",
      signature.slice(1),
      `${signature}00`,
      signature.toUpperCase(),
      signature.replace(/.$/, (digit) => digit === "0" ? "1" : "0"),
      signature.replace(/^./, (digit) => digit === "0" ? "1" : "0"),
      "z".repeat(64),
    ]
  ) {
    assert.equal(await verifyString(key, { stringToSign: "text", signature: wrong }), false, wrong);
  }
  assert.equal(await verifyString(key, { stringToSign: "texu", signature }), false);
  assert.equal(await verifyString(key, { stringToSign: "text", signature }), true);
});

Deno.test("deriveSigningKey() gives a key that cannot be read out", async () => {
  const key = await deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1"));
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

Deno.test("deriveSigningKey() agrees with node:crypto on any secret", async () => {
  for (const secret of ["short678", "é😀/+=", "x".repeat(200)]) {
    const key = await deriveSigningKey(new SecretAccessKey(secret), buildScope("fsn1"));
    const expected = deriveIndependently({
      secretKey: secret,
      date: new Date("2013-05-24"),
      region: "fsn1",
    });
    assert.equal(await signString(key, "text"), hmac(expected, "text").toHex());
  }
});

Deno.test("deriveSigningKey() keeps the key of a secret and scope", async () => {
  const secret = new SecretAccessKey("secret");
  const key = await deriveSigningKey(secret, buildScope("us-east-1"));
  assert.equal(await deriveSigningKey(secret, buildScope("us-east-1")), key);
  assert.notEqual(await deriveSigningKey(secret, buildScope("us-east-2")), key);
  assert.notEqual(
    await deriveSigningKey(secret, { ...buildScope("us-east-1"), date: "20130525" }),
    key,
  );
});

Deno.test("deriveSigningKey() A17 makes another key for another secret object", async () => {
  const before = new SecretAccessKey("secret");
  const after = new SecretAccessKey("changed");
  const key = await deriveSigningKey(before, buildScope("us-east-1"));
  const signature = await signString(key, "text");
  const renewed = await deriveSigningKey(after, buildScope("us-east-1"));
  assert.equal(await verifyString(renewed, { stringToSign: "text", signature }), false);
  assert.notEqual(
    await deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1")),
    key,
  );
});

Deno.test("deriveSigningKey() drops the oldest key one past its bound", async () => {
  const secret = new SecretAccessKey("secret");
  const first = await deriveSigningKey(secret, buildScope("region-0"));
  const second = await deriveSigningKey(secret, buildScope("region-1"));
  for (let at = 2; at < LIMITS.signingKeysPerSecretMax; at++) {
    await deriveSigningKey(secret, buildScope(`region-${at}`));
  }
  assert.equal(await deriveSigningKey(secret, buildScope("region-0")), first);
  await deriveSigningKey(secret, buildScope("one-more"));
  assert.equal(await deriveSigningKey(secret, buildScope("region-1")), second);
  assert.notEqual(await deriveSigningKey(secret, buildScope("region-0")), first);
});
