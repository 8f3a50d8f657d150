/**
 * Several workers that answer clients, each with a listener of its own on the same port, and the one who looks after
 * them: a worker that fails or hangs is replaced.
 * @module
 */

import type { CheckedFile } from "../config/compile.ts";
import type { ListenAddress } from "../config/listen_address.ts";
import type { LoadedFile } from "../config/load.ts";
import { assertNever } from "../lib/assert.ts";
import { Condition } from "../lib/condition.ts";
import { COLUMNS } from "../lib/shared_layout.ts";
import { SharedMemory } from "../lib/shared_memory.ts";
import { LIMITS } from "../limits.ts";
import { mergeCounts, type MetricsReading } from "../observability/exposition.ts";
import type { Logger } from "../observability/log.ts";
import type { Crew, WorkerEvents } from "./crew.ts";
import { CrewMember, type Thread } from "./crew_member.ts";
import { RestartPace } from "./restart_pace.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** What {@linkcode WorkerCrew} needs. */
export interface WorkerCrewOptions {
  readonly logger: Logger;
  /** How many there are to be. */
  readonly workers: number;
  /** Where they are to listen, whatever later files say; port 0 for any that is free. */
  readonly listenAddress: ListenAddress;
  readonly events: WorkerEvents;
  readonly createThread: () => Thread;
}

/** Rows of memory: a hung worker keeps its own, as its connections stay open, and its replacement needs another. */
const ROWS_PER_WORKER = 2;
/** Deno 2.9 cannot end a thread that is stuck in a loop, and the kernel goes on giving it connections. */
const UNENDABLE = "a worker has hung for good, and its thread cannot be ended alone";

/** The workers. */
export class WorkerCrew implements Crew {
  readonly memory: SharedMemory;
  readonly #options: WorkerCrewOptions;
  readonly #members = new Set<CrewMember>();
  #checked: CheckedFile;
  #generation = 1;
  #port: number | undefined;
  /** What workers that have ended had counted. INVARIANT: never rejects. */
  #pastCounts: Promise<MetricsReading> = Promise.resolve([]);
  #requestsCut = 0;
  #phase: "starting" | "working" | "draining" = "starting";
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #condition = new Condition();
  readonly #pace = new RestartPace();

  constructor(checked: CheckedFile, options: WorkerCrewOptions) {
    this.#checked = checked;
    this.#options = options;
    this.#port = options.listenAddress.port || undefined;
    this.memory = SharedMemory.create(options.workers * ROWS_PER_WORKER);
  }

  /** Starts all of them; the first alone, where it has to find a port. Rejects with an `Error` where one fails. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => this.tick(), LIMITS.workerBeatIntervalMs);
    for (const count of [...(this.#port === undefined ? [1] : []), this.#options.workers]) {
      while (this.#members.size < count) this.#add();
      const members = [...this.#members];
      await this.#condition.until(() => members.every(({ state }) => state !== "starting"));
      const failed = members.find(({ state }) => state !== "serving");
      if (failed !== undefined) {
        await this.drain(0);
        throw new Error(`A worker cannot start: ${failed.error || "it does not answer"}`);
      }
      this.#port = members[0]?.port;
    }
    this.#phase = "working";
  }

  get port(): number {
    return this.#port ?? 0;
  }

  get size(): number {
    return this.#serving.length;
  }

  /** Resolves when every worker uses the file; rejects where one cannot, and every worker uses the one before. */
  async apply({ checked }: LoadedFile): Promise<void> {
    const before = this.#checked;
    const refusal = await this.#distribute(checked);
    if (refusal === undefined) return;
    await this.#distribute(before);
    throw new Error(refusal);
  }

  /** One that does not answer is found hung, and replaced by one that uses the file. Resolves with why one refuses it. */
  async #distribute(checked: CheckedFile): Promise<string | undefined> {
    this.#checked = checked;
    const generation = ++this.#generation;
    const members = this.#serving;
    for (const member of members) this.#renew(member);
    await this.#condition.until(() =>
      members.every((member) => member.state !== "serving" || member.generation >= generation)
    );
    return members.find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  async readMetrics(): Promise<MetricsReading[]> {
    const members = this.#serving;
    for (const member of members) member.askForMetrics();
    await this.#condition.until(
      () => members.every((member) => member.state !== "serving" || !member.isAskedForMetrics),
      LIMITS.workerMetricsTimeoutMs,
    );
    return [await this.#pastCounts, ...[...this.#members].map(({ reading }) => reading)];
  }

  async drain(timeoutMs: number): Promise<number> {
    this.#phase = "draining";
    clearInterval(this.#timer);
    for (const member of this.#members) {
      if (member.state === "starting") this.#remove(member);
      else member.order({ kind: "drain", timeoutMs });
    }
    await this.#condition.until(
      () => [...this.#members].every(({ state }) => state === "hung"),
      timeoutMs + LIMITS.workerDrainGraceMs,
    );
    const requestsCut = this.#requestsCut + this.memory.sum(COLUMNS.requests);
    for (const member of this.#members) this.#remove(member);
    return requestsCut;
  }

  /** Looks at every worker. It counts beats instead of time, so that no worker counts as hung after the machine was asleep. */
  tick(): void {
    this.#pace.beat();
    for (const member of this.#members) {
      member.look(this.memory.beatsOf(member.row));
      if (!member.isSilent) continue;
      if (member.state === "hung") this.#options.events.failed(UNENDABLE);
      else this.#hung(member);
    }
    this.#fill();
  }

  get #serving(): CrewMember[] {
    return [...this.#members].filter(({ state }) => state === "serving");
  }

  #reported(member: CrewMember, report: WorkerReport): void {
    switch (report.kind) {
      case "beat":
        return;
      case "activity":
        return this.#options.events.activity(report.activity);
      case "loaded":
        return member.order({
          kind: "start",
          file: this.#checked,
          generation: this.#generation,
          memory: this.memory.buffer,
          row: member.row,
          nowMs: this.memory.nowMs(),
          workers: this.#options.workers,
          hostname: this.#options.listenAddress.hostname,
          port: this.#port,
        });
      case "log":
        return this.#options.logger.pass(report.lines);
      case "listening":
        member.port = report.port;
        if (member.state === "starting") member.state = "serving";
        if (member.generation < this.#generation) this.#renew(member); // reloaded meanwhile
        break;
      case "applied":
      case "refused":
        member.generation = report.generation;
        member.refusal = report.kind === "refused" ? report.reason : undefined;
        break;
      case "metrics":
        member.reading = report.reading;
        member.isAskedForMetrics = false;
        break;
      case "drained":
        this.#requestsCut += report.requestsCut;
        this.#remove(member);
        break;
      default:
        return assertNever(report);
    }
    this.#condition.announce();
  }

  #renew(member: CrewMember): void {
    member.order({ kind: "apply", file: this.#checked, generation: this.#generation });
  }

  #add(): void {
    const thread = this.#options.createThread();
    const taken = new Set([...this.#members].map(({ row }) => row));
    let row = 0;
    while (taken.has(row)) row++;
    const reported = (member: CrewMember, report: WorkerReport): void =>
      this.#reported(member, report);
    const failed = (member: CrewMember): void => this.#failed(member);
    this.#members.add(new CrewMember(thread, { row, reported, failed }));
  }

  /** Ends a worker, keeps what it had counted, and gives back what it held. */
  #remove(member: CrewMember): void {
    member.end();
    this.#members.delete(member);
    this.memory.clear(member.row);
    const { reading } = member;
    this.#pastCounts = this.#pastCounts.then((past) => mergeCounts([past, reading]));
    this.#condition.announce();
  }

  #failed(member: CrewMember): void {
    const { state, error } = member;
    this.#remove(member);
    this.#options.logger.error("a worker has failed", { worker: member.row, error });
    if (state !== "hung") this.#replace();
  }

  #hung(member: CrewMember): void {
    member.state = "hung";
    const silent_seconds = member.beatsMissed * LIMITS.workerBeatIntervalMs / 1000;
    this.#options.logger.error("a worker has hung", { worker: member.row, silent_seconds });
    // If the hung worker comes back, it finishes its requests and reports.
    member.order({ kind: "drain", timeoutMs: LIMITS.shutdownTimeoutMs });
    this.#condition.announce();
    this.#replace();
  }

  #replace(): void {
    if (this.#phase !== "working") return;
    this.#options.events.restarted();
    this.#pace.failed();
    this.#fill();
  }

  #fill(): void {
    if (this.#phase !== "working" || !this.#pace.isDue) return;
    const { workers } = this.#options;
    let able = [...this.#members].filter(({ state }) => state !== "hung").length;
    for (; able < workers && this.#members.size < workers * ROWS_PER_WORKER; able++) this.#add();
  }
}
