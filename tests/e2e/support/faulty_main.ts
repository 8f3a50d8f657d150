/**
 * main.ts's `serve`, but for its workers, which a request can break.
 * @module
 */

import { ConfigReloader } from "../../../src/config/reload.ts";
import { configureLogging } from "../../../src/observability/log.ts";
import { awaitShutdownSignal } from "../../../src/server/signals.ts";
import { startWorkers } from "../../../src/server/start_proxy.ts";
import { WorkerThreads } from "../../../src/server/worker_threads.ts";

const file = await new ConfigReloader(Deno.args[0] ?? "").load();
const logger = configureLogging(file.config.logging);
const program = new URL("./faulty_worker.ts", import.meta.url);
const threads = new WorkerThreads(() => new Worker(program, { type: "module" }));
const proxy = await startWorkers(file, { workers: 2, threads, logger });
const reason = await Promise.race([awaitShutdownSignal(), proxy.failed]);
logger.info("stopping", { reason });
await proxy.stop();
await logger.flush();
Deno.exit(reason.startsWith("SIG") ? 0 : 1);
