/** `deno task release`: everything is there, the sums are right, and twice the same; no executable is made of another's base. */

import assert from "node:assert/strict";
import { CommandError, hasProgram, readCommand } from "./support/command.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";

const FOLDER = `${REPOSITORY_DIRECTORY}/dist/release`;
const hasNpm = await hasProgram("npm");
if (!hasNpm) console.error("\n*** SKIPPED: deno task release: there is no npm here ***\n");

const HOST: string = Deno.build.target;
/** A base of this machine's; without one, compiling would have to download it. */
const hasBase = Deno.env.has("DENO_COMPILE") && Deno.env.has("DENORT_BIN");
const made = hasBase ? HOST : "none";
console.error(
  `\n*** NOT TESTED: the release's executables but for ${made}: their bases cannot be had here ***\n`,
);

async function release(only: string): Promise<Map<string, string>> {
  const args = ["task", "--quiet", "release", "--only", only];
  await readCommand(Deno.execPath(), { args, cwd: REPOSITORY_DIRECTORY, timeoutMs: 900_000 });
  await readCommand("sha256sum", { args: ["--check", "--strict", "SHA256SUMS"], cwd: FOLDER });
  const sums = await Deno.readTextFile(`${FOLDER}/SHA256SUMS`);
  return new Map(
    sums.trim().split("\n").map((line) => line.split("  ")).map((
      [sum = "", name = ""],
    ) => [name, sum]),
  );
}

Deno.test({
  name: "deno task release makes the same files twice, with their sums and a bill of materials",
  ignore: !hasNpm,
  fn: async () => {
    const first = await release(made);
    const executables = [...first.keys()].filter((name) => /-(?:linux|macos)-/.test(name));
    assert.equal(executables.length, hasBase ? 1 : 0);
    assert.deepEqual([...first.keys()].filter((name) => !executables.includes(name)), [
      "CHANGELOG.md",
      "LICENSE",
      "config.yaml.example",
      "install-systemd.sh",
      "s3-proxy-0.1.0.tgz",
      "s3-proxy-chart-0.1.0.tgz",
      "s3-proxy.service",
      "sbom.cdx.json",
    ]);
    assert.deepEqual(await release(made), first);
    const bill = JSON.parse(await Deno.readTextFile(`${FOLDER}/sbom.cdx.json`));
    assert.equal(bill.bomFormat, "CycloneDX");
    const locked = JSON.parse(await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/deno.lock`)).npm;
    const listed: string[] = bill.components.map(
      ({ name, version }: { name: string; version: string }) => `${name}@${version}`,
    );
    assert.ok(listed.some((id) => id.startsWith("zod@")));
    for (const id of listed) assert.ok(Object.hasOwn(locked, id), `${id} is not what is locked`);
  },
});

Deno.test({
  name: "deno task release makes no executable of another system with this machine's base",
  ignore: !hasNpm || !hasBase,
  fn: async () => {
    const other = HOST.startsWith("aarch64") ? "x86_64" : "aarch64";
    await assert.rejects(
      release(`${other}-unknown-linux-gnu`),
      (error) =>
        error instanceof CommandError && /left out: s3-proxy-linux-\w+: /.test(error.message),
    );
    const names = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
    assert.ok(names.includes("SHA256SUMS"));
    assert.ok(!names.some((name) => name.startsWith("s3-proxy-linux-")));
  },
});
