/**
 * Policy variables: `${aws:username}`, `${s3:prefix}` … in resources and condition values,
 * `${key, 'default'}` for a key that may be absent, and `${*}`, `${?}`, `${$}` for those characters
 * themselves. A template is parsed before any value is known and values are put in as literal text,
 * so a value cannot act as a pattern.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html}.
 * @module
 */

import { nearestName } from "../lib/nearest_name.ts";
import { LIMITS } from "../limits.ts";
import { type CharacterSet, collectCharacters, NO_CHARACTERS } from "./character_set.ts";
import {
  buildPattern,
  matchesPattern,
  parsePatternParts,
  type Pattern,
  type PatternPart,
} from "./pattern.ts";
import type { PolicyPlace } from "./policy_error.ts";
import { findText } from "./text_search.ts";
import {
  CONDITION_KEYS,
  findConditionKey,
  type RequestContext,
  type StringKey,
  USERNAME_KEY,
} from "./request_context.ts";
import type { Truth } from "./truth.ts";

/** A part of a template: of a pattern, or a variable. */
export type TemplatePart =
  | PatternPart
  | { readonly kind: "variable"; readonly key: StringKey; readonly fallback: string | undefined };

/** A pattern, some of whose text is only known with a request. */
export interface Template {
  readonly parts: readonly TemplatePart[];
  /** The pattern itself where there is no variable. */
  readonly fixed: Pattern | undefined;
  /** What every text that matches starts with, whatever the variables hold. */
  readonly head: string;
  /** The longest text without a wildcard or variable: every text that matches has it in it. */
  readonly longest: string;
  /** The characters of its texts: every text that matches has them. None where a variable may lack a value. */
  readonly characters: CharacterSet;
  /** Whether every variable has a value, whatever the request. */
  readonly hasValues: boolean;
}

/** What is special in a text. */
export interface TemplateSyntax {
  /** Whether `*` and `?` are wildcards. */
  readonly wildcards: boolean;
  /** Whether `${…}` may be used: from policy version 2012-10-17 on. */
  readonly variables: boolean;
}

/**
 * Reads a text of a policy. Reports an unknown variable, a malformed one, one in a policy whose
 * version has none, and more than {@linkcode LIMITS.policyPatternCharactersMax} characters.
 */
export function parseTemplate(
  text: string,
  { place, syntax }: { place: PolicyPlace; syntax: TemplateSyntax },
): Template {
  if (!isReadable(text, place)) return buildTemplate([]);
  if (!syntax.variables && text.includes("${")) {
    place.report(`Policy variables need "Version": "2012-10-17"`);
  }
  const parts: TemplatePart[] = [];
  // Every second piece is the inside of `${…}`.
  for (const [index, piece] of splitVariables(text).entries()) {
    if (index % 2 === 0) {
      if (piece.includes("${")) place.report('"${" without "}"');
      if (syntax.wildcards) parts.push(...parsePatternParts(piece));
      else if (piece !== "") parts.push({ kind: "text", text: piece });
    } else parts.push(parseVariable(piece, place));
  }
  return buildTemplate(parts);
}

/**
 * Reads a prefix of a grant: literal text, in which `${user}` is the user's name. Reports any other
 * variable.
 */
export function parsePrefixTemplate(text: string, place: PolicyPlace): Template {
  if (!isReadable(text, place)) return buildTemplate([]);
  const parts: TemplatePart[] = text.split(/(\$\{user\})/).filter(Boolean).map((piece) => {
    if (piece === "${user}") return { kind: "variable", key: USERNAME_KEY, fallback: undefined };
    if (piece.includes("${")) place.report('The only variable of a prefix is "${user}"');
    return { kind: "text", text: piece };
  });
  return buildTemplate([...parts, { kind: "any" }]);
}

/** Puts a template together; adjacent texts become one. */
export function buildTemplate(parts: readonly TemplatePart[]): Template {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const previous = joined.at(-1);
    if (part.kind === "text" && previous?.kind === "text") {
      joined[joined.length - 1] = { kind: "text", text: previous.text + part.text };
    } else joined.push(part);
  }
  const isFixed = (part: TemplatePart): part is PatternPart => part.kind !== "variable";
  const texts = joined.map((part) => part.kind === "text" ? part.text : "");
  const hasValues = joined.every((part) =>
    part.kind !== "variable" || part.fallback !== undefined || part.key === USERNAME_KEY
  );
  return {
    parts: joined,
    fixed: joined.every(isFixed) ? buildPattern(joined) : undefined,
    head: joined[0]?.kind === "text" ? joined[0].text : "",
    longest: texts.reduce((longest, text) => text.length > longest.length ? text : longest, ""),
    characters: hasValues ? collectCharacters(texts.join("")) : NO_CHARACTERS,
    hasValues,
  };
}

/** The template as it was written, for people. */
export function formatTemplate({ parts }: Template): string {
  return parts.map((part) => {
    switch (part.kind) {
      case "text":
        return part.text;
      case "one":
        return "?";
      case "any":
        return "*";
      case "variable":
        return `\${${part.key.name}}`;
    }
  }).join("");
}

/** The pattern for one request, or `undefined` where a variable has no value. */
export function bindTemplate(template: Template, context: RequestContext): Pattern | undefined {
  if (template.fixed !== undefined) return template.fixed;
  const parts: PatternPart[] = [];
  for (const part of template.parts) {
    if (part.kind !== "variable") parts.push(part);
    else {
      const { key, fallback } = part;
      const text = key.read(context) ?? (key.cannotTell?.(context) === true ? undefined : fallback);
      if (text === undefined) return undefined;
      parts.push({ kind: "text", text });
    }
  }
  return buildPattern(parts);
}

/** Whether `text` is what `template` says for this request. */
export function matchesTemplate(
  template: Template,
  { text, context }: { text: string; context: RequestContext },
): Truth {
  if (template.fixed !== undefined) return matchesPattern(template.fixed, text);
  if (!text.startsWith(template.head)) return false;
  // Building the pattern costs five times as much.
  if (template.hasValues && findText(text, { wanted: template.longest, start: 0 }) < 0) {
    return false;
  }
  const pattern = bindTemplate(template, context);
  return pattern === undefined ? "unknown" : matchesPattern(pattern, text);
}

/** Whether `text` is what one of `templates` says for this request. */
export function matchesAnyTemplate(
  templates: readonly Template[],
  subject: { text: string; context: RequestContext },
): Truth {
  let truth: Truth = false;
  // Not anyOf(): it would call another function for each of its callers, which takes longer than the match.
  for (const template of templates) {
    const one = matchesTemplate(template, subject);
    if (one === true) return true;
    if (one !== false) truth = one;
  }
  return truth;
}

/** Whether there is a point in reading `text`; reports why not. */
function isReadable(text: string, place: PolicyPlace): boolean {
  if (text.length > LIMITS.policyPatternCharactersMax) {
    place.report(`Cannot be longer than ${LIMITS.policyPatternCharactersMax} characters`);
    return false;
  }
  if (!text.isWellFormed()) place.report("Cannot hold half of a surrogate pair");
  return true;
}

/** Texts and, between each two of them, the inside of a `${…}`. Not by an expression: each `${` would look for a `}`. */
function splitVariables(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0;;) {
    const start = text.indexOf("${", at);
    const end = start < 0 ? -1 : text.indexOf("}", start + 2);
    if (end < 0) return [...pieces, text.slice(at)];
    pieces.push(text.slice(at, start), text.slice(start + 2, end));
    at = end + 1;
  }
}

function parseVariable(inside: string, place: PolicyPlace): TemplatePart {
  if (inside === "*" || inside === "?" || inside === "$") return { kind: "text", text: inside };
  const match = /^(?<name>[^\s,']+)(?:\s*,\s*'(?<fallback>[^']*)')?$/.exec(inside);
  const name = match?.groups?.["name"] ?? inside;
  const key = findConditionKey(name);
  if (key?.type === "string") {
    return { kind: "variable", key, fallback: match?.groups?.["fallback"] };
  }
  const known = CONDITION_KEYS.filter(({ type }) => type === "string").map((key) => key.name);
  const nearest = nearestName(name, known) ?? USERNAME_KEY.name;
  place.report(`Unknown policy variable "\${${inside}}"; did you mean "\${${nearest}}"?`);
  return { kind: "text", text: "" };
}
