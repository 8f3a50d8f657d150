/**
 * Holds the repository to its own rules: where things stand, how long they are, what they are
 * called. Each rule is shown to fail on a made-up file first.
 * @module
 */

import assert from "node:assert/strict";
import { LIMITS } from "../src/limits.ts";
import { checkImports, findCycles, findUnusedLimits } from "./support/layout_graph.ts";
import { checkMentions, readRepository } from "./support/layout_mentions.ts";
import { checkFile, checkSource, type SourceFile } from "./support/layout_rules.ts";

const repository = await readRepository(new URL("../", import.meta.url));
const code = repository.filter(({ path }) => path.endsWith(".ts"));
const sources = code.filter(({ path }) => path.startsWith("src/") || path === "main.ts");

Deno.test("the program keeps every rule of a source file", () => {
  assert.notEqual(sources.length, 0);
  assert.deepEqual(sources.flatMap(checkSource), []);
});

Deno.test("every file keeps the rules of names, length and comments", () => {
  assert.deepEqual(code.flatMap(checkFile), []);
});

Deno.test("a folder imports only what is above it, and only its own packages", () => {
  assert.deepEqual(sources.flatMap(checkImports), []);
  assert.deepEqual(findCycles(sources), []);
});

Deno.test("every limit is used", () => {
  assert.deepEqual(findUnusedLimits(Object.keys(LIMITS), sources), []);
});

Deno.test("no file speaks of what is not in the repository", () => {
  const paths = new Set(repository.map(({ path }) => path));
  assert.deepEqual(repository.flatMap((file) => checkMentions(file, { paths })), []);
});

const MODULE = "/**\n * What it is.\n * @module\n */\n\n";

/** rule → where it fails → made-up code. */
const REFUSED: readonly (readonly [rule: string, path: string, snippet: string])[] = [
  ["casts", "src/s3/a.ts", "const a: any = 1;"],
  ["casts", "src/s3/a.ts", "const a = b as string;"],
  ["casts", "src/s3/a.ts", "const a = <string> b;"],
  ["casts", "src/s3/a.ts", "const a = b!;"],
  ["casts", "src/s3/a.ts", "// why\n\nconst a = b!;"],
  ["casts", "src/s3/a.ts", "/** Doc. */\nfunction read(a: string): Key { return a as Key; }"],
  ["casts", "src/s3/a.ts", "function parseA(a: string): Key { return a as Name; }"],
  ["comparisons", "src/sigv4/a.ts", "if (signature === expected) {}"],
  ["comparisons", "src/sigv4/a.ts", "if (expected !== request.seedSignature) {}"],
  ["effects", "src/proxy.ts", "await fetch(target);"],
  ["effects", "src/proxy.ts", "const send = fetch;"],
  ["effects", "src/proxy.ts", "const parts = { fetch };"],
  ["effects", "src/proxy.ts", "class A { #send = fetch; }"],
  ["effects", "src/proxy.ts", "globalThis.fetch(target);"],
  ["effects", "src/cli/demo.ts", "Deno.serve(answer);"],
  ["effects", "src/upstream/target.ts", "Deno.listen({ port: 1 });"],
  ["effects", "src/server/a.ts", "Deno.createHttpClient({});"],
  ["effects", "src/server/a.ts", "Deno.connect({ port: 1 });"],
  ["effects", "src/server/a.ts", "const { serve } = Deno;"],
  ["effects", "src/server/a.ts", 'Deno["serve"](answer);'],
  ["effects", "src/server/a.ts", "await Deno.readTextFile(path);"],
  ["effects", "src/proxy.ts", "Deno.env.get(name);"],
  ["effects", "src/cli/demo.ts", "Deno.exit(0);"],
  ["effects", "src/cli/demo.ts", 'Deno.addSignalListener("SIGTERM", stop);'],
  ["effects", "src/cli/demo.ts", "new Deno.Command(name);"],
  ["effects", "src/sigv4/verify.ts", "const now = new Date();"],
  ["effects", "src/sigv4/verify.ts", "const now = Date.now();"],
  ["effects", "src/sigv4/verify.ts", "const now = Date();"],
  ["effects", "src/sigv4/verify.ts", "performance.now();"],
  ["effects", "src/s3/target.ts", "new URL(raw);"],
  ["effects", "src/s3/target.ts", "URL.parse(raw);"],
  ["effects", "src/config/load.ts", "secret.expose();"],
  ["effects", "src/proxy.ts", 'console.error("x");'],
  ["effects", "src/payload/a.ts", "body.pipeThrough(new TransformStream());"],
  ["exports", "src/s3/a.ts", "/** Doc. */\nexport default 1;"],
  ["exports", "src/s3/a.ts", 'export * from "./b.ts";'],
  ["exports", "src/s3/a.ts", 'export { b } from "./b.ts";'],
  ["exports", "src/s3/a.ts", "export const a = 1;"],
  ["exports", "src/s3/a.ts", "// Not a doc comment.\nexport function a(): void {}"],
  ["functions", "src/s3/a.ts", `function read(): void {\n${"a();\n".repeat(69)}}`],
  ["functions", "src/s3/a.ts", `const read = () => {\n${"a();\n".repeat(69)}};`],
  ["functions", "src/s3/a.ts", "function read(a: A, b: B, c: C): void {}"],
  ["functions", "src/s3/a.ts", "class A { read(a: A, b: B, c: C): void {} }"],
  ["functions", "src/s3/a.ts", "function handleRequest(): void {}"],
];

for (const [rule, path, snippet] of REFUSED) {
  Deno.test(`checkSource() refuses by ${rule} in ${path}: ${firstLine(snippet)}`, () => {
    assert.deepEqual(rulesOf(checkSource({ path, text: `${MODULE}${snippet}\n` })), [rule]);
  });
}

/** path → code that looks like a breach and is none. */
const ACCEPTED: readonly (readonly [path: string, snippet: string])[] = [
  ["src/s3/a.ts", 'const a = ["x"] as const;'],
  ["src/s3/a.ts", "const a = b as string; // b was checked above"],
  ["src/s3/a.ts", "// b was checked above\nconst a = b!;"],
  ["src/s3/a.ts", "function parseKey(a: string): Key { return a as Key; }"],
  ["src/s3/a.ts", "function parseKey(a: string): Key | undefined { return a as Key; }"],
  ["src/s3/a.ts", 'const a = "fetch(console.log(new Date()))"; // fetch, TransformStream'],
  ["src/s3/a.ts", "const a = { fetch: 1 }.fetch; type A = typeof fetch;"],
  ["src/s3/a.ts", "const a = new Date(0); const b = Date.UTC(2013, 4, 24);"],
  ["src/s3/a.ts", "const a = error instanceof Deno.errors.Http; type A = Deno.HttpClient;"],
  ["src/sigv4/a.ts", "if (signature === undefined) {}"],
  ["src/server/a.ts", 'new Worker(new URL("./worker.ts", import.meta.url));'],
  ["src/upstream/fetch_transport.ts", "await fetch(target);"],
  ["src/sigv4/signing_key.ts", "secret.expose();"],
  ["src/lib/clock.ts", "const now = [new Date(), Date.now(), performance.now()];"],
  ["src/s3/a.ts", "/** Doc. */\n// deno-fmt-ignore: a table\nexport const a = 1;"],
  ["src/s3/a.ts", `/** Doc. */\nexport function a(): void;\nexport function a(b?: B): void {}`],
  ["src/s3/a.ts", `function read(): void {\n${"a();\n".repeat(68)}}`],
];

for (const [path, snippet] of ACCEPTED) {
  Deno.test(`checkSource() accepts in ${path}: ${firstLine(snippet)}`, () => {
    assert.deepEqual(checkSource({ path, text: `${MODULE}${snippet}\n` }), []);
  });
}

Deno.test("checkSource() wants a doc comment with @module at the beginning", () => {
  for (const text of ["const a = 1;\n", "/** What it is. */\nconst a = 1;\n", `\n${MODULE}`]) {
    assert.deepEqual(rulesOf(checkSource({ path: "src/s3/a.ts", text })), ["module_doc"]);
  }
});

Deno.test("checkFile() refuses names, lengths and comments", () => {
  const refused: readonly SourceFile[] = [
    { path: "src/s3/CamelCase.ts", text: "" },
    { path: "src/s3/kebab-case.ts", text: "" },
    { path: "src/s3/utils.ts", text: "" },
    { path: "src/s3/xml_helper.ts", text: "" },
    { path: "src/s3/a.ts", text: "\n".repeat(251) },
    { path: "tests/a_test.ts", text: "\n".repeat(401) },
    { path: "src/s3/a.ts", text: `// ${"TO"}DO: later\n` },
    { path: "src/s3/a.ts", text: "// deno-lint-ignore no-explicit-any\n" },
    { path: "src/s3/a.ts", text: "// @ts-ignore: it works\n" },
  ];
  for (const file of refused) assert.equal(checkFile(file).length, 1, JSON.stringify(file.path));
  assert.deepEqual(checkFile({ path: "src/s3/a.ts", text: "\n".repeat(250) }), []);
  const explained = "// deno-lint-ignore no-explicit-any -- the library's type\n";
  assert.deepEqual(checkFile({ path: "src/s3/a.ts", text: explained }), []);
});

Deno.test("checkImports() refuses what is below, unknown or not allowed", () => {
  const refused: readonly SourceFile[] = [
    { path: "src/lib/a.ts", text: 'import { S3Error } from "../s3/error.ts";' },
    { path: "src/s3/a.ts", text: 'import type { Config } from "../config/schema.ts";' },
    { path: "src/s3/a.ts", text: 'const config = await import("../config/schema.ts");' },
    { path: "src/s3/a.ts", text: 'let config: import("../config/schema.ts").Config;' },
    { path: "src/observability/a.ts", text: 'import { S3Error } from "../s3/error.ts";' },
    { path: "src/server/a.ts", text: 'import { assert } from "../../tests/support/gate.ts";' },
    { path: "src/s3/a.ts", text: 'import { S3Client } from "@aws-sdk/client-s3";' },
    { path: "src/s3/a.ts", text: 'import { z } from "npm:zod";' },
    { path: "src/s3/a.ts", text: 'import { createServer } from "node:http";' },
    { path: "src/s3/a.ts", text: 'import { connect } from "node:net";' },
    { path: "src/s3/a.ts", text: 'import { readFile } from "node:fs/promises";' },
    { path: "src/s3/a.ts", text: 'import process from "node:process";' },
    { path: "src/elsewhere/a.ts", text: "" },
  ];
  for (const file of refused) assert.equal(checkImports(file).length, 1, file.text);
});

Deno.test("checkImports() accepts what is above, in the same layer, or harmless", () => {
  const text = 'import { a } from "./b.ts"; import { b } from "../lib/bytes.ts"; ' +
    'import { isIP } from "node:net"; import { z } from "zod";';
  assert.deepEqual(checkImports({ path: "src/config/a.ts", text }), []);
});

Deno.test("findCycles() finds the way back, through types too", () => {
  const files = [
    { path: "src/s3/a.ts", text: 'import { b } from "./b.ts";' },
    { path: "src/s3/b.ts", text: 'import type { C } from "./c.ts";' },
    { path: "src/s3/c.ts", text: 'import { a } from "./a.ts"; import { b } from "../lib/b.ts";' },
  ];
  const [cycle, ...others] = findCycles(files);
  assert.match(cycle ?? "", /a\.ts → src\/s3\/b\.ts → src\/s3\/c\.ts → src\/s3\/a\.ts$/);
  assert.deepEqual(others, []);
});

Deno.test("findUnusedLimits() is not content with a mention in a comment", () => {
  const files = [{ path: "src/s3/a.ts", text: "/** {@linkcode LIMITS.idle} */ use(LIMITS.used);" }];
  assert.equal(findUnusedLimits(["used", "idle"], files).length, 1);
});

Deno.test("checkMentions() refuses other places and documents that are not there", () => {
  const paths = new Set(["README.md", "docs/COMPATIBILITY.md"]);
  const outside = ["", "work", "main"].join("/");
  assert.equal(checkMentions({ path: "README.md", text: outside }, { paths }).length, 1);
  assert.equal(checkMentions({ path: ".ci/run", text: outside }, { paths }).length, 0);
  assert.equal(checkMentions({ path: "a.ts", text: "see NOTHING\x2emd" }, { paths }).length, 1);
  const known = "see README.md and docs/COMPATIBILITY.md";
  assert.deepEqual(checkMentions({ path: "a.ts", text: known }, { paths }), []);
});

function rulesOf(violations: readonly string[]): string[] {
  return violations.map((violation) => violation.split(": ")[1] ?? "");
}

function firstLine(snippet: string): string {
  return snippet.split("\n").find((line) => /^[^/]/.test(line)) ?? "";
}
