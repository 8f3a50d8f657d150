/**
 * Starts the program: those who answer clients, and around them what operators see.
 * @module
 */

import type { Certificates } from "../config/certificates.ts";
import type { Config } from "../config/config.ts";
import type { ListenAddress } from "../config/listen_address.ts";
import type { CompleteConfig } from "../config/compile.ts";
import type { LoadedFile } from "../config/load.ts";
import { systemClock } from "../lib/clock.ts";
import { COMMIT, VERSION } from "../lib/version.ts";
import { LIMITS } from "../limits.ts";
import type { Logger } from "../observability/log.ts";
import { ProgramMetrics } from "../observability/program_metrics.ts";
import { warnOfListener } from "./create_listener.ts";
import { ConsoleServer } from "./console_server.ts";
import { ConfigHistory, type ConfigOrigin } from "./config_history.ts";
import { createLoneCrew, type Crew, type WorkerEvents } from "./crew.ts";
import type { Thread } from "./crew_member.ts";
import { ListenError } from "./listen_error.ts";
import { RunningProxy } from "./running_proxy.ts";
import { WorkerCrew } from "./worker_crew.ts";
import type { WorkerThreads } from "./worker_threads.ts";

/** Starts it in this thread. Rejects with a {@linkcode ListenError} where it cannot listen. */
export function startProxy(
  config: Config,
  { certificates, logger, ...origin }:
    & { certificates: Certificates; logger: Logger }
    & ConfigOrigin,
): Promise<RunningProxy> {
  const complete = { config, certificates };
  const createCrew = (events: WorkerEvents): Promise<Crew> =>
    createLoneCrew(complete, { logger, events });
  return start(complete, { logger, origin, createCrew });
}

/** What {@linkcode startWorkers} takes. */
export interface StartWorkersOptions {
  readonly logger: Logger;
  readonly workers: number;
  readonly threads: WorkerThreads;
}

/** Starts it in several threads. Rejects where one of them cannot listen. */
export function startWorkers(
  file: LoadedFile,
  { logger, workers, threads }: StartWorkersOptions,
): Promise<RunningProxy> {
  return start(file, {
    logger,
    origin: { path: file.checked.path, warnings: file.warnings },
    createCrew: async (events) => {
      const { listenAddress } = file.config.server;
      const createThread = (): Thread => threads.take();
      const crew = new WorkerCrew(file.checked, {
        logger,
        workers,
        listenAddress,
        events,
        createThread,
      });
      await crew.start();
      return crew;
    },
  });
}

/** How many threads `server.workers` asks for. Only Linux shares a port among several. */
export function countWorkers(workers: Config["server"]["workers"]): number {
  if (Deno.build.os !== "linux") return 1;
  return workers === "auto" ? Math.min(navigator.hardwareConcurrency, LIMITS.workersMax) : workers;
}

async function start(
  complete: CompleteConfig,
  { logger, origin, createCrew }: {
    logger: Logger;
    origin: ConfigOrigin;
    createCrew: (events: WorkerEvents) => Promise<Crew>;
  },
): Promise<RunningProxy> {
  const { config: { server, masterCredentials, metrics: operators, console: people } } = complete;
  refuseTakenPort(server.listenAddress);
  if (operators !== undefined) refuseTakenPort(operators.listenAddress);
  if (people !== undefined) refuseTakenPort(people.listenAddress);
  const metrics = new ProgramMetrics({
    build: { version: VERSION, commit: COMMIT, deno: Deno.version.deno },
    startTime: systemClock(),
    residentBytes: () => Deno.memoryUsage().rss,
  });
  const failure = Promise.withResolvers<string>();
  // The crew is there first.
  const watching: { console?: ConsoleServer } = {};
  const crew = await createCrew({
    restarted: () => metrics.workerRestarted(),
    activity: (activity) => watching.console?.record(activity),
    failed: (reason) => failure.resolve(reason),
  });
  const history = new ConfigHistory(complete.config, origin);
  const proxy = new RunningProxy(complete, {
    crew,
    metrics,
    logger,
    history,
    failed: failure.promise,
  });
  watching.console = proxy.console;
  await proxy.console.apply(complete);
  warnOfListener(server, logger);
  logger.info("listening", {
    version: VERSION,
    hostname: server.listenAddress.hostname,
    port: crew.port,
    listener: server.listener,
    workers: crew.size,
    scheme: server.tls === undefined ? "http" : "https",
    endpoint: masterCredentials.endpoint.origin,
  });
  if (operators !== undefined) {
    const { listenAddress: { hostname }, path, enabled } = operators;
    const port = proxy.adminPort;
    const paths = ["/healthz", "/readyz", ...enabled ? [path] : []].join(" ");
    logger.info("listening for operators", { hostname, port, paths });
  }
  if (people !== undefined) {
    const { listenAddress: { hostname }, origins } = people;
    logger.info("listening for people", {
      hostname,
      port: proxy.consolePort,
      url: origins.join(" "),
    });
  }
  return proxy;
}

/**
 * Listeners share their port with whoever says so too, such as a second instance of this program that was started by
 * mistake. Throws a {@linkcode ListenError} where somebody listens there.
 */
function refuseTakenPort(address: ListenAddress): void {
  if (address.port === 0) return;
  try {
    Deno.listen({ ...address }).close();
  } catch (cause) {
    throw new ListenError(address, cause);
  }
}
