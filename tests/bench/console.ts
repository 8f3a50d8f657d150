/**
 * What the console costs the others: processor time of the whole process for a small GET, without a console, with one that
 * nobody looks at, and with an administrator who watches it live. Two programs that are started alike differ by up to a tenth for
 * as long as they live, by what V8 makes of the same code; so there are many pairs, of which each takes turns, and the ratios of all pairs count.
 * Run it with `deno task bench:console`, or with the number of pairs behind it; ten minutes.
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

const PAIRS = Number(Deno.args[0] ?? 9);
const ROUNDS = 4;
const SECONDS = 2;
const WARM_UP_SECONDS = 5;
const CONNECTIONS = 32;
const PART_MAX = 0.03;
const KINDS = ["off", "on", "watched"] as const;

/** Microseconds of a request in one pair of programs. */
type PairFigures = Readonly<Record<(typeof KINDS)[number], number>>;

/** A program that was started. */
interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

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

console.log("| listener | off, µs | on, × | watched, × | quarter to three quarters of the pairs |");
console.log("| --- | --- | --- | --- | --- |");
for (const listener of ["serve", "hardened"]) {
  const pairs: PairFigures[] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push(await measurePair(listener));
  const watched = ratiosOf(pairs, "watched");
  const cells = [
    listener,
    median(pairs.map(({ off }) => off)).toFixed(1),
    median(ratiosOf(pairs, "on")).toFixed(3),
    median(watched).toFixed(3),
    [0.25, 0.75].map((part) => watched[Math.floor(part * watched.length)]?.toFixed(3)).join(" to "),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  if (median(watched) > 1 + PART_MAX) Deno.exitCode = 1;
}

/** What `kind` takes of what there is without a console, pair by pair, the least first. */
function ratiosOf(pairs: readonly PairFigures[], kind: keyof PairFigures): number[] {
  return pairs.map((figures) => figures[kind] / figures.off).toSorted((one, other) => one - other);
}

/** Starts a program without a console and one with it, and has each kind in turn. */
async function measurePair(listener: string): Promise<PairFigures> {
  await using programs = new AsyncDisposableStack();
  const [offPort = 0, onPort = 0, consolePort = 0] = findFreePorts(3);
  const off = programs.use(await startProgram({ listener, port: offPort }));
  const on = programs.use(await startProgram({ listener, port: onPort, consolePort }));
  for (const program of [off, on]) await load(program, WARM_UP_SECONDS);
  const sums = { off: { us: 0, count: 0 }, on: { us: 0, count: 0 }, watched: { us: 0, count: 0 } };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      await using _watcher = kind === "watched" ? watch(consolePort) : undefined;
      const { us, count } = await load(kind === "off" ? off : on, SECONDS);
      sums[kind].us += us;
      sums[kind].count += count;
    }
  }
  const each = ({ us, count }: { us: number; count: number }): number => us / count;
  return { off: each(sums.off), on: each(sums.on), watched: each(sums.watched) };
}

/** Sends requests for `seconds`: how many, and the processor time of all. */
async function load(
  { pid, port }: Program,
  seconds: number,
): Promise<{ us: number; count: number }> {
  const before = await readCpuSeconds(pid);
  const result = await runWrk({ port, connections: CONNECTIONS, seconds, requests, directory });
  const us = (await readCpuSeconds(pid) - before) * 1e6;
  const { requests: count, refused, broken } = result;
  if (refused + broken > 0) throw new Error(`${refused} refused, ${broken} broken`);
  return { us, count };
}

async function startProgram(
  { listener, port, consolePort }: { listener: string; port: number; consolePort?: number },
): Promise<Program> {
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
