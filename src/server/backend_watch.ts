/**
 * What the program knows of its backend: whether it was there lately, and whether it takes the master key. It asks at the
 * start, after a reload that changes the way there, and when load balancers ask while something is wrong.
 * @module
 */

import type { CompleteConfig } from "../config/compile.ts";
import { systemClock } from "../lib/clock.ts";
import { endsWithin } from "../lib/deadline.ts";
import { LIMITS } from "../limits.ts";
import type { Logger } from "../observability/log.ts";
import { type BucketName, type BucketNameRules, parseBucketName } from "../s3/names.ts";
import { checkBackend } from "../upstream/backend_check.ts";
import type { BackendCheckOptions } from "../upstream/bucket_checks.ts";
import { isReachable } from "../upstream/connect.ts";
import type { Finding, Subject } from "../upstream/finding.ts";
import { Reachability } from "../upstream/reachability.ts";
import { createRequestRules } from "../stages/request_rules.ts";
import { readTransportOptions } from "./snapshot.ts";

/** What {@linkcode BackendWatch} needs. */
export interface BackendWatchOptions {
  /** How often threads were refused by the backend, in all. */
  readonly refusals: () => number;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Findings of a backend that is merely down: nobody has to change anything. */
const ABSENCE: ReadonlySet<Subject> = new Set(["name", "address"]);
const REASONS: Readonly<Partial<Record<Subject, string>>> = {
  name: "the backend cannot be reached",
  address: "the backend cannot be reached",
  TLS: "the backend's TLS does not fit",
  S3: "the backend does not answer as S3",
};
const REFUSED = "the backend refuses the master key";

/** Watches one backend. */
export class BackendWatch {
  readonly #options: BackendWatchOptions;
  readonly #reachability: Reachability;
  #complete: CompleteConfig;
  #checking: Promise<void> | undefined;
  #checkedMs = -Infinity;
  #refusalsSeen = 0;
  /** Why the backend cannot be used, as of the last look. */
  #problem: Finding | undefined;
  #logged = "";

  constructor(complete: CompleteConfig, options: BackendWatchOptions) {
    this.#complete = complete;
    this.#options = options;
    const { nowMs } = options;
    this.#reachability = new Reachability({ probe: () => this.#isReachable(), nowMs });
  }

  /** Looks once, in the background, unless `backend.check_at_start` is off: what is wrong is logged. */
  begin(): void {
    if (this.#complete.config.backend.checkAtStart) void this.#look();
  }

  /** Looks again where `complete` has another endpoint, key, region or certificates. */
  reconfigure(complete: CompleteConfig): void {
    const before = this.#complete;
    this.#complete = complete;
    if (isSameWay(before, complete)) return;
    this.#problem = undefined;
    this.begin();
  }

  /** Why requests should go elsewhere; `undefined` if they may come. */
  async findProblem(): Promise<string | undefined> {
    const isDoubtful = this.#problem !== undefined ||
      this.#options.refusals() !== this.#refusalsSeen;
    const isDue = this.#options.nowMs() - this.#checkedMs >= LIMITS.readinessProbeIntervalMs;
    if (this.#checking !== undefined || isDoubtful && isDue) {
      const { connectTimeoutMs } = this.#complete.config.backend;
      if (!await endsWithin(connectTimeoutMs, this.#look())) return "the backend does not answer";
    }
    if (this.#problem !== undefined) return REASONS[this.#problem.subject] ?? REFUSED;
    return await this.#reachability.wasSeenLately() ? undefined : "the backend cannot be reached";
  }

  /** One look at a time: whoever asks meanwhile waits for the one that runs. */
  #look(): Promise<void> {
    return this.#checking ??= this.#check().finally(() => this.#checking = undefined);
  }

  async #check(): Promise<void> {
    const complete = this.#complete;
    this.#refusalsSeen = this.#options.refusals();
    const findings = await checkBackend(readCheckOptions(complete, { buckets: undefined }));
    if (complete !== this.#complete) return await this.#check(); // of the configuration before
    this.#checkedMs = this.#options.nowMs();
    this.#problem = findings.find(({ level }) => level === "error");
    this.#log(findings);
  }

  /** Writes what is new: a line for each thing that is wrong, or one that nothing is. */
  #log(findings: readonly Finding[]): void {
    const text = JSON.stringify(
      findings.map(({ level, subject, setting }) => [level, subject, setting]),
    );
    if (text === this.#logged) return;
    this.#logged = text;
    const { logger } = this.#options;
    const endpoint = this.#complete.config.masterCredentials.endpoint.origin;
    for (const { level, subject, setting, message } of findings) {
      if (level === "ok") continue;
      const isAbsence = ABSENCE.has(subject);
      logger[isAbsence ? "warn" : level]("the backend", {
        endpoint,
        check: subject,
        setting,
        problem: message,
      });
    }
    if (findings.some(({ level }) => level === "error")) return;
    const told = findings.filter(({ level }) => level === "ok")
      .map(({ subject, message }) => [subject.toLowerCase(), message]);
    logger.info("the backend answers", { endpoint, ...Object.fromEntries(told) });
  }

  #isReachable(): Promise<boolean> {
    const { masterCredentials: { endpoint }, backend } = this.#complete.config;
    return isReachable(endpoint, backend.connectTimeoutMs);
  }
}

/** How {@linkcode checkBackend} asks the backend of a configuration; with `buckets: "named"` for those of its rules, too. */
export function readCheckOptions(
  { config, certificates }: CompleteConfig,
  { buckets }: { buckets: "named" | undefined },
): BackendCheckOptions {
  const { bucketNames: rules } = createRequestRules(config);
  return {
    transport: readTransportOptions(config, { certificates, workers: 1 }),
    credentials: config.masterCredentials,
    connectTimeoutMs: config.backend.connectTimeoutMs,
    responseHeaderTimeoutMs: Math.min(
      config.backend.responseHeaderTimeoutMs,
      LIMITS.backendCheckTimeoutMs,
    ),
    clock: systemClock,
    buckets: buckets && config.bucketNames.flatMap((name) => readBucketName(name, rules)),
  };
}

/** The name; none where a policy says one that no bucket has. */
function readBucketName(name: string, rules: BucketNameRules): BucketName[] {
  try {
    return [parseBucketName(name, rules)];
  } catch {
    return [];
  }
}

/** Whether a check of one would find what a check of the other does. */
function isSameWay(one: CompleteConfig, other: CompleteConfig): boolean {
  const describe = ({ config, certificates }: CompleteConfig): string => {
    const { accessKeyId, endpoint, region } = config.masterCredentials;
    const { authorities, client } = certificates;
    return JSON.stringify([accessKeyId, endpoint, region, authorities, client?.cert]);
  };
  const { secretAccessKey } = one.config.masterCredentials;
  return describe(one) === describe(other) &&
    secretAccessKey.equals(other.config.masterCredentials.secretAccessKey);
}
