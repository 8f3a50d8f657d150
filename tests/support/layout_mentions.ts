/**
 * What the repository's files may speak of: nothing outside the repository, and no document that is
 * not in it.
 * @module
 */

import type { SourceFile, Violation } from "./layout_rules.ts";

// In pieces, or this file would break its own rule.
const OUTSIDE = [["", "work", ""].join("/"), ["..", "shared"].join("/")];
// The place where continuous integration may name its own machine.
const OUTSIDE_ALLOWED = ".ci/run";
const DOCUMENT = /(?<![\w/.-])(?:docs\/)?[A-Z]{2,}[A-Z_]*\.md\b/g;
const TEXT_BYTES_MAX = 1 << 20;

/** Every text file under `root` that version control would keep. */
export async function readRepository(root: URL): Promise<SourceFile[]> {
  const ignored = await readIgnored(root);
  const files: SourceFile[] = [];
  async function walk(folder: string): Promise<void> {
    for await (const { name, isDirectory, isFile } of Deno.readDir(new URL(folder, root))) {
      const path = `${folder}${name}`;
      if (ignored(path)) continue;
      if (isDirectory) await walk(`${path}/`);
      if (!isFile || (await Deno.stat(new URL(path, root))).size > TEXT_BYTES_MAX) continue;
      files.push({ path, text: await Deno.readTextFile(new URL(path, root)) });
    }
  }
  await walk("");
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

/** Mentions of places outside the repository and of documents that are not there. */
export function checkMentions(
  { path, text }: SourceFile,
  { paths }: { paths: ReadonlySet<string> },
): Violation[] {
  const outside = path === OUTSIDE_ALLOWED ? [] : OUTSIDE.filter((place) => text.includes(place));
  const documents = new Set(text.match(DOCUMENT));
  const missing = [...documents].filter((name) => !paths.has(name) && !paths.has(`docs/${name}`));
  return [
    ...outside.map((place) => `${path}: mentions: "${place}" is outside the repository`),
    ...missing.map((name) => `${path}: mentions: there is no ${name}`),
  ];
}

/** The part of .gitignore's language that this repository needs: `folder/`, `/path`, `*.ending`. */
async function readIgnored(root: URL): Promise<(path: string) => boolean> {
  const lines = (await Deno.readTextFile(new URL(".gitignore", root))).split("\n");
  const patterns = [".git", ...lines].map((line) => line.trim().replace(/\/$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return patterns.some((pattern) =>
      pattern.startsWith("*")
        ? name.endsWith(pattern.slice(1))
        : pattern.startsWith("/")
        ? path === pattern.slice(1)
        : name === pattern
    );
  };
}
