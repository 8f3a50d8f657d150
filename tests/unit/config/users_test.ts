import assert from "node:assert/strict";
import type { LoadedConfig } from "../../../src/config/build.ts";
import { loadConfig, parseConfig } from "../../../src/config/load.ts";
import { containsAddress, parseIpAddress } from "../../../src/iam/ip_range.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { createUsersSchema } from "../../../src/config/user_schema.ts";
import { LIMITS } from "../../../src/limits.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";

const FILES = new Map([
  ["/etc/proxy/alice.key", "alices-secret-in-a-file\n"],
  ["/run/secrets/bob", "bobs-secret-in-a-file\r\n"],
]);

function parse(text: string): LoadedConfig {
  return parseConfig(text, {
    path: "/etc/proxy/config.yaml",
    environment: (name) => name === "SECRET" ? "secret-from-the-environment" : undefined,
    readSecretFile: (path) => FILES.get(path) ?? assert.fail(path),
  });
}

/** A file whose users begin on line 6. */
function fileOf(users: string, endpoint = "https://backend.example.com"): string {
  return `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: ${endpoint}
users: ${users}`;
}

function warningsOf(text: string): string[] {
  return parse(text).warnings.map((warning) => warning.replace("/etc/proxy/config.yaml:", ""));
}

Deno.test("parseConfig() finds secrets in the text, in files and in the environment", () => {
  const { config, warnings } = parse(fileOf(`
  - {access_key: a, secret_key: "a \\"plain\\" secret, quoted", allowed_buckets: ["*"]}
  - {access_key: b, secret_key_file: alice.key, allowed_buckets: ["*"]}
  - {access_key: c, secret_key_file: /run/secrets/bob, allowed_buckets: ["*"]}
  - {access_key: d, secret_key: "\${SECRET}", allowed_buckets: ["*"]}
  - {access_key: e, secret_key: "\$\${SECRET}-escaped", allowed_buckets: ["*"]}
`));
  const secrets = [
    'a "plain" secret, quoted',
    "alices-secret-in-a-file",
    "bobs-secret-in-a-file",
    "secret-from-the-environment",
    "${SECRET}-escaped",
  ];
  for (const [index, secret] of secrets.entries()) {
    const key = config.users[index]?.keys[0];
    assert.ok(key?.secretAccessKey.equals(new SecretAccessKey(secret)), `users[${index}]`);
  }
  assert.deepEqual(warnings, []);
});

Deno.test("parseConfig() reads two key pairs of one user", () => {
  const [user, ...others] = parse(fileOf(`
  - name: ci
    enabled: false
    expires_at: "2028-01-01T00:00:00Z"
    source_ips: [192.0.2.7, 10.1.2.3/8]
    keys:
      - {access_key: old, secret_key: old-secret-of-this-test, expires_at: "2027-01-01T00:00:00Z"}
      - {access_key: new, secret_key: new-secret-of-this-test}
    allowed_buckets: [Alpha, app-*]
`)).config.users;
  assert.equal(others.length, 0);
  assert.deepEqual([user?.name, user?.enabled], ["ci", false]);
  assert.equal(user?.expiresAt?.toISOString(), "2028-01-01T00:00:00.000Z");
  const isAllowed = (text: string): boolean | undefined => {
    const address = parseIpAddress(text);
    return address && user?.sourceIps?.some((range) => containsAddress(range, address));
  };
  assert.deepEqual(["192.0.2.7", "10.9.9.9", "192.0.2.8"].map(isAllowed), [true, true, false]);
  assert.deepEqual(
    user?.keys.map(({ accessKeyId, expiresAt }) => [accessKeyId, expiresAt?.toISOString()]),
    [["old", "2027-01-01T00:00:00.000Z"], ["new", undefined]],
  );
  assert.deepEqual(user?.allowedBuckets, ["alpha", "app-*"]);
});

Deno.test("parseConfig() calls a user after its first access key", () => {
  const { users } = parse(fileOf(`
  - {access_key: a, secret_key: a-secret-of-this-test}
  - {keys: [{access_key: b, secret_key: b-secret-of-this-test}]}
  - {access_key: c, secret_key: c-secret-of-this-test, name: see}
`)).config;
  assert.deepEqual(users.map(({ name }) => name), ["a", "b", "see"]);
  assert.deepEqual(users.map(({ enabled, sourceIps }) => [enabled, sourceIps]), [
    [true, undefined],
    [true, undefined],
    [true, undefined],
  ]);
});

Deno.test("parseConfig() reads bucket names as the backend section says", () => {
  const users = "[{access_key: a, secret_key: a-secret-of-this-test, allowed_buckets: [Old_Data]}]";
  assert.throws(() => parse(fileOf(users)), ConfigError);
  const relaxed = parse(`${fileOf(users)}\nbackend: {relaxed_bucket_names: true}`);
  assert.deepEqual(relaxed.config.users[0]?.allowedBuckets, ["Old_Data"]);
  const reserved = "backend: {relaxed_bucket_names: true, reserved_bucket_names: [OLD_DATA]}";
  assert.throws(() => parse(`${fileOf(users)}\n${reserved}`), ConfigError);
});

Deno.test("parseConfig() shares a list by anchor, merges mappings and expands each use", () => {
  const { users } = parse(fileOf(`
  - &base {access_key: a, secret_key: a-secret-of-this-test, allowed_buckets: &team [alpha, beta]}
  - {access_key: b, secret_key: "\${SECRET}", allowed_buckets: *team}
  - {<<: *base, access_key: c, secret_key: c-secret-of-this-test}
`)).config;
  assert.deepEqual(
    users.map(({ name, allowedBuckets }) => [name, allowedBuckets]),
    ["a", "b", "c"].map((name) => [name, ["alpha", "beta"]]),
  );
});

Deno.test("parseConfig() freezes all of the configuration", () => {
  const { config } = parse(fileOf("[{access_key: a, secret_key: a-secret-of-this-test}]"));
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" || value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  assert.ok(isFrozen(config));
});

Deno.test("parseConfig() warns about what is allowed but unwise", () => {
  const weak = fileOf(
    `
  - {access_key: a, secret_key: 123456789012345, allowed_buckets: []}
  - {access_key: b, secret_key: master-secret-of-this-test, allowed_buckets: [alpha]}
security: {max_verify_body_size: 1}
`.replace("123456789012345", '"123456789012345"'),
    "http://192.0.2.1:7480",
  );
  assert.deepEqual(warningsOf(weak), [
    "4:13: master_credentials.endpoint: objects go to another machine without encryption, " +
    "expected https",
    "6:5: users[0]: has no rule: may do nothing",
    "6:33: users[0].secret_key: is weak, expected at least 16 characters",
    "7:33: users[1].secret_key: is the same as master_credentials.secret_key",
    "8:12: security.max_verify_body_size: has no effect any more: bodies of every size are " +
    "verified while they stream",
  ]);
  assert.deepEqual(warningsOf(fileOf("[]")), [
    "5:8: users: is empty: every request will be refused",
  ]);
});

Deno.test("parseConfig() warns about secrets that are examples, and about variables that stay as they are", () => {
  const example = "is an example's, which everybody knows";
  const variable = "looks like a variable, which is written ${NAME}";
  for (
    const [secret, expected] of [
      ["user1-secret-to-be-replaced", example],
      ["YOUR_HETZNER_SECRET_KEY", example],
      ["$CI_WRITER_SECRET_KEY", variable],
      ["${CI_WRITER_SECRET_KEY", variable],
      ["$(cat /run/secrets/ci)", variable],
      ["$Ab3$x(cat)1234567890", undefined],
    ] as const
  ) {
    const users = `[{access_key: a, secret_key: '${secret}', allowed_buckets: [alpha]}]`;
    assert.deepEqual(
      warningsOf(fileOf(users)),
      expected === undefined ? [] : [`5:37: users[0].secret_key: ${expected}`],
      secret,
    );
  }
});

Deno.test("parseConfig() warns about every secret that README.md and the example show", async () => {
  for (const file of ["README.md", "config.yaml.example"]) {
    const text = await Deno.readTextFile(new URL(`../../../${file}`, import.meta.url));
    const secrets = [...text.matchAll(/^ *secret_key: "([^"$]+)"/gm)].map(([, secret]) => secret);
    assert.ok(secrets.length >= 3, file);
    for (const secret of secrets) {
      const users = `[{access_key: a, secret_key: "${secret}", allowed_buckets: [alpha]}]`;
      assert.match(warningsOf(fileOf(users)).join(), /is an example's/, secret);
    }
  }
});

Deno.test("parseConfig() warns about policies that hardly mean what they say", () => {
  const statements: readonly (readonly [string, string | undefined])[] = [
    [
      "{Effect: Deny, Action: 's3:PutObject', Resource: 'arn:aws:s3:::b-1'}",
      "never applies: its actions are on objects, expected a resource with /* behind the bucket",
    ],
    [
      "{Effect: Allow, Action: 's3:ListBucket', Resource: 'arn:aws:s3:::b-1/*'}",
      "never applies: its actions are on buckets, expected a resource without a key",
    ],
    [
      "{Effect: Deny, Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::b-1/*'}",
      "denies s3:DeleteObject and not s3:DeleteObjectVersion, which ?versionId= asks for",
    ],
    ["{Effect: Deny, Action: 's3:DeleteObject*', Resource: 'arn:aws:s3:::b-1/*'}", undefined],
    ["{Effect: Allow, Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::b-1/*'}", undefined],
    ["{Effect: Deny, Action: 's3:PutObject', NotResource: 'arn:aws:s3:::b-1'}", undefined],
    ["{Effect: Deny, Action: 's3:ListBucket', Resource: 'arn:aws:s3:::b-*'}", undefined],
    ["{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::b-1/*'}", undefined],
    ["{Effect: Allow, Action: ['s3:ListBucket', 's3:GetObject'], Resource: '*'}", undefined],
  ];
  for (const [statement, expected] of statements) {
    const warnings = warningsOf(fileOf(`
  - access_key: a
    secret_key: "1234567890123456"
    policy: {Version: "2012-10-17", Statement: [${statement}]}
`));
    const place = "8:49: users[0].policy.Statement[0]";
    assert.deepEqual(warnings, expected === undefined ? [] : [`${place}: ${expected}`], statement);
  }
});

Deno.test("parseConfig() warns about trust in everybody, and about prefixes that look like patterns", () => {
  const text = fileOf(`
  - access_key: a
    secret_key: "1234567890123456"
    grants:
      - {access: read-write, buckets: ["app-*"], prefixes: ["team-*/", "a/"]}
      - {access: append-only, buckets: [b-1], deletable_prefixes: ["?/"]}
      - {access: read-only, buckets: [d-1], prefixes: ["/a/", "${"\${user}"}", "${"\${user}"}/"]}
    roles: [r]
roles: {r: {grants: [{access: read-only, buckets: [c-1], prefixes: ["*"]}]}}
server: {trusted_proxies: ["10.0.0.0/8", "0.0.0.0/0", "::/0"]}
`);
  const everybody = "is every address: any client may say where it comes from, source_ips or not";
  const literal = "holds * or ?, which stand for themselves in a prefix";
  assert.deepEqual(warningsOf(text), [
    `9:61: users[0].grants[0].prefixes[0]: ${literal}`,
    `10:68: users[0].grants[1].deletable_prefixes[0]: ${literal}`,
    "11:56: users[0].grants[2].prefixes[0]: begins with a slash, which keys do not as clients write them",
    "11:63: users[0].grants[2].prefixes[1]: covers users whose names begin alike, too, expected ${user}/",
    `13:69: roles.r.grants[0].prefixes[0]: ${literal}`,
    `14:42: server.trusted_proxies[1]: ${everybody}`,
    `14:55: server.trusted_proxies[2]: ${everybody}`,
  ]);
});

Deno.test("parseConfig() accepts a secret of 8 characters, none of 7", () => {
  const users = (secret: string): string => fileOf(`[{access_key: a, secret_key: "${secret}"}]`);
  assert.equal(parse(users("12345678")).config.users.length, 1);
  assert.throws(() => parse(users("1234567")), /is too short/);
});

Deno.test("createUsersSchema() has a bound on users", () => {
  const schema = createUsersSchema({ relaxed: false, reserved: new Set() });
  const isTooMany = (count: number): boolean =>
    schema.safeParse(Array(count).fill(null)).error?.issues.at(-1)?.code === "too_big";
  assert.deepEqual([LIMITS.usersMax, LIMITS.usersMax + 1].map(isTooMany), [false, true]);
});

Deno.test("parseConfig() warns about no backend on this machine, and no secret of 16", () => {
  const users = '[{access_key: a, secret_key: "1234567890123456", allowed_buckets: [alpha]}]';
  assert.deepEqual(warningsOf(fileOf(users, "http://127.0.0.1:7480")), []);
});

Deno.test("loadConfig() refuses what is not there, a folder, other encodings, and secrets without an end", async () => {
  const endless = `it has over ${LIMITS.namedFileBytesMax} bytes`;
  for (
    const [name, message] of [
      [
        "nowhere.yaml",
        'cannot be read: there is no such file, "s3-proxy init" makes one, config.yaml.example shows every setting, "s3-proxy demo" needs none',
      ],
      ["", "cannot be read: it is a directory"],
      ["not_utf8.yaml", "is not UTF-8 text"],
      [
        "endless_secret.yaml",
        `5:22: users[0].secret_key_file: names an unreadable file: ${endless}`,
      ],
    ] as const
  ) {
    const path = new URL(`../../vectors/config/${name}`, import.meta.url).pathname;
    await assert.rejects(loadConfig(path), {
      name: "ConfigError",
      message: `${path}:${/^[0-9]/.test(message) ? "" : " "}${message}`,
    });
  }
});

Deno.test("loadConfig() warns about a file that everyone may read", async () => {
  const path = new URL("../../vectors/config/seed.yaml", import.meta.url).pathname;
  const { mode } = await Deno.stat(path);
  const { warnings } = await loadConfig(path);
  const isReadable = ((mode ?? 0) & 0o004) !== 0;
  assert.equal(warnings.some((warning) => warning.includes("every user")), isReadable);
});
