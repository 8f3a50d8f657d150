/**
 * What answers clients in one thread: a listener, and the configuration that its requests meet.
 * @module
 */

import type { CompleteConfig } from "../config/compile.ts";
import { systemClock } from "../lib/clock.ts";
import { endsWithin } from "../lib/deadline.ts";
import { FairLine } from "../lib/fair_line.ts";
import { KeyLock } from "../lib/key_lock.ts";
import { LiveSet } from "../lib/live_set.ts";
import { PiecePool } from "../lib/piece_pool.ts";
import { COLUMNS } from "../lib/shared_layout.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import type { Activity } from "../observability/activity.ts";
import { EventLoopLag } from "../observability/event_loop_lag.ts";
import type { Logger } from "../observability/log.ts";
import { Metrics } from "../observability/metrics.ts";
import { UploadSlots } from "../payload/upload_slots.ts";
import { proxyRequest, type ProxyResponse, type Services, type Snapshot } from "../proxy.ts";
import type { RawRequest } from "../s3/request.ts";
import { BucketCors } from "../stages/bucket_cors.ts";
import { BucketVersions } from "../stages/bucket_versions.ts";
import { FormSlots } from "../stages/post_object.ts";
import { RequestSlots } from "../stages/request_slots.ts";
import { UserPace } from "../stages/user_pace.ts";
import { StsPace } from "../sts/sts_pace.ts";
import { SharedTransport } from "../upstream/shared_transport.ts";
import { ActivityReporter } from "./activity_reporter.ts";
import { createListener } from "./create_listener.ts";
import { resolveClient } from "./forwarded.ts";
import type { Listener } from "./listener.ts";
import { createSnapshot, readTransportOptions } from "./snapshot.ts";

/** What {@linkcode ClientServer} needs beside the configuration. */
export interface ClientServerOptions {
  readonly logger: Logger;
  readonly memory: SharedMemory;
  /** How many threads answer clients; each may have its share of the connections. */
  readonly workers: number;
  /** Replaces that of `server.listen_addr`, which a later file may have changed. */
  readonly hostname?: string;
  /** The same: where the first thread listens, all others do. */
  readonly port?: number | undefined;
  /** Told once a second of what has happened, while there is a console. */
  readonly reportActivity?: ((activity: Activity) => void) | undefined;
}

/** What requests meet from one reload to the next. */
interface Generation extends CompleteConfig {
  readonly snapshot: Snapshot;
  readonly transport: SharedTransport;
  readonly listener: Listener;
}

/** The listener and its configuration, running. */
export class ClientServer {
  readonly #memory: SharedMemory;
  readonly #line: FairLine;
  readonly #workers: number;
  readonly #services: Services;
  readonly #lag = new EventLoopLag();
  readonly #activity: ActivityReporter;
  /** Memory for both sides' transfers; those that still run under older settings use it, too. */
  readonly #pieces = new PiecePool();
  readonly #metrics = new Metrics({
    eventLoopLagSeconds: () => this.#lag.maxSeconds(),
    heapBytes: () => Deno.memoryUsage().heapUsed,
    piecesTaken: () => this.#pieces.taken,
    piecesGiven: () => this.#pieces.given,
  });
  /** Listeners that were replaced, until their last response is out. */
  readonly #retired = new Map<Listener, Promise<void>>();
  /** As at the start: another one needs a restart. */
  readonly #hostname: string;
  #current: Generation | undefined;

  private constructor(
    options: ClientServerOptions & { hostname: string },
  ) {
    const { logger, memory, workers, hostname, reportActivity = () => {} } = options;
    this.#activity = new ActivityReporter(reportActivity);
    this.#hostname = hostname;
    this.#memory = memory;
    this.#line = new FairLine(memory);
    this.#workers = workers;
    this.#services = {
      logger,
      metrics: this.#metrics,
      recorder: this.#activity.recorder,
      clock: systemClock,
      journeys: new LiveSet(),
      backendRefused: () => memory.add(COLUMNS.backendRefusals, 1),
      requestSlots: new RequestSlots(memory),
      userPace: new UserPace(memory),
      stsPace: new StsPace(memory),
      uploadSlots: new UploadSlots(memory),
      keyLock: new KeyLock(memory),
      formSlots: new FormSlots(),
      bucketCors: new BucketCors(memory),
      bucketVersions: new BucketVersions(),
    };
  }

  /** Starts one. Rejects with the runtime's error where it cannot listen. */
  static async start(
    complete: CompleteConfig,
    options: ClientServerOptions,
  ): Promise<ClientServer> {
    const { listenAddress } = complete.config.server;
    const server = new ClientServer({ hostname: listenAddress.hostname, ...options });
    await server.#put(complete, options.port);
    server.#lag.start();
    return server;
  }

  /** Where clients connect. */
  get port(): number {
    return this.#generation.listener.port;
  }

  /** Counts of what it has answered. */
  get metrics(): Metrics {
    return this.#metrics;
  }

  /**
   * Has every request from now on meet `next`; those in flight keep what they have met. Where it rejects, nothing has
   * changed.
   */
  async apply(next: CompleteConfig): Promise<void> {
    const before = this.#generation;
    await this.#put(next, before.listener.port);
    const { listener, transport } = this.#generation;
    if (transport !== before.transport) before.transport.retire();
    if (listener === before.listener) return;
    const ended = before.listener.retire?.() ?? before.listener.shutdown();
    this.#retired.set(before.listener, ended);
    void ended.finally(() => this.#retired.delete(before.listener));
  }

  /** Refuses new connections and requests, lets others finish; logs those that did not within `timeoutMs`, and resolves with how many. */
  async drain(timeoutMs: number): Promise<number> {
    const generation = this.#generation;
    const { listener, transport } = generation;
    this.#current = { ...generation, snapshot: { ...generation.snapshot, isStopping: true } };
    const retired = Array.from(
      this.#retired,
      ([listener, ended]) => listener.retire === undefined ? ended : listener.shutdown(),
    );
    await endsWithin(timeoutMs, Promise.all([listener.shutdown(), ...retired]));
    const { journeys } = this.#services;
    const requestsCut = journeys.size;
    journeys.forEach((journey) => journey.ended("shutdown_timeout"));
    this.#lag.stop();
    this.#activity.enable(false);
    transport.retire();
    return requestsCut;
  }

  get #generation(): Generation {
    // INVARIANT: start() returns no server without one.
    if (this.#current === undefined) throw new TypeError("The server has not been started");
    return this.#current;
  }

  /** What can fail is made first: a pool with these certificates, then a listener. */
  async #put(complete: CompleteConfig, port: number | undefined): Promise<void> {
    const { config, certificates } = complete;
    const workers = this.#workers;
    const options = readTransportOptions(config, { certificates, workers });
    const before = this.#current;
    const transport = before?.transport.fits(options) === true
      ? before.transport
      : new SharedTransport(options, this.#pieces);
    const snapshot = createSnapshot(config, {
      certificates,
      before: before?.snapshot,
      transport: transport.transport,
      memory: this.#memory,
      line: this.#line,
    });
    const listener = before !== undefined && listensAlike(before, complete)
      ? before.listener
      : await this.#listen(complete, port);
    this.#current = { config, certificates, snapshot, transport, listener };
    this.#metrics.configureBuckets(config.bucketNames);
    this.#activity.enable(config.console !== undefined);
  }

  #listen({ config: { server }, certificates }: CompleteConfig, port?: number): Promise<Listener> {
    const listenAddress = { hostname: this.#hostname, port: port ?? server.listenAddress.port };
    return createListener({ ...server, listenAddress }, {
      tls: certificates.server,
      reusePort: true, // with other threads, and with the listener that takes this one's place
      connectionsMax: Math.ceil(LIMITS.connectionsMax / this.#workers),
      pieces: this.#pieces,
      answer: (raw) => this.#answer(raw),
      logger: this.#services.logger,
    });
  }

  #answer(raw: RawRequest): Promise<ProxyResponse> {
    const { snapshot, transport } = this.#generation;
    this.#memory.beat();
    const left = transport.use();
    const resolved = resolveClient(raw, snapshot.trustedProxies);
    return THREAD_TURNS.begin(
      () => proxyRequest(resolved, { snapshot, services: this.#services, left }),
      { isLong: hasLongHead(raw) },
    );
  }
}

/** Whether a head is long enough that reading it, and verifying its signature, may take long. */
function hasLongHead({ target, headers }: RawRequest): boolean {
  let length = target.length;
  headers.forEach((value, name) => length += name.length + value.length);
  return length > LIMITS.shortHeadCharactersMax;
}

/** Whether both want the same listener. An address that has changed is not looked at: it needs a restart. */
function listensAlike(one: CompleteConfig, other: CompleteConfig): boolean {
  const describe = ({ config: { server }, certificates }: CompleteConfig): string =>
    JSON.stringify([
      certificates.server,
      server.listener,
      server.maxHeaderBytes,
      server.readTimeoutMs,
      server.writeTimeoutMs,
      server.idleTimeoutMs,
      server.minBytesPerSecond,
    ]);
  return describe(one) === describe(other);
}
