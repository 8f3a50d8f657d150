import assert from "node:assert/strict";
import { FACTS } from "../../../src/stores/capabilities.ts";
import { formatFacts, formatSettings, formatVersions } from "../../support/backend_tables.ts";

const PAGE = await Deno.readTextFile(new URL("../../../docs/BACKENDS.md", import.meta.url));

Deno.test("docs/BACKENDS.md has a line for every fact", () => {
  for (const [name, { meaning }] of Object.entries(FACTS)) {
    assert.ok(PAGE.includes(`\n| \`${name}\` | ${meaning} |\n`), name);
  }
});

Deno.test("docs/BACKENDS.md shows each kind's preset as it is", () => {
  for (const table of [formatVersions(), formatFacts(), formatSettings()]) {
    assert.ok(PAGE.includes(`\n${table}\n`), `expected\n${table}`);
  }
});
