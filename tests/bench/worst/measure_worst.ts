/**
 * One expensive request, alone and two dozen at once beside a quiet user.
 * @module
 */

import { connectRaw } from "../../support/raw_client.ts";
import { readPeakMebibytes, readResidentMebibytes, resetPeak } from "../process_usage.ts";
import { type ListenerName, QuietUser, type WorstBackend, WorstProxy } from "./stage.ts";
import { TARGETS } from "./report_worst.ts";
import { ORDINARY, type Variant, type WorstCase } from "./worst_case.ts";

/** How many are sent at once. */
export const AT_ONCE = 24;
const ALONE_MS = 1_000;
const ATTACK_MS = 2_500;
const WARM_UPS = 1;
const RUNS = 3;
/** Where three have taken longer than they may: a processor is shared with others, and is slower for a while. */
const FURTHER_RUNS = 6;
const SETTLE_MS = 5;
const MIB = 1 << 20;

/** What was measured of one case on one listener. */
export interface WorstFigures {
  readonly name: string;
  readonly kind: WorstCase["kind"];
  readonly listener: ListenerName;
  /** Of the variant that cost most. */
  readonly label: string;
  readonly status: number;
  /** Processor time of the thread that answers, for one. */
  readonly cpuMs: number;
  /** Of the backend's body, which streams through. */
  readonly streamedMebibytes: number;
  /** `cpuMs` beside that of the same with {@linkcode ORDINARY} names; `undefined` where there is no such variant. */
  readonly timesOrdinary?: number | undefined;
  /** With {@linkcode AT_ONCE} at once: beyond what was held when idle. */
  readonly heldMebibytes: number;
  /** The longest turn of the event loop: until it was over, and what it had of the processor. */
  readonly lagMs: number;
  readonly keptMs: number;
  readonly quietAloneMs: number;
  readonly quietMs: number;
  readonly quietFailures: number;
  /** Requests of the greedy that were answered meanwhile. */
  readonly answered: number;
  readonly ended: boolean;
}

/** Measures `worst` on a program of its own. */
export async function measureWorst(
  worst: WorstCase,
  { listener, backend, directory, alone }: {
    listener: ListenerName;
    backend: WorstBackend;
    directory: string;
    /** Whether only one at a time is measured. */
    alone: boolean;
  },
): Promise<WorstFigures> {
  using quiet = new QuietUser();
  await using proxy = await WorstProxy.start({ listener, backend, directory });
  const aloneTimes = await beQuiet(quiet, { proxy, alone });
  let dearest: { variant: Variant; cpuMs: number; status: number } | undefined;
  for (const variant of worst.variants) {
    const measured = await measureAlone(variant, { proxy, backend });
    if (dearest === undefined || measured.cpuMs > dearest.cpuMs) dearest = measured;
  }
  if (dearest === undefined) throw new Error(`${worst.name} has no variants`);
  const { variant, cpuMs, status } = dearest;
  // Behind all others, when nothing has to be compiled any more.
  const ordinary = worst.variants.find(({ label }) => label === ORDINARY);
  const ordinaryMs = ordinary && (await measureAlone(ordinary, { proxy, backend })).cpuMs;
  await backend.play(variant.script ?? {});
  const idle = await readResidentMebibytes(proxy.pid);
  await resetPeak(proxy.pid);
  await proxy.readLag();
  const attack = new Attack(variant.request(proxy.port), proxy.port);
  const end = quiet.begin(proxy.port);
  if (!alone) await attack.run();
  const { timesMs, failures } = await end();
  const figures = { name: worst.name, kind: worst.kind, listener, label: variant.label };
  const alive = await proxy.readLag().catch(() => undefined);
  return {
    ...figures,
    status,
    cpuMs,
    streamedMebibytes: (variant.script?.body?.length ?? 0) / MIB,
    timesOrdinary: ordinaryMs && cpuMs / ordinaryMs,
    heldMebibytes: alive === undefined ? NaN : await readPeakMebibytes(proxy.pid) - idle,
    lagMs: alive?.lagMs ?? Infinity,
    keptMs: alive?.keptMs ?? Infinity,
    quietAloneMs: percentile(aloneTimes, 0.99),
    quietMs: percentile(timesMs, 0.99),
    quietFailures: failures.length,
    answered: attack.answered,
    ended: alive === undefined,
  };
}

/** How long each request of the quiet user took when nobody else was there. */
export async function beQuiet(
  quiet: QuietUser,
  { proxy: { port }, alone }: { proxy: { readonly port: number }; alone: boolean },
): Promise<readonly number[]> {
  // Once to be warm.
  for (let round = 0;; round++) {
    const end = quiet.begin(port);
    await wait(ALONE_MS);
    const { timesMs } = await end();
    if (round === 1 || alone) return timesMs;
  }
}

async function measureAlone(
  variant: Variant,
  { proxy, backend }: { proxy: WorstProxy; backend: WorstBackend },
): Promise<{ variant: Variant; cpuMs: number; status: number }> {
  await backend.play(variant.script ?? {});
  const bytes = variant.request(proxy.port);
  const times: number[] = [];
  let status = 0;
  let runs = RUNS;
  for (let run = -WARM_UPS; run < runs; run++) {
    const before = await proxy.readCpuMs();
    status = await exchange(bytes, proxy.port);
    await wait(SETTLE_MS);
    if (run >= 0) times.push(await proxy.readCpuMs() - before);
    if (run === RUNS - 1 && percentile(times, 0.5) > TARGETS.cpuMs) runs += FURTHER_RUNS;
  }
  return { variant, cpuMs: percentile(times, 0.5), status };
}

/** {@linkcode AT_ONCE} clients that send the same again and again. */
export class Attack {
  answered = 0;
  readonly #bytes: Uint8Array;
  readonly #port: number;

  constructor(bytes: Uint8Array, port: number) {
    this.#bytes = bytes;
    this.#port = port;
  }

  /** Resolves when all of them have ended. */
  async run(): Promise<void> {
    const endMs = performance.now() + ATTACK_MS;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < endMs) {
        await exchange(this.#bytes, this.#port);
        this.answered++;
      }
    }));
  }
}

/** Sends one and reads the answer; the status is 0 where there was none. */
async function exchange(bytes: Uint8Array, port: number): Promise<number> {
  try {
    using connection = await connectRaw({ port });
    const written = connection.write(bytes);
    const method = new TextDecoder().decode(bytes.subarray(0, 8)).split(" ", 1)[0];
    const { status } = await connection.readResponse({ method });
    connection.close();
    await written;
    return status;
  } catch {
    await wait(SETTLE_MS);
    return 0;
  }
}

/** The value that `part` of all are below. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
