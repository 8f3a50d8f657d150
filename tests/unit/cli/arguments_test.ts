import assert from "node:assert/strict";
import {
  type Command,
  formatHelp,
  parseArguments,
  UsageError,
} from "../../../src/cli/arguments.ts";

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
  ["nothing-like-it", 'Unknown command "nothing-like-it", expected one of serve, demo'],
  ["toString", 'Unknown command "toString", expected one of serve, demo'],
  ["config.yaml", 'Unknown command "config.yaml", expected one of serve, demo'],
  ["serve config.yaml", 'Unexpected argument "config.yaml"'],
  ["-- --config", 'Unexpected argument "--config"'],
  ["demo --port 65536", 'Cannot parse "--port": got "65536", expected a port from 0 to 65535'],
  ["demo --port x", 'Cannot parse "--port": got "x", expected a port from 0 to 65535'],
  ["demo --port -1", 'Option "--port" needs a value'],
  [
    "demo --listen a_b",
    'Cannot parse "--listen": got "a_b", expected an address or a host\'s name',
  ],
];

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
  for (const name of ["serve", "-c, --config FILE", "demo", "--port N", "--listen HOST"]) {
    assert.ok(help.includes(name), name);
  }
  assert.ok(help.split("\n").every((line) => line.length <= 100));
});
