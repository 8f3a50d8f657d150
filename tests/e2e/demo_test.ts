/** `deno task demo`, and the commands that it says to try. */

import assert from "node:assert/strict";
import { CommandError, readCommand } from "./support/command.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { startTask, type TaskChild } from "./support/task_child.ts";
import { findPythonTools } from "./support/tools.ts";

const { value: tools, missing } = await findPythonTools();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: the demo's commands: ${missing} ***\n`);

Deno.test("deno task demo does what it says with aws-cli", { ignore }, async (test) => {
  const directory = await Deno.makeTempDir({ dir: await openState() });
  const demo = await startDemo(`${directory}/demo.log`);
  try {
    const run = (command: string): Promise<string> => runCommandLine(command, directory);
    const greeting = await Deno.readTextFile(demo.logFile);
    const [makeBucket, copy, refused, ...others] = greeting.match(/\S.* aws s3 .*/g) ?? [];
    assert.ok(makeBucket && copy && refused && others.length === 0, greeting);
    await Deno.writeTextFile(`${directory}/README.md`, "to be copied\n");

    await test.step("makes a bucket", async () => {
      assert.match(await run(makeBucket), /make_bucket: ci-builds/);
    });
    const readBack = copy.replace(" README.md s3://ci-builds/", " s3://ci-builds/README.md -");
    await test.step("stores and reads a file", async () => {
      assert.match(await run(copy), /upload: /);
      assert.equal(await run(readBack), "to be copied\n");
    });
    await test.step("refuses what the user may not do", async () => {
      await assert.rejects(run(refused), (error) => /AccessDenied/.test(String(error)));
    });
    await test.step("curl stores the file again", async () => {
      const [line] = greeting.match(/\S.*-T README\.md .*/) ?? [];
      assert.ok(line, greeting);
      await Deno.writeTextFile(`${directory}/README.md`, "by curl\n");
      await run(line.replace("curl ", "curl --fail-with-body --silent "));
      assert.equal(await run(readBack), "by curl\n");
    });
    await test.step("so does the line of docs/CLIENT_SETUP.md", async () => {
      const page = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/docs/CLIENT_SETUP.md`);
      const [, line] = /```sh\n(curl [^]*?)```/.exec(page) ?? [];
      assert.ok(line !== undefined);
      const [, user] = /--user (\S+)/.exec(greeting) ?? [];
      const [endpoint] = /http:\S+(?=,)/.exec(greeting) ?? [];
      const fitted = line.replace(/--user \S+/, `--user ${user}`).replace(
        "bucket-alpha",
        "ci-builds",
      )
        .replace("http://localhost:8080", `${endpoint}`).replace(
          "curl ",
          "curl --fail-with-body --silent ",
        );
      await Deno.writeTextFile(`${directory}/file.txt`, "a line of the page\n");
      await run(fitted);
      assert.equal(await run(readBack.replace("README.md", "file.txt")), "a line of the page\n");
    });
  } finally {
    assert.equal(await demo.stop(), 0);
  }
});

Deno.test("who has had a connection can have the program end in order", async () => {
  const directory = await Deno.makeTempDir({ dir: await openState() });
  for (let run = 0; run < 3; run++) {
    const [port = 0] = findFreePorts(1);
    const demo = await startTask("demo", {
      args: ["--port", String(port)],
      logFile: `${directory}/${run}.log`,
      isReady: () => accepts(port),
      pollMs: 1,
    });
    assert.equal(await demo.stop(), 0, await Deno.readTextFile(demo.logFile));
  }
});

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

async function startDemo(logFile: string): Promise<TaskChild> {
  const [port] = findFreePorts(1);
  return await startTask("demo", {
    args: ["--port", String(port)],
    logFile,
    isReady: async () => (await Deno.readTextFile(logFile)).includes("README.md tells"),
  });
}

/** Runs a line as a shell would, with the `aws` under test. */
async function runCommandLine(command: string, directory: string): Promise<string> {
  if (tools === undefined) throw new CommandError(missing);
  const line = `cd "$0" && ${command.replace(" aws s3 ", ` ${tools.aws} s3 `)}`;
  return await readCommand("bash", { args: ["-c", line, directory], env: {} });
}
