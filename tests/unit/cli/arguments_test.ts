import assert from "node:assert/strict";
import { formatHelp, parseArguments } from "../../../src/cli/arguments.ts";
import type { Command } from "../../../src/cli/commands.ts";
import { UsageError } from "../../../src/explain/usage_error.ts";

const REFUSED: readonly (readonly [line: string, message: string])[] = [
  ["--confg x", 'Unknown option "--confg", did you mean "config"?'],
  ["-confg x", 'Unknown option "--confg", did you mean "config"?'],
  ["-x", 'Unknown option "--x", expected one of help, version, config'],
  ["--__proto__", 'Unknown option "--__proto__", expected one of help, version, config'],
  ["demo --config x", 'Unknown option "--config", expected one of help, version, port, listen'],
  ["--port 1", 'Unknown option "--port", expected one of help, version, config'],
  ["--config", 'Option "--config" needs a value'],
  ["-c", 'Option "--config" needs a value'],
  ["--config=", 'Option "--config" needs a value'],
  ["--config --help", 'Option "--config" needs a value'],
  ["--help=yes", 'Option "--help" takes no value'],
  ["dmo", 'Unknown command "dmo", did you mean "demo"?'],
  [
    "nothing-like-it",
    'Unknown command "nothing-like-it", expected one of serve, check, probe, explain, init, keygen, presign, login, demo',
  ],
  [
    "toString",
    'Unknown command "toString", expected one of serve, check, probe, explain, init, keygen, presign, login, demo',
  ],
  [
    "config.yaml",
    'Unknown command "config.yaml", expected one of serve, check, probe, explain, init, keygen, presign, login, demo',
  ],
  ["serve config.yaml", 'Unexpected argument "config.yaml"'],
  ["-- --config", 'Unexpected argument "--config"'],
  ["demo --port 65536", 'Cannot parse "--port": got "65536", expected a port from 0 to 65535'],
  ["demo --port x", 'Cannot parse "--port": got "x", expected a port from 0 to 65535'],
  ["demo --port -1", 'Option "--port" needs a value'],
  [
    "demo --listen a_b",
    'Cannot parse "--listen": got "a_b", expected an address or a host\'s name',
  ],
  [
    "keygen --user a:b",
    'Cannot parse "--user": got "a:b", expected 1 to 64 letters, digits or any of _ + = , . @ -',
  ],
  ["explain GET /b/k", 'Option "--user" or "--role" is needed, and not both'],
  [
    "explain --user u --role r GET /b/k",
    'Option "--user" or "--role" is needed, and not both',
  ],
  ["explain --role r GET /b/k", 'Options "--role" and "--claims" go together'],
  ["explain --user u --claims f GET /b/k", 'Options "--role" and "--claims" go together'],
  ["explain --user u GET", "Argument TARGET is missing"],
  ["explain --user u GET /b/k more", 'Unexpected argument "more"'],
  [
    "explain --user u GET b/k",
    'Cannot parse "TARGET": got "b/k", expected a path like "/bucket/key", or "s3://bucket/key"',
  ],
  [
    "explain --user u GET /b --ip 1.2.3",
    'Cannot parse "--ip": got "1.2.3", expected an IPv4 or IPv6 address',
  ],
  [
    "explain --user u GET /b --scheme ftp",
    'Cannot parse "--scheme": got "ftp", expected "http", "https" or "auto"',
  ],
  ["explain --user u GET /b --header a", 'Cannot parse "--header": got "a", expected NAME=VALUE'],
  ["presign --user u GET s3://b/k", 'Option "--endpoint" is missing'],
  ...["s3://b/", "s3://b", "/b/", "/b", "b/k", "s3:///b/k", "/b/%zz"].map((target) =>
    [
      `presign --user u GET ${target} --endpoint https://p`,
      `Cannot parse "TARGET": got "${target}", expected a bucket and a key: s3://bucket/key`,
    ] as const
  ),
  ...["168h1s", "0", "999ms"].map((time) =>
    [
      `presign --user u GET s3://b/k --endpoint https://p --expires ${time}`,
      `Cannot parse "--expires": got "${time}", expected "1s" to "168h", S3's longest`,
    ] as const
  ),
  [
    "presign --user u GET s3://b/k --endpoint p",
    'Cannot parse "--endpoint": got "p", expected a URL like "https://fsn1.your-objectstorage.com"',
  ],
];

/** `login` with one option changed. */
const LOGIN = {
  issuer: "https://id.example.com",
  "client-id": "s3-proxy",
  role: "dev",
  endpoint: "https://s3.example.com",
};
const LOGIN_REFUSED: readonly (readonly [option: string, value: string, problem: string])[] = [
  ["issuer", "http://id.example.com", 'expected a URL like "https://id.example.com"'],
  ["issuer", "https://u@id.example.com", 'expected a URL like "https://id.example.com"'],
  ["issuer", 'https://id.example.com/"', 'expected a URL like "https://id.example.com"'],
  ...["http://10.0.0.1", "http://127.0.0.1.example.com", "https://s3.example.com/sts"].map((url) =>
    ["endpoint", url, "expected a URL of https without a path, or of http on this machine"] as const
  ),
  ["client-id", 'a"b', "expected a client's id"],
  ["role", "a/b", "expected a role's name or ARN"],
  ["role", "arn:aws:iam::1:role/dev", "expected a role's name or ARN"],
  ["profile", "a]b", "expected letters, digits and ._@-"],
  ["scope", "openid  email", 'expected names like "openid offline_access"'],
  ["prompt", "always", 'expected "auto" or "never"'],
];

for (const [option, value, problem] of LOGIN_REFUSED) {
  Deno.test(`parseArguments() refuses login --${option} ${value}`, () => {
    const options = Object.entries({ ...LOGIN, [option]: value });
    const words = options.flatMap(([name, text]) => [`--${name}`, text]);
    const message = `Cannot parse "--${option}": got "${value}", ${problem}`;
    assert.throws(() => parseArguments(["login", ...words]), new UsageError(message));
  });
}

for (const [line, message] of REFUSED) {
  Deno.test(`parseArguments() refuses ${line}`, () => {
    assert.throws(() => parseArguments(line.split(" ")), new UsageError(message));
  });
}

const ACCEPTED: readonly (readonly [line: string, command: Command])[] = [
  ["", { name: "serve", configPath: "config.yaml" }],
  ["serve", { name: "serve", configPath: "config.yaml" }],
  ["-config a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["-config=a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["--config a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["--config=a=b.yaml", { name: "serve", configPath: "a=b.yaml" }],
  ["--config=-a.yaml", { name: "serve", configPath: "-a.yaml" }],
  ["-c a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["-c=a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["serve -c a.yaml", { name: "serve", configPath: "a.yaml" }],
  ["-c a.yaml -c b.yaml", { name: "serve", configPath: "b.yaml" }],
  ["demo", { name: "demo", port: 8080, hostname: "127.0.0.1" }],
  ["demo --port 0", { name: "demo", port: 0, hostname: "127.0.0.1" }],
  ["demo -port=9000 --listen ::1", { name: "demo", port: 9000, hostname: "::1" }],
  ["check -c a.yaml", { name: "check", configPath: "a.yaml", asksBackend: false }],
  ["check --backend", { name: "check", configPath: "config.yaml", asksBackend: true }],
  ["check -backend -c a", { name: "check", configPath: "a", asksBackend: true }],
  ["keygen", { name: "keygen", user: "new-user" }],
  ["explain --user u get /b/k?versionId=1 --header A=b=c --header D= --ip ::1 --scheme http", {
    name: "explain",
    configPath: "config.yaml",
    claimsPath: undefined,
    question: {
      who: { kind: "user", name: "u" },
      method: "GET",
      target: "/b/k?versionId=1",
      headers: new Map([["a", "b=c"], ["d", ""]]),
      clientAddress: "::1",
      scheme: "http",
    },
  }],
  ["explain --role r --claims c.json GET /b/k", {
    name: "explain",
    configPath: "config.yaml",
    claimsPath: "c.json",
    question: {
      who: { kind: "role", name: "r", claims: {} },
      method: "GET",
      target: "/b/k",
      headers: new Map(),
      clientAddress: "127.0.0.1",
      scheme: "auto",
    },
  }],
  ["presign --user u PUT s3://b/a/b%20c --endpoint https://p:9000 --expires 168h", {
    name: "presign",
    configPath: "config.yaml",
    request: {
      user: "u",
      method: "PUT",
      bucket: "b",
      key: "a/b%20c",
      expiresSeconds: 604_800,
      endpoint: new URL("https://p:9000"),
    },
  }],
  ["presign --user u PUT /b/a/b%20c --endpoint https://p:9000", {
    name: "presign",
    configPath: "config.yaml",
    request: {
      user: "u",
      method: "PUT",
      bucket: "b",
      key: "a/b c",
      expiresSeconds: 3600,
      endpoint: new URL("https://p:9000"),
    },
  }],
  ["explain --user u GET s3://b/a+b%20", {
    name: "explain",
    configPath: "config.yaml",
    claimsPath: undefined,
    question: {
      who: { kind: "user", name: "u" },
      method: "GET",
      target: "/b/a%2Bb%2520",
      headers: new Map(),
      clientAddress: "127.0.0.1",
      scheme: "auto",
    },
  }],
  ["init --region fsn1", { name: "init", file: { endpoint: "", region: "fsn1" } }],
  ["--help", { name: "help" }],
  ["-h", { name: "help" }],
  ["demo --help", { name: "help" }],
  ["--version --help", { name: "help" }],
  ["-version", { name: "version" }],
];

for (const [line, command] of ACCEPTED) {
  Deno.test(`parseArguments() reads "${line}"`, () => {
    assert.deepEqual(parseArguments(line.split(" ").filter(Boolean)), command);
  });
}

Deno.test("parseArguments() refuses an empty argument", () => {
  assert.throws(() => parseArguments([""]), UsageError);
});

Deno.test("formatHelp() names every command and option", () => {
  const help = formatHelp();
  for (
    const name of [
      "serve",
      "-c, --config FILE",
      "demo",
      "--port N",
      "--listen HOST",
      "explain METHOD TARGET",
      "presign METHOD TARGET",
      "init",
      "--backend ",
    ]
  ) {
    assert.ok(help.includes(name), name);
  }
  assert.ok(help.split("\n").every((line) => line.length <= 100));
});
