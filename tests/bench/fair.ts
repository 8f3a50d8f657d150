/**
 * What a noisy user costs a quiet one: a quiet user's latency alone, and beside one who asks for ten times the share of the
 * backend's connections. Both, and the backend, have threads of their own: what is measured is the proxy. Run it with
 * `deno task bench:fair`; three minutes.
 * @module
 */

import { findFreePorts, REPOSITORY_DIRECTORY } from "../e2e/support/state.ts";
import { signHeaders } from "../support/signer.ts";
import { formatRequestHead } from "../support/raw_client.ts";
import { startChild } from "./child.ts";
import type { Errand, Experience } from "./fair_clients.ts";

const CONNECTIONS = 16;
/** One user's, of those: what is left then is as much. */
const SHARE = CONNECTIONS / 2;
const QUIET_CLIENTS = 2;
const NOISY_CLIENTS = 10 * SHARE;
const SECONDS = 8;
const ROUNDS = 3;
const RATIO_MAX = 2;

interface User {
  readonly accessKey: string;
  readonly secretKey: string;
}

const QUIET: User = { accessKey: "quiet-key", secretKey: "quiet-secret-of-the-bench" };
const NOISY: User = { accessKey: "noisy-key", secretKey: "noisy-secret-of-the-bench" };

await using stack = new AsyncDisposableStack();
const directory = await Deno.makeTempDir({ prefix: "s3-proxy-fair-" });
stack.defer(() => Deno.remove(directory, { recursive: true }));
const backend = startWorker("./fair_backend.ts");
const backendPort = await nextMessage<number>(backend);
const quietWorker = startWorker("./fair_clients.ts");
const noisyWorker = startWorker("./fair_clients.ts");

let isFair = true;
console.log(
  "| listener, workers | quiet alone: p50, p99 ms | beside: p50, p99 ms | ratio of p99 | noisy: answered, refused a second |",
);
console.log("| --- | --- | --- | --- | --- |");
for (const listener of ["serve", "hardened"]) {
  for (const workers of [1, 2]) {
    const rows = await measure({ listener, workers });
    const { alone, beside, noisy } = rows.toSorted((one, other) => one.ratio - other.ratio)
      .at(Math.floor(ROUNDS / 2)) ?? rows[0];
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
for (const worker of [backend, quietWorker, noisyWorker]) worker.terminate();
if (!isFair) {
  console.log(`The quiet user's p99 is more than ${RATIO_MAX} times what it is alone.`);
  Deno.exitCode = 1;
}

interface Round {
  readonly alone: Experience;
  readonly beside: Experience;
  readonly noisy: Experience;
  readonly ratio: number;
}

/** {@linkcode ROUNDS} of them, on one proxy. */
async function measure(
  { listener, workers }: { listener: string; workers: number },
): Promise<[Round, ...Round[]]> {
  const [port = 0] = findFreePorts(1);
  const file = `${directory}/${listener}-${workers}.json`;
  await Deno.writeTextFile(file, formatConfig({ listener, workers, port }), { mode: 0o600 });
  const main = `${REPOSITORY_DIRECTORY}/main.ts`;
  const command = [Deno.execPath(), "run", "--frozen", "--allow-all", main, "-config", file];
  await using _proxy = await startChild(command, { port, logFile: `${file}.log` });
  const beQuiet = (seconds = SECONDS): Promise<Experience> =>
    load(quietWorker, { port, user: QUIET, clients: QUIET_CLIENTS, seconds });
  const beNoisy = (seconds = SECONDS): Promise<Experience> =>
    load(noisyWorker, { port, user: NOISY, clients: NOISY_CLIENTS, seconds });
  await new Promise((resolve) => setTimeout(resolve, 1000)); // until every worker listens
  await Promise.all([beQuiet(3), beNoisy(3)]); // to be warm
  const round = async (): Promise<Round> => {
    const alone = await beQuiet();
    const [beside, noisy] = await Promise.all([beQuiet(), beNoisy()]);
    if (alone.refused + beside.refused > 0) throw new Error("The quiet user was refused");
    const ratio = percentile(beside.times, 0.99) / percentile(alone.times, 0.99);
    return { alone, beside, noisy, ratio };
  };
  const rounds: [Round, ...Round[]] = [await round()];
  while (rounds.length < ROUNDS) rounds.push(await round());
  return rounds;
}

async function load(
  worker: Worker,
  { port, user, clients, seconds }: {
    port: number;
    user: User;
    clients: number;
    seconds: number;
  },
): Promise<Experience> {
  const target = "/bucket/key";
  const { headers } = signHeaders({
    method: "GET",
    target,
    headers: [["host", `127.0.0.1:${port}`]],
    ...user,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const head = formatRequestHead({ method: "GET", target, port, headers });
  const errand: Errand = { port, head, clients, seconds, breathMs: 0, backoffMs: 100 };
  worker.postMessage(errand);
  return await nextMessage(worker);
}

function startWorker(file: string): Worker {
  return new Worker(new URL(file, import.meta.url), { type: "module" });
}

function nextMessage<Message>(worker: Worker): Promise<Message> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

function formatConfig(
  { listener, workers, port }: { listener: string; workers: number; port: number },
): string {
  const user = ({ accessKey, secretKey }: User): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    allowed_buckets: ["bucket"],
  });
  return JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-bench",
      endpoint: `http://127.0.0.1:${backendPort}`,
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

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
}
