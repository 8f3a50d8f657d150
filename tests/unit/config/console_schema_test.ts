/** `console`. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import type { ConsoleSettings } from "../../../src/config/config.ts";
import { ConfigError } from "../../../src/config/problem.ts";

const BASE = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
users: [{name: ops, access_key: OPS, secret_key: ops-secret-of-this-test}, {name: both, access_key: B, secret_key: both-secret-of-the-test}]
roles:
  oncall: {trust: [{users: [ops]}], grants: []}
  both: {grants: []}
identity_providers: [{issuer: "https://idp.example.com", jwks_file: keys.json}]
`;

function read(section: string): ConsoleSettings | undefined {
  return parseConfig(`${BASE}console: ${section}`, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no secret is in a file"),
  }).config.console;
}

Deno.test("parseConfig() has no console unless it is enabled", () => {
  assert.equal(read("{}"), undefined);
  assert.equal(read("{admins: [ops], public_url: https://c.example.com}"), undefined);
});

Deno.test("parseConfig() knows where the console is without further settings", () => {
  assert.deepEqual(read("{enabled: true}"), {
    listenAddress: { hostname: "127.0.0.1", port: 9091 },
    tls: undefined,
    origins: ["http://127.0.0.1:9091", "http://localhost:9091", "http://[::1]:9091"],
    s3Url: undefined,
    admins: [],
    oidc: [],
  });
  const page = read(
    "{enabled: true, public_url: https://C.example.com:443/, s3_url: https://s3.example.com, " +
      'admins: [ops, oncall], oidc: [{issuer: "https://idp.example.com", client_id: page}]}',
  );
  assert.deepEqual(page?.origins, ["https://c.example.com"]);
  assert.deepEqual(page?.oidc, [
    { issuer: "https://idp.example.com", clientId: "page", scopes: "openid" },
  ]);
});

const WRONG: readonly (readonly [section: string, at: string, words: RegExp])[] = [
  ["{enabled: true, admins: [opps]}", "opps", /no such user or role, did you mean "ops"\?/],
  ["{enabled: true, admins: [both]}", "both", /name of a user and of a role/],
  ["{enabled: true, public_url: http://c.example.com}", "http", /expected https/],
  ["{enabled: true, public_url: http://localhost.example.com}", "http", /expected https/],
  ["{enabled: true, public_url: https://c.example.com/path}", "http", /without a path/],
  ["{enabled: true, s3_url: 's3.example.com'}", "'s3", /without a path/],
  ["{enabled: true, address: ':8080'}", "':8080", /another listener of this file/],
  ["{enabled: true, adress: ':1'}", "adress", /did you mean "address"\?/],
  ["{enabled: true, oidc: [{issuer: https://x.example.com, client_id: a}]}", "https", /is none of/],
  ["{enabled: true, tls: {cert_file: a.pem}}", "{cert", /key_file/],
];

for (const [section, at, words] of WRONG) {
  Deno.test(`parseConfig() refuses console: ${section}`, () => {
    assert.throws(() => read(section), (error) => {
      assert.ok(error instanceof ConfigError);
      const [problem = "", ...others] = error.problems;
      assert.deepEqual(others, []);
      assert.match(problem, words);
      const line = BASE.split("\n").length;
      const column = "console: ".length + section.indexOf(at) + 1;
      assert.ok(problem.startsWith(`config.yaml:${line}:${column}:`), problem);
      return true;
    });
  });
}
