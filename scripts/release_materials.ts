/**
 * The bill of materials of a release: what npm's own `npm sbom` says of the packages that `src` imports, in the versions of
 * deno.lock. What npm makes up anew each time, a serial number and a time, is left out.
 * @module
 */

import manifest from "../deno.json" with { type: "json" };
import { PACKAGES } from "../tests/support/layout_places.ts";

/** In CycloneDX 1.5, as JSON. */
export async function describeMaterials(): Promise<string> {
  const temporary = await Deno.makeTempDir();
  const folder = `${temporary}/s3-proxy`; // whose name npm writes
  try {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(await describePackage()));
    await npm(folder, [
      "install",
      "--package-lock-only",
      "--ignore-scripts",
      "--no-audit",
      "--silent",
    ]);
    const text = await npm(folder, ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"]);
    const { serialNumber: _made, metadata: { timestamp: _at, ...metadata }, ...bill } = JSON.parse(
      text,
    );
    return `${JSON.stringify({ ...bill, metadata }, null, 2)}\n`;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Its own packages, and every other one in the version that is locked. */
async function describePackage(): Promise<unknown> {
  const lock = JSON.parse(await Deno.readTextFile(new URL("../deno.lock", import.meta.url)));
  const imports: Readonly<Record<string, string>> = manifest.imports;
  const dependencies = Object.fromEntries(
    [...PACKAGES].map((name) => [name, imports[name]?.replace(/^npm:.*@/, "")]),
  );
  const overrides = Object.fromEntries(
    Object.keys(lock.npm).map((id) => /^(.+?)@([^_]+)/.exec(id)?.slice(1) ?? [])
      .filter(([name = ""]) => !PACKAGES.has(name)),
  );
  return {
    name: "s3-proxy",
    version: manifest.version,
    license: manifest.license,
    dependencies,
    overrides,
  };
}

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("npm", {
    args: [...args],
    cwd,
    stderr: "inherit",
  })
    .output();
  if (!success) throw new Error(`npm ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}
