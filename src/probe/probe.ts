/**
 * Measures what a backend does of S3, by requests that can do no harm: in a bucket of the probe's own, or below a prefix of its own in one that is there.
 * @module
 */

import { type Capabilities, FACTS } from "../stores/capabilities.ts";
import type { AskOptions } from "../upstream/ask_backend.ts";
import { measureChecksums } from "./measure_checksums.ts";
import {
  measureConditions,
  measureIfRange,
  measureVersionedConditions,
} from "./measure_conditions.ts";
import { measureEncryption, measureKept, measureMetadata } from "./measure_headers.ts";
import {
  measureBuckets,
  measureCopySource,
  measureKeys,
  measureParts,
  measureUploads,
  measureVersions,
} from "./measure_keys.ts";
import { measureSettings } from "./measure_settings.ts";
import { describe, ProbeStore } from "./probe_store.ts";

/** Facts by their names. */
export type Facts = { readonly [Name in keyof Capabilities]?: Capabilities[Name] | undefined };

/** There is no bucket to probe in; the message says why. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
}

/** What came of it. */
export interface Probe {
  readonly measured: Facts;
  /** Settings that were read and not written: of these it is not known whether they can be. */
  readonly untoldSettings: readonly string[];
  /** Why a fact was not measured, by the first of its names. */
  readonly failures: readonly string[];
  /** What could not be removed. */
  readonly left: readonly string[];
}

/** How to probe. */
export interface ProbeOptions extends AskOptions {
  /** A bucket that is there; `undefined` for one of the probe's own. */
  readonly bucket: string | undefined;
  /** Of the bucket or the prefix: such as no other has. */
  readonly name: string;
}

type Measurement = (store: ProbeStore) => Promise<Facts>;

/** What can be measured on every store: the short part, which is safe at each start. */
const SHORT: readonly Measurement[] = [
  measureKeys,
  measureConditions,
  measureVersions,
  measureUploads,
];
const LONG: readonly Measurement[] = [
  ...SHORT,
  measureIfRange,
  measureParts,
  measureMetadata,
  measureEncryption,
  measureChecksums,
  measureCopySource,
];
/** What takes buckets of the probe's own. */
const IN_OWN_BUCKETS: readonly Measurement[] = [
  measureVersionedConditions,
  measureKept,
  measureBuckets,
];

/** Measures everything. Rejects with a {@linkcode ProbeError} where there is no bucket to be had. */
export async function probeStore(options: ProbeOptions): Promise<Probe> {
  return await run(options, async (store, measure) => {
    for (const measurement of LONG) await measure(measurement);
    if (store.isOwnBucket) { for (const measurement of IN_OWN_BUCKETS) await measure(measurement); }
    let untold: readonly string[] = [];
    await measure(async () => {
      const settings = await measureSettings(store);
      untold = settings.untold;
      return { settings: settings.settings, settings_read: settings.settings_read };
    });
    return untold;
  });
}

/** Measures what matters most and takes a second. Rejects where there is no bucket to be had. */
export async function probeShortly(options: ProbeOptions): Promise<Probe> {
  return await run(options, async (_, measure) => {
    for (const measurement of SHORT) await measure(measurement);
    return [];
  });
}

async function run(
  { bucket, name, ...ask }: ProbeOptions,
  measureAll: (
    store: ProbeStore,
    measure: (measurement: Measurement) => Promise<void>,
  ) => Promise<readonly string[]>,
): Promise<Probe> {
  const store = new ProbeStore(ask, { bucket, name });
  let measured: Facts = {};
  const failures: string[] = [];
  const measure = async (measurement: Measurement): Promise<void> => {
    try {
      measured = { ...measured, ...await measurement(store) };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  let left: readonly string[] = [];
  let untoldSettings: readonly string[] = [];
  try {
    if (store.isOwnBucket) {
      const made = await tryToAsk(() => store.makeBucket(store.bucket));
      if (made.status !== 200) throw new ProbeError(`CreateBucket is answered ${describe(made)}`);
    } else await verifyIsThere(store);
    untoldSettings = await measureAll(store, measure);
  } finally {
    left = await store.clean();
  }
  return { measured, untoldSettings, failures, left };
}

async function verifyIsThere(store: ProbeStore): Promise<void> {
  const { status } = await tryToAsk(() => store.send("HEAD", {}));
  if (status === 200) return;
  throw new ProbeError(`The bucket "${store.bucket}" is answered ${status}, expected 200`);
}

async function tryToAsk<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ProbeError(`The backend cannot be asked: ${message}`, { cause });
  }
}

/** A fact of the configuration beside what was measured. */
export interface Comparison {
  readonly name: keyof Capabilities;
  readonly configured: string;
  /** `undefined`: not measured. */
  readonly measured: string | undefined;
  /** `trusts`: the configuration trusts what is not so · `agrees` · `gives`: it gives away what the store could do. */
  readonly verdict: "trusts" | "agrees" | "gives" | "unknown";
  readonly meaning: string;
}

/** Values that trust the store less, by fact. */
const CAUTIOUS: Readonly<Partial<Record<keyof Capabilities, string>>> = {
  keys: "folded",
  metadata_names: "dashes",
  copy_source: "twice",
  put_makes_buckets: "true",
  encryption_told: "true",
};

/** Compares what is configured with what was measured. */
export function compareFacts(
  configured: Capabilities,
  { measured, untoldSettings }: Pick<Probe, "measured" | "untoldSettings">,
): Comparison[] {
  const names = Object.keys(FACTS) as (keyof Capabilities)[]; // FACTS has these and no others
  return names.map((name): Comparison => {
    const set = configured[name];
    let found = measured[name];
    // Whether it is done cannot be told of what is not answered.
    const isUntold = name === "encryption" && !configured.encryption_told &&
      measured.encryption_told === false;
    if (isUntold) found = undefined;
    return {
      name,
      configured: format(set),
      measured: found === undefined ? undefined : format(found),
      verdict: found === undefined
        ? "unknown"
        : judge(name, { set, found, untoldSettings, configured, measured }),
      meaning: FACTS[name].meaning,
    };
  });
}

function judge(
  name: keyof Capabilities,
  { set, found, untoldSettings, configured, measured }: {
    set: Capabilities[keyof Capabilities];
    found: Capabilities[keyof Capabilities];
    untoldSettings: readonly string[];
    configured: Capabilities;
    measured: Facts;
  },
): Comparison["verdict"] {
  if (Array.isArray(set) && Array.isArray(found)) {
    const isSetting = name === "settings" || name === "settings_read";
    const either = (facts: Facts): readonly string[] =>
      isSetting ? [...facts.settings ?? [], ...facts.settings_read ?? []] : [];
    const known = (one: string): boolean =>
      !(name === "settings" && untoldSettings.includes(one)) &&
      !(name === "settings_read" && either(measured).includes(one));
    // A condition on dates is none that could be told of.
    if (set.some((one) => !found.includes(one) && known(one) && one !== "dates")) return "trusts";
    return found.some((one) => !set.includes(one) && !either(configured).includes(one))
      ? "gives"
      : "agrees";
  }
  if (String(set) === String(found)) return "agrees";
  // A store that tells is no danger to who does not listen; one that does not is asked for less.
  if (name === "encryption_told") return set === false ? "gives" : "agrees";
  return String(set) === (CAUTIOUS[name] ?? "false") ? "gives" : "trusts";
}

function format(value: Capabilities[keyof Capabilities]): string {
  return Array.isArray(value) ? value.join(" ") || "none" : String(value);
}
