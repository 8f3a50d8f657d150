/**
 * What the console is told of a program, for tests that do not look at it.
 * @module
 */

import type { ProgramState } from "../../src/console/program_state.ts";

/** One that has just started. */
export const PROGRAM_STATE: ProgramState = {
  startedAt: new Date(),
  loadedAt: new Date(),
  reloads: 0,
  path: undefined,
  warnings: [],
  restartKeys: [],
  refused: undefined,
  findBackendProblem: () => Promise.resolve(undefined),
  workers: 1,
  inFlight: 0,
  backendConnections: 0,
  backendConnectionsWaiting: 0,
  denoVersion: "0",
};
