import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { BuiltConfig } from "../../../src/config/build.ts";
import { compileCheckedFile, compileConfig } from "../../../src/config/compile.ts";
import type { Config, UserKey } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";
import type { Statement } from "../../../src/iam/policy.ts";

const CERTIFICATES = { server: undefined, client: undefined, authorities: ["authority"] };

/** Everything that a file may have and that scarcely survives a journey. */
const TEXT = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com:8443
server: {trusted_proxies: [10.0.0.0/8, "fd00::/8"], virtual_host_domains: [s3.example.com]}
roles:
  auditor: {grants: [{access: list-only, buckets: ["*"]}]}
  2nd auditor: {grants: [{access: list-only, buckets: [logs]}]}
users:
  - access_key: plain
    secret_key: secret-of-the-plain-user
    allowed_buckets: [one, "app-*"]
  - name: ci-writer
    expires_at: "2031-01-01T00:00:00Z"
    source_ips: [192.0.2.0/24]
    keys:
      - {access_key: ci-1, secret_key: first-secret-of-the-writer, expires_at: "2030-01-01T00:00:00Z"}
      - {access_key: ci-2, secret_key: second-secret-of-the-writer}
    roles: [auditor, 2nd auditor]
    grants:
      - {access: append-only, buckets: [builds], prefixes: ["\${user}/"], deletable_prefixes: ["\${user}/locks/"]}
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: s3:*
          NotResource: "arn:aws:s3:::builds/\${aws:username}/*"
          Condition: {NotIpAddress: {aws:SourceIp: 192.0.2.0/25}}
cors:
  - {buckets: ["assets-*"], allowed_origins: ["https://app.example.com"], allowed_methods: [GET]}
`;

function load(): BuiltConfig {
  return parseConfig(TEXT, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no secret is in a file"),
  });
}

function describe(value: unknown): string {
  return Deno.inspect(value, { depth: Infinity, iterableLimit: Infinity, strAbbreviateSize: 1e6 });
}

function listKeys({ users }: Config): UserKey[] {
  return users.flatMap(({ keys }) => keys);
}

function listStatements({ users }: Config): Statement[] {
  return users.flatMap(({ statements }) => statements);
}

Deno.test("compileCheckedFile() makes the same of what was posted to another thread", () => {
  const { config, checked } = load();
  const other = compileCheckedFile(structuredClone({ ...checked, certificates: CERTIFICATES }));
  assert.deepEqual(other.certificates, CERTIFICATES);
  assert.equal(describe(other.config), describe(config));
  assert.equal(describe(listStatements(other.config)), describe(listStatements(config)));
  assert.match(describe(listStatements(config)), /config\.yaml:21:users\[1\]\.grants\[0\]/);
  assert.deepEqual(other.config.bucketNames, ["one", "logs", "builds"]);
  for (const [index, { secretAccessKey }] of listKeys(config).entries()) {
    assert.ok(listKeys(other.config)[index]?.secretAccessKey.equals(secretAccessKey));
  }
  const secret = other.config.masterCredentials.secretAccessKey;
  assert.ok(secret.equals(config.masterCredentials.secretAccessKey));
  const [rule] = other.config.cors;
  assert.deepEqual(["assets-1", "other"].map((bucket) => rule?.matchesBucket(bucket)), [
    true,
    false,
  ]);
});

Deno.test("compileCheckedFile() compiles a user's rules once, when they are read", () => {
  const { checked } = load();
  const asked: string[] = [];
  const statementLines = new (class extends Map<string, number> {
    override get(key: string): number | undefined {
      asked.push(key);
      return super.get(key);
    }
  })(checked.statementLines);
  const file = { ...checked, certificates: CERTIFICATES, statementLines };
  const { config: { users: [plain] } } = compileCheckedFile(file);
  assert.deepEqual(asked, ['["roles","auditor","grants",0]', '["roles","2nd auditor","grants",0]']);
  assert.equal(plain?.statements, plain?.statements);
  assert.equal(asked.length, 3);
  assert.equal(asked[2], '["users",0,"allowed_buckets"]');
});

Deno.test("a configuration does not hold on to the file it was read from", async () => {
  const { config, file } = ((): { config: Config; file: WeakRef<object> } => {
    const { checked: { settings, secrets } } = load();
    const file = { line: 7 };
    const config = compileConfig(settings, {
      sealingKeys: [],
      secrets,
      nameStatement: (path) => `config.yaml:${file.line}:${path.join()}`,
      report: (_path, message) => assert.fail(message),
      warn: () => {},
    });
    return { config, file: new WeakRef(file) };
  })();
  await new Promise((resolve) => setTimeout(resolve)); // a WeakRef keeps what this turn has seen
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  assert.equal(file.deref(), undefined);
  assert.match(describe(listStatements(config)), /config\.yaml:7:users,1,grants,0/);
});

for (const source of ["file", "worker"]) {
  Deno.test(`a ${source}'s configuration is frozen all the way down`, () => {
    const { config, checked } = load();
    const { users, cors, server } = source === "file"
      ? config
      : compileCheckedFile({ ...checked, certificates: CERTIFICATES }).config;
    const [, writer] = users;
    const parts = [users, writer, writer?.keys[0], writer?.sourceIps?.[0]?.mask, cors[0], server];
    for (const part of parts) assert.ok(part !== undefined && Object.isFrozen(part));
    const { resources, conditions } = writer?.statements.at(-1) ?? assert.fail("it has rules");
    for (const part of [resources.patterns, resources.patterns[0], conditions, conditions[0]]) {
      assert.ok(part !== undefined && Object.isFrozen(part));
    }
  });
}

Deno.test("a checked file has secrets among its secrets alone", () => {
  const { secrets, ...rest } = load().checked;
  assert.deepEqual([...secrets.keys()].sort(), ["MASTER", "ci-1", "ci-2", "plain"]);
  assert.match(describe(rest), /ci-writer/);
  assert.doesNotMatch(describe(rest), /-secret-of-|secret-of-the/);
});
