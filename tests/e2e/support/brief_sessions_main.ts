/**
 * main.ts, but for the least that a role's `max_session_duration` may be: a second, so that a test sees sessions end.
 * @module
 */

import { LIMITS } from "../../../src/limits.ts";

Object.assign(LIMITS, { sessionSecondsMin: 1 });
await import("../../../main.ts");
