/**
 * What a noisy user costs a quiet one: a quiet user's latency alone, and beside one who asks for ten times the share of the
 * backend's connections. Run it with `deno task bench:fair`; a minute.
 * @module
 */

import { findFreePorts, REPOSITORY_DIRECTORY } from "../e2e/support/state.ts";
import { signHeaders } from "../support/signer.ts";
import { startChild } from "./child.ts";
import { makeDirectory } from "./backend.ts";

/** How long the backend takes for each request, so that connections are what is short. */
const BACKEND_MS = 20;
const CONNECTIONS = 16;
/** One user's, of those: what is left then is as much. */
const SHARE = CONNECTIONS / 2;
const NOISY_CLIENTS = 10 * SHARE;
const QUIET_CLIENTS = 2;
const SECONDS = 8;
/** What clients wait for behind a SlowDown: the first step of the SDKs' own backoff. */
const BACKOFF_MS = 100;
const RATIO_MAX = 2;
const QUIET = { accessKey: "quiet-key", secretKey: "quiet-secret-of-the-bench" };
const NOISY = { accessKey: "noisy-key", secretKey: "noisy-secret-of-the-bench" };

const directory = await makeDirectory();
const backend = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
  await wait(BACKEND_MS);
  return new Response("small", { headers: { etag: '"stored"' } });
});
let isFair = true;
console.log(
  "| listener, workers | quiet alone: p50, p99 ms | beside: p50, p99 ms | ratio of p99 | noisy: answered, refused a second |",
);
console.log("| --- | --- | --- | --- | --- |");
for (const listener of ["serve", "hardened"]) {
  for (const workers of [1, 2]) {
    const [port = 0] = findFreePorts(1);
    const file = `${directory}/${listener}-${workers}.json`;
    await Deno.writeTextFile(file, formatConfig({ listener, workers, port }), { mode: 0o600 });
    const command = [
      Deno.execPath(),
      "run",
      "--frozen",
      "--allow-all",
      `${REPOSITORY_DIRECTORY}/main.ts`,
      "-config",
      file,
    ];
    await using _proxy = await startChild(command, { port, logFile: `${file}.log` });
    await load(port, { key: QUIET, clients: QUIET_CLIENTS, seconds: 2 });
    const alone = await load(port, { key: QUIET, clients: QUIET_CLIENTS, seconds: SECONDS });
    const [beside, noisy] = await Promise.all([
      load(port, { key: QUIET, clients: QUIET_CLIENTS, seconds: SECONDS }),
      load(port, { key: NOISY, clients: NOISY_CLIENTS, seconds: SECONDS }),
    ]);
    if (alone.refused + beside.refused > 0) throw new Error("The quiet user was refused");
    const ratio = percentile(beside.times, 0.99) / percentile(alone.times, 0.99);
    isFair &&= ratio <= RATIO_MAX;
    const cells = [
      `${listener}, ${workers}`,
      formatTimes(alone.times),
      formatTimes(beside.times),
      ratio.toFixed(2),
      `${(noisy.times.length / SECONDS).toFixed(0)}, ${(noisy.refused / SECONDS).toFixed(0)}`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
await backend.shutdown();
await Deno.remove(directory, { recursive: true });
if (!isFair) {
  console.log(`The quiet user's p99 is more than ${RATIO_MAX} times what it is alone.`);
  Deno.exit(1);
}

/** What `clients` meet that ask again as soon as they are answered: milliseconds of each answer, and how often SlowDown came. */
async function load(
  port: number,
  { key, clients, seconds }: { key: typeof QUIET; clients: number; seconds: number },
): Promise<{ times: number[]; refused: number }> {
  const times: number[] = [];
  let refused = 0;
  const host = `127.0.0.1:${port}`;
  const { headers } = signHeaders({
    method: "GET",
    target: "/bucket/key",
    headers: [["host", host]],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: clients, http2: false });
  const sent = headers.filter(([name]) => name.toLowerCase() !== "host").map(([name, value]) =>
    [name, value] as [string, string]
  );
  const endMs = performance.now() + seconds * 1000;
  const ask = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const response = await fetch(`http://${host}/bucket/key`, { client, headers: sent });
      await response.text();
      if (response.status === 200) times.push(performance.now() - startedMs);
      else if (response.status === 503) {
        refused++;
        await wait(BACKOFF_MS);
      } else throw new Error(`The proxy answered ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, ask));
  return { times, refused };
}

function formatConfig(
  { listener, workers, port }: { listener: string; workers: number; port: number },
): string {
  const user = ({ accessKey, secretKey }: typeof QUIET): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    allowed_buckets: ["bucket"],
  });
  return JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-bench",
      endpoint: `http://127.0.0.1:${backend.addr.port}`,
    },
    server: { listen_addr: `127.0.0.1:${port}`, listener, workers },
    backend: { max_connections: CONNECTIONS },
    users: [user(QUIET), user(NOISY)],
    logging: { level: "error" },
  });
}

function formatTimes(times: readonly number[]): string {
  return [0.5, 0.99].map((part) => percentile(times, part).toFixed(1)).join(", ");
}

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
}

function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
