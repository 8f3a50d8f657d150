import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import type { User } from "../../../src/config/config.ts";

/** A file whose rules begin on line 5. */
function parse(rules: string): readonly User[] {
  return parseConfig(
    `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
${rules}`,
    { path: "f", environment: () => undefined, readSecretFile: () => assert.fail() },
  ).config.users;
}

const USER = "users:\n  - {access_key: a, secret_key: secret-of-this-test, ";

const REFUSED: readonly [rules: string, line: number, problem: string][] = [
  [
    "roles: {ci: {grants: []}}\n" + USER + "roles: [cii]}",
    7,
    "users[0].roles[0]: no such role, did you mean ci?",
  ],
  [`${USER}grants: [{access: write, buckets: [b-1]}]}`, 6, "users[0].grants[0].access: "],
  [`${USER}grants: [{access: full, buckets: []}]}`, 6, "users[0].grants[0].buckets: "],
  [
    `${USER}grants: [{access: full, buckets: [b-1], bucket: [b-1]}]}`,
    6,
    "users[0].grants[0].bucket: unknown key, did you mean",
  ],
  [
    `${USER}policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:GetObjekt", ` +
    `Resource: "*"}]}}`,
    6,
    'users[0].policy.Statement[0].Action: Unknown action "s3:GetObjekt"',
  ],
  [
    `${USER}policy: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}, {Effect: Denied, Action: "s3:*", Resource: "*"}]}`,
    6,
    'users[0].policy[1].Effect: Unknown effect "Denied"',
  ],
];

for (const [rules, line, problem] of REFUSED) {
  Deno.test(`parseConfig() refuses a rule: ${problem}`, () => {
    assert.throws(() => parse(rules), (error) => {
      assert.ok(error instanceof ConfigError);
      const [told = "", ...others] = error.problems;
      assert.ok(told.startsWith(`f:${line}:`) && told.includes(problem), told);
      assert.deepEqual(others, []);
      return true;
    });
  });
}

Deno.test("parseConfig() compiles every kind of rule, in the order of the file", () => {
  const [user, other] = parse(`
roles:
  shared: {grants: [{access: read-only, buckets: [shared]}]}
users:
  - access_key: a
    secret_key: secret-of-this-test
    allowed_buckets: [own]
    roles: [shared]
    grants: [{access: append-only, buckets: [backup]}]
    policy: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]}
  - access_key: b
    secret_key: secret-of-these-tests
    policy:
      - {Effect: Deny, Action: "s3:*", Resource: "*"}
`);
  const ids = user?.statements.map(({ id }) => id) ?? [];
  assert.deepEqual([...new Set(ids)], [
    "f:11:users[0].allowed_buckets",
    "f:7:roles.shared.grants[0]",
    "f:13:users[0].grants[0]",
    "f:14:users[0].policy.Statement[0]",
  ]);
  assert.deepEqual(user?.allowedBuckets, ["own"]);
  assert.deepEqual(other?.statements.map(({ id }) => id), ["f:18:users[1].policy[0]"]);
});

Deno.test("R1 parseConfig() tells of a rule that holds a variable without its value", () => {
  const value = "secret-in-the-wrong-place";
  const policies = [
    '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "${SECRET}", Resource: "${SECRET}"}]}',
    '{Version: "${SECRET}", Statement: {Effect: Deny, Action: "s3:*", Resource: "*"}}',
  ];
  for (const policy of policies) {
    const text = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
${USER}policy: ${policy}}`;
    const environment = (name: string): string | undefined => name === "SECRET" ? value : undefined;
    assert.throws(
      () => parseConfig(text, { path: "f", environment, readSecretFile: () => assert.fail() }),
      (error) =>
        error instanceof ConfigError && error.message.includes("${SECRET}") &&
        !error.message.includes(value),
    );
  }
});
