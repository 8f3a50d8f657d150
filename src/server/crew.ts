/**
 * Those who answer clients: this thread alone, or several workers.
 * @module
 */

import type { CompleteConfig } from "../config/compile.ts";
import type { LoadedFile } from "../config/load.ts";
import { SharedMemory } from "../lib/shared_memory.ts";
import type { Activity } from "../observability/activity.ts";
import type { MetricsReading } from "../observability/exposition.ts";
import type { Logger } from "../observability/log.ts";
import { ClientServer } from "./client_server.ts";

/** What becomes of workers. */
export interface WorkerEvents {
  /** One failed or hung, and is being replaced. */
  restarted(): void;
  /** What a thread has done in a second, while there is a console. */
  activity(activity: Activity): void;
  /** The program cannot go on and has to be started anew: why. */
  failed(reason: string): void;
}

/** A crew at work. */
export interface Crew {
  /** Where clients connect. */
  readonly port: number;
  /** What all of them have taken of the program's bounds. */
  readonly memory: SharedMemory;
  /** How many answer now. */
  readonly size: number;
  /** Has all requests from now on meet `file`. Where it rejects, nothing has changed. */
  apply(file: LoadedFile): Promise<void>;
  readMetrics(): Promise<MetricsReading[]>;
  /** Refuses new connections and lets requests finish; resolves with how many did not within `timeoutMs`. */
  drain(timeoutMs: number): Promise<number>;
}

/** This thread alone. Rejects with the runtime's error where it cannot listen. */
export async function createLoneCrew(
  complete: CompleteConfig,
  { logger, events }: { logger: Logger; events: Pick<WorkerEvents, "activity"> },
): Promise<Crew> {
  const memory = SharedMemory.create(1);
  const reportActivity = (activity: Activity): void => events.activity(activity);
  const server = await ClientServer.start(complete, { logger, memory, workers: 1, reportActivity });
  return {
    port: server.port,
    memory,
    size: 1,
    apply: (file) => server.apply(file),
    readMetrics: async () => [await server.metrics.read()],
    drain: (timeoutMs) => server.drain(timeoutMs),
  };
}
