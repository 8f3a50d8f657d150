/**
 * What does not fit a row of main.ts: latency and memory over the size of objects and over the number of connections, a thousand
 * clients that hardly read, ten thousand that say nothing, and a proxy that does nothing. Run it with `deno task bench:scale`; ten
 * minutes, or one with `--memory`, which leaves the latencies out.
 * @module
 */

import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { formatRequestHead } from "../support/raw_client.ts";
import {
  BUCKET,
  largeObject,
  makeDirectory,
  OBJECTS,
  SMALL_KIBIBYTES,
  smallObject,
  startBackend,
  storeLarge,
} from "./backend.ts";
import { readPeakMebibytes, readResidentMebibytes, resetPeak } from "./process_usage.ts";
import { median } from "./report.ts";
import { signRequest } from "./signed_requests.ts";
import { FLOOR, type RunningTarget, startTarget, TARGETS } from "./targets.ts";
import { runTransfers } from "./transfers.ts";
import { runWrk } from "./wrk.ts";

const SLOW_CLIENTS = 1000;
const SLOW_SECONDS = 10;
const SLOW_MEBIBYTES = 100;
const IDLE_CONNECTIONS = 9_900;
const SETTLE_MS = 3_000;
const ROUNDS = 3;
const WRK_SECONDS = 2;
const LARGE_MEBIBYTES = [16, 100, 1024, 5120];
/** The longer one is not to take more memory. */
const PEAK_MEBIBYTES = [50, 5120];
const CONNECTIONS = [1, 4, 16, 64, 256, 1000];
const NAMES = ["direct", FLOOR, "s3-proxy", "s3-proxy, hardened"];

await using stack = new AsyncDisposableStack();
const directory = await makeDirectory();
stack.defer(() => Deno.remove(directory, { recursive: true }));
const backend = stack.use(await startBackend(directory));
const targets: RunningTarget[] = [];
for (const target of TARGETS.filter(({ name }) => NAMES.includes(name))) {
  targets.push(stack.use(await startTarget(target, { directory, backend })));
}
const proxies = targets.filter(({ target }) => target.kind === "s3_proxy");

await wait(SETTLE_MS);
console.log("| idle | MiB resident |\n| --- | --- |");
for (const { pid, target } of [...targets.filter(isFloor), ...proxies]) {
  console.log(`| ${target.name} | ${(await readResidentMebibytes(pid)).toFixed(0)} |`);
}

if (!Deno.args.includes("--memory")) await printLatencies();

console.log(`\n| one GET | ${PEAK_MEBIBYTES.map((size) => `${size} MiB: peak MiB`).join(" | ")} |`);
console.log("| --- |" + " --- |".repeat(PEAK_MEBIBYTES.length));
for (const proxy of proxies) {
  const peaks: string[] = [];
  for (const mebibytes of PEAK_MEBIBYTES) {
    await storeLarge(directory, mebibytes);
    await resetPeak(proxy.pid);
    await timeLarge(proxy, mebibytes);
    peaks.push((await readPeakMebibytes(proxy.pid)).toFixed(0));
  }
  console.log(`| ${proxy.target.name} | ${peaks.join(" | ")} |`);
}

console.log(
  `\n| ${SLOW_CLIENTS} downloads that stand still | MiB resident | for each, beyond idle |\n| --- | --- | --- |`,
);
await storeLarge(directory, SLOW_MEBIBYTES);
for (const name of NAMES.slice(1)) {
  const fresh = TARGETS.find((target) => target.name === name);
  if (fresh === undefined) continue;
  await using running = await startTarget(fresh, { directory, backend });
  await wait(SETTLE_MS);
  const idle = await readResidentMebibytes(running.pid);
  const busy = await holdDownloads(running);
  console.log(`| ${name} | ${busy.toFixed(0)} | ${((busy - idle) / SLOW_CLIENTS).toFixed(2)} |`);
}

console.log(
  `\n| ${IDLE_CONNECTIONS} connections that say nothing behind an answer | MiB beyond idle |\n| --- | --- |`,
);
for (const { pid, port, target } of proxies) {
  const idle = await readResidentMebibytes(pid);
  console.log(`| ${target.name} | ${(await holdIdle({ pid, port }) - idle).toFixed(0)} |`);
}

async function printLatencies(): Promise<void> {
  console.log(
    "\n| GET, one connection | " + NAMES.map((name) => `${name}, ms`).join(" | ") +
      " | peak of s3-proxy, MiB |",
  );
  console.log("| --- |" + " --- |".repeat(NAMES.length + 1));
  for (const kibibytes of SMALL_KIBIBYTES.filter(Boolean)) {
    await printRow(
      `${kibibytes} KiB`,
      (target) => timeSmall(target, { kibibytes, connections: 1 }),
    );
  }
  for (const mebibytes of LARGE_MEBIBYTES) {
    await storeLarge(directory, mebibytes);
    await printRow(`${mebibytes} MiB`, (target) => timeLarge(target, mebibytes));
  }

  console.log(
    "\n| GET of 1 KiB, connections | " + NAMES.map((name) => `${name}, p50 ms`).join(" | ") +
      " | peak of s3-proxy, MiB |",
  );
  console.log("| --- |" + " --- |".repeat(NAMES.length + 1));
  for (const connections of CONNECTIONS) {
    await printRow(
      String(connections),
      (target) => timeSmall(target, { kibibytes: 1, connections }),
    );
  }
}

/** One line: the median of what `measure` gives for each target, targets in turn. */
async function printRow(
  label: string,
  measure: (target: RunningTarget) => Promise<number>,
): Promise<void> {
  const times = new Map<RunningTarget, number[]>();
  const proxy = proxies[0];
  if (proxy !== undefined) await resetPeak(proxy.pid);
  for (let round = -1; round < ROUNDS; round++) {
    for (const target of targets) {
      const time = await measure(target);
      if (round >= 0) times.set(target, [...times.get(target) ?? [], time]);
    }
  }
  const cells = targets.map((target) => formatMilliseconds(median(times.get(target) ?? [])));
  const peak = proxy === undefined ? NaN : await readPeakMebibytes(proxy.pid);
  console.log(`| ${label} | ${cells.join(" | ")} | ${peak.toFixed(0)} |`);
}

/** Median milliseconds of a small GET. */
async function timeSmall(
  { port }: RunningTarget,
  { kibibytes, connections }: { kibibytes: number; connections: number },
): Promise<number> {
  const requests = Array.from({ length: OBJECTS }, (_, index) => {
    const target = `/${BUCKET}/${smallObject(kibibytes, index).key}`;
    return signRequest({ method: "GET", target }, "header");
  });
  const { p50Us, broken, refused } = await runWrk({
    port,
    connections,
    seconds: WRK_SECONDS,
    requests,
    directory,
  });
  if (broken + refused > 0) throw new Error(`${broken} requests broke, ${refused} were refused`);
  return p50Us / 1e3;
}

/** Milliseconds of one large GET. */
async function timeLarge({ port }: RunningTarget, mebibytes: number): Promise<number> {
  const path = `/${BUCKET}/${largeObject(mebibytes).key}`;
  const { headers } = signRequest({ method: "GET", target: path }, "header");
  const [transfer] = await runTransfers({
    url: `http://127.0.0.1:${port}${path}`,
    headers: Object.entries(headers),
    file: undefined,
    count: 1,
  });
  return (transfer?.total ?? NaN) * 1e3;
}

/** Resident memory while {@linkcode SLOW_CLIENTS} have asked for a large object and read nothing of it. */
async function holdDownloads({ pid, port }: RunningTarget): Promise<number> {
  const target = `/${BUCKET}/${largeObject(SLOW_MEBIBYTES).key}`;
  const { headers } = signRequest({ method: "GET", target }, "header");
  const head = encodeUtf8(
    formatRequestHead({ method: "GET", target, port, headers: Object.entries(headers) }),
  );
  const connections: Deno.Conn[] = [];
  try {
    for (let count = 0; count < SLOW_CLIENTS; count++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connections.push(connection);
      await connection.write(head);
      await connection.read(new Uint8Array(16));
    }
    await wait(SLOW_SECONDS * 1000);
    return await readResidentMebibytes(pid);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Resident memory with {@linkcode IDLE_CONNECTIONS} that have had an answer each. */
async function holdIdle({ pid, port }: Pick<RunningTarget, "pid" | "port">): Promise<number> {
  const target = `/${BUCKET}/${smallObject(1, 0).key}`;
  const { headers } = signRequest({ method: "GET", target }, "header");
  const head = encodeUtf8(
    formatRequestHead({ method: "GET", target, port, headers: Object.entries(headers) }),
  );
  const connections: Deno.Conn[] = [];
  const answer = new Uint8Array(2048);
  try {
    for (let count = 0; count < IDLE_CONNECTIONS; count++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connections.push(connection);
      await connection.write(head);
      await connection.read(answer);
    }
    await wait(SLOW_SECONDS * 1000);
    return await readResidentMebibytes(pid);
  } finally {
    for (const connection of connections) connection.close();
  }
}

function isFloor({ target }: RunningTarget): boolean {
  return target.name === FLOOR;
}

function formatMilliseconds(time: number): string {
  return time < 10 ? time.toFixed(2) : time.toFixed(0);
}

async function wait(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
}
