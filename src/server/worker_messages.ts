/**
 * What the main thread and its workers tell each other. All of it can be posted.
 * @module
 */

import type { CheckedFile } from "../config/compile.ts";
import type { Activity } from "../observability/activity.ts";
import type { MetricsReading } from "../observability/exposition.ts";

/** From the main thread. */
export type WorkerOrder =
  /** The first one. */
  | {
    readonly kind: "start";
    readonly file: CheckedFile;
    readonly generation: number;
    readonly memory: SharedArrayBuffer;
    /** Of the memory, for this worker alone. */
    readonly row: number;
    /** What {@linkcode SharedMemory.nowMs} says now. */
    readonly nowMs: number;
    /** How many there are. */
    readonly workers: number;
    readonly hostname: string;
    /** Where all of them listen; `undefined` for the one that finds a free port. */
    readonly port: number | undefined;
  }
  | { readonly kind: "apply"; readonly file: CheckedFile; readonly generation: number }
  | { readonly kind: "read_metrics" }
  /** Refuse new connections, let requests finish. */
  | { readonly kind: "drain"; readonly timeoutMs: number };

/** From a worker. */
export type WorkerReport =
  /** Ready for the first order: in Deno 2.9 one that comes before can get lost. */
  | { readonly kind: "loaded" }
  /** Still there, every {@linkcode LIMITS.workerBeatIntervalMs}. */
  | { readonly kind: "beat" }
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "applied"; readonly generation: number }
  /** The worker keeps the configuration that it had; the message is why it cannot use the new one. */
  | { readonly kind: "refused"; readonly generation: number; readonly reason: string }
  | { readonly kind: "metrics"; readonly reading: MetricsReading }
  /** What has happened in a second, for the console. */
  | { readonly kind: "activity"; readonly activity: Activity }
  /** Whole lines of the log. */
  | { readonly kind: "log"; readonly lines: string }
  /** Its last report. */
  | { readonly kind: "drained"; readonly requestsCut: number };
