import assert from "node:assert/strict";
import { PolicyPlace, type PolicyProblem } from "../../../src/iam/policy_error.ts";
import {
  matchesTemplate,
  parsePrefixTemplate,
  parseTemplate,
  type Template,
} from "../../../src/iam/policy_variables.ts";
import { LIMITS } from "../../../src/limits.ts";
import { buildContext } from "./sample_request.ts";

const SYNTAX = { wildcards: true, variables: true };

function parse(text: string, syntax = SYNTAX): { template: Template; messages: string[] } {
  const problems: PolicyProblem[] = [];
  const template = parseTemplate(text, { place: new PolicyPlace(problems), syntax });
  return { template, messages: problems.map(({ message }) => message) };
}

for (
  const text of [
    "${",
    "${}",
    "${ aws:username }",
    "${aws:username",
    "${aws:userid}",
    "${s3:max-keys}",
    "${aws:username,}",
    "${aws:username, default}",
    "${aws:username, 'a'b'}",
    "${**}",
    "a${aws:username}${",
    "\ud83d",
  ]
) {
  Deno.test(`parseTemplate() rejects "${text}"`, () => {
    assert.equal(parse(text).messages.length, 1);
  });
}

Deno.test("parseTemplate() rejects every variable where the version has none", () => {
  assert.equal(parse("${aws:username}", { wildcards: true, variables: false }).messages.length, 1);
  assert.equal(parse("${*}", { wildcards: false, variables: false }).messages.length, 1);
});

Deno.test("parseTemplate() rejects one character more than the bound", () => {
  const longest = "a".repeat(LIMITS.policyPatternCharactersMax);
  assert.deepEqual(parse(longest).messages, []);
  assert.equal(parse(longest + "a").messages.length, 1);
});

Deno.test("parseTemplate() knows no wildcards where there are none", () => {
  const { template } = parse("a*?${aws:username}", { wildcards: false, variables: true });
  const context = buildContext();
  assert.equal(matchesTemplate(template, { text: "abcalice", context }), false);
  assert.equal(matchesTemplate(template, { text: "a*?alice", context }), true);
});

Deno.test("parseTemplate() leaves a lone dollar and braces alone", () => {
  const { template, messages } = parse("$a{b}$");
  assert.deepEqual(messages, []);
  assert.equal(matchesTemplate(template, { text: "$a{b}$", context: buildContext() }), true);
});

Deno.test("Z5 matchesTemplate() takes a value for text, never for a pattern or a variable", () => {
  const { template } = parse("home/${aws:username}/*");
  for (const username of ["*", "?????", "ali*", "${aws:username}", "${*}"]) {
    const context = buildContext({ username });
    assert.equal(matchesTemplate(template, { text: "home/alice/a", context }), false);
    assert.equal(matchesTemplate(template, { text: `home/${username}/a`, context }), true);
  }
});

Deno.test("matchesTemplate() cannot tell without a value, unless the text before it differs", () => {
  const { template } = parse("a/${s3:prefix}/*");
  const context = buildContext();
  assert.equal(matchesTemplate(template, { text: "b/x/y", context }), false);
  assert.equal(matchesTemplate(template, { text: "a/x/y", context }), "unknown");
});

Deno.test("matchesTemplate() falls back to a default, which is text as well", () => {
  const { template } = parse("a/${s3:prefix, '*'}");
  assert.equal(matchesTemplate(template, { text: "a/b", context: buildContext() }), false);
  assert.equal(matchesTemplate(template, { text: "a/*", context: buildContext() }), true);
  const context = buildContext({ prefix: "" });
  assert.equal(matchesTemplate(template, { text: "a/", context }), true);
});

Deno.test("parsePrefixTemplate() rejects every variable but the user", () => {
  for (const text of ["${aws:username}/", "${USER}/", "${user", "${*}"]) {
    const problems: PolicyProblem[] = [];
    parsePrefixTemplate(text, new PolicyPlace(problems));
    assert.equal(problems.length, 1, text);
  }
});

Deno.test("parsePrefixTemplate() rejects one character more than the bound", () => {
  const problems: PolicyProblem[] = [];
  const longest = "a".repeat(LIMITS.policyPatternCharactersMax);
  parsePrefixTemplate(longest, new PolicyPlace(problems));
  assert.equal(problems.length, 0);
  parsePrefixTemplate(longest + "a", new PolicyPlace(problems));
  assert.equal(problems.length, 1);
});
