/**
 * main.ts, beside a timer that says how long its thread's event loop was kept: each line that comes to
 * `WORST_LAG_PORT` is answered with the longest time, and the most processor time of the thread, that one turn has taken
 * since the line before, in milliseconds. On a machine that others use, only the second is the program's own.
 * @module
 */

const INTERVAL_MS = 2;
/** Linux: the processor time of this thread. */
const CLOCK_THREAD_CPUTIME_ID = 3;

const { symbols: { clock_gettime: readClock } } = Deno.dlopen("libc.so.6", {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
});
const time = new BigInt64Array(2);

let last = { ms: performance.now(), cpuMs: readCpuMs() };
let longestMs = 0;
let longestCpuMs = 0;

setInterval(look, INTERVAL_MS);

const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("WORST_LAG_PORT")),
});
void answer();
await import("../../../main.ts");

function look(): void {
  const now = { ms: performance.now(), cpuMs: readCpuMs() };
  longestMs = Math.max(longestMs, now.ms - last.ms - INTERVAL_MS);
  longestCpuMs = Math.max(longestCpuMs, now.cpuMs - last.cpuMs);
  last = now;
}

function readCpuMs(): number {
  readClock(CLOCK_THREAD_CPUTIME_ID, time);
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

async function answer(): Promise<void> {
  for await (const connection of listener) {
    const line = new Uint8Array(16);
    while (await connection.read(line).catch(() => null) !== null) {
      const text = JSON.stringify([longestMs, longestCpuMs]);
      await connection.write(new TextEncoder().encode(text));
      longestMs = longestCpuMs = 0;
    }
  }
}
