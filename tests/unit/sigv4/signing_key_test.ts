import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { CredentialScope } from "../../../src/sigv4/credential_scope.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";
import { deriveSigningKey } from "../../../src/sigv4/signing_key.ts";
import { deriveSigningKey as deriveIndependently, hmac } from "../../support/signer.ts";

function buildScope(region: string, date = "20130524"): CredentialScope {
  return {
    date,
    region,
    service: "s3",
    text: `${date}/${region}/s3/aws4_request`,
  };
}

Deno.test("SigningKey.verify() A16 rejects what is not the signature, however much of it is right", () => {
  const key = deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1"));
  const signature = key.sign("text");
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
    assert.equal(key.verify("text", wrong), false, wrong);
  }
  assert.equal(key.verify("texu", signature), false);
  assert.equal(key.verify("text", signature), true);
});

Deno.test("SigningKey prints nothing of what it holds", () => {
  const key = deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1"));
  assert.deepEqual(Object.getOwnPropertyNames(key), []);
  assert.equal(JSON.stringify(key), "{}");
  assert.equal(Deno.inspect(key, { showHidden: true }), "SigningKey {}");
});

Deno.test("deriveSigningKey() agrees with node:crypto on any secret", () => {
  for (const secret of ["short678", "é😀/+=", "x".repeat(200)]) {
    const key = deriveSigningKey(new SecretAccessKey(secret), buildScope("fsn1"));
    const expected = deriveIndependently({
      secretKey: secret,
      date: new Date("2013-05-24"),
      region: "fsn1",
    });
    assert.equal(key.sign("text"), hmac(expected, "text").toHex());
  }
});

Deno.test("deriveSigningKey() keeps the key of a secret and scope", () => {
  const secret = new SecretAccessKey("secret");
  const key = deriveSigningKey(secret, buildScope("us-east-1"));
  assert.equal(deriveSigningKey(secret, buildScope("us-east-1")), key);
  assert.notEqual(deriveSigningKey(secret, buildScope("us-east-2")), key);
  assert.notEqual(
    deriveSigningKey(secret, buildScope("us-east-1", "20130525")),
    key,
  );
});

Deno.test("deriveSigningKey() A17 makes another key for another secret object", () => {
  const before = new SecretAccessKey("secret");
  const after = new SecretAccessKey("changed");
  const key = deriveSigningKey(before, buildScope("us-east-1"));
  const signature = key.sign("text");
  const renewed = deriveSigningKey(after, buildScope("us-east-1"));
  assert.equal(renewed.verify("text", signature), false);
  assert.notEqual(
    deriveSigningKey(new SecretAccessKey("secret"), buildScope("us-east-1")),
    key,
  );
});

Deno.test("deriveSigningKey() drops the oldest key one past its bound", () => {
  const secret = new SecretAccessKey("secret");
  const first = deriveSigningKey(secret, buildScope("region-0"));
  const second = deriveSigningKey(secret, buildScope("region-1"));
  for (let at = 2; at < LIMITS.signingKeysPerSecretMax; at++) {
    deriveSigningKey(secret, buildScope(`region-${at}`));
  }
  assert.equal(deriveSigningKey(secret, buildScope("region-0")), first);
  deriveSigningKey(secret, buildScope("one-more"));
  assert.equal(deriveSigningKey(secret, buildScope("region-1")), second);
  assert.notEqual(deriveSigningKey(secret, buildScope("region-0")), first);
});
