/**
 * `deno task pack`: makes the npm package in `dist/`, a tarball of the sources, a launcher, and a dependency on the pinned
 * `deno` package. The same sources make the same bytes.
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

/** The Deno that the program is tested with. */
const DENO_VERSION = "2.9.6";
const FOLDER = "dist/npm";
const FILES = ["main.ts", "deno.json", "deno.lock", "LICENSE", "README.md", "config.yaml.example"];

Deno.chdir(new URL("..", import.meta.url));
await Deno.remove(FOLDER, { recursive: true }).catch(() => {}); // there may be none
await Deno.mkdir(`${FOLDER}/bin`, { recursive: true });
for (const file of FILES) await Deno.copyFile(file, `${FOLDER}/${file}`);
await copyFolder("src");
await Deno.copyFile("scripts/npm_launcher.cjs", `${FOLDER}/bin/s3-proxy.cjs`);
await Deno.chmod(`${FOLDER}/bin/s3-proxy.cjs`, 0o755);
await Deno.writeTextFile(
  `${FOLDER}/package.json`,
  `${JSON.stringify(describePackage(), null, 2)}\n`,
);
const args = ["pack", "--silent", "--pack-destination", ".."];
const { success, stdout } = await new Deno.Command("npm", { args, cwd: FOLDER, stderr: "inherit" })
  .output();
if (!success) Deno.exit(1);
console.log(`dist/${new TextDecoder().decode(stdout).trim()}`);

function describePackage(): unknown {
  return {
    name: "s3-proxy",
    version: manifest.version,
    description: "Access control in front of S3 storage that has keys but no users",
    license: manifest.license,
    bin: { "s3-proxy": "bin/s3-proxy.cjs" },
    files: ["bin", "src", ...FILES],
    dependencies: { deno: DENO_VERSION },
    engines: { node: ">=18" },
  };
}

async function copyFolder(folder: string): Promise<void> {
  await Deno.mkdir(`${FOLDER}/${folder}`);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await copyFolder(path);
    else if (path !== "src/lib/commit.txt") await Deno.copyFile(path, `${FOLDER}/${path}`);
  }
}
