/**
 * `deno task release`: makes in `dist/release/` what a release page holds: the executables, the npm package, the systemd
 * unit and its installer, the Helm chart, the example configuration, a bill of materials in CycloneDX, and the SHA-256 sums
 * of them all. The same checkout makes the same bytes.
 *
 * An executable whose base cannot be had here is told and left out, and the exit status is 1; `--only TRIPLE` makes one.
 * The base that DENORT_BIN names is this machine's: with it, no other executable is made. It needs GNU tar.
 * @module
 */

import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import manifest from "../deno.json" with { type: "json" };
import { describeMaterials } from "./release_materials.ts";

const FOLDER = "dist/release";
/** Triple → what the executable is called. */
const TARGETS: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "s3-proxy-linux-x64",
  "aarch64-unknown-linux-gnu": "s3-proxy-linux-arm64",
  "x86_64-apple-darwin": "s3-proxy-macos-x64",
  "aarch64-apple-darwin": "s3-proxy-macos-arm64",
};
const COPIED: readonly string[] = [
  "scripts/install-systemd.sh",
  "scripts/s3-proxy.service",
  "config.yaml.example",
  "CHANGELOG.md",
  "LICENSE",
];

/** `helm package` writes the time into it. */
const REPRODUCIBLE: readonly string[] = [
  "--create",
  "--gzip",
  "--format=ustar",
  "--sort=name",
  "--mtime=@0",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--mode=go=rX,u+rw,a-s",
  "--transform=s,^chart,s3-proxy,",
];

const { values: { only } } = parseArgs({ options: { only: { type: "string" } } });
Deno.chdir(new URL("..", import.meta.url));
await Deno.remove(FOLDER, { recursive: true }).catch(() => {}); // there may be none
await Deno.mkdir(FOLDER, { recursive: true });
const missing: string[] = [];
for (const [target, name] of Object.entries(TARGETS)) {
  if (only !== undefined && only !== target) continue;
  if (Deno.env.has("DENORT_BIN") && target !== Deno.build.target) {
    missing.push(name);
    continue;
  }
  const args = ["task", "--quiet", "compile", "--target", target, "--output", `${FOLDER}/${name}`];
  if (!await run(Deno.execPath(), args)) missing.push(name);
}
if (!await run(Deno.execPath(), ["task", "--quiet", "pack"])) Deno.exit(1);
const tarball = `s3-proxy-${manifest.version}.tgz`;
await Deno.rename(`dist/${tarball}`, `${FOLDER}/${tarball}`);
const chart = `s3-proxy-chart-${manifest.version}.tgz`;
if (!await run("tar", [...REPRODUCIBLE, `--file=${FOLDER}/${chart}`, "chart"])) Deno.exit(1);
for (const path of COPIED) await Deno.copyFile(path, `${FOLDER}/${path.replace(/^.*\//, "")}`);
await Deno.writeTextFile(`${FOLDER}/sbom.cdx.json`, await describeMaterials());
await Deno.writeTextFile(`${FOLDER}/SHA256SUMS`, await sumUp());
for (const name of missing) console.error(`left out: ${name}: its base cannot be had here`);
Deno.exit(missing.length === 0 ? 0 : 1);

/** As `sha256sum --check` reads it. */
async function sumUp(): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name);
  const lines = await Promise.all(
    names.toSorted().map(async (name) => {
      const digest = createHash("sha256").update(await Deno.readFile(`${FOLDER}/${name}`));
      return `${digest.digest("hex")}  ${name}\n`;
    }),
  );
  return lines.join("");
}

async function run(program: string, args: readonly string[]): Promise<boolean> {
  return (await new Deno.Command(program, { args: [...args], stdin: "null" }).spawn().status)
    .success;
}
