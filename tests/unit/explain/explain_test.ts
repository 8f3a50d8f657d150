import assert from "node:assert/strict";
import { explain, type Question } from "../../../src/explain/explain.ts";
import { UsageError } from "../../../src/explain/usage_error.ts";
import { parseIpRange } from "../../../src/iam/ip_range.ts";
import { NOW, SAMPLE_CONFIG } from "../cli/sample_config.ts";

interface Explained {
  readonly allowed: boolean;
  readonly text: string;
}

function ask(question: Partial<Question>): Explained {
  const { allowed, lines } = explain(SAMPLE_CONFIG, {
    question: {
      who: { kind: "user", name: "ci-writer" },
      method: "GET",
      target: "/ci-1/k",
      headers: new Map(),
      clientAddress: "192.0.2.7",
      scheme: "https",
      ...question,
    },
    now: NOW,
  });
  return { allowed, text: lines.join("\n") };
}

Deno.test("explain() refuses a user who is not in the file, and names the nearest", () => {
  assert.throws(
    () => ask({ who: { kind: "user", name: "ci-writr" } }),
    new UsageError('Unknown user "ci-writr", did you mean "ci-writer"?'),
  );
});

const DENIED: readonly [name: string, question: Partial<Question>, told: readonly string[]][] = [
  ["a disabled user", { who: { kind: "user", name: "former" } }, [
    "user       former is disabled or has no key that is valid now",
    "decision   refused: InvalidAccessKeyId: ",
  ]],
  ["an address outside source_ips", { clientAddress: "198.51.100.1" }, [
    "decision   refused: AccessDenied (source_ip): ",
  ]],
  ["no allow", { target: "/shared/k", method: "DELETE" }, [
    "operation  DeleteObject\n",
    "needs      s3:DeleteObject on arn:aws:s3:::shared/k\n",
    "decision   denied (no_allow): s3:DeleteObject on arn:aws:s3:::shared/k",
  ]],
  ["an explicit deny", { who: { kind: "user", name: "backup" }, target: "/backups/secret/k" }, [
    "decision   denied (explicit_deny): s3:GetObject on arn:aws:s3:::backups/secret/k\n",
    "statement  c.yaml:24:users[1].policy.Statement[0]",
  ]],
  [
    "a copy source",
    { method: "PUT", headers: new Map([["x-amz-copy-source", "/private/k"]]) },
    [
      "operation  CopyObject\n",
      "needs      s3:GetObject on arn:aws:s3:::private/k\n",
      "decision   denied (no_allow): s3:GetObject on arn:aws:s3:::private/k",
    ],
  ],
  ["a public ACL", { method: "PUT", headers: new Map([["x-amz-acl", "public-read"]]) }, [
    "needs      s3:PutObjectAcl on arn:aws:s3:::ci-1/k\n",
    "security.block_public_access",
  ]],
  ["a condition that does not hold", {
    who: { kind: "user", name: "backup" },
    target: "/any?cors",
    scheme: "http",
  }, [
    "decision   denied (no_allow): s3:GetBucketCORS on arn:aws:s3:::any",
  ]],
  ["a URL that is not presigned where it has to be", {
    who: { kind: "user", name: "cdn" },
    target: "/cdn/k",
  }, [
    "decision   denied (no_allow): s3:GetObject on arn:aws:s3:::cdn/k",
  ]],
  ["a request that S3 does not know", { target: "/ci-1?anything" }, ["refused: InvalidArgument: "]],
];

for (const [name, question, told] of DENIED) {
  Deno.test(`explain() tells of ${name}`, () => {
    const { allowed, text } = ask(question);
    assert.equal(allowed, false, text);
    for (const part of told) assert.ok(text.includes(part), text);
  });
}

const ALLOWED: readonly [name: string, question: Partial<Question>, told: string][] = [
  ["a bucket list's statement", {}, "statement  c.yaml:10:users[0].allowed_buckets"],
  [
    "a role's statement, and a version",
    { target: "/shared/k?versionId=v" },
    "needs      s3:GetObjectVersion on arn:aws:s3:::shared/k\n" +
    "decision   allowed\nstatement  c.yaml:4:roles.reader.grants[0]",
  ],
  [
    "a virtual host",
    { target: "/k", headers: new Map([["host", "ci-1.s3.test"]]) },
    "needs      s3:GetObject on arn:aws:s3:::ci-1/k\n",
  ],
  [
    "a condition that holds",
    { who: { kind: "user", name: "backup" }, target: "/any?cors" },
    "statement  c.yaml:25:users[1].policy.Statement[1]",
  ],
  [
    "a right to create",
    { who: { kind: "user", name: "backup" }, method: "PUT", target: "/backups/backup/k" },
    "decision   allowed to create",
  ],
  [
    "a presigned URL's path",
    { who: { kind: "user", name: "cdn" }, target: "/cdn/k?X-Amz-Algorithm=AWS4-HMAC-SHA256" },
    "decision   allowed\nstatement  c.yaml:38:users[4].policy.Statement[0]",
  ],
  ["ListBuckets", { target: "/" }, "decision   allowed: shows the buckets"],
];

for (const [name, question, told] of ALLOWED) {
  Deno.test(`explain() tells of ${name}`, () => {
    const { allowed, text } = ask(question);
    assert.equal(allowed, true, text);
    assert.ok(text.includes(told), text);
  });
}

Deno.test("explain() takes clients to come over TLS where the file has it, or a proxy that it trusts", () => {
  const { server } = SAMPLE_CONFIG;
  const tls = { certFile: "cert.pem", keyFile: "key.pem" };
  const trustedProxies = [parseIpRange("10.0.0.0/8") ?? assert.fail("it is a range")];
  for (
    const [over, expected] of [[{}, false], [{ tls }, true], [{ trustedProxies }, true]] as const
  ) {
    const config = { ...SAMPLE_CONFIG, server: { ...server, ...over } };
    const question: Question = {
      who: { kind: "user", name: "backup" },
      method: "GET",
      target: "/any?cors",
      headers: new Map(),
      clientAddress: "192.0.2.7",
      scheme: "auto",
    };
    assert.equal(explain(config, { question, now: NOW }).allowed, expected);
  }
});

const CLAIMS = { iss: "https://i.test", aud: ["a"], sub: "job-7", env: "prod" };

Deno.test("explain() tells whether a role trusts a token's claims, and what it may then", () => {
  const asRole = (claims: Readonly<Record<string, unknown>>, target = "/shared/k"): Explained =>
    ask({ who: { kind: "role", name: "reader", claims }, target });
  const trusted = asRole(CLAIMS);
  assert.equal(trusted.allowed, true, trusted.text);
  assert.match(trusted.text, /^role +reader trusts web:https:\/\/i\.test:job-7$/m);
  assert.match(trusted.text, /^statement +c\.yaml:4:roles\.reader\.grants\[0\]$/m);
  assert.match(asRole(CLAIMS, "/other/k").text, /denied \(no_allow\)/);
  for (const change of [{ sub: "x" }, { env: "dev" }, { env: undefined }, { aud: "b" }]) {
    const { allowed, text } = asRole({ ...CLAIMS, ...change });
    assert.equal(allowed, false);
    assert.match(text, /^role +reader does not trust web:/m);
  }
});

Deno.test("explain() refuses a role that is not in the file, and claims of no token", () => {
  assert.throws(
    () => ask({ who: { kind: "role", name: "readr", claims: CLAIMS } }),
    new UsageError('Unknown role "readr", did you mean "reader"?'),
  );
  assert.throws(
    () => ask({ who: { kind: "role", name: "reader", claims: { iss: 1 } } }),
    UsageError,
  );
});

Deno.test("explain() takes an access key, and tells whose it is and whether that one is valid", () => {
  const byKey = (name: string): Explained => ask({ who: { kind: "user", name } });
  assert.match(byKey("ci-new").text, /^user +ci-writer, by the key ci-new$/m);
  assert.ok(byKey("ci-new").allowed);
  const { allowed, text } = byKey("f");
  assert.equal(allowed, false);
  assert.match(
    text,
    /^user +f, a key of former, is not valid now\ndecision +refused: InvalidAccessKeyId/m,
  );
});
