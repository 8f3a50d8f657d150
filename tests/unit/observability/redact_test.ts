import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { redactCanonicalRequest } from "../../../src/observability/redact.ts";

const SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
const SECRET_NAMES = [
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-security-token",
];

for (const name of SECRET_NAMES) {
  Deno.test(`redactCanonicalRequest() hides the header ${name}`, () => {
    const shown = redactCanonicalRequest(
      `GET\n/b/k\n\nhost:a\n${name}:${SECRET}\n\nhost;${name}\nhash`,
    );
    assert.equal(shown, `GET\n/b/k\n\nhost:a\n${name}:[redacted]\n\nhost;${name}\nhash`);
  });

  Deno.test(`redactCanonicalRequest() hides the query parameter ${name} in any case`, () => {
    for (const spelling of [name, name.toUpperCase(), name.replace("x-amz", "X-Amz")]) {
      const query = `X-Amz-Expires=60&${spelling}=${SECRET}&x-id=GetObject`;
      assert.equal(
        redactCanonicalRequest(`GET\n/b/k\n${query}\nhost:a`),
        `GET\n/b/k\nX-Amz-Expires=60&${spelling}=[redacted]&x-id=GetObject\nhost:a`,
      );
      const alone = redactCanonicalRequest(`GET\n/b/k\n${spelling}=${SECRET}\nhost:a`);
      assert.ok(!alone.includes(SECRET));
    }
  });
}

Deno.test("redactCanonicalRequest() hides a value with other line separators", () => {
  const shown = redactCanonicalRequest(`x-amz-security-token:a\u2028b\rc${SECRET}\nhost:a`);
  assert.equal(shown, "x-amz-security-token:[redacted]\nhost:a");
});

Deno.test("redactCanonicalRequest() hides a secret that the cut would have left half", () => {
  const before = "x".repeat(LIMITS.canonicalRequestShownBytesMax - 30);
  const shown = redactCanonicalRequest(`${before}\nx-amz-security-token:${SECRET}`);
  assert.ok(!shown.includes(SECRET.slice(0, 2)));
});

Deno.test("redactCanonicalRequest() leaves other headers and the key's MD5 as they are", () => {
  const text =
    "x-amz-server-side-encryption-customer-key-md5:abc=\nx-amz-meta-a:x-amz-security-token:1";
  assert.equal(redactCanonicalRequest(text), text);
});

Deno.test("redactCanonicalRequest() cuts one byte past the bound", () => {
  const longest = "a".repeat(LIMITS.canonicalRequestShownBytesMax);
  assert.equal(redactCanonicalRequest(longest), longest);
  assert.equal(redactCanonicalRequest(longest + "b"), longest);
});

Deno.test("redactCanonicalRequest() does not cut inside a character", () => {
  for (const character of ["é", "€", "😀"]) {
    const fits = "a".repeat(LIMITS.canonicalRequestShownBytesMax - 1);
    assert.equal(redactCanonicalRequest(fits + character), fits);
  }
});
