/**
 * How long the program takes from its start until all its workers listen, over the number of users and of workers. Run it with
 * `deno task bench:start`; every figure is the median of {@linkcode ROUNDS} starts, in turns.
 * @module
 */

import { findFreePorts } from "../e2e/support/state.ts";
import { median } from "./report.ts";
import { readStartTask } from "./targets.ts";

const ROUNDS = 5;
const USERS = [10, 1000, 10_000];
const WORKERS = [1, 2];

await using stack = new AsyncDisposableStack();
const directory = await Deno.makeTempDir();
stack.defer(() => Deno.remove(directory, { recursive: true }));

console.log("| users | " + WORKERS.map((count) => `${count} worker(s), s`).join(" | ") + " |");
console.log("| --- |" + " --- |".repeat(WORKERS.length));
for (const users of USERS) {
  const seconds = WORKERS.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, workers] of WORKERS.entries()) {
      seconds[index]?.push(await timeStart({ users, workers }));
    }
  }
  console.log(`| ${users} | ${seconds.map((each) => median(each).toFixed(2)).join(" | ")} |`);
}

async function timeStart(size: { users: number; workers: number }): Promise<number> {
  const [port = 0] = findFreePorts(1);
  const configFile = `${directory}/config.yaml`;
  await Deno.writeTextFile(configFile, formatConfig({ ...size, port }));
  const [program = "", ...args] = await readStartTask();
  const startedMs = performance.now();
  const child = new Deno.Command(program, {
    args: [...args, "-config", configFile],
    stdout: "piped",
  }).spawn();
  try {
    await findText(child.stdout, '"msg":"listening"');
    return (performance.now() - startedMs) / 1000;
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

/** Reads until `text` has come. */
async function findText(stream: ReadableStream<Uint8Array>, text: string): Promise<void> {
  let seen = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    seen += part;
    if (seen.includes(text)) return;
  }
  throw new Error(`The program has ended without "${text}": ${seen}`);
}

/** A file as people write it: YAML in blocks, a user a few lines. */
function formatConfig(
  { users, workers, port }: { users: number; workers: number; port: number },
): string {
  const lines = Array.from({ length: users }, (_, index) => [
    `  - name: user-${index}`,
    `    access_key: access-key-${index}`,
    `    secret_key: "secret-key-of-the-user-${index}"`,
    `    allowed_buckets: ["bucket-${index}", "app-${index}-*"]`,
  ]);
  return [
    "master_credentials:",
    "  access_key: MASTER",
    "  secret_key: master-secret-of-the-benchmark",
    '  endpoint: "http://127.0.0.1:59999"',
    "server:",
    `  listen_addr: "127.0.0.1:${port}"`,
    `  workers: ${workers}`,
    "users:",
    ...lines.flat(),
    "",
  ].join("\n");
}
