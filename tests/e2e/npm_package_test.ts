/** The npm package: the same bytes each time, and `npx s3-proxy` runs from its tarball. */

import assert from "node:assert/strict";
import { hasProgram, readCommand } from "./support/command.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { startChild } from "./support/task_child.ts";

const INSTALL_TIMEOUT_MS = 300_000;
const hasNpm = await hasProgram("npm");
if (!hasNpm) console.error("\n*** SKIPPED: the npm package: there is no npm on this machine ***\n");

async function pack(): Promise<string> {
  const said = await readCommand(Deno.execPath(), {
    args: ["task", "--quiet", "pack"],
    cwd: REPOSITORY_DIRECTORY,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  return `${REPOSITORY_DIRECTORY}/${said.trim()}`;
}

Deno.test({
  name: "the npm package is the same twice, and npx runs the program and its demo from it",
  ignore: !hasNpm,
  fn: async () => {
    const tarball = await pack();
    const bytes = await Deno.readFile(tarball);
    assert.equal(await pack(), tarball);
    assert.deepEqual(await Deno.readFile(tarball), bytes);

    const directory = await Deno.makeTempDir({ dir: await openState() });
    // A folder of its own: npm would find a package above this one.
    await Deno.writeTextFile(`${directory}/package.json`, '{"private":true}');
    const install = ["install", "--silent", "--no-audit", "--no-fund", tarball];
    await readCommand("npm", { args: install, cwd: directory, timeoutMs: INSTALL_TIMEOUT_MS });
    const version = await readCommand("npx", { args: ["s3-proxy", "--version"], cwd: directory });
    assert.match(version, /^s3-proxy \d+\.\d+\.\d+ \(commit \S+, Deno 2\.9\.6\)$/m);
    await assert.rejects(
      readCommand("npx", { args: ["s3-proxy", "check", "-c", "none.yaml"], cwd: directory }),
      /exit code 2\nnone\.yaml: cannot be read: there is no such file/,
    );

    const [port = 0] = findFreePorts(1);
    const demo = await startChild("node", { // npx would keep the signal to itself
      args: ["node_modules/s3-proxy/bin/s3-proxy.cjs", "demo", "--port", String(port)],
      cwd: directory,
      logFile: `${directory}/demo.log`,
      isReady: () => answers(port),
    });
    assert.equal(await demo.stop(), 0, "the signal reaches the proxy, which ends in order");
  },
});

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return await response.text() === "ok";
  } catch {
    return false;
  }
}
