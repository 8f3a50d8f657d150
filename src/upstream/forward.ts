/**
 * Sends a request within its deadlines and tells apart who failed: the client, the backend, or the clock.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { monotonicMs } from "../lib/clock.ts";
import { NOWHERE } from "../lib/live_set.ts";
import type { ShareUser } from "../lib/share.ts";
import { Watch, type Watched } from "../lib/watch.ts";
import { LIMITS } from "../limits.ts";
import type { ConnectionSlots } from "./connection_slots.ts";
import type { BackendResponse } from "./backend_response.ts";
import { describeFailure, type Failure } from "./failure.ts";
import type { Closable, Transport, TransportCall, TransportRequest } from "./transport.ts";

/** How long the stages of an exchange may take. */
export interface Deadlines {
  readonly connectTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  /** In addition to the time that its length takes at {@linkcode LIMITS.uploadBytesPerSecondMin}; `undefined`: no deadline. */
  readonly uploadTimeoutMs: number | undefined;
}

/** A backend and the way to it. */
export interface Upstream {
  readonly transport: Transport;
  readonly slots: ConnectionSlots;
  /** Whether the backend accepts a connection within `timeoutMs`. */
  readonly isReachable: (timeoutMs: number) => Promise<boolean>;
  readonly deadlines: Deadlines;
}

/** Whose request it is; {@linkcode RawRequest} tells more. */
export interface Client {
  clientGone(): AbortSignal;
}

/** A response's head has come; its body may follow until {@linkcode finished}. */
export interface UpstreamResponse {
  readonly response: BackendResponse;
  /** From sending to the head. */
  readonly latencySeconds: number;
  /** Ends the exchange: stops its timers, gives its connection back. To be called once, however it ends. */
  finished(): void;
}

const watch = new Watch({ tickMs: LIMITS.timerTickMs });

/**
 * Sends `request` and waits for the response's head. The exchange is broken off when `client` goes.
 * @throws {S3Error} `ServiceUnavailable` where the backend cannot be reached; `GatewayTimeout` where it does not answer
 *   in time; `BadGateway` where it breaks off; `SlowDown` where no connection came free.
 */
export async function forward(
  request: TransportRequest,
  { upstream, user, bodyBytes, bodyRead, client }: {
    upstream: Upstream;
    /** Whose request it is. */
    user: ShareUser;
    /** Length of the body, for its deadline; 0 for none. */
    bodyBytes: number;
    /** When the client has sent all of it, where that can be told: the backend's deadline begins then. */
    bodyRead: Promise<void> | undefined;
    client: Client;
  },
): Promise<UpstreamResponse> {
  const { transport, slots, deadlines } = upstream;
  const release = slots.tryAcquire(user) ?? await slots.acquire(user);
  const startedMs = monotonicMs();
  const { uploadTimeoutMs, responseHeaderTimeoutMs } = deadlines;
  const exchange = new Exchange({ client, release, startedMs, upstream });
  try {
    if (bodyBytes > 0) exchange.watchClient();
    const uploadMs = bodyBytes === 0 ? 0 : uploadDeadlineMs(uploadTimeoutMs, bodyBytes);
    if (uploadMs !== undefined) exchange.failAt(startedMs + uploadMs + responseHeaderTimeoutMs);
    else {bodyRead?.then(() =>
        exchange.isWaiting && exchange.failAt(monotonicMs() + responseHeaderTimeoutMs)
      );}
    const response = await transport.send(request, exchange);
    return exchange.answered(response);
  } catch (cause) {
    exchange.end();
    throw describeFailure(exchange.failure, { cause, reason: exchange.clientReason });
  }
}

function uploadDeadlineMs(timeoutMs: number | undefined, bytes: number): number | undefined {
  if (timeoutMs === undefined) return undefined;
  return timeoutMs + Math.ceil(bytes / LIMITS.uploadBytesPerSecondMin) * 1000;
}

/** The deadlines of one request to the backend. */
class Exchange implements TransportCall, UpstreamResponse, Watched {
  place = NOWHERE;
  readonly #client: Client;
  readonly #release: () => void;
  #onClientGone: (() => void) | undefined;
  #watched: AbortSignal | undefined;
  /** When the next deadline ends, on the monotonic clock; most requests end before. */
  #watchAtMs: number;
  #probeAtMs = Infinity;
  #deadlineMs = Infinity;
  #inUse: Closable | undefined;
  #isUnseen = false;
  readonly #upstream: Upstream;
  readonly #startedMs: number;
  #response: BackendResponse | undefined;
  latencySeconds = 0;
  /** For the response's head. */
  isWaiting = true;
  failure: Failure | undefined;

  constructor(
    { client, release, startedMs, upstream }: {
      client: Client;
      release: () => void;
      startedMs: number;
      upstream: Upstream;
    },
  ) {
    this.#upstream = upstream;
    this.#client = client;
    this.#startedMs = startedMs;
    this.#release = release;
    this.#watchAtMs = startedMs + LIMITS.clientWatchDelayMs;
    this.#probeAtMs = startedMs + upstream.deadlines.connectTimeoutMs;
    watch.add(this);
  }

  closeWhenBroken(what: Closable): void {
    this.#inUse = what;
    if (this.failure !== undefined) what.close();
  }

  connectsUnseen(): void {
    this.#isUnseen = true;
  }

  connected(): void {
    this.#probeAtMs = Infinity;
  }

  sent(): void {
    if (!this.isWaiting) return;
    this.failAt(monotonicMs() + this.#upstream.deadlines.responseHeaderTimeoutMs);
  }

  /** Why the client went. */
  get clientReason(): unknown {
    return this.#watched?.reason;
  }

  /** Breaks the exchange off when the client goes; this happens by itself once it has taken a while. */
  watchClient(): void {
    this.#watchAtMs = Infinity;
    if (this.#watched !== undefined) return;
    this.#watched = this.#client.clientGone();
    this.#onClientGone = () => this.#fail("client_gone");
    if (this.#watched.aborted) this.#onClientGone();
    else this.#watched.addEventListener("abort", this.#onClientGone, { once: true });
  }

  /** On the monotonic clock. */
  failAt(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs;
  }

  /** The response's head has come. */
  answered(response: BackendResponse): UpstreamResponse {
    this.#headReceived();
    this.#response = response;
    this.latencySeconds = (monotonicMs() - this.#startedMs) / 1000;
    const length = Number(response.headers.get("content-length") ?? 0);
    if (length > LIMITS.wholeResponseBytesMax) this.watchClient();
    return this;
  }

  get response(): BackendResponse {
    assert(this.#response !== undefined, "Whoever has it has been answered");
    return this.#response;
  }

  finished(): void {
    this.end();
    const { body } = this.response;
    if (!(body instanceof ReadableStream)) body?.cancel();
  }

  /** Calls off the deadlines until then. */
  #headReceived(): void {
    this.isWaiting = false;
    this.#probeAtMs = Infinity;
    this.#deadlineMs = Infinity;
  }

  end(): void {
    this.#headReceived();
    watch.delete(this);
    this.#inUse = undefined;
    if (this.#onClientGone !== undefined) {
      this.#watched?.removeEventListener("abort", this.#onClientGone);
    }
    this.#release();
  }

  check(nowMs: number): void {
    if (nowMs >= this.#watchAtMs) this.watchClient();
    if (nowMs >= this.#probeAtMs) {
      this.#probeAtMs = Infinity;
      void this.#probe();
    }
    if (nowMs >= this.#deadlineMs) this.#fail("timeout");
  }

  /** `fetch` has no timeout for connecting: where no head came by then, one probe tells whether the backend is there. */
  async #probe(): Promise<void> {
    const { isReachable, deadlines } = this.#upstream;
    const reachable = this.#isUnseen && await isReachable(deadlines.connectTimeoutMs);
    if (!reachable && this.isWaiting) this.#fail("unreachable");
  }

  #fail(failure: Failure): void {
    this.failure ??= failure;
    this.#inUse?.close();
  }
}
