/**
 * One of several threads that answer clients: it does what the main thread orders, and reports.
 * @module
 */

import { compileCheckedFile } from "../config/compile.ts";
import { assert, assertNever } from "../lib/assert.ts";
import { SharedMemory } from "../lib/shared_memory.ts";
import { LIMITS } from "../limits.ts";
import { configureLogging, type Logger } from "../observability/log.ts";
import { ClientServer } from "./client_server.ts";
import type { WorkerOrder, WorkerReport } from "./worker_messages.ts";

/** What a worker's global object has beside a window's. */
interface WorkerScope {
  postMessage(report: WorkerReport): void;
  addEventListener(type: "message", listener: (event: MessageEvent<WorkerOrder>) => void): void;
}

// This module runs in workers only.
const scope = self as unknown as WorkerScope;

let server: ClientServer | undefined;
let logger: Logger | undefined;
/** INVARIANT: a new configuration is put to use only when the one before is, and no order meets a half of one. */
let configured: Promise<void> = Promise.resolve();

scope.addEventListener("message", ({ data: order }) => {
  const done = configured.then(() => carryOut(order));
  if (order.kind === "start" || order.kind === "apply") configured = done;
});

report({ kind: "loaded" });

function report(message: WorkerReport): void {
  scope.postMessage(message);
}

async function carryOut(order: WorkerOrder): Promise<void> {
  switch (order.kind) {
    case "start":
      return await start(order);
    case "apply":
      return await apply(order);
    case "read_metrics":
      return report({ kind: "metrics", reading: await getServer().metrics.read() });
    case "drain": {
      const requestsCut = await getServer().drain(order.timeoutMs);
      await logger?.flush();
      return report({ kind: "drained", requestsCut });
    }
    default:
      return assertNever(order);
  }
}

async function start(
  { file, generation, memory, row, nowMs, workers, hostname, port }: WorkerOrder & {
    kind: "start";
  },
): Promise<void> {
  const complete = compileCheckedFile(file);
  logger = configureLogging({
    ...complete.config.logging,
    // The main thread alone writes: two threads' lines would end up in each other.
    write: (lines) => Promise.resolve(report({ kind: "log", lines })),
  });
  server = await ClientServer.start(complete, {
    logger,
    memory: new SharedMemory({ buffer: memory, row, nowMs }),
    workers,
    hostname,
    port,
    reportActivity: (activity) => report({ kind: "activity", activity }),
  });
  setInterval(() => report({ kind: "beat" }), LIMITS.workerBeatIntervalMs);
  report({ kind: "applied", generation });
  report({ kind: "listening", port: server.port });
}

async function apply({ file, generation }: WorkerOrder & { kind: "apply" }): Promise<void> {
  try {
    const complete = compileCheckedFile(file);
    await getServer().apply(complete);
    logger?.reconfigure(complete.config.logging);
    report({ kind: "applied", generation });
  } catch (error) {
    // Such as a certificate that only the runtime finds wrong. Nothing has changed.
    report({ kind: "refused", generation, reason: String(error) });
  }
}

function getServer(): ClientServer {
  assert(server !== undefined, "The first order is to start");
  return server;
}
