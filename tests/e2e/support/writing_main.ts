/**
 * main.ts, started with every permission, and something in it that tries to write a file once the program serves.
 * @module
 */

const { log } = console;
console.log = (...texts: unknown[]) => {
  log(...texts);
  const tried = Deno.makeTempFile().catch((error: Error) => error.name);
  void tried.then((outcome) => log(`written: ${outcome}`));
};
await import("../../../main.ts");
