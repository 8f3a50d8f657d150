/**
 * The metrics of the program as a whole: what it is, what it was told, and how it fares.
 * @module
 */

import { Counter, Gauge, Registry } from "prom-client";
import { type MetricsReading, readRegistry } from "./exposition.ts";

/** What {@linkcode ProgramMetrics} is told of the program. */
export interface ProgramFacts {
  readonly build: { readonly version: string; readonly commit: string; readonly deno: string };
  readonly startTime: Date;
  /** Asked at every scrape. */
  readonly residentBytes: () => number;
}

/** How things stand at a scrape. */
export interface ProgramState {
  /** Threads that answer clients. */
  readonly workers: number;
  /** To the backend: those in use, their bound, and the requests that wait for one. */
  readonly connections: number;
  readonly connectionsMax: number;
  readonly connectionsWaiting: number;
  /** Since the start. */
  readonly logLinesDropped: number;
}

/** When a user's key ends. */
export interface KeyEnd {
  readonly user: string;
  readonly accessKey: string;
  readonly at: Date;
}

/** Only metrics that are true: without `--allow-all` Deno hides /proc, and the number of descriptors would be 0. */
export class ProgramMetrics {
  readonly #registry = new Registry();
  readonly #reloadSuccessful = this.#gauge(
    "s3_proxy_config_last_reload_successful",
    "Whether the last reading of the configuration succeeded.",
  );
  readonly #reloadTimestamp = this.#gauge(
    "s3_proxy_config_last_reload_success_timestamp_seconds",
    "When the configuration in use was read.",
  );
  readonly #reloads = new Counter({
    name: "s3_proxy_config_reloads_total",
    help: "Readings of the configuration after the first.",
    labelNames: ["result"],
    registers: [this.#registry],
  });
  readonly #workers = this.#gauge("s3_proxy_workers", "Threads that answer clients now.");
  readonly #connections = this.#gauge(
    "s3_proxy_backend_connections",
    "Connections to the backend in use.",
  );
  readonly #connectionsMax = this.#gauge(
    "s3_proxy_backend_connections_max",
    "The bound on them: backend.max_connections.",
  );
  readonly #connectionsWaiting = this.#gauge(
    "s3_proxy_backend_connections_waiting",
    "Requests that wait for a connection to the backend.",
  );
  readonly #keyExpiry = new Gauge({
    name: "s3_proxy_key_expiry_timestamp_seconds",
    help: "When a key ends that does.",
    labelNames: ["user", "access_key"],
    registers: [this.#registry],
  });
  readonly #logLinesDropped = new Counter({
    name: "s3_proxy_log_lines_dropped_total",
    help: "Lines of the log that nobody read in time.",
    registers: [this.#registry],
  });
  #linesDropped = 0;
  readonly #workerRestarts = new Counter({
    name: "s3_proxy_worker_restarts_total",
    help: "Workers that failed or hung, and were replaced.",
    registers: [this.#registry],
  });

  constructor({ build, startTime, residentBytes }: ProgramFacts) {
    new Gauge({
      name: "s3_proxy_build_info",
      help: "1; its labels say which program this is.",
      labelNames: ["version", "commit", "deno"],
      registers: [this.#registry],
    }).set({ ...build }, 1);
    this.#gauge("process_start_time_seconds", "When the program started.")
      .set(startTime.getTime() / 1000);
    this.#reloadSuccessful.set(1);
    this.#reloadTimestamp.set(startTime.getTime() / 1000);
    for (const result of ["success", "failure"]) this.#reloads.inc({ result }, 0);
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Memory of the process that is in RAM.",
      registers: [this.#registry],
      collect: function (): void {
        this.set(residentBytes());
      },
    });
  }

  /** All of them, to be merged with those of requests. */
  read(state: ProgramState): Promise<MetricsReading> {
    this.#workers.set(state.workers);
    this.#connections.set(state.connections);
    this.#connectionsMax.set(state.connectionsMax);
    this.#connectionsWaiting.set(state.connectionsWaiting);
    this.#logLinesDropped.inc(state.logLinesDropped - this.#linesDropped);
    this.#linesDropped = state.logLinesDropped;
    return readRegistry(this.#registry);
  }

  /** The keys of the configuration that end, in place of those before. */
  keysEnd(ends: readonly KeyEnd[]): void {
    this.#keyExpiry.reset();
    for (const { user, accessKey, at } of ends) {
      this.#keyExpiry.set({ user, access_key: accessKey }, at.getTime() / 1000);
    }
  }

  /** The configuration was read again and put to use at `at`. */
  configurationReloaded(at: Date): void {
    this.#reloads.inc({ result: "success" });
    this.#reloadSuccessful.set(1);
    this.#reloadTimestamp.set(at.getTime() / 1000);
  }

  /** The configuration could not be used, and the one before stays. */
  configurationRefused(): void {
    this.#reloads.inc({ result: "failure" });
    this.#reloadSuccessful.set(0);
  }

  /** A worker is being replaced. */
  workerRestarted(): void {
    this.#workerRestarts.inc();
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.#registry] });
  }
}
