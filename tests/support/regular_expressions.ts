/**
 * The regular expressions of a file, taken from the syntax tree that Deno's linter gives: a text that looks like one in a
 * comment or a string is none.
 * @module
 */

import type { SourceFile, Violation } from "./layout_rules.ts";

/** One literal. */
export interface RegularExpression {
  /** `src/s3/names.ts:37`. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** What a file has. */
export interface Expressions {
  readonly literals: readonly RegularExpression[];
  /** Expressions that are put together when the program runs, so that nobody can check them before. */
  readonly violations: readonly Violation[];
}

/** A name for a literal. */
const CONSTANT = /^[A-Z][A-Z0-9_]*$/;
/** Methods that make an expression of a text they are given. */
const MAKERS: ReadonlySet<string> = new Set(["match", "matchAll", "search"]);

/** Finds them. */
export function readExpressions({ path, text }: SourceFile): Expressions {
  const literals: RegularExpression[] = [];
  const violations: Violation[] = [];
  const placeOf = ([start]: Deno.lint.Range): string =>
    `${path}:${text.slice(0, start).split("\n").length}`;
  function create(): Deno.lint.LintVisitor {
    return {
      Literal(node): void {
        if (!("regex" in node) || node.regex === undefined) return;
        const { pattern: source, flags } = node.regex;
        literals.push({ place: placeOf(node.range), source, flags });
      },
      Identifier(node): void {
        if (node.name !== "RegExp" || node.parent.type === "TSTypeReference") return;
        violations.push(`${placeOf(node.range)}: made of a text: write a literal`);
      },
      CallExpression({ callee, arguments: [argument], range }): void {
        if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
        if (!MAKERS.has(callee.property.name) || argument === undefined) return;
        const isLiteral = argument.type === "Literal" && "regex" in argument && argument.regex;
        if (isLiteral || argument.type === "Identifier" && CONSTANT.test(argument.name)) return;
        violations.push(
          `${placeOf(range)}: ${callee.property.name}() takes texts: give it a literal`,
        );
      },
    };
  }
  Deno.lint.runPlugin({ name: "expressions", rules: { all: { create } } }, path, text);
  return { literals, violations };
}
