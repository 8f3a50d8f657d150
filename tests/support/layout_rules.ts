/**
 * The rules of style that a machine can check, file by file, on the syntax tree that Deno's linter
 * gives.
 * @module
 */

import {
  DATE_PLACES,
  DENO_PLACES,
  EXPOSE_PLACES,
  GLOBAL_PLACES,
  isAmong,
  URL_PLACES,
} from "./layout_places.ts";

/** A file of the repository; `path` starts at its root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A broken rule, as a line to print: `src/a.ts:3: rule: what is wrong`. */
export type Violation = string;

const SOURCE_LINES_MAX = 250;
/** Two lines a bound, one of which says why: a table may be as long as it has rows. */
const TABLE_OF_LIMITS = "src/limits.ts";
const TEST_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 2;
const SNAKE_CASE_FILE = /^[a-z0-9]+(?:_[a-z0-9]+)*\.ts$/;
const EMPTY_WORDS = /(?:^|_)(?:utils?|helpers?|managers?|common|misc)(?=_|\.)/;
const EMPTY_VERBS = /^(?:handle|process|do)(?=[A-Z]|$)/;
const UNFINISHED = /\b(?:TODO|FIXME|XXX)\b/;

/** Breaches of the rules that hold for every file, tests included: names, length, comments. */
export function checkFile({ path, text }: SourceFile): Violation[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const lines = text.split("\n").length - 1;
  const linesMax = path === TABLE_OF_LIMITS
    ? Infinity
    : path.startsWith("tests/")
    ? TEST_LINES_MAX
    : SOURCE_LINES_MAX;
  const violations: Violation[] = [];
  if (!SNAKE_CASE_FILE.test(name)) violations.push(`${path}: file_name: not in snake_case`);
  if (EMPTY_WORDS.test(name)) violations.push(`${path}: file_name: says nothing`);
  if (lines > linesMax) violations.push(`${path}: file_length: ${lines} lines, of ${linesMax}`);
  return [...violations, ...lint({ path, text }, { comments })];
}

/** Breaches of the rules that hold for the program: `src/` and `main.ts`. */
export function checkSource(file: SourceFile): Violation[] {
  const rules = {
    casts,
    comparisons,
    effects: effectsIn(file.path),
    exports,
    functions,
    module_doc: moduleDoc,
  };
  return lint(file, rules);
}

type Context = Pick<Deno.lint.RuleContext, "report" | "sourceCode">;
type RuleMaker = (context: Context) => Deno.lint.LintVisitor;

function lint({ path, text }: SourceFile, makers: Record<string, RuleMaker>): Violation[] {
  const rules = Object.fromEntries(
    Object.entries(makers).map(([name, make]): [string, Deno.lint.Rule] => [name, {
      create: (context) =>
        make({ sourceCode: context.sourceCode, report: (data) => context.report(data) }),
    }]),
  );
  return Deno.lint.runPlugin({ name: "layout", rules }, path, text).map(
    ({ id, message, range }) =>
      `${path}:${lineOf(text, range[0])}: ${id.slice(id.indexOf("/") + 1)}: ${message}`,
  );
}

/** No unfinished business; whoever silences a tool says why. */
function comments({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  return {
    Program(): void {
      for (const { value, range } of sourceCode.getAllComments()) {
        if (UNFINISHED.test(value)) report({ range, message: "unfinished; open an issue instead" });
        if (/@ts-(?:ignore|nocheck)/.test(value)) {
          report({ range, message: "silences the compiler" });
        }
        const silenced = /deno-lint-ignore(?:-file)?(?<rest>.*)|@ts-expect-error(?<reason>.*)/s
          .exec(value)?.groups;
        if (silenced === undefined) continue;
        const reason = silenced["reason"] ?? silenced["rest"]?.split(/--|:/, 2)[1] ?? "";
        if (reason.trim() === "") {
          report({ range, message: "silences the linter without a reason" });
        }
      }
    },
  };
}

/** `any`, `as`, `!` with a comment on their line or the one before that says why they are true. */
function casts({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  const { text } = sourceCode;
  const explanations = sourceCode.getAllComments().filter(({ value }) => !value.startsWith("*"))
    .map(({ range }) => range.map((offset) => lineOf(text, offset)));
  function check(node: Deno.lint.Node, what: string): void {
    const lines = node.range.map((offset) => lineOf(text, offset));
    const explained = explanations.some(([first = 0, last = 0]) =>
      lines.some((line) => first <= line && last >= line - 1)
    );
    if (!explained) report({ node, message: `${what} without a comment that says why` });
  }
  return {
    TSAnyKeyword: (node) => check(node, "any"),
    TSTypeAssertion: (node) => check(node, "<…>"),
    TSNonNullExpression: (node) => check(node, "!"),
    TSAsExpression: (node) => {
      const type = sourceCode.getText(node.typeAnnotation);
      if (isConst(node.typeAnnotation) || isOwnParser(sourceCode, { node, type })) return;
      check(node, `as ${type}`);
    },
  };
}

function isConst(type: Deno.lint.TypeNode): boolean {
  return type.type === "TSTypeReference" && type.typeName.type === "Identifier" &&
    type.typeName.name === "const";
}

/**
 * Whether `node` stands in `function parseType(…): Type`: there the cast is what the parser proved.
 */
function isOwnParser(
  sourceCode: Deno.lint.SourceCode,
  { node, type }: { node: Deno.lint.Node; type: string },
): boolean {
  return sourceCode.getAncestors(node).some((ancestor) =>
    ancestor.type === "FunctionDeclaration" && ancestor.id?.name.startsWith("parse") &&
    ancestor.returnType !== undefined &&
    sourceCode.getText(ancestor.returnType).replace(/^:\s*/, "").split(" | ")[0] === type
  );
}

/** Signatures are compared by `crypto.subtle.verify`, digests by `timingSafeEqual`. */
function comparisons({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  return {
    BinaryExpression(node): void {
      if (!/^[!=]==?$/.test(node.operator)) return;
      const sides = [sourceCode.getText(node.left), sourceCode.getText(node.right)];
      if (sides.some((side) => side === "undefined" || side === "null")) return;
      if (sides.some((side) => /signature$/i.test(side))) {
        report({ node, message: "compares a signature in variable time" });
      }
    },
  };
}

/** What touches the world stands in few files. */
function effectsIn(path: string): RuleMaker {
  return ({ sourceCode, report }) => {
    function check(node: Deno.lint.Node, places: readonly string[] | undefined): void {
      if (!isAmong(path, places)) {
        report({ node, message: `"${sourceCode.getText(node)}" does not belong here` });
      }
    }
    return {
      Identifier(node): void {
        if (GLOBAL_PLACES.has(node.name) && isReference(node)) {
          check(node, GLOBAL_PLACES.get(node.name));
        }
        if (node.name === "Deno" && isReference(node) && node.parent.type !== "MemberExpression") {
          check(node, undefined);
        }
      },
      MemberExpression(node): void {
        const [object, property] = [
          sourceCode.getText(node.object),
          sourceCode.getText(node.property),
        ];
        if (object === "Deno") check(node, node.computed ? undefined : DENO_PLACES[property]);
        if (object === "Date" && property === "now") check(node, DATE_PLACES);
        if (object === "URL" && /^(?:parse|canParse)$/.test(property)) check(node, URL_PLACES);
        if (property === "expose") check(node, EXPOSE_PLACES);
      },
      CallExpression(node): void {
        if (sourceCode.getText(node.callee) === "Date") check(node, DATE_PLACES);
      },
      NewExpression(node): void {
        const callee = sourceCode.getText(node.callee);
        if (callee === "Date" && node.arguments.length === 0) check(node, DATE_PLACES);
        const base = node.arguments[1];
        // A module's own neighbour is no address from the wire.
        const isModule = base !== undefined && sourceCode.getText(base) === "import.meta.url";
        if (callee === "URL" && !isModule) check(node, URL_PLACES);
      },
    };
  };
}

/** Whether an identifier means the variable: not a member's, property's or type's name. */
function isReference(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "PropertyDefinition":
      return parent.value === node || parent.computed;
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSTypeReference":
    case "TSQualifiedName":
    case "TSTypeQuery":
    case "ImportSpecifier":
      return false;
    default:
      return true;
  }
}

/** Named exports where the thing is defined, each with a doc comment. */
function exports({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  let previousName: string | undefined;
  return {
    ExportDefaultDeclaration: (node) => report({ node, message: "default export" }),
    ExportAllDeclaration: (node) => report({ node, message: "exports another file's names" }),
    ExportNamedDeclaration(node): void {
      if (!node.declaration) {
        return report({ node, message: "exports what is not defined here and now" });
      }
      const name = /(?:function\*?|class|interface|type|const|enum)\s+(\w+)/
        .exec(sourceCode.getText(node))?.[1];
      // An overload's further signatures share the first one's comment.
      if (name === undefined || name !== previousName) {
        const before = sourceCode.text.slice(0, node.range[0]).replace(/(?:\s|\/\/.*\n)+$/, "");
        const doc = before.endsWith("*/") ? before.slice(before.lastIndexOf("/*")) : "";
        if (!doc.startsWith("/**") || doc.includes("@module")) {
          report({ node, message: `export ${name} without a doc comment` });
        }
      }
      previousName = name;
    },
  };
}

/** Functions fit a screen, take few positional arguments, and have verbs that say something. */
function functions({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  function checkLength(node: Deno.lint.Node): void {
    const lines = sourceCode.getText(node).split("\n").length;
    if (lines > FUNCTION_LINES_MAX) report({ node, message: `a function of ${lines} lines` });
  }
  function checkName(node: Deno.lint.Node, name: string): void {
    if (EMPTY_VERBS.test(name)) report({ node, message: `"${name}" says nothing` });
  }
  function checkParameters(node: Deno.lint.Node, parameters: readonly unknown[]): void {
    if (parameters.length > PARAMETERS_MAX) {
      report({ node, message: `${parameters.length} positional parameters` });
    }
  }
  return {
    ArrowFunctionExpression: checkLength,
    FunctionExpression: checkLength,
    FunctionDeclaration(node): void {
      checkLength(node);
      checkName(node, node.id?.name ?? "");
      checkParameters(node, node.params);
    },
    MethodDefinition(node): void {
      checkName(node, sourceCode.getText(node.key).replace(/^#/, ""));
      checkParameters(node, node.value.params);
    },
  };
}

/** Every file begins with what it is. */
function moduleDoc({ sourceCode, report }: Context): Deno.lint.LintVisitor {
  return {
    Program(node): void {
      const doc = /^(?:#!.*\n)?\/\*\*.*?\*\//s.exec(sourceCode.text)?.[0];
      if (!doc?.includes("@module")) {
        report({ range: [node.range[0], node.range[0]], message: "no doc comment with @module" });
      }
    },
  };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
