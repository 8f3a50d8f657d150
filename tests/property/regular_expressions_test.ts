/**
 * Every regular expression of the program is linear: a static checker, which looks at the automaton of each and runs
 * none, finds no text that could keep one busy for longer than it is long.
 * @module
 */

import assert from "node:assert/strict";
import type { checkSync } from "recheck";
// The build in JavaScript: the other one starts a program.
import recheck from "recheck/lib/browser.js";
import { readRepository } from "../support/layout_mentions.ts";
import { readExpressions, type RegularExpression } from "../support/regular_expressions.ts";

// That build has no types of its own; they are the package's.
const { checkSync: check } = recheck as { checkSync: typeof checkSync };

const repository = await readRepository(new URL("../../", import.meta.url));
const found = repository.filter(({ path }) =>
  path === "main.ts" || path.startsWith("src/") && path.endsWith(".ts")
).map(readExpressions);
const literals = new Map(
  found.flatMap(({ literals }) => literals).map((one) => [`/${one.source}/${one.flags}`, one]),
);

Deno.test("no regular expression of src is made of a text", () => {
  assert.deepEqual(found.flatMap(({ violations }) => violations), []);
});

Deno.test("every regular expression of src is linear", () => {
  assert.notEqual(literals.size, 0);
  assert.deepEqual([...literals.values()].flatMap(findFault), []);
});

/** Super-linear on some text, in one way or another. */
const REFUSED: readonly RegExp[] = [
  /[ \t]*\t[ \t]*/,
  /[\r\n]+$/,
  /\$\{([^}]*)\}/,
  /^[a-z-]*\*?[a-z-]*$/,
  /^(?:a+)+$/,
];

for (const { source, flags } of REFUSED) {
  Deno.test(`findFault() refuses /${source}/`, () => {
    assert.equal(findFault({ place: "a.ts:1", source, flags }).length, 1);
  });
}

Deno.test("readExpressions() finds literals in code only, and what is made of a text", () => {
  const path = "src/a.ts";
  const { literals, violations } = readExpressions({
    path,
    text:
      'const a = "/x/"; // /y/\nconst b = /z+/u; const c = 4 / 2 / 1;\nb.exec(a); a.match(b);\n' +
      "a.match(TERM); a.match(/z/); const d: RegExp = b; new RegExp(a); RegExp(a);\n",
  });
  assert.deepEqual(literals.map(({ place, source }) => [place, source]), [
    [`${path}:2`, "z+"],
    [`${path}:4`, "z"],
  ]);
  assert.deepEqual(violations.map((violation) => violation.split(": ")[0]), [
    `${path}:3`,
    `${path}:4`,
    `${path}:4`,
  ]);
});

/** Nothing, where it is linear. Without a deadline: what the checker cannot tell in finite time is to be written simpler. */
function findFault({ place, source, flags }: RegularExpression): string[] {
  const verdict = check(source, flags, { checker: "automaton", timeout: null });
  if (verdict.status === "safe") return [];
  const what = verdict.status === "vulnerable" ? verdict.complexity.summary : verdict.status;
  return [`${place}: /${source}/ is ${what}`];
}
