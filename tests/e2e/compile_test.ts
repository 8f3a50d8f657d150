/**
 * `deno task compile`, and its executable alone in an empty folder. DENO_COMPILE and DENORT_BIN name
 * a compiler and its base binary, where the compiler cannot download it.
 */

import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { formatResponse, startRecordingBackend } from "../support/recording_backend.ts";
import { FILES, INDEX } from "../../src/console/files.ts";
import { followConsole } from "../support/console_client.ts";
import { CommandError, readCommand } from "./support/command.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { sendSigned } from "./support/signed_request.ts";
import { startChild } from "./support/task_child.ts";
import type { Tool } from "./support/tools.ts";

const USER = { accessKey: "alpha-key", secretKey: "alpha-secret-of-the-tests" };
const OBJECT = "stored by one executable";

const { value: program, missing } = await compileProxy();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: deno task compile: ${missing} ***\n`);

Deno.test("the executable tells its version, commit and Deno", { ignore }, async () => {
  const version = await readCommand(program ?? "", { args: ["--version"], env: {} });
  const [, number, deno] =
    /^s3-proxy (\S+) \(commit [0-9a-f]{12}(?:-dirty)?, Deno (\d+\.\d+\.\d+)\)\n$/.exec(version) ??
      [];
  assert.equal(number, manifest.version, version);
  assert.ok(deno);
});

Deno.test("the executable has the commands for configurations", { ignore }, async () => {
  const directory = await Deno.makeTempDir({ dir: await openState() });
  const path = `${directory}/config.yaml`;
  await Deno.writeTextFile(
    path,
    formatConfig({
      port: 8080,
      consolePort: 9091,
      backendPort: 8081,
      workers: 1,
      buckets: ["alpha"],
    }),
  );
  const run = (...args: string[]): Promise<string> => readCommand(program ?? "", { args, env: {} });
  const user = ["-config", path, "--user", USER.accessKey];
  assert.match(await run("keygen", "--user", "new"), /secret_key: [A-Za-z0-9+/]{40}/);
  assert.match(await run("check", "-config", path), /alpha-key +alpha /);
  assert.match(await run("explain", ...user, "GET", "/alpha/key"), /decision +allowed/);
  const endpoint = ["--endpoint", "https://s3.example.com"];
  const url = await run("presign", ...user, "GET", "s3://alpha/key", ...endpoint);
  assert.match(url, /^https:\/\/s3\.example\.com\/alpha\/key\?.*X-Amz-Signature=/);
});

for (const workers of [1, 2]) {
  Deno.test(`the executable alone serves, refuses, reloads and stops, with workers: ${workers}`, {
    ignore,
  }, () => runAlone(workers));
}

async function runAlone(workers: number): Promise<void> {
  await using backend = startRecordingBackend(({ method }) => ({
    send: [formatResponse({ body: method === "GET" ? OBJECT : "" })],
  }));
  const [port = 0, consolePort = 0] = findFreePorts(2);
  const directory = await Deno.makeTempDir({ dir: await openState() });
  await Deno.copyFile(program ?? "", `${directory}/s3-proxy`);
  const configure = (buckets: readonly string[]): Promise<void> =>
    Deno.writeTextFile(
      `${directory}/config.yaml`,
      formatConfig({ port, consolePort, backendPort: backend.port, workers, buckets }),
    );
  const readLog = (): Promise<string> => Deno.readTextFile(`${directory}.log`);
  await configure(["alpha"]);
  const proxy = await startChild(`${directory}/s3-proxy`, {
    args: ["-config", "config.yaml"],
    cwd: directory,
    env: {},
    logFile: `${directory}.log`,
    isReady: async () => (await readLog()).includes('"listening"'),
  });
  try {
    const send = (method: string, target: string, body?: string) =>
      sendSigned({ port, method, target, user: USER, ...(body === undefined ? {} : { body }) });
    const denied = await send("GET", "/beta/key");
    assert.deepEqual([denied.status, denied.errorCode], [403, "AccessDenied"]);
    assert.equal(backend.requests.length, 0);

    assert.equal((await send("PUT", "/alpha/key", OBJECT)).status, 200);
    assert.equal((await send("GET", "/alpha/key")).text, OBJECT);
    assert.deepEqual(backend.requests.map(({ startLine }) => startLine), [
      "PUT /alpha/key HTTP/1.1",
      "GET /alpha/key HTTP/1.1",
    ]);
    assert.equal(new TextDecoder().decode(backend.requests[0]?.body), OBJECT);
    for (const request of backend.requests) {
      assert.match(request.header("authorization") ?? "", /Credential=MASTER\//);
    }

    await configure(["alpha", "beta"]);
    proxy.signal("SIGHUP");
    await until(async () => (await readLog()).includes('"configuration reloaded"'));
    await servesPage(consolePort);
    // Connections are dealt out: enough of them meet every worker.
    for (let count = 0; count < 10; count++) {
      assert.equal((await send("GET", "/beta/key")).text, OBJECT);
    }
  } finally {
    assert.equal(await proxy.stop(), 0);
  }
  const left = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  assert.deepEqual(left, ["config.yaml", "s3-proxy"]);
}

/** The files of the page are in the executable, and its API answers. */
async function servesPage(port: number): Promise<void> {
  for (const [name, file] of Object.entries(FILES)) {
    const response = await fetch(`http://127.0.0.1:${port}/${name}`);
    assert.equal(await response.text(), file, name);
  }
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), FILES[INDEX]);
  await using me = await followConsole(port, "/api/me", { key: USER });
  assert.equal(me.status, 200);
  assert.equal(JSON.parse(await me.next() ?? "").user, USER.accessKey);
}

/** Asks again and again; the test fails where the answer stays no. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < 200; count++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("it did not happen within 10 s");
}

/** The executable; only a base binary that cannot be had is a reason to skip. */
async function compileProxy(): Promise<Tool<string>> {
  const output = `${await openState()}/compiled/s3-proxy`;
  await Deno.mkdir(output.replace(/\/[^/]*$/, ""), { recursive: true });
  try {
    const args = ["task", "compile", "--output", output];
    await readCommand(Deno.execPath(), { args, cwd: REPOSITORY_DIRECTORY });
    return { value: output };
  } catch (error) {
    if (!(error instanceof CommandError && error.message.includes("base binary"))) throw error;
    return { missing: "its base binary cannot be downloaded; set DENO_COMPILE and DENORT_BIN" };
  }
}

function formatConfig(
  { port, consolePort, backendPort, workers, buckets }: {
    port: number;
    consolePort: number;
    backendPort: number;
    workers: number;
    buckets: readonly string[];
  },
): string {
  return JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: `http://127.0.0.1:${backendPort}`,
    },
    server: { listen_addr: `127.0.0.1:${port}`, workers },
    console: { enabled: true, address: `127.0.0.1:${consolePort}` },
    // The backend sees the clients' requests and no other.
    backend: { check_at_start: false },
    users: [{
      access_key: USER.accessKey,
      secret_key: USER.secretKey,
      allowed_buckets: buckets,
    }],
  });
}
