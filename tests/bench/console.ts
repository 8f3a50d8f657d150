/**
 * What the console costs the others: processor time of the whole process for a small GET, without a console, with one that
 * nobody looks at, and with an administrator who watches it live. Run it with `deno task bench:console`; three minutes.
 * @module
 */

import { findFreePorts } from "../e2e/support/state.ts";
import { signHeaders } from "../support/signer.ts";
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
/** As the page does. */
const POLL_MS = 1_000;
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
      const timer = kind === "watched"
        ? setInterval(() => void watch(consolePort), POLL_MS)
        : undefined;
      const before = await readCpuSeconds(pid);
      const { requests: count, refused, broken } = await runWrk({
        port,
        connections: CONNECTIONS,
        seconds: SECONDS,
        requests,
        directory,
      });
      const used = await readCpuSeconds(pid) - before;
      clearInterval(timer);
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

/** What the live view asks for in a second. */
async function watch(port: number): Promise<void> {
  for (const target of ["/api/live", "/api/requests"]) {
    const host = `127.0.0.1:${port}`;
    const { headers } = signHeaders({
      method: "GET",
      target,
      headers: [["host", host]],
      accessKey: USER.access_key,
      secretKey: USER.secret_key,
      service: "s3-proxy-console",
      date: new Date(),
    });
    const own = headers.filter(([name]) => name !== "host");
    const answer = await fetch(`http://${host}${target}`, { headers: own.map(([a, b]) => [a, b]) });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
  }
}
