import assert from "node:assert/strict";
import type { LoadedConfig } from "../../../src/config/build.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { LIMITS } from "../../../src/limits.ts";

/** Lines 1 to 4 of every file here. */
const MASTER = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
`;
/** Lines 5 to 8. */
const USER = `users:
  - access_key: alice
    secret_key: alices-secret-of-this-test
    allowed_buckets: [alpha]
`;
const SEED = new URL("../../vectors/config/seed.yaml", import.meta.url);
const ENVIRONMENT = new Map([
  ["SHORT", "short"],
  ["PORT", "9000"],
]);
const FILES = new Map([
  ["/run/secrets/bob", "bobs-secret-in-a-file\r\n"],
  ["/run/secrets/two-lines", "first-line-of-secret\nsecond-line-of-secret"],
]);

function parse(text: string): LoadedConfig {
  return parseConfig(text, {
    path: "/etc/proxy/config.yaml",
    environment: (name) => ENVIRONMENT.get(name),
    readSecretFile: (path) => {
      const secret = FILES.get(path);
      if (secret === undefined) throw Object.assign(new Error("no"), { code: "ENOENT" });
      return secret;
    },
  });
}

/** All problems of `text`, without the file's name. */
function problemsOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.message, error.problems.join("\n"));
    return error.problems.map((problem) => problem.replace("/etc/proxy/config.yaml:", ""));
  }
  return [];
}

/** What a file adds to MASTER and USER → all its problems. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  // Unknown keys.
  "server: {listen_adr: ':1'}": [
    '9:10: server.listen_adr: unknown key, did you mean "listen_addr"?',
  ],
  "Server: {}": ['9:1: Server: unknown key, did you mean "server"?'],
  "logging: {colour: 1}": ['9:11: logging.(key): unknown key, expected one of "level", "format"'],
  "<<: {zzzzzzzz: 1}": [
    "1:1: (key): unknown key, expected one of " +
    '"master_credentials", "server", "backend", "security", "users", "roles", "identity_providers", "sts", …',
  ],
  "tenants: []": [
    "9:1: (key): unknown key, expected one of " +
    '"master_credentials", "server", "backend", "security", "users", "roles", "identity_providers", "sts", …',
  ],
  "logging: {level:info}": ['9:11: logging.(key): unknown key, expected one of "level", "format"'],
  "logging: {__proto__: {level: 1}}": [
    '9:11: logging.(key): unknown key, expected one of "level", "format"',
  ],
  // Wrong kinds.
  "server: on": ["9:9: server: is text, expected a mapping"],
  "server: []": ["9:9: server: is a list, expected a mapping"],
  'backend: {ca_file: "a\\nb"}': ["9:20: backend.ca_file: expected a file's path"],
  "server: {tls: {cert_file: a}}": ["9:15: server.tls.key_file: is missing, expected text"],
  "server: {region: 1}": ["9:18: server.region: is a number, expected text (put it in quotes)"],
  "server: {region: ''}": ['9:18: server.region: expected a region like "us-east-1"'],
  "server: {region: a/b}": ['9:18: server.region: expected a region like "us-east-1"'],
  "server: {virtual_host_domains: a.b}": [
    "9:32: server.virtual_host_domains: is text, expected a list",
  ],
  "server: {virtual_host_domains: ['*.b']}": [
    '9:33: server.virtual_host_domains[0]: expected a domain like "s3.example.com", without port ' +
    "or star: all below it are meant",
  ],
  "metrics: {enabled: 'yes'}": ["9:20: metrics.enabled: is text, expected true or false"],
  "metrics: {path: metrics}": ['9:17: metrics.path: expected a path like "/metrics"'],
  "metrics: {path: /healthz}": [
    "9:17: metrics.path: is where a health check is, expected another path",
  ],
  "metrics: {path: /readyz}": [
    "9:17: metrics.path: is where a health check is, expected another path",
  ],
  "server: {workers: 0}": ['9:19: server.workers: expected "auto", or a number from 1 to 64'],
  "server: {workers: 65}": ['9:19: server.workers: expected "auto", or a number from 1 to 64'],
  "server: {workers: all}": ['9:19: server.workers: expected "auto", or a number from 1 to 64'],
  "metrics: {enabled: true, address: '127.0.0.1:8080'}": [
    "9:35: metrics.address: is where server.listen_addr listens, expected another port",
  ],
  "logging: {level: trace}": [
    '9:18: logging.level: expected one of "debug", "info", "warn", "error"',
  ],
  // Bounds.
  "server: {read_timeout: 300}": [
    '9:24: server.read_timeout: expected a duration like "300s", "5m", "1h30m" or "500ms"',
  ],
  "server: {shutdown_timeout: 0}": ["9:28: server.shutdown_timeout: expected more than 0"],
  "server: {max_header_bytes: 0}": ["9:28: server.max_header_bytes: expected more than 0"],
  "backend: {connect_timeout: 0s}": ["9:28: backend.connect_timeout: expected more than 0"],
  "backend: {max_connections: 1000000000}": [
    "9:28: backend.max_connections: expected a whole number up to 999999999",
  ],
  "backend: {max_connections: 1.5}": [
    "9:28: backend.max_connections: expected a whole number up to 999999999",
  ],
  "backend: {ca_file: ''}": ["9:20: backend.ca_file: expected a file's path"],
  "backend: {client_cert_file: a}": [
    "9:10: backend.client_key_file: is missing, expected both " +
    "client_cert_file and client_key_file, or none",
  ],
  "security: {clock_skew: 15m1s}": ["9:24: security.clock_skew: expected at most 900s"],
  "security: {max_streaming_upload_size: 5G}": [
    "9:39: security.max_streaming_upload_size: expected bytes as a number, or a size like " +
    '"64KiB", "50MiB", "5GiB" or "100MB"',
  ],
  // The environment.
  "server: {region: '${NOWHERE}'}": [
    '9:18: server.region: environment variable "NOWHERE" is not set',
  ],
};

for (const [addition, problems] of Object.entries(REFUSED)) {
  Deno.test(`parseConfig() refuses ${addition}`, () => {
    assert.deepEqual(problemsOf(`${MASTER}${USER}${addition}`), problems);
  });
}

/** The entries of `users`, on lines 6 and following → all problems. */
const REFUSED_USERS: Readonly<Record<string, readonly string[]>> = {
  "  - alice": ["6:5: users[0]: is text, expected a mapping"],
  "  - {}": [
    "6:5: users[0].access_key: is missing, expected an access key",
    "6:5: users[0].secret_key: is missing, expected text in quotes",
  ],
  "  - {access_key: '', secret_key: ''}": [
    "6:18: users[0].access_key: expected 1 to 128 letters, digits or any of _ . @ + = ~ -",
    "6:34: users[0].secret_key: is too short, expected at least 8 characters",
  ],
  "  - {access_key: a b, secret_key: 12345678}": [
    "6:18: users[0].access_key: expected 1 to 128 letters, digits or any of _ . @ + = ~ -",
    "6:35: users[0].secret_key: is a number, expected text in quotes",
  ],
  "  - {access_key: a, secret_key: 1234567x, secret_key_file: /run/secrets/bob}": [
    "6:60: users[0].secret_key_file: stands beside secret_key, expected one of them",
  ],
  "  - {access_key: a, secret_key_file: nowhere}": [
    "6:38: users[0].secret_key_file: names an unreadable file: there is no such file",
  ],
  "  - {access_key: a, secret_key_file: /run/secrets/two-lines}": [
    "6:38: users[0].secret_key_file: holds a control character, such as a line end",
  ],
  "  - {access_key: a, secret_key: '${SHORT}'}": [
    "6:33: users[0].secret_key: is too short, expected at least 8 characters",
  ],
  "  - {access_key: a, secret_key: '${NOWHERE}'}": [
    '6:33: users[0].secret_key: environment variable "NOWHERE" is not set',
  ],
  "  - {access_key: MASTER, secret_key: 12345678x}": [
    "6:18: users[0].access_key: is the same as master_credentials.access_key",
  ],
  "  - {access_key: a, secret_key: 12345678x}\n  - {access_key: a, secret_key: 12345678y}": [
    "7:18: users[1].access_key: is the same as users[0].access_key",
  ],
  "  - {access_key: a, secret_key: 12345678x}\n  - keys: [{access_key: a, secret_key: 12345678y}]":
    ["7:25: users[1].keys[0].access_key: is the same as users[0].access_key"],
  "  - {access_key: a, secret_key: 12345678x, name: b}\n  - {access_key: b, secret_key: 12345678y}":
    ["7:18: users[1].access_key: names this user as users[0].name does another"],
  "  - {access_key: a, secret_key: 12345678x, name: a/b}": [
    "6:50: users[0].name: expected 1 to 64 letters, digits or any of _ + = , . @ -",
  ],
  "  - {access_key: a, secret_key: 12345678x, keys: [{access_key: b, secret_key: 12345678y}]}": [
    "6:50: users[0].keys: stands beside a key pair of its own, expected one of them",
  ],
  "  - {keys: []}": ["6:12: users[0].keys: expected at least 1 in this list"],
  "  - keys:\n    - {access_key: a, secret_key: 12345678x}\n    - {access_key: b}\n    - {}": [
    "7:5: users[0].keys: expected at most 2 in this list",
    "8:7: users[0].keys[1].secret_key: is missing, expected text in quotes",
    "9:7: users[0].keys[2].access_key: is missing, expected an access key",
    "9:7: users[0].keys[2].secret_key: is missing, expected text in quotes",
  ],
  "  - {access_key: a, secret_key: 12345678x, allowed_buckets: alpha}": [
    "6:61: users[0].allowed_buckets: is text, expected a list",
  ],
  "  - {access_key: a, secret_key: 12345678x, allowed_buckets: [b/c, '${user}-x', admin]}": [
    '6:62: users[0].allowed_buckets[0]: expected a bucket\'s name, a pattern like "app-*", or "*"',
    '6:67: users[0].allowed_buckets[1]: expected a bucket\'s name, a pattern like "app-*", or "*"',
    '6:80: users[0].allowed_buckets[2]: expected a bucket\'s name, a pattern like "app-*", or "*"',
  ],
  "  - {access_key: a, secret_key: 12345678x, expires_at: 2027-01-31}": [
    '6:56: users[0].expires_at: expected a date, time and zone like "2027-01-31T00:00:00Z"',
  ],
  "  - {access_key: a, secret_key: 12345678x, source_ips: [10.0.0.0/33]}": [
    '6:57: users[0].source_ips[0]: expected an address or range like "192.0.2.7", "10.0.0.0/8" ' +
    'or "fd00::/8"',
  ],
  "  - {access_key: a, secret_key: 12345678x, source_ips: []}": [
    "6:56: users[0].source_ips: expected at least 1 in this list",
  ],
};

for (const [users, problems] of Object.entries(REFUSED_USERS)) {
  Deno.test(`parseConfig() refuses users ${users}`, () => {
    assert.deepEqual(problemsOf(`${MASTER}users:\n${users}`), problems);
  });
}

Deno.test("parseConfig() lists all problems at once, in the order of the file", () => {
  assert.deepEqual(
    problemsOf(`master_credentials:
  access_key: MASTER
  secret_kee: master-secret-of-this-test
  endpoint: https://backend.example.com/path
users:
  - {access_key: a, secret_key: short, allowed_buckets: [a/b]}
  - {access_key: MASTER, secret_key: "\${NOWHERE}"}
logging: {level: loud}
metrics: {enabld: true}
`),
    [
      "2:3: master_credentials.secret_key: is missing, expected text in quotes",
      '3:3: master_credentials.secret_kee: unknown key, did you mean "secret_key"?',
      "4:13: master_credentials.endpoint: may not have a path, query or fragment",
      "6:33: users[0].secret_key: is too short, expected at least 8 characters",
      '6:58: users[0].allowed_buckets[0]: expected a bucket\'s name, a pattern like "app-*", or "*"',
      "7:18: users[1].access_key: is the same as master_credentials.access_key",
      '7:38: users[1].secret_key: environment variable "NOWHERE" is not set',
      '8:18: logging.level: expected one of "debug", "info", "warn", "error"',
      '9:11: metrics.enabld: unknown key, did you mean "enabled"?',
    ],
  );
});

Deno.test("parseConfig() refuses what is no configuration at all", () => {
  const missing = ["1:1: is empty, expected master_credentials and users"];
  for (const text of ["", "\n# nothing\n", "---\n", "~"]) {
    assert.deepEqual(problemsOf(text), missing);
  }
  assert.deepEqual(problemsOf("just text"), ["1:1: is text, expected a mapping"]);
  assert.deepEqual(problemsOf("- a"), ["1:1: is a list, expected a mapping"]);
  assert.deepEqual(problemsOf("logging: {}"), [
    "1:1: master_credentials: is missing, expected a mapping",
    "1:1: users: is missing, expected a list",
  ]);
});

Deno.test("parseConfig() has a bound on lines of problems", () => {
  const { configProblemsShownMax } = LIMITS;
  const buckets = (count: number): string =>
    `${MASTER}users: [{access_key: a, secret_key: 12345678x, ` +
    `allowed_buckets: [${"/,".repeat(count)}]}]`;
  assert.equal(problemsOf(buckets(configProblemsShownMax)).length, configProblemsShownMax);
  const problems = problemsOf(buckets(configProblemsShownMax + 1));
  assert.deepEqual([problems.length, problems.at(-1)], [
    configProblemsShownMax + 1,
    " and 1 more like these",
  ]);
});

/** Files with mistakes around a secret that YAML or the schema could quote. */
const LEAKY: readonly string[] = [
  "secret_key: SECRET",
  "secret_key: [SECRET00]",
  "secret_key: {SECRET00: SECRET00}",
  "secret_key: *SECRET00",
  "secret_key: &SECRET00",
  "secret_key: !SECRET00 x",
  "secret_key: @SECRET00",
  "secret_key: %SECRET00",
  'secret_key: "\\SECRET00"',
  'secret_key: "SECRET00',
  'secret_key: "SECRET00" SECRET00',
  "secret_key: SECRET00: SECRET00",
  "secret_key: | SECRET00",
  "secret_key:SECRET00",
  "secret_key: SECRET00\n  secret_key: SECRET00",
  "secret_key: ${SECRET00",
  "secret_key: ${secret}SECRET00",
  "secret_key_file: SECRET00",
  'secret_key: "SECRET00\\n"',
  'access_key: "/SECRET00"',
  'region: "/SECRET00"',
  "endpoint: SECRET00",
  "endpoint: https://SECRET00@h",
  'x: {secret_key:"SECRET00"}',
  '{secret_key:"SECRET00"}: x',
  "? [SECRET00]\n  : x",
];

for (const line of LEAKY) {
  Deno.test(`R1 parseConfig() quotes no value of ${JSON.stringify(line)}`, () => {
    const problems = problemsOf(`master_credentials:\n  ${line}\nusers: []\n`);
    assert.notEqual(problems.length, 0);
    assert.doesNotMatch(problems.join("\n"), /SECRET/);
  });
}

Deno.test("R1 no text of a configuration holds a secret", () => {
  const { config, warnings } = parse(MASTER + USER);
  const texts = [Deno.inspect(config, { depth: 9 }), JSON.stringify(config), ...warnings].join(
    "\n",
  );
  assert.doesNotMatch(texts, /-secret-/);
  assert.match(texts, /alpha/);
});

Deno.test("parseConfig() loads the file of the Go predecessor unchanged", async () => {
  const { config, warnings } = parse(await Deno.readTextFile(SEED));
  assert.equal(config.masterCredentials.accessKeyId, "YOUR_HETZNER_ACCESS_KEY");
  assert.equal(config.masterCredentials.endpoint.href, "https://fsn1.your-objectstorage.com/");
  assert.deepEqual(config.server.listenAddress, { hostname: "0.0.0.0", port: 8080 });
  assert.deepEqual(
    [config.server.readTimeoutMs, config.server.writeTimeoutMs, config.server.idleTimeoutMs],
    [300_000, 300_000, 120_000],
  );
  assert.equal(config.server.maxHeaderBytes, 1_048_576);
  assert.equal(config.security.verifyContentIntegrity, false);
  assert.deepEqual(config.users.map(({ name, allowedBuckets }) => [name, allowedBuckets]), [
    ["user1-key", ["bucket-alpha", "bucket-beta"]],
    ["admin-key", ["*"]],
  ]);
  assert.deepEqual(config.logging, { level: "info", format: "json" });
  assert.deepEqual(config.metrics, {
    enabled: true,
    listenAddress: { hostname: "0.0.0.0", port: 9090 },
    path: "/metrics",
  });
  assert.deepEqual(warnings.map((warning) => warning.split(": ")[1]), [
    "master_credentials.secret_key",
    "security.max_verify_body_size",
    "users[0].secret_key",
    "users[1].secret_key",
  ]);
});

Deno.test("parseConfig() fills in defaults, also for sections that are empty", () => {
  const absent = parse(MASTER + USER).config;
  const empty = parse(`${MASTER}${USER}server:\nbackend:\nsecurity:\nlogging:\nmetrics:\n`).config;
  assert.deepEqual(empty, absent);
  assert.equal(absent.masterCredentials.region, "us-east-1");
  assert.equal(absent.metrics, undefined);
  assert.equal(absent.security.blockPublicAccess, true);
  assert.equal(absent.security.clockSkewMs, 900_000);
  assert.deepEqual(absent.backend.capabilities, PRESETS.ceph);
  assert.equal(absent.server.tls, undefined);
});

Deno.test("parseConfig() reads every other setting", () => {
  const { server, backend, security, logging, metrics } = parse(`${MASTER}${USER}
server:
  listen_addr: "[::1]:\${PORT}"
  read_timeout: 0
  write_timeout: "0"
  idle_timeout: 0s
  virtual_host_domains: [Example.com., s3.example.com]
  region: eu-central-1
  tls: {cert_file: tls.crt, key_file: /tls.key}
backend: {client_cert_file: ../c.crt, client_key_file: c.key, ca_file: ca.crt, max_connections: "7",
  reserved_bucket_names: [Internal]}
security: {max_streaming_upload_size: 50MiB, block_public_access: false, clock_skew: 1m}
logging: {level: debug, format: text}
metrics: {enabled: true, address: "127.0.0.1:9090", path: /m}
`).config;
  assert.deepEqual(server.listenAddress, { hostname: "::1", port: 9000 });
  assert.deepEqual([server.readTimeoutMs, server.writeTimeoutMs, server.idleTimeoutMs], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(server.virtualHostDomains, ["s3.example.com", "example.com"]);
  assert.equal(server.region, "eu-central-1");
  assert.deepEqual(server.tls, { certFile: "/etc/proxy/tls.crt", keyFile: "/tls.key" });
  assert.deepEqual(backend.clientCertificate, {
    certFile: "/etc/c.crt",
    keyFile: "/etc/proxy/c.key",
  });
  assert.equal(backend.caFile, "/etc/proxy/ca.crt");
  assert.equal(backend.maxConnections, 7);
  assert.deepEqual(backend.reservedBucketNames, ["internal"]);
  assert.equal(security.maxStreamingUploadBytes, 52_428_800);
  assert.deepEqual([security.blockPublicAccess, security.clockSkewMs], [false, 60_000]);
  assert.deepEqual(logging, { level: "debug", format: "text" });
  assert.deepEqual(metrics, {
    enabled: true,
    listenAddress: { hostname: "127.0.0.1", port: 9090 },
    path: "/m",
  });
});
