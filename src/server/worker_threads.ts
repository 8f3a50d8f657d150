/**
 * The threads that workers run in. A thread can begin before it is known what it is to do: its program loads while the
 * main thread reads the configuration.
 * @module
 */

import type { Thread } from "./crew_member.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** A thread nobody has taken yet. */
interface EarlyThread {
  readonly thread: Thread;
  /** What it has told meanwhile, for whoever takes it. */
  readonly reports: MessageEvent<WorkerReport>[];
}

/** Threads of one program, which is worker.ts; tests wrap it. */
export class WorkerThreads {
  readonly #create: () => Thread;
  readonly #early: EarlyThread[] = [];

  constructor(create: () => Thread = createThread) {
    this.#create = create;
  }

  /** Has `count` threads load their program. */
  begin(count: number): void {
    for (let index = 0; index < count; index++) {
      const thread = this.#create();
      const reports: MessageEvent<WorkerReport>[] = [];
      thread.onmessage = (report) => void reports.push(report);
      this.#early.push({ thread, reports });
    }
  }

  /** One that has begun already, or a new one; nothing it tells is lost if its taker listens at once. */
  take(): Thread {
    const early = this.#early.shift();
    if (early === undefined) return this.#create();
    const { thread, reports } = early;
    queueMicrotask(() => {
      for (const report of reports) thread.onmessage?.(report);
    });
    return thread;
  }

  /** Ends those that nobody has taken. */
  endUnused(): void {
    for (const { thread } of this.#early.splice(0)) thread.terminate();
  }
}

function createThread(): Thread {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
}
