import assert from "node:assert/strict";
import fc from "fast-check";
import { collectCharacters, includesCharacters } from "../../src/iam/character_set.ts";
import {
  canStartWith,
  findSpacedEnd,
  matchesAllFrom,
  matchesPattern,
  parsePattern,
} from "../../src/iam/pattern.ts";
import { parseFromTop } from "../../src/iam/policy_error.ts";
import { findAll, findText } from "../../src/iam/text_search.ts";
import { matchesResource, parseResourceArn, Subject } from "../../src/iam/resource_pattern.ts";
import { anyCharacter } from "../support/any_character.ts";
import { buildContext, parseSampleResource } from "../unit/iam/sample_request.ts";

/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 1500, verbose: 1 } as const;

/** Short texts over few letters meet each other often. */
const text = fc.array(fc.constantFrom("a", "b", "/", "😀"), { maxLength: 12 }).map((parts) =>
  parts.join("")
);
const pattern = fc.array(fc.constantFrom("a", "b", "/", "😀", "*", "?"), { maxLength: 10 })
  .map((parts) => parts.join(""));

/** The definition, tried out one code point at a time; exponential, and obviously right. */
function matchesByDefinition(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === "*") {
    return matchesByDefinition(rest, text) ||
      text.length > 0 && matchesByDefinition(pattern, text.slice(1));
  }
  return text.length > 0 && (first === "?" || first === text[0]) &&
    matchesByDefinition(rest, text.slice(1));
}

Deno.test("matchesPattern() agrees with the definition", () => {
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      assert.equal(
        matchesPattern(parsePattern(pattern), text),
        matchesByDefinition([...pattern], [...text]),
      );
    }),
    PARAMETERS,
  );
});

Deno.test("findAll() finds every place, and findText() the first", () => {
  fc.assert(
    fc.property(text, text.filter(Boolean), fc.nat(5), (text, part, start) => {
      const places = Array.from({ length: text.length }, (_, index) => index)
        .filter((index) => index >= start && text.startsWith(part, index));
      assert.deepEqual([...findAll(text, { wanted: part, start })], places);
      const long = "ab".repeat(20) + part;
      const wanted = { wanted: long, start };
      assert.equal(findText(text + long, wanted), (text + long).indexOf(long, start));
    }),
    PARAMETERS,
  );
});

Deno.test("findSpacedEnd() finds the first run as trying one place after the other does", () => {
  const run = fc.array(fc.constantFrom("", "a", "ab", "b", "😀"), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(run, text, (run, text) => {
      const ends = Array.from({ length: text.length + 1 }, (_, index) => index).filter((end) =>
        matchesPattern(parsePattern(`*${run.join("?")}`), text.slice(0, end)) &&
        text.slice(0, end).isWellFormed()
      );
      assert.equal(findSpacedEnd(run, { text, start: 0 }), ends[0] ?? -1);
    }),
    PARAMETERS,
  );
});

Deno.test("canStartWith() is true of every start of a text that matches", () => {
  fc.assert(
    fc.property(pattern, text, fc.nat(12), (pattern, text, length) => {
      const parsed = parsePattern(pattern);
      const start = [...text].slice(0, length).join("");
      if (matchesPattern(parsed, text)) assert.ok(canStartWith(parsed, start));
    }),
    PARAMETERS,
  );
});

Deno.test("canStartWith() is false where no continuation matches", () => {
  fc.assert(
    fc.property(pattern, text, text, (pattern, start, rest) => {
      const parsed = parsePattern(pattern);
      if (!canStartWith(parsed, start)) assert.equal(matchesPattern(parsed, start + rest), false);
    }),
    PARAMETERS,
  );
});

Deno.test("matchesAllFrom() promises every continuation", () => {
  fc.assert(
    fc.property(pattern, text, text, (pattern, start, rest) => {
      const parsed = parsePattern(pattern);
      if (matchesAllFrom(parsed, start)) assert.ok(matchesPattern(parsed, start + rest));
    }),
    PARAMETERS,
  );
});

Deno.test("includesCharacters() is true of every part of a text", () => {
  const anything = fc.string({ unit: anyCharacter, maxLength: 12 });
  fc.assert(
    fc.property(anything, anything, anything, (before, part, after) => {
      const characters = collectCharacters(before + part + after);
      assert.ok(includesCharacters(characters, collectCharacters(part)));
    }),
    PARAMETERS,
  );
  assert.equal(includesCharacters(collectCharacters("abc/"), collectCharacters("d")), false);
});

Deno.test("matchesResource() agrees with the definition where the bucket has wildcards", () => {
  const bucket = fc.stringMatching(/^a[ab-]{1,4}b$/);
  // "a" and "A", "/" and "O" are the same to a CharacterSet.
  const key = fc.stringMatching(/^(?:\/[aAbO/-]{1,6})?$/);
  const pattern = fc.stringMatching(/^[ab]?[*?][aAbO/*?-]{0,8}$/);
  const context = buildContext();
  fc.assert(
    fc.property(pattern, bucket, key, (pattern, bucket, key) => {
      const parsed = parseFromTop((place) =>
        parseResourceArn(`arn:aws:s3:::${pattern}`, { place, relaxed: true, variables: true })
      );
      const subject = new Subject(parseSampleResource(bucket + key), context);
      assert.equal(
        matchesResource({ negated: false, patterns: [parsed] }, subject),
        matchesByDefinition([...pattern], [...bucket + key]),
      );
    }),
    PARAMETERS,
  );
});
