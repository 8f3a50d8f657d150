/**
 * YAML text, read once, and the place of each of its values.
 * See {@link https://yaml.org/spec/1.2.2/} and {@link https://eemeli.org/yaml/}.
 * @module
 */

import process from "node:process";
import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { LIMITS } from "../limits.ts";
import { ConfigError, type Place, type Problem, type Source } from "./problem.ts";

/** A parsed file. */
export interface YamlFile extends Source {
  /** Mappings, lists and scalars; not yet looked at. */
  readonly data: unknown;
}

/** The library's own messages quote the text, which may be a secret. */
const SYNTAX_ERRORS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias (*name) can have neither an anchor nor a tag",
  BAD_ALIAS: "not an alias or anchor; text that starts with * or & belongs in quotes",
  BAD_COLLECTION_TYPE: "the tag does not fit what follows it",
  BAD_DIRECTIVE: "not a YAML directive; text that starts with % belongs in quotes",
  BAD_DQ_ESCAPE: "not an escape sequence; write \\\\ for a backslash, or use single quotes",
  BAD_INDENT: "wrong indentation, or a bracket that is not closed",
  BAD_PROP_ORDER: "an anchor or tag in the wrong place",
  BAD_SCALAR_START: "text that starts with this character belongs in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a mapping or list cannot begin here; text with a colon belongs in quotes",
  BLOCK_IN_FLOW: "an indented mapping or list cannot stand inside [] or {}",
  DUPLICATE_KEY: "this key was already given above",
  IMPOSSIBLE: "not valid YAML",
  KEY_OVER_1024_CHARS: "a key of over 1024 characters; is a colon or quote missing?",
  MISSING_CHAR: "a character is missing here: a colon, comma, bracket, quote or space",
  MULTILINE_IMPLICIT_KEY: "a key of more than one line; is a colon missing?",
  MULTIPLE_ANCHORS: "more than one anchor",
  MULTIPLE_DOCS: "a second document begins here, expected one",
  MULTIPLE_TAGS: "more than one tag",
  NON_STRING_KEY: "a key that is not text",
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "indented with a tab, expected spaces",
  TAG_RESOLVE_FAILED: "an unknown tag; text that starts with ! belongs in quotes",
  UNEXPECTED_TOKEN: "this does not belong here; check indentation, brackets and quotes",
};

/**
 * Reads the one document of `text`.
 * @throws {ConfigError} For every breach of YAML's syntax, duplicate keys, a second document, an
 *   alias without an anchor, and aliases that multiply beyond {@linkcode LIMITS.configAliasesMax}.
 */
export function parseYamlFile(text: string, path: string): YamlFile {
  const lineCounter = new LineCounter();
  const document = withoutEnvironment(() =>
    parseDocument(text, {
      lineCounter,
      logLevel: "error", // or warnings are printed
      merge: true,
      prettyErrors: false, // or errors quote the line
      stringKeys: true,
    })
  );
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const createError = (faults: readonly Fault[]): ConfigError =>
    new ConfigError(
      faults.slice(0, LIMITS.configProblemsShownMax).map(({ offset, message }) => {
        const { line, column } = placeAt(offset);
        return `${path}:${line}:${column}: ${message}`;
      }),
    );

  const breaches = [...document.errors, ...document.warnings];
  // Each line behind a tab is a breach of its own, though nothing but the tab is wrong.
  const tab = breaches.find(({ code }) => code === "TAB_AS_INDENT");
  if (breaches.length > 0) {
    throw createError((tab === undefined ? breaches : [tab]).map(describeBreach));
  }
  const resolve = createResolver(document);
  try {
    return {
      path,
      // The library counts the anchor itself too.
      data: document.toJS({ maxAliasCount: LIMITS.configAliasesMax + 1 }),
      locate: (problem) => placeAt(findOffset(document.contents, { problem, resolve })),
      isCutByComment: (path) => {
        const node = document.getIn(path, true);
        return isScalar(node) && node.type === "PLAIN" && /^\S/.test(node.comment ?? "");
      },
    };
  } catch {
    // Its message holds the alias, which may be a secret that begins with a star.
    throw createError(findAliasFaults(document));
  }
}

/**
 * Calls `parse` while no environment can be seen. The library prints the text, secrets too, where `LOG_TOKENS` or
 * `LOG_STREAM` is set, and asks for them at every token, which takes a fifth of its time.
 */
function withoutEnvironment<Result>(parse: () => Result): Result {
  const { env } = process;
  process.env = {};
  try {
    return parse();
  } finally {
    process.env = env;
  }
}

/** What breaks YAML's rules, and where. */
interface Fault {
  readonly offset: number;
  readonly message: string;
}

function describeBreach({ code, pos }: YAMLError): Fault {
  return { offset: pos[0], message: SYNTAX_ERRORS[code] };
}

/** Why the document, though well-formed, has no value: aliases alone can do that. */
function findAliasFaults(document: Document): Fault[] {
  const aliases = [...mapAliases(document)];
  const unknown = aliases.filter(([, target]) => target === undefined)
    .map(([alias]) => ({ offset: offsetOf(alias), message: SYNTAX_ERRORS.BAD_ALIAS }));
  if (unknown.length > 0) return unknown;
  return [{
    offset: offsetOf(aliases[0]?.[0]),
    message: "aliases (*name) multiply beyond all measure, or << merges what is no mapping",
  }];
}

/**
 * Where the value of a problem's path begins in the text, or else the innermost value around it
 * that is there.
 */
function findOffset(
  contents: unknown,
  { problem: { path, atKey = false }, resolve }: {
    problem: Pick<Problem, "path" | "atKey">;
    resolve: (alias: Alias) => unknown;
  },
): number {
  let node = contents;
  let offset = offsetOf(node);
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = resolve(node);
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const isAtKey = atKey && index === path.length - 1;
    const next = isSeq(node) && typeof step === "number"
      ? node.items[step]
      : isAtKey
      ? pair?.key
      : pair?.value;
    if (!isNode(next)) return offset;
    node = next;
    offset = offsetOf(node);
  }
  return offset;
}

/** What an alias stands for. The library's own way there goes through the whole document, for each alias again. */
function createResolver(document: Document): (alias: Alias) => unknown {
  let targets: Map<Alias, unknown> | undefined;
  return (alias) => {
    targets ??= mapAliases(document);
    return targets.get(alias);
  };
}

/** Every alias, and what it stands for: of an anchor that is set twice, what was set last before it. */
function mapAliases(document: Document): Map<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Alias: (_key, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

function offsetOf(node: unknown): number {
  return isNode(node) ? node.range?.[0] ?? 0 : 0;
}
