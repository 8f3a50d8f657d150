/**
 * How soon a worker is started in a failed one's place: at once, and later the more often it fails.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** Counts beats, {@linkcode LIMITS.workerBeatIntervalMs} each. */
export class RestartPace {
  #beat = 0;
  #failures = 0;
  #failureBeat = 0;
  #dueBeat = 0;

  /** Whether a worker may be started now. */
  get isDue(): boolean {
    return this.#beat >= this.#dueBeat;
  }

  /** A beat has passed; after {@linkcode LIMITS.workerStableBeats} without a failure, the next is a first one. */
  beat(): void {
    this.#beat++;
    if (this.#beat - this.#failureBeat >= LIMITS.workerStableBeats) this.#failures = 0;
  }

  /** A worker has failed: no pause after a first one, then 1, 3, 7 … beats. */
  failed(): void {
    const pauseBeats = Math.min(2 ** this.#failures++ - 1, LIMITS.workerRestartBeatsMax);
    this.#failureBeat = this.#beat;
    this.#dueBeat = this.#beat + pauseBeats;
  }
}
