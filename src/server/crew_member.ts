/**
 * One worker, as the main thread sees it.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { MetricsReading } from "../observability/exposition.ts";
import type { WorkerOrder, WorkerReport } from "./worker_messages.ts";

/** What a `Worker` is to the main thread. */
export interface Thread {
  postMessage(order: WorkerOrder): void;
  /** Ends it as soon as its event loop turns; in Deno 2.9 never, where it is stuck in a loop. */
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerReport>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What a worker does. One that is `hung` may come back, and then only finishes its requests; one that has `ended` never does. */
export type MemberState = "starting" | "serving" | "hung" | "ended";

/** What {@linkcode CrewMember} needs. */
export interface CrewMemberOptions {
  /** The row of the shared memory that this worker alone uses; also its name in the log. */
  readonly row: number;
  readonly reported: (member: CrewMember, report: WorkerReport) => void;
  /** An error that nobody caught has ended it. */
  readonly failed: (member: CrewMember) => void;
}

const BEATS_MAX: Readonly<Record<MemberState, number>> = {
  starting: LIMITS.workerStartBeatsMax,
  serving: LIMITS.workerBeatsMissedMax,
  hung: LIMITS.workerBeatsLostMax,
  ended: Infinity,
};

/** A worker and what it has told. */
export class CrewMember {
  readonly row: number;
  state: MemberState = "starting";
  /** How often it was looked at since its last sign of life. */
  beatsMissed = 0;
  /** The number of the configuration that it uses, or has refused last. */
  generation = 0;
  /** Why it has refused the last one. */
  refusal: string | undefined;
  port = 0;
  /** Why it has ended, where that was a failure. */
  error = "";
  /** What it had counted when it was last asked. */
  reading: MetricsReading = [];
  isAskedForMetrics = false;
  readonly #thread: Thread;
  #beatsSeen = 0;

  constructor(thread: Thread, { row, reported, failed }: CrewMemberOptions) {
    this.row = row;
    this.#thread = thread;
    thread.onmessage = ({ data }) => {
      this.beatsMissed = 0;
      reported(this, data);
    };
    thread.onerror = (event) => {
      event.preventDefault(); // else it would end the program
      this.error = event.message;
      failed(this);
    };
  }

  /** Counts a look at it; one that has taken up a request meanwhile is busy, and its messages may come late. */
  look(beats: number): void {
    this.beatsMissed = beats === this.#beatsSeen ? this.beatsMissed + 1 : 0;
    this.#beatsSeen = beats;
  }

  /** Whether it has given no sign of life for longer than its state allows. */
  get isSilent(): boolean {
    return this.beatsMissed >= BEATS_MAX[this.state];
  }

  /** Asks what it has counted, unless it was asked already. */
  askForMetrics(): void {
    if (!this.isAskedForMetrics) this.order({ kind: "read_metrics" });
    this.isAskedForMetrics = true;
  }

  order(order: WorkerOrder): void {
    this.#thread.postMessage(order);
  }

  end(): void {
    this.state = "ended";
    this.#thread.terminate();
  }
}
