/**
 * Processes of the benchmark: started, awaited, ended.
 * @module
 */

import { isListening } from "../support/is_listening.ts";

/** A running process that listens. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/** Starts `command`, stdout thrown away, stderr going to `logFile`, and waits until something listens on `port`. */
export async function startChild(
  command: readonly string[],
  { port, logFile }: { port: number; logFile: string },
): Promise<Child> {
  const child = new Deno.Command("bash", { // which becomes the command: its pid, its signals
    args: ["-c", 'exec "$@" >/dev/null 2>"$0"', logFile, ...command],
    stdin: "null",
  }).spawn();
  let running = true;
  child.status.then(() => running = false);
  const stop = async (): Promise<void> => {
    if (!running) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await child.status;
    clearTimeout(timer);
  };
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!await isListening(port)) {
    if (running && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    await stop();
    throw new Error(`${command.join(" ")}: ${await Deno.readTextFile(logFile)}`);
  }
  return { pid: child.pid, [Symbol.asyncDispose]: stop };
}
