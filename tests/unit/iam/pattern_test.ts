import assert from "node:assert/strict";
import {
  buildPattern,
  canStartWith,
  matchesAllFrom,
  matchesPattern,
  parsePattern,
} from "../../../src/iam/pattern.ts";

/** pattern → texts that match → texts that do not. */
const CASES: readonly [pattern: string, matching: string[], others: string[]][] = [
  ["", [""], ["a"]],
  ["abc", ["abc"], ["", "ab", "abcd", "ABC", "xabc"]],
  ["*", ["", "a", "a/b/c", "*"], []],
  ["**", ["", "a"], []],
  ["a*", ["a", "ab", "a/b"], ["", "ba"]],
  ["*a", ["a", "ba", "b/a"], ["", "ab"]],
  ["a*b", ["ab", "axb", "a/b", "abb"], ["a", "b", "aba", "ba"]],
  ["ab*ba", ["abba", "ab-ba"], ["aba"]],
  ["a**b", ["ab", "axb"], ["a"]],
  ["*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a", "b"]],
  ["a*bc*bc", ["abcbc", "axbcxbc"], ["abc", "abcb"]],
  ["?", ["a", "/", "é", "😀"], ["", "ab", "😀😀"]],
  ["??", ["ab", "😀a", "a😀"], ["a", "😀", "abc"]],
  ["a?c", ["abc", "a😀c", "a?c"], ["ac", "abbc"]],
  ["*?", ["a", "ab", "😀"], [""]],
  ["?*?", ["ab", "a😀", "axb"], ["a", "😀", ""]],
  ["*?b", ["ab", "😀b", "bb"], ["b", "ba"]],
  ["*a?c*", ["abc", "xaaacx", "aba😀c"], ["ac", "abd"]],
  ["*?a?*a", ["xaya", "😀a😀a"], ["aa", "axa"]],
  ["[a-z].+^$(|)\\", ["[a-z].+^$(|)\\"], ["a.+^$(|)\\"]],
];

for (const [pattern, matching, others] of CASES) {
  Deno.test(`matchesPattern() takes "${pattern}" for what it says`, () => {
    const parsed = parsePattern(pattern);
    for (const text of others) assert.equal(matchesPattern(parsed, text), false, `"${text}"`);
    for (const text of matching) assert.equal(matchesPattern(parsed, text), true, `"${text}"`);
  });
}

Deno.test("buildPattern() takes text literally, whatever is in it", () => {
  const pattern = buildPattern([
    { kind: "text", text: "a*" },
    { kind: "any" },
    { kind: "text", text: "?" },
  ]);
  assert.equal(matchesPattern(pattern, "ab?"), false);
  assert.equal(matchesPattern(pattern, "a*bc"), false);
  assert.equal(matchesPattern(pattern, "a*bc?"), true);
});

Deno.test("Z5 matchesPattern() looks at a text once for a thousand stars", () => {
  const pattern = parsePattern("a*".repeat(1000) + "b");
  // A matcher that tries again would need more than 2^1000 steps for the first.
  assert.equal(matchesPattern(pattern, "a".repeat(100_000)), false);
  assert.equal(matchesPattern(pattern, "a".repeat(100_000) + "b"), true);
  assert.equal(matchesPattern(pattern, "a".repeat(999) + "b"), false);
});

Deno.test("canStartWith() sees whether a longer text could match", () => {
  const cases: [pattern: string, start: string, expected: boolean][] = [
    ["team", "team/", false],
    ["team/a", "team/", true],
    ["team*", "team/", true],
    ["te*", "team/", true],
    ["*x", "team/", true],
    ["tex*", "team/", false],
    ["t??m/a", "team/", true],
    ["t??m", "team/", false],
    ["????", "team/", false],
    ["?????", "team/", true],
    ["te?x*", "team/", false],
    ["team/a*b", "team/", true],
    ["temp*", "team/", false],
  ];
  for (const [pattern, start, expected] of cases) {
    assert.equal(canStartWith(parsePattern(pattern), start), expected, `${pattern} ${start}`);
  }
});

Deno.test("matchesAllFrom() needs a star at the end", () => {
  assert.equal(matchesAllFrom(parsePattern("team/"), "team/"), false);
  assert.equal(matchesAllFrom(parsePattern("team/a*"), "team/"), false);
  assert.equal(matchesAllFrom(parsePattern("*/"), "team/"), false);
  assert.equal(matchesAllFrom(parsePattern("team/?*"), "team/"), false);
  assert.equal(matchesAllFrom(parsePattern("te*m/*"), "team/"), true);
  assert.equal(matchesAllFrom(parsePattern("*"), "team/"), true);
});
