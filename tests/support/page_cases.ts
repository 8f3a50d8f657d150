/**
 * What a page's fenced blocks are called, for tests that run them: "```yaml case=NAME".
 * @module
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { findCodeBlocks } from "./pages.ts";

const ROOT = new URL("../../", import.meta.url);

/** The blocks of docs/IDENTITY.md. */
export const IDENTITY_PAGE = findCodeBlocks({
  path: "docs/IDENTITY.md",
  text: await Deno.readTextFile(new URL("docs/IDENTITY.md", ROOT)),
});

/** The texts of all blocks whose fence ends in `label`: `case=github`. */
export function readBlocks(label: string): string[] {
  const found = IDENTITY_PAGE.filter(({ info }) => info.split(" ").at(-1) === label);
  assert.ok(found.length > 0, `no block is called ${label}`);
  return found.map(({ text }) => text);
}

/** The data of the one block of YAML, after `replaced` texts. */
export function readYaml(
  label: string,
  replaced: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  let [text = ""] = readBlocks(label);
  for (const [from, to] of Object.entries(replaced)) {
    assert.ok(text.includes(from), `${label}: ${from}`);
    text = text.replaceAll(from, to);
  }
  return parse(text);
}
