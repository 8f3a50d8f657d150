/**
 * Signals: SIGHUP asks for the configuration to be read again; the first SIGTERM or SIGINT asks the program to end, the
 * second ends it at once.
 * @module
 */

/** Calls `reload` at every SIGHUP, which would end the program otherwise. */
export function onReloadSignal(reload: () => void): void {
  Deno.addSignalListener("SIGHUP", reload);
}

/** Resolves at the first signal, with its name; exits with status 1 at the second. */
export function awaitShutdownSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => {
        if (asked) Deno.exit(1);
        asked = true;
        resolve(signal);
      });
    }
  });
}
