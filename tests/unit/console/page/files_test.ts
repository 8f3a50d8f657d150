/** What holds for all files of the page together. */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { FILES } from "../../../../src/console/files.ts";

const COMPRESSED_BYTES_MAX = 200 * 1024;
const LINES_MAX = 250;
/** Of packages. */
const FOREIGN = new Set(["aws4fetch.js", "uplot.js"]);
const DIRECTORY = new URL("../../../../src/console/page/", import.meta.url);

Deno.test("the page is at most 200 KiB, compressed", () => {
  const sizes = Object.values(FILES).map((text) => gzipSync(text, { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= COMPRESSED_BYTES_MAX, `${total} bytes`);
});

Deno.test("every file of the page is served, and every import is of one", async () => {
  const names = [];
  for await (const { name } of Deno.readDir(DIRECTORY)) names.push(name);
  assert.deepEqual(names.sort(), Object.keys(FILES).sort());
  for (const [, target = ""] of FILES["index.html"]?.matchAll(/(?:href|src)="([^"]+)"/g) ?? []) {
    if (target === "bootstrap.json") continue; // made for who asks
    assert.ok(Object.hasOwn(FILES, target), `index.html names ${target}`);
  }
  for (const [name, text] of Object.entries(FILES)) {
    if (FOREIGN.has(name)) continue;
    for (const [, target = ""] of text.matchAll(/(?:from|import)\s*\(?"\.\/([^"]+)"/g)) {
      assert.ok(Object.hasOwn(FILES, target), `${name} imports ${target}`);
    }
    if (name.endsWith(".js")) {
      assert.ok(text.split("\n").length <= LINES_MAX + 1, `${name} is too long`);
    }
  }
});

Deno.test("the first view waits for no file that index.html does not name", () => {
  const index = FILES["index.html"] ?? "";
  const named = [...index.matchAll(/(?:href|src)="([^"]+\.js)"/g)].map(([, target = ""]) => target);
  const needed = new Set(["main.js"]);
  for (const name of needed) {
    for (const [, target = ""] of FILES[name]?.matchAll(/^import .*"\.\/([^"]+)";$/gm) ?? []) {
      needed.add(target);
    }
  }
  assert.deepEqual(named.sort(), [...needed].sort());
  assert.match(index, /<link rel="preload" href="bootstrap\.json" as="fetch" crossorigin>/);
});

Deno.test("no file of the page makes markup or code of a text, or keeps anything but a sign-in that waits", () => {
  const banned =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|localStorage|indexedDB|document\.cookie|createPolicy|srcdoc/;
  for (const [name, text] of Object.entries(FILES)) {
    if (FOREIGN.has(name)) continue;
    const code = text.replaceAll(/\/\*[^]*?\*\//g, "");
    assert.doesNotMatch(code, banned, name);
    if (name !== "provider_sign_in.js") assert.doesNotMatch(code, /sessionStorage/, name);
    assert.doesNotMatch(
      code,
      /https?:\/\/(?=\w)(?!s3\.amazonaws\.com\/doc\/|www\.w3\.org\/2000\/svg|127\.0\.0\.1)/,
      name,
    );
  }
  assert.doesNotMatch(FILES["index.html"] ?? "", /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
});
