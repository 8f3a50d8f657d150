/** README.md and docs/: links lead somewhere, commands are the program's, settings exist. */

import assert from "node:assert/strict";
import { z } from "zod";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { isMapping } from "../../../src/config/data.ts";
import { createSettingsSchema } from "../../../src/config/schema.ts";
import {
  findAnchors,
  findCommands,
  findInlineCode,
  findLinks,
  readPages,
  resolveLink,
} from "../../support/pages.ts";

const ROOT = new URL("../../../", import.meta.url);
const README_LINES_MAX = 250;
const FOLDERS = ["src", "tests", "scripts", "k8s", "chart", "monitoring", "nginx", "docs"];
const SECTIONS = ["server", "backend", "security", "metrics", "logging", "master_credentials"];

const pages = await readPages();
const readme = pages.find(({ path }) => path === "README.md") ?? assert.fail("no README.md");
const docs = pages.filter(({ path }) => path.startsWith("docs/"));

Deno.test("README.md is short enough to be read", () => {
  assert.ok(readme.text.split("\n").length <= README_LINES_MAX);
});

Deno.test("every curl that signs says how its body is signed, which Debian 12's does not by itself", async () => {
  const told = await Deno.readTextFile(new URL("src/cli/demo.ts", ROOT));
  const lines = [...pages.flatMap(findCommands), ...told.split("\n")]
    .filter((line) => line.includes("curl ") && line.includes("--aws-sigv4 "));
  assert.ok(lines.length >= 3, "no such line is found any more");
  for (const line of lines) {
    assert.match(line, /-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD'/);
  }
});

Deno.test("every link of a page leads to a file, and to a heading in it", async () => {
  for (const page of pages) {
    for (const target of findLinks(page)) {
      if (/^https?:/.test(target)) continue;
      const { path, anchor } = resolveLink(target, { from: page.path });
      const linked = pages.find((page) => page.path === path);
      assert.ok(linked ?? await exists(path), `${page.path}: there is no ${path}`);
      if (anchor === "") continue;
      assert.ok(linked !== undefined && findAnchors(linked).has(anchor), `${page.path}: ${target}`);
    }
  }
});

Deno.test("every page of docs/ is linked from README.md, or docs/RECIPES.md, and links back", () => {
  const linksOf = ({ path, text }: typeof readme) =>
    new Set(findLinks({ path, text }).map((link) => resolveLink(link, { from: path }).path));
  for (const page of docs) {
    const isRecipe = page.path.startsWith("docs/recipes/");
    const index = isRecipe ? pages.find(({ path }) => path === "docs/RECIPES.md") : readme;
    assert.ok(index !== undefined);
    assert.ok(linksOf(index).has(page.path), `${index.path} does not name ${page.path}`);
    assert.ok(linksOf(page).has(index.path), `${page.path} has no way back`);
  }
});

Deno.test("every page says what it is for in its first sentence", () => {
  for (const { path, text } of docs) {
    const [title = "", first = ""] = text.split("\n\n");
    assert.match(title, /^# [^\n]+$/, path);
    assert.match(first, /^[A-Z`][^|]+[.:]/, path);
    assert.doesNotMatch(first, /^(?:[-#|]|\d+\.)/, path);
  }
});

Deno.test("every command of a page is one of the program's, or a task", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  let seen = 0;
  for (const page of pages) {
    for (const line of findCommands(page)) {
      const [, task] = /(?:^|\s)task ([a-z][\w:-]*)/.exec(line) ?? [];
      if (/(?:^|\s)deno(?:@[\d.]+)? /.test(line) && task !== undefined) {
        assert.ok(Object.hasOwn(tasks, task), `${page.path}: there is no task ${task}`);
      }
      const [, alone, behind] =
        /^(?:\.\/)?s3-proxy(?: (.*))?$|(?:task start|main\.ts) (.*)$/.exec(line) ?? [];
      // Without where its output goes, and what comes after it.
      const given = (alone ?? behind)?.replace(/ (?:[>|]|\|\|) ?.*$|\)$/, "");
      if (given === undefined || /[…[<]/.test(given)) continue;
      // A command's name alone is spoken of; with more behind it, it can be run.
      const words = given.split(/ +/);
      if (words.length === 1 && Object.hasOwn(COMMANDS, given)) continue;
      assert.doesNotThrow(() => parseArguments(words), `${page.path}: ${line}`);
      seen++;
    }
  }
  assert.ok(seen >= 8, `${seen} commands were found`);
});

Deno.test("every file that a page names is there", async () => {
  const place = new RegExp(`^(?:${FOLDERS.join("|")})/[\\w./-]+$`);
  for (const page of pages.filter(({ path }) => path !== "CHANGELOG.md")) {
    for (const code of findInlineCode(page).filter((code) => place.test(code))) {
      assert.ok(await exists(code), `${page.path}: there is no ${code}`);
    }
  }
});

Deno.test("every setting that a page names exists", () => {
  const schema = createSettingsSchema({
    bucketNames: { relaxed: false, reserved: new Set() },
    resolveFile: (path) => path,
  });
  const known = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const setting = new RegExp(`^((?:${SECTIONS.join("|")})(?:\\.[a-z_0-9]+)+)(?::.*)?$`);
  let seen = 0;
  for (const page of pages.filter(({ path }) => path !== "CHANGELOG.md")) {
    for (const code of findInlineCode(page)) {
      const [, name] = setting.exec(code) ?? [];
      if (name === undefined) continue;
      assert.ok(hasKey(known, name.split(".")), `${page.path}: there is no ${name}`);
      seen++;
    }
  }
  assert.ok(seen > 70, `${seen} settings were found`);
});

function hasKey(schema: unknown, [name = "", ...rest]: readonly string[]): boolean {
  if (!isMapping(schema) || !isMapping(schema["properties"])) return false;
  const { [name]: inner } = schema["properties"];
  return inner !== undefined && (rest.length === 0 || hasKey(inner, rest));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, ROOT));
    return true;
  } catch {
    return false;
  }
}
