/**
 * Every request of tests/attacks as bytes: the tests run once, and whatever their client writes is kept.
 * @module
 */

import { RECORDING_VARIABLE } from "../support/wire_recorder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TIMEOUT_MS = 300_000;

/** Runs tests/attacks on one listener and returns what each of their connections sent. */
export async function recordAttacks(): Promise<Uint8Array[]> {
  const directory = await Deno.makeTempDir({ prefix: "s3-proxy-soak-" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--quiet", "--frozen", "--no-check", "--parallel", "--allow-all"],
        ...["--filter", "[hardened]", "tests/attacks"],
      ],
      cwd: ROOT,
      env: { [RECORDING_VARIABLE]: directory },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Whether they pass is a matter of `deno task test`.
    await child.output();
    const recorded: Uint8Array[] = [];
    for await (const { name } of Deno.readDir(directory)) {
      recorded.push(await Deno.readFile(`${directory}/${name}`));
    }
    return recorded;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
