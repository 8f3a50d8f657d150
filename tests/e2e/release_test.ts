/** `deno task release` where no executable can be made: all the rest is there, the sums are right, and twice the same. */

import assert from "node:assert/strict";
import { hasProgram, readCommand } from "./support/command.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";

const FOLDER = `${REPOSITORY_DIRECTORY}/dist/release`;
const hasNpm = await hasProgram("npm");
if (!hasNpm) console.error("\n*** SKIPPED: deno task release: there is no npm here ***\n");

/** A target that there is not: compiling takes minutes, and tests/e2e/compile_test.ts does it. */
const WITHOUT_EXECUTABLES = ["--only", "none"];

async function release(): Promise<Map<string, string>> {
  const args = ["task", "--quiet", "release", ...WITHOUT_EXECUTABLES];
  await readCommand(Deno.execPath(), { args, cwd: REPOSITORY_DIRECTORY, timeoutMs: 300_000 });
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
    const first = await release();
    assert.deepEqual([...first.keys()], [
      "CHANGELOG.md",
      "LICENSE",
      "config.yaml.example",
      "install-systemd.sh",
      "s3-proxy-0.1.0.tgz",
      "s3-proxy.service",
      "sbom.cdx.json",
    ]);
    assert.deepEqual(await release(), first);
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
