/**
 * What the running program tells the console of itself.
 * @module
 */

/** The state of the moment. */
export interface ProgramState {
  readonly startedAt: Date;
  /** When the configuration that counts was read, and how often another one has taken its place. */
  readonly loadedAt: Date;
  readonly reloads: number;
  /** The configuration's file. */
  readonly path: string | undefined;
  /** As the log tells them. */
  readonly warnings: readonly string[];
  /** Settings of the file that count after a restart only. */
  readonly restartKeys: readonly string[];
  /** Of a reload that came to nothing after {@linkcode loadedAt}. */
  readonly refused: { readonly at: Date; readonly problems: readonly string[] } | undefined;
  /** What is wrong with the backend; resolves with `undefined` where nothing is known to be. */
  readonly findBackendProblem: () => Promise<string | undefined>;
  /** Threads that answer clients. */
  readonly workers: number;
  readonly inFlight: number;
  readonly backendConnections: number;
  readonly backendConnectionsWaiting: number;
  readonly denoVersion: string;
}
