/**
 * The running program: those who answer clients, the listener for operators, and what a reload and the end are to both.
 * @module
 */

import type { Config } from "../config/config.ts";
import { listKeyExpiries } from "../config/expiry.ts";
import type { CompleteConfig } from "../config/compile.ts";
import type { LoadedFile } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { monotonicMs, systemClock } from "../lib/clock.ts";
import { endsWithin } from "../lib/deadline.ts";
import { COLUMNS } from "../lib/shared_layout.ts";
import { LIMITS } from "../limits.ts";
import { EXPOSITION_TYPE, formatExposition } from "../observability/exposition.ts";
import type { Logger } from "../observability/log.ts";
import { PacedExposition } from "../observability/paced_exposition.ts";
import type { ProgramMetrics } from "../observability/program_metrics.ts";
import { type AdminServer, createAdminServer, type Readiness } from "./admin.ts";
import { BackendWatch } from "./backend_watch.ts";
import type { ProgramState } from "../console/program_state.ts";
import { fetchDocument } from "../identity/fetch_document.ts";
import type { ConfigHistory } from "./config_history.ts";
import { ConsoleServer } from "./console_server.ts";
import type { Crew } from "./crew.ts";
import { ListenError } from "./listen_error.ts";

/** What {@linkcode RunningProxy} is made of. */
export interface ProgramParts {
  readonly crew: Crew;
  readonly metrics: ProgramMetrics;
  readonly logger: Logger;
  readonly history: ConfigHistory;
  /** Resolves, with a sentence for the log, once the program cannot go on and has to be started anew. */
  readonly failed: Promise<string>;
}

/** A running proxy. */
export class RunningProxy {
  /** See {@linkcode ProgramParts.failed}. */
  readonly failed: Promise<string>;
  readonly #crew: Crew;
  readonly #metrics: ProgramMetrics;
  readonly #logger: Logger;
  readonly #admin: AdminServer | undefined;
  /** The page for people, where it is enabled. */
  readonly console: ConsoleServer;
  readonly #history: ConfigHistory;
  readonly #started: Config;
  readonly #backend: BackendWatch;
  #config: Config;
  #isDraining = false;
  readonly #exposition = new PacedExposition({
    read: () => this.#readExposition(),
    nowMs: monotonicMs,
  });

  /** Throws a {@linkcode ListenError} where it cannot listen for operators. */
  constructor(complete: CompleteConfig, parts: ProgramParts) {
    const { crew, metrics, logger, failed } = parts;
    this.#crew = crew;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#history = parts.history;
    const { memory } = crew;
    const readProgram = (): ProgramState => this.#readState();
    this.console = new ConsoleServer({
      logger,
      memory,
      clock: systemClock,
      monotonicMs,
      fetchDocument,
      readProgram,
    });
    this.failed = failed;
    this.#started = this.#config = complete.config;
    metrics.keysEnd(listKeyExpiries(complete.config));
    const refusals = (): number => crew.memory.sum(COLUMNS.backendRefusals);
    this.#backend = new BackendWatch(complete, { refusals, logger, nowMs: monotonicMs });
    this.#admin = this.#startAdmin();
    this.#backend.begin();
  }

  /** Where clients connect. */
  get port(): number {
    return this.#crew.port;
  }

  /** Where metrics are scraped; `undefined` without a listener for operators. */
  get adminPort(): number | undefined {
    return this.#admin?.port;
  }

  /** Where browsers open the console; `undefined` where it is not enabled. */
  get consolePort(): number | undefined {
    return this.console.port;
  }

  /** Has all requests from now on meet `file`. Where it rejects, nothing has changed. */
  async reload(file: LoadedFile): Promise<void> {
    const { config, warnings } = file;
    await this.#crew.apply(file);
    this.#config = config;
    this.#backend.reconfigure(file);
    await this.console.apply(file).catch((error) =>
      this.#logger.error("the console cannot be opened", { error: String(error) })
    );
    this.#logger.reconfigure(config.logging);
    this.#metrics.configurationReloaded(systemClock());
    this.#metrics.keysEnd(listKeyExpiries(config));
    for (const warning of warnings) this.#logger.warn("configuration", { warning });
    this.#history.loaded(file);
    const { restartKeys } = this.#history;
    if (restartKeys.length > 0) {
      const keys = restartKeys.join(", ");
      this.#logger.warn("configuration: these settings need a restart", { keys });
    }
    this.#logger.info("configuration reloaded", { users: config.users.length });
  }

  /** Logs that a reload was refused: a line for each problem, with its place. */
  refuseReload(error: unknown): void {
    this.#metrics.configurationRefused();
    const problems = error instanceof ConfigError ? error.problems : [String(error)];
    this.#history.notLoaded(problems);
    for (const problem of problems) {
      this.#logger.error("configuration not reloaded, the one before stays", { problem });
    }
  }

  /** Refuses new connections, lets requests finish within `server.shutdown_timeout`; tells whether all did. */
  async stop(): Promise<boolean> {
    const timeoutMs = this.#config.server.shutdownTimeoutMs;
    this.#isDraining = true; // first: whoever asks before connecting learns it in time
    const requestsCut = await this.#crew.drain(timeoutMs);
    if (requestsCut > 0) {
      this.#logger.warn("requests were cut: they took longer than server.shutdown_timeout", {
        requests: requestsCut,
      });
    }
    if (this.#admin !== undefined) {
      await endsWithin(LIMITS.adminShutdownTimeoutMs, this.#admin.shutdown());
    }
    await endsWithin(LIMITS.consoleShutdownTimeoutMs, this.console.shutdown());
    return requestsCut === 0;
  }

  #startAdmin(): AdminServer | undefined {
    const { metrics } = this.#started;
    if (metrics === undefined) return undefined;
    const { listenAddress, path, enabled } = metrics;
    try {
      return createAdminServer({
        ...listenAddress,
        path,
        enabled,
        metrics: { contentType: EXPOSITION_TYPE, exposition: () => this.#exposition.read() },
        readiness: () => this.#readReadiness(),
        logger: this.#logger,
      });
    } catch (cause) {
      throw new ListenError(listenAddress, cause); // the clients' own listener, by another name
    }
  }

  async #readExposition(): Promise<string> {
    const { memory, size } = this.#crew;
    const program = await this.#metrics.read({
      workers: size,
      connections: memory.sum(COLUMNS.connections),
      connectionsMax: this.#config.backend.maxConnections,
      connectionsWaiting: memory.sum(COLUMNS.connectionsWaiting),
      logLinesDropped: this.#logger.linesDropped(),
    });
    return await formatExposition([program, ...await this.#crew.readMetrics()]);
  }

  #readState(): ProgramState {
    const { memory, size } = this.#crew;
    const { startedAt, loadedAt, reloads, path, warnings, restartKeys, refused } = this.#history;
    return {
      startedAt,
      loadedAt,
      reloads,
      path,
      warnings,
      restartKeys,
      refused,
      findBackendProblem: () => this.#backend.findProblem(),
      workers: size,
      inFlight: memory.sum(COLUMNS.requests),
      backendConnections: memory.sum(COLUMNS.connections),
      backendConnectionsWaiting: memory.sum(COLUMNS.connectionsWaiting),
      denoVersion: Deno.version.deno,
    };
  }

  async #readReadiness(): Promise<Readiness> {
    if (this.#isDraining) return { ready: false, reason: "draining" };
    if (this.#crew.size === 0) return { ready: false, reason: "no worker answers" };
    const problem = await this.#backend.findProblem();
    return { ready: problem === undefined, reason: problem ?? "ok" };
  }
}
