/**
 * What a process uses, as the kernel counts it.
 * @module
 */

const KIB = 1024;
/** USER_HZ, which Linux fixes for what it shows. */
const TICKS_PER_SECOND = 100;

/** Processor time of all threads since the process began, in seconds; 10 ms is the smallest step. */
export async function readCpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // proc_pid_stat(5): the command's name may hold anything but ends at the last bracket; 14 is utime, 15 stime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Begins a new {@linkcode readPeakMebibytes}. */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** The most memory the process held in RAM since {@linkcode resetPeak} (VmHWM). */
export function readPeakMebibytes(pid: number): Promise<number> {
  return readStatus(pid, "VmHWM");
}

/** The memory it holds in RAM now (VmRSS). */
export function readResidentMebibytes(pid: number): Promise<number> {
  return readStatus(pid, "VmRSS");
}

async function readStatus(pid: number, field: "VmHWM" | "VmRSS"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kib] = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status) ?? [];
  return Number(kib) / KIB;
}
