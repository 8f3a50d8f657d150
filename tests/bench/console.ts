/**
 * What the console costs the others: processor time of the whole process for a small GET, without a console, with one that
 * nobody looks at, and with an administrator who watches it live. Run it with `deno task bench:console`; three minutes.
 * @module
 */

import { findFreePorts } from "../e2e/support/state.ts";
import { followConsole } from "../support/console_client.ts";
import { BUCKET, makeDirectory, smallObject, startBackend } from "./backend.ts";
import { startChild } from "./child.ts";
import { readCpuSeconds } from "./process_usage.ts";
import { median } from "./report.ts";
import { signRequest, USER } from "./signed_requests.ts";
import { readStartTask } from "./targets.ts";
import { runWrk } from "./wrk.ts";

const ROUNDS = Number(Deno.args[0] ?? 5);
const SECONDS = 3;
const CONNECTIONS = 32;
const PART_MAX = 0.03;
const KINDS = ["off", "on", "watched"] as const;

await using stack = new AsyncDisposableStack();
const directory = await makeDirectory();
stack.defer(() => Deno.remove(directory, { recursive: true }));
// Deno reads nothing of /dev/shm without every permission.
const configs = await Deno.makeTempDir({ prefix: "s3-proxy-console-" });
stack.defer(() => Deno.remove(configs, { recursive: true }));
const backend = stack.use(await startBackend(directory));
const requests = Array.from({ length: 20 }, (_, index) => {
  const target = `/${BUCKET}/${smallObject(1, index).key}`;
  return signRequest({ method: "GET", target }, "header");
});

console.log("| listener | off, µs | on, µs | watched, µs | watched costs |");
console.log("| --- | --- | --- | --- | --- |");
for (const listener of ["serve", "hardened"]) {
  const [off = 0, on = 0, watched = 0] = await measure(listener);
  const part = watched / off - 1;
  const cells = [listener, ...[off, on, watched].map((us) => us.toFixed(1))];
  console.log(`| ${cells.join(" | ")} | ${(100 * part).toFixed(1)} % |`);
  if (part > PART_MAX) Deno.exitCode = 1;
}

/** Microseconds of a request for each of {@linkcode KINDS}, in turns. */
async function measure(listener: string): Promise<number[]> {
  await using programs = new AsyncDisposableStack();
  const [offPort = 0, onPort = 0, consolePort = 0] = findFreePorts(3);
  const off = programs.use(await startProgram({ listener, port: offPort }));
  const on = programs.use(await startProgram({ listener, port: onPort, consolePort }));
  const figures = KINDS.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, kind] of KINDS.entries()) {
      const { pid, port } = kind === "off" ? off : on;
      await using _watcher = kind === "watched" ? watch(consolePort) : undefined;
      const before = await readCpuSeconds(pid);
      const { requests: count, refused, broken } = await runWrk({
        port,
        connections: CONNECTIONS,
        seconds: SECONDS,
        requests,
        directory,
      });
      const used = await readCpuSeconds(pid) - before;
      if (refused + broken > 0) throw new Error(`${kind}: ${refused} refused, ${broken} broken`);
      if (round >= 0) figures[index]?.push(used / count * 1e6); // the first is to be warm
    }
  }
  return figures.map(median);
}

async function startProgram(
  { listener, port, consolePort }: { listener: string; port: number; consolePort?: number },
): Promise<{ pid: number; port: number } & AsyncDisposable> {
  const file = `${configs}/${port}.json`;
  const config = {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-benchmark",
      endpoint: `http://127.0.0.1:${backend.port}`,
    },
    server: { listen_addr: `127.0.0.1:${port}`, listener, workers: 1 },
    backend: { check_at_start: false },
    users: [{ ...USER, allowed_buckets: [BUCKET] }],
    ...(consolePort === undefined ? {} : {
      console: { enabled: true, address: `127.0.0.1:${consolePort}`, admins: [USER.access_key] },
    }),
  };
  await Deno.writeTextFile(file, JSON.stringify(config), { mode: 0o600 });
  const command = [...await readStartTask(), "-config", file];
  const child = await startChild(command, { port, logFile: `${file}.log` });
  return { pid: child.pid, port, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** An administrator with two views open, live and the requests; reads what comes until it is disposed of. */
function watch(port: number): AsyncDisposable {
  const watching = ["/api/live?follow=1", "/api/requests?follow=1"].map(async (target) => {
    const key = { accessKey: USER.access_key, secretKey: USER.secret_key };
    const answer = await followConsole(port, target, { key });
    if (answer.status !== 200) throw new Error(await answer.next());
    const read = (async () => {
      while (await answer.next() !== undefined);
    })();
    return { answer, read };
  });
  return {
    [Symbol.asyncDispose]: async () => {
      for (const { answer, read } of await Promise.all(watching)) {
        await answer[Symbol.asyncDispose]();
        await read;
      }
    },
  };
}
