import assert from "node:assert/strict";
import process from "node:process";
import { ConfigError } from "../../../src/config/problem.ts";
import { parseYamlFile } from "../../../src/config/yaml_file.ts";
import { LIMITS } from "../../../src/limits.ts";

/** With them the library prints what it reads. */
const LIBRARY_SWITCHES = ["LOG_TOKENS", "LOG_STREAM"];

function problemsOf(text: string): readonly string[] {
  try {
    parseYamlFile(text, "f");
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

const REFUSED: readonly (readonly [text: string, problem: RegExp])[] = [
  ["a: 1\na: 2", /^f:2:1: this key was already given above$/],
  ["a: {b: 1, b: 2}", /^f:1:11: this key was already/],
  ["a: 1\n---\nb: 2", /^f:2:1: a second document begins here/],
  ["a:\n\tb: 1", /^f:2:1: indented with a tab/],
  ["a: [1, 2", /^f:1:\d: /],
  ['a: "b', /^f:1:\d: /],
  ["a: b: c", /^f:1:4: /],
  ["a: *b", /^f:1:4: not an alias or anchor/],
  ["a: [*b, *c, &b 1]", /^f:1:5: not an alias or anchor/],
  ["a: !x y", /^f:1:4: an unknown tag/],
  ["a: @b", /^f:1:4: text that starts with this character/],
  ["? [a]\n: 1", /^f:1:3: a key that is not text/],
  ["a: {<<: 1}", /^f:1:1: .*<< merges what is no mapping$/],
  ["[".repeat(30_000), /^f:1:\d+: /],
];

for (const [text, problem] of REFUSED) {
  Deno.test(`parseYamlFile() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.match(problemsOf(text)[0] ?? "", problem);
  });
}

Deno.test("parseYamlFile() prints nothing, whatever the environment asks the library for", () => {
  const { log, dir } = console;
  const printed: unknown[][] = [];
  console.log = console.dir = (...values: unknown[]) => void printed.push(values);
  for (const name of LIBRARY_SWITCHES) Deno.env.set(name, "1");
  try {
    assert.deepEqual(parseYamlFile("secret_key: a-secret", "f").data, { secret_key: "a-secret" });
    assert.deepEqual(printed, []);
    for (const name of LIBRARY_SWITCHES) assert.equal(process.env[name], "1", "it is there again");
  } finally {
    for (const name of LIBRARY_SWITCHES) Deno.env.delete(name);
    Object.assign(console, { log, dir });
  }
});

Deno.test("parseYamlFile() tells a tab once, not every line that it spoils", () => {
  const text = "users:\n  - a: 1\n\tb: 2\n\tc: 3\n\td:\n\t\te: 4\n";
  assert.deepEqual(problemsOf(text), ["f:3:1: indented with a tab, expected spaces"]);
});

Deno.test("parseYamlFile() knows texts that a comment cuts", () => {
  const file = parseYamlFile('a: abc #def\nb: abc # def\nc: "abc" #def\nd: [abc#def]\n', "f");
  assert.deepEqual(["a", "b", "c", "d", "e"].map((key) => file.isCutByComment([key])), [
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("parseYamlFile() lists every breach", () => {
  assert.deepEqual(problemsOf("a: 1\na: 2\nb: @c\n"), [
    "f:2:1: this key was already given above",
    "f:3:4: text that starts with this character belongs in quotes",
  ]);
  assert.equal(problemsOf("a: [*b, *c]").length, 2);
});

Deno.test("parseYamlFile() has a bound on aliases, nested ones multiplied", () => {
  // As many as there may be are in the test of locate().
  const uses = `a: &a [1]\nb: [${"*a,".repeat(LIMITS.configAliasesMax + 1)}]`;
  assert.match(problemsOf(uses)[0] ?? "", /^f:2:5: aliases .* multiply/);
  let bomb = "a0: &a0 [x]\n";
  for (let level = 1; level < 12; level++) {
    bomb += `a${level}: &a${level} [${`*a${level - 1},`.repeat(10)}]\n`;
  }
  assert.match(problemsOf(bomb)[0] ?? "", /multiply/);
});

Deno.test("locate() finds values, keys, and what is around something missing", () => {
  const text = "a:\n  b: 1\n  list:\n    - x: y\n    - &z {k: v}\nc: *z\n";
  const file = parseYamlFile(text, "f");
  const locate = (path: (string | number)[], atKey = false): string => {
    const { line, column } = file.locate({ path, atKey });
    return `${line}:${column}`;
  };
  assert.equal(locate([]), "1:1");
  assert.equal(locate(["a", "b"]), "2:6");
  assert.equal(locate(["a", "b"], true), "2:3");
  assert.equal(locate(["a", "list", 0, "x"]), "4:10");
  assert.equal(locate(["a", "list", 1, "k"]), "5:14");
  assert.equal(locate(["a", "list", 7, "k"]), "4:5");
  assert.equal(locate(["a", "missing"]), "2:3");
  assert.equal(locate(["a", "missing", "deeper"]), "2:3");
  assert.equal(locate(["c"]), "6:4");
  assert.equal(locate(["c", "k"]), "5:14");
});

Deno.test("locate() finds what an anchor stood for at the alias, and in linear time", () => {
  const count = LIMITS.configAliasesMax - 1;
  const users = "- *z\n".repeat(count);
  const file = parseYamlFile(`a: &z {k: 1}\nb: *z\nc: &z {k: 2}\nd: *z\nusers:\n${users}`, "f");
  assert.equal(file.locate({ path: ["b", "k"] }).line, 1);
  assert.equal(file.locate({ path: ["d", "k"] }).line, 3);
  for (let user = 0; user < count; user++) {
    assert.equal(file.locate({ path: ["users", user, "k"] }).line, 3);
  }
});

Deno.test("parseYamlFile() takes a byte order mark, CRLF and a directive", () => {
  for (const text of ["\ufeffa: b\n", "a: b\r\n", "%YAML 1.2\n---\na: b\n"]) {
    assert.deepEqual(parseYamlFile(text, "f").data, { a: "b" });
  }
});
