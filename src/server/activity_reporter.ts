/**
 * Hands over, once a second, what one thread has seen: while there is a console, and nothing otherwise.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { type Activity, ActivityRecorder } from "../observability/activity.ts";

/** Of one thread. */
export class ActivityReporter {
  readonly recorder = new ActivityRecorder();
  readonly #report: (activity: Activity) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(report: (activity: Activity) => void) {
    this.#report = report;
  }

  /** Whether anybody is to be told from now on. */
  enable(isEnabled: boolean): void {
    this.recorder.isEnabled = isEnabled;
    clearInterval(this.#timer);
    if (!isEnabled) return;
    this.#timer = setInterval(() => {
      const activity = this.recorder.take();
      if (activity !== undefined) this.#report(activity);
    }, LIMITS.activityReportIntervalMs);
  }
}
