/**
 * The rules about how files hang together: layers, cycles, packages, and names that are used
 * somewhere.
 * @module
 */

import {
  isAmong,
  LAYERS,
  NARROW_LAYERS,
  NODE_PLACES,
  PACKAGES,
  PURE_NET_NAMES,
} from "./layout_places.ts";
import type { SourceFile, Violation } from "./layout_rules.ts";

/** One import or re-export, static or dynamic. */
export interface Import {
  readonly specifier: string;
  /** What is taken from there; `*` where that cannot be told. */
  readonly names: readonly string[];
}

/** What `file` imports, types included. */
export function readImports({ path, text }: SourceFile): Import[] {
  const imports: Import[] = [];
  function create({ sourceCode }: Deno.lint.RuleContext): Deno.lint.LintVisitor {
    return {
      ImportDeclaration(node): void {
        const names = node.specifiers.map((specifier) =>
          specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier"
            ? specifier.imported.name
            : "*"
        );
        imports.push({ specifier: node.source.value, names });
      },
      ExportAllDeclaration(node): void {
        imports.push({ specifier: node.source.value, names: ["*"] });
      },
      ExportNamedDeclaration(node): void {
        if (node.source) imports.push({ specifier: node.source.value, names: ["*"] });
      },
      ImportExpression(node): void {
        const { source } = node;
        const specifier = source.type === "Literal" ? String(source.value) : "(computed)";
        imports.push({ specifier, names: ["*"] });
      },
      TSImportType(node): void {
        const specifier = /["'](.+?)["']/.exec(sourceCode.getText(node))?.[1] ?? "(computed)";
        imports.push({ specifier, names: ["*"] });
      },
    };
  }
  Deno.lint.runPlugin({ name: "layout", rules: { imports: { create } } }, path, text);
  return imports;
}

/**
 * Imports of `src/` and `main.ts` that go against the layers or to a package that is not theirs.
 */
export function checkImports(file: SourceFile): Violation[] {
  const { path } = file;
  if (rankOf(path) === undefined) return [`${path}: layers: belongs to no layer`];
  return readImports(file).filter((one) => !isAllowedImport(path, one))
    .map(({ specifier }) => `${path}: layers: may not import "${specifier}"`);
}

function isAllowedImport(path: string, { specifier, names }: Import): boolean {
  if (specifier.startsWith("node:")) {
    const name = specifier.slice("node:".length);
    return isAmong(path, NODE_PLACES[name]) ||
      (name === "net" && names.every((imported) => PURE_NET_NAMES.has(imported)));
  }
  if (!specifier.startsWith(".")) return PACKAGES.has(specifier);
  const target = resolve(path, specifier);
  if (target === "deno.json") return isAmong(path, ["src/lib/version.ts"]); // its version
  const [from, to] = [rankOf(path), rankOf(target)];
  const narrow = Object.entries(NARROW_LAYERS).find(([layer]) => path.startsWith(layer))?.[1];
  return from !== undefined && to !== undefined && to <= from &&
    (narrow === undefined || isAmong(target, narrow));
}

/** Circles of imports, each as its path; one is reported for every way back that is found. */
export function findCycles(files: readonly SourceFile[]): Violation[] {
  const graph = new Map(files.map((file) => [
    file.path,
    readImports(file).filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => resolve(file.path, specifier)),
  ]));
  const cycles: Violation[] = [];
  const done = new Set<string>();
  function visit(path: string, trail: readonly string[]): void {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) {
      cycles.push(`${path}: cycle: ${[...trail.slice(seenAt), path].join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Keys of `LIMITS` that no file outside limits.ts reads as `LIMITS.key`. */
export function findUnusedLimits(
  keys: readonly string[],
  files: readonly SourceFile[],
): Violation[] {
  const used = new Set<string>();
  function create({ sourceCode }: Deno.lint.RuleContext): Deno.lint.LintVisitor {
    return {
      MemberExpression(node): void {
        if (sourceCode.getText(node.object) === "LIMITS") {
          used.add(sourceCode.getText(node.property));
        }
      },
    };
  }
  for (const { path, text } of files) {
    if (path === "src/limits.ts") continue;
    Deno.lint.runPlugin({ name: "layout", rules: { limits: { create } } }, path, text);
  }
  return keys.filter((key) => !used.has(key))
    .map((key) => `src/limits.ts: limits: no file of src uses LIMITS.${key}`);
}

function rankOf(path: string): number | undefined {
  const rank = LAYERS.findIndex((layer) => isAmong(path, layer));
  return rank < 0 ? undefined : rank;
}

/** The path that `specifier` means in the file `from`; both start at the repository's root. */
function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
