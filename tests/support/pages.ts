/**
 * The documentation's pages, and what can be taken out of their Markdown: links, headings, code.
 * @module
 */

import { basename } from "node:path";

/** One page. */
export interface Page {
  /** From the repository's root: `docs/RIGHTS.md`. */
  readonly path: string;
  readonly text: string;
}

/** A block of code. */
export interface CodeBlock {
  /** What stands behind the fence: `yaml case=cdn`; empty of an indented block. */
  readonly info: string;
  readonly text: string;
}

const ROOT = new URL("../../", import.meta.url);
/** Also within a list, indented. */
const FENCED = /^( *)```([^\n]*)\n(.*?)^ *```$/gms;

/** README.md, ARCHITECTURE.md, CHANGELOG.md and every page of docs/. */
export async function readPages(): Promise<Page[]> {
  const paths = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...await listPages("docs")];
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(new URL(path, ROOT)) })),
  );
}

/** The paths of the pages in `folder` and the folders in it. */
async function listPages(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    if (isDirectory) paths.push(...await listPages(`${folder}/${name}`));
    else if (name.endsWith(".md")) paths.push(`${folder}/${name}`);
  }
  return paths.toSorted();
}

/** Where the links of a page lead, as they are written. */
export function findLinks({ text }: Page): string[] {
  const prose = text.replaceAll(FENCED, "");
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function findAnchors({ text }: Page): Set<string> {
  const headings = text.replaceAll(FENCED, "").matchAll(/^#{1,6} +(.*)$/gm);
  return new Set(
    Array.from(
      headings,
      ([, heading = ""]) =>
        heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
    ),
  );
}

/** Fenced blocks, and indented ones behind an empty line. */
export function findCodeBlocks({ text }: Page): CodeBlock[] {
  const fenced = Array.from(
    text.matchAll(FENCED),
    ([, indent = "", info = "", block = ""]) => ({
      info,
      text: block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
  const indented = Array.from(
    text.replaceAll(FENCED, "").matchAll(/(?<=\n\n)((?: {4}[^\n]*\n)+)/g),
    ([, block = ""]) => ({ info: "", text: block.replaceAll(/^ {4}/gm, "") }),
  );
  return [...fenced, ...indented];
}

/** What stands between backticks within a line. */
export function findInlineCode({ text }: Page): string[] {
  const prose = text.replaceAll(FENCED, "");
  return Array.from(prose.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g), ([, code = ""]) => code);
}

/** The lines of commands: of blocks and between backticks, without comments, continued lines joined. */
export function findCommands(page: Page): string[] {
  const blocks = findCodeBlocks(page)
    .filter(({ info }) => ["", "sh", "bash", "shell"].includes(info.split(" ")[0] ?? ""))
    .flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"));
  return [...blocks, ...findInlineCode(page)]
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim()).filter((line) => line !== "");
}

/** The path that a link on the page at `from` names, and its anchor. */
export function resolveLink(
  target: string,
  { from }: { from: string },
): { path: string; anchor: string } {
  const { pathname, hash } = new URL(target, `file:///${from}`);
  return { path: pathname.slice(1) || basename(from), anchor: hash.slice(1) };
}
