import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { isMapping } from "../../../src/config/data.ts";
import type { LoadedConfig } from "../../../src/config/build.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { createSettingsSchema } from "../../../src/config/schema.ts";

const EXAMPLE = await Deno.readTextFile(new URL("../../../config.yaml.example", import.meta.url));
/** The example with every setting on: `#key:` and `#- key:` are settings, `# text` is text. */
const ALL_SETTINGS = EXAMPLE.replaceAll(/^( *)#(?=- |[A-Za-z_][A-Za-z0-9_]*:)/gm, "$1");

function load(text: string): LoadedConfig {
  return parseConfig(text, {
    path: "config.yaml",
    environment: (name) => `${name}-of-this-test-which-is-long-enough`,
    readSecretFile: (path) => `secret-in-${path}`,
  });
}

Deno.test("config.yaml.example names every setting there is, and no other", () => {
  const schema = createSettingsSchema({
    bucketNames: { relaxed: false, reserved: new Set() },
    resolveFile: (path) => path,
  });
  const known = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  // A role's name is its own, and a policy's elements are IAM's.
  const named = keysOfData(parse(ALL_SETTINGS))
    .map((key) => key.replace(/^roles\.[^.]+/, "roles.*"))
    .map((key) => key.replace(/(trust\[\]\.claims)\..+/, "$1"))
    .filter((key) => key !== "roles.*" && !/policy[.[]/.test(key));
  assert.deepEqual([...new Set(named)].sort(), keysOfSchema(known));
});

Deno.test("config.yaml.example loads, with a warning for each of its secrets and no other", () => {
  const { warnings } = load(EXAMPLE);
  assert.equal(warnings.length, 4);
  for (const warning of warnings) assert.match(warning, /secret_key: is an example's, which /);
});

Deno.test("config.yaml.example loads with every setting on", () => {
  // Instead of the secret itself, so not beside it.
  const { config, warnings } = load(
    ALL_SETTINGS.replace("  secret_key_file:", "  #secret_key_file:")
      .replace("  keys_file:", "  #keys_file:"),
  );
  assert.deepEqual(config.users.map(({ name, keys }) => [name, keys.length]), [
    ["user1-key", 1],
    ["admin", 1],
    ["backup-key", 1],
    ["ci-writer", 2],
    ["other-key", 1],
  ]);
  const others = warnings.filter((warning) => !warning.includes("is an example's"));
  assert.match(others.join("\n"), /^[^\n]+max_verify_body_size: has no effect[^\n]+$/);
});

Deno.test("config.yaml.example shows the defaults", () => {
  const { server, backend, security, logging } = load(EXAMPLE).config;
  const { master_credentials: master, users, roles } = parse(EXAMPLE);
  const minimal = load(JSON.stringify({ master_credentials: master, users, roles })).config;
  assert.deepEqual({ server, backend, security, logging }, {
    server: minimal.server,
    backend: minimal.backend,
    security: minimal.security,
    logging: minimal.logging,
  });
});

Deno.test("docs/CONFIGURATION.md's tables name every setting of a section, no other, and its default", async () => {
  const page = await Deno.readTextFile(
    new URL("../../../docs/CONFIGURATION.md", import.meta.url),
  );
  const data = parse(EXAMPLE);
  for (const section of ["master_credentials", "server", "backend", "security"]) {
    const table = page.split(`\n\`${section}\`:`)[1]?.split("\n\n")[1] ?? "";
    const named: string[] = [];
    for (const row of table.split("\n").slice(2)) {
      const [, names = "", standard = ""] = row.split("|").map((cell) => cell.trim());
      for (const [, name = ""] of names.matchAll(/`([^`]+)`/g)) {
        named.push(`${section}.${name}`);
        const value = data[section][name];
        const [, text] = /^`(.*)`$/.exec(standard) ?? [];
        if (text === undefined || value === undefined) continue;
        assert.equal(text, Array.isArray(value) ? JSON.stringify(value) : String(value), name);
      }
    }
    const known = [...new Set(keysOfData(parse(ALL_SETTINGS)))]
      .filter((key) => key.startsWith(`${section}.`) && key !== "server.tls")
      .filter((key) => !key.startsWith("backend.capabilities.")); // docs/BACKENDS.md has these
    assert.deepEqual(named.sort(), known.sort());
  }
});

/** `["users[].keys[].access_key", …]`, sorted. */
function keysOfSchema(schema: unknown): string[] {
  const keys = new Set<string>();
  function visit(node: unknown, prefix: string): void {
    if (!isMapping(node)) return;
    if (isMapping(node["properties"])) {
      for (const [key, value] of Object.entries(node["properties"])) {
        keys.add(`${prefix}${key}`);
        visit(value, `${prefix}${key}.`);
      }
    }
    visit(node["items"], `${prefix.slice(0, -1)}[].`);
    visit(node["additionalProperties"], `${prefix}*.`);
  }
  visit(schema, "");
  return [...keys].sort();
}

function keysOfData(data: unknown): string[] {
  const keys = new Set<string>();
  function visit(value: unknown, prefix: string): void {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, `${prefix.slice(0, -1)}[].`);
    } else if (isMapping(value)) {
      for (const [key, item] of Object.entries(value)) {
        keys.add(`${prefix}${key}`);
        visit(item, `${prefix}${key}.`);
      }
    }
  }
  visit(data, "");
  return [...keys].sort();
}
