/**
 * What a process holds in memory, as the kernel counts it.
 * @module
 */

const SAMPLE_MS = 20;
const KIB = 1024;

/** Memory of one process, in MiB. */
export interface ResidentMemory {
  readonly now: number;
  /** The most since the process began. */
  readonly highWater: number;
}

/** VmRSS and VmHWM of /proc/PID/status. */
export async function readResidentMemory(pid: number): Promise<ResidentMemory> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [now = NaN, highWater = NaN] = ["VmRSS", "VmHWM"].map((name) => {
    const [, kib] = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status) ?? [];
    return Number(kib) / KIB;
  });
  return { now, highWater };
}

/** Runs `action` and tells the most that `pid` held at any time meanwhile, in MiB. */
export async function watchPeak(pid: number, action: () => Promise<void>): Promise<number> {
  let peak = 0;
  async function sample(): Promise<void> {
    peak = Math.max(peak, (await readResidentMemory(pid)).now);
  }
  const samples: Promise<void>[] = [];
  const timer = setInterval(() => samples.push(sample()), SAMPLE_MS);
  try {
    await action();
  } finally {
    clearInterval(timer);
    await Promise.all(samples);
  }
  await sample();
  return peak;
}
