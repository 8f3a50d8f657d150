import assert from "node:assert/strict";
import { explainPresigned, presign, type PresignRequest } from "../../../src/cli/presign.ts";
import { UsageError } from "../../../src/explain/usage_error.ts";
import { presign as presignIndependently } from "../../support/signer.ts";
import { NOW, SAMPLE_CONFIG } from "./sample_config.ts";

const REQUEST: PresignRequest = {
  user: "ci-writer",
  method: "GET",
  bucket: "ci-1",
  key: "a b/ü+%20",
  expiresSeconds: 7200,
  endpoint: new URL("https://s3.example.com:9443"),
};

const REFUSED: readonly [change: Partial<PresignRequest>, message: RegExp][] = [
  [{ user: "nobody" }, /^Unknown user "nobody"/],
  [{ user: "former" }, /^User "former" has no valid key$/],
  [{ method: "PATCH" }, /^Cannot presign PATCH, expected GET, HEAD, PUT or DELETE$/],
  [{ bucket: "a_b" }, /^Cannot presign s3:\/\/a_b\/a b\/ü\+%20: The specified bucket is not valid/],
  [{ key: "../b" }, /^Cannot presign s3:\/\/ci-1\/\.\.\/b: /],
];

for (const [change, message] of REFUSED) {
  Deno.test(`presign() refuses ${JSON.stringify(change)}`, () => {
    assert.throws(
      () => presign(SAMPLE_CONFIG, { request: { ...REQUEST, ...change }, now: NOW }),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

Deno.test("presign() signs as the tests' own signer does, with the key that is valid longest", () => {
  const { target } = presignIndependently({
    method: "GET",
    target: "/ci-1/a%20b/%C3%BC%2B%2520",
    headers: [["host", "s3.example.com:9443"]],
    accessKey: "ci-new",
    secretKey: "ci-new-secret-key",
    date: NOW,
    expires: 7200,
  });
  const url = new URL(presign(SAMPLE_CONFIG, { request: REQUEST, now: NOW }));
  const expected = new URL(target, "https://s3.example.com:9443");
  assert.equal(url.origin, "https://s3.example.com:9443");
  assert.equal(url.pathname, expected.pathname);
  assert.deepEqual(new Map(url.searchParams), new Map(expected.searchParams));
});

Deno.test("explainPresigned() says why the proxy would refuse the URL, and nothing where it would not", () => {
  const ask = (change: Partial<PresignRequest>): string | undefined => {
    const request = { ...REQUEST, ...change };
    const url = presign(SAMPLE_CONFIG, { request, now: NOW });
    return explainPresigned(SAMPLE_CONFIG, { url, request, now: NOW });
  };
  assert.equal(ask({ user: "cdn", bucket: "cdn" }), undefined);
  assert.equal(
    ask({ user: "cdn", bucket: "cdn", method: "PUT" }),
    "denied (no_allow): s3:PutObject on arn:aws:s3:::cdn/a b/ü+%20",
  );
  assert.match(
    ask({ user: "backup", bucket: "backups", key: "secret/k" }) ?? "",
    /^denied \(explicit_deny\)/,
  );
  assert.equal(
    ask({}),
    undefined,
    "who may come from other addresses only is not told from this one",
  );
});
