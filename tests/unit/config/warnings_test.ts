import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/config/problem.ts";

const MASTER = "master_credentials: {access_key: M, secret_key: a-master-secret-of-tests, " +
  "endpoint: 'https://s3.example.com'}\n";
const USER = "  - access_key: alpha\n    secret_key: a-secret-of-these-tests\n";
const USERS = `users:\n${USER}    allowed_buckets: [a-bucket]\n`;

function parse(text: string): readonly string[] {
  return parseConfig(text, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  }).warnings;
}

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return assert.fail("the configuration was taken");
}

Deno.test("parseConfig() warns of security.presigned_v2, which is off by default", () => {
  const warnings = parse(`${MASTER}${USERS}security: {presigned_v2: true}\n`);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /^config\.yaml:6:26: security\.presigned_v2: .*SHA-1.*expected false/,
  );
  assert.deepEqual(parse(`${MASTER}${USERS}security: {presigned_v2: false}\n`), []);
});

for (const domain of ["com", "COM.", "localdomain", "co.uk", "com.au", "or.jp"]) {
  Deno.test(`parseConfig() warns of the public suffix ${domain} in virtual_host_domains`, () => {
    const domains = `server: {virtual_host_domains: [s3.example.com, ${domain}]}\n`;
    assert.deepEqual(parse(MASTER + USERS + domains), [
      "config.yaml:6:49: server.virtual_host_domains[1]: is a public suffix: any host's name in " +
      "it would name a bucket",
    ]);
  });
}

for (
  const domain of ["localhost", "s3.example.com", "example.com", "example.co.uk", "io.example"]
) {
  Deno.test(`parseConfig() has nothing against ${domain} in virtual_host_domains`, () => {
    const domains = `server: {virtual_host_domains: [${domain}]}\n`;
    assert.deepEqual(parse(MASTER + USERS + domains), []);
  });
}

const SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";
const POLICY = `users:\n${USER}    policy: `;
/** Where a secret may stand as a key. */
const MISPLACED: readonly string[] = [
  `${MASTER}${USERS}${SECRET}: 1\n`,
  `${MASTER}${USERS}server: {${SECRET}: 1}\n`,
  `master_credentials: {access_key: M, ${SECRET}: null, endpoint: 'https://s3.example.com'}\n${USERS}`,
  `${MASTER}users:\n  - alpha: ${SECRET}\n    ${SECRET}: alpha\n`,
  `${MASTER}${POLICY}{${SECRET}: 1}\n`,
  ...[
    `{Effect: Allow, Action: "s3:*", Resource: "*", ${SECRET}: 1}`,
    `{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {${SECRET}: {"s3:prefix": a}}}`,
    `{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {StringLike: {${SECRET}: a}}}`,
  ].map((statement) => `${MASTER}${POLICY}{Version: "2012-10-17", Statement: [${statement}]}\n`),
];

for (const [index, text] of MISPLACED.entries()) {
  Deno.test(`R1 parseConfig() does not show a secret that is written as a key, ${index}`, () => {
    const problems = problemsOf(text).join("\n");
    assert.equal(problems.includes(SECRET), false, problems);
    assert.match(problems, /\(key\)/);
  });
}

for (
  const [secret, told] of [
    ["abc #def", "is too short, expected at least 8 characters: it ends before the #"],
    ["abcdefghijklmnop #qrst", "ends before the #, which begins a comment"],
  ] as const
) {
  Deno.test(`parseConfig() tells of a secret like "${secret}" that YAML cuts it`, () => {
    const users = `users:\n  - access_key: alpha\n    secret_key: ${secret}\n`;
    const read = (): readonly string[] =>
      parse(`${MASTER}${users}    allowed_buckets: [a-bucket]\n`);
    const lines = told.startsWith("ends")
      ? read()
      : problemsOf(`${MASTER}${users}    allowed_buckets: [a-bucket]\n`);
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.startsWith(`config.yaml:4:17: users[0].secret_key: ${told}`), lines[0]);
  });
}

Deno.test("parseConfig() has nothing against a comment behind a secret", () => {
  const users = "users:\n  - access_key: alpha\n    secret_key: abcdefghijklmnop # of May\n";
  assert.deepEqual(parse(`${MASTER}${users}    allowed_buckets: [a-bucket]\n`), []);
});

for (
  const [prefix, isOdd] of [
    ["ci", true],
    ["team/ci2", true],
    ["a_b-c", true],
    ["ci/", false],
    ["ci-", false],
    ["state/app.tfstate", false],
  ] as const
) {
  Deno.test(`parseConfig() ${isOdd ? "warns of" : "takes"} the prefix "${prefix}"`, () => {
    const grant =
      `    grants: [{access: read-write, buckets: [a-bucket], prefixes: ["${prefix}", "x/"]}]\n`;
    const warnings = parse(`${MASTER}users:\n${USER}${grant}`);
    assert.deepEqual(
      warnings.map((warning) => /has no slash at its end/.test(warning)),
      isOdd ? [true] : [],
    );
  });
}
