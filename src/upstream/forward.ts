/**
 * Sends a request within its deadlines and tells apart who failed: the client, the backend, or the clock.
 * @module
 */

import { assertNever } from "../lib/assert.ts";
import { monotonicMs } from "../lib/clock.ts";
import { NOWHERE } from "../lib/live_set.ts";
import type { ShareUser } from "../lib/share.ts";
import { Watch, type Watched } from "../lib/watch.ts";
import { LIMITS } from "../limits.ts";
import { S3Error, type S3ErrorCode } from "../s3/error.ts";
import type { ConnectionSlots } from "./connection_slots.ts";
import type { BackendResponse } from "./backend_response.ts";
import type { Transport, TransportCall, TransportRequest } from "./transport.ts";

/** How long the stages of an exchange may take. */
export interface Deadlines {
  readonly connectTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  /** Beside what its length takes at {@linkcode LIMITS.uploadBytesPerSecondMin}; `undefined`: no deadline. */
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

/** A response's head has come; its body may follow until {@linkcode finished}. */
export interface UpstreamResponse {
  readonly response: BackendResponse;
  /** From sending to the head. */
  readonly latencySeconds: number;
  /** Ends the exchange: stops its timers, gives its connection back. To be called once, however it ends. */
  finished(): void;
}

const watch = new Watch({ tickMs: LIMITS.timerTickMs });

type Failure = "client_gone" | "unreachable" | "timeout";

/**
 * Sends `request` and waits for the response's head. The exchange is broken off when `clientGone` fires.
 * @throws {S3Error} `ServiceUnavailable` where the backend cannot be reached; `GatewayTimeout` where it does not answer
 *   in time; `BadGateway` where it breaks off; `SlowDown` where no connection came free.
 */
export async function forward(
  request: TransportRequest,
  { upstream, user, bodyBytes, bodyRead, clientGone }: {
    upstream: Upstream;
    /** Whose request it is. */
    user: ShareUser;
    /** Length of the body, for its deadline; 0 for none. */
    bodyBytes: number;
    /** When the client has sent all of it, where that can be told: the backend's deadline begins then. */
    bodyRead: Promise<void> | undefined;
    clientGone: () => AbortSignal;
  },
): Promise<UpstreamResponse> {
  const { transport, slots, deadlines } = upstream;
  const release = slots.tryAcquire(user) ?? await slots.acquire(user);
  const startedMs = monotonicMs();
  const { uploadTimeoutMs, responseHeaderTimeoutMs } = deadlines;
  const exchange = new Exchange({ clientGone, release, startedMs, upstream });
  try {
    if (bodyBytes > 0) exchange.watchClient();
    const uploadMs = bodyBytes === 0 ? 0 : uploadDeadlineMs(uploadTimeoutMs, bodyBytes);
    if (uploadMs !== undefined) exchange.failAfter(uploadMs + responseHeaderTimeoutMs);
    else bodyRead?.then(() => exchange.isWaiting && exchange.failAfter(responseHeaderTimeoutMs));
    const response = await transport.send(request, exchange);
    exchange.headReceived();
    const length = Number(response.headers.get("content-length") ?? 0);
    if (length > LIMITS.wholeResponseBytesMax) exchange.watchClient();
    return {
      response,
      latencySeconds: (monotonicMs() - startedMs) / 1000,
      finished: () => {
        exchange.end();
        if (!(response.body instanceof ReadableStream)) response.body?.cancel();
      },
    };
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
class Exchange implements TransportCall, Watched {
  place = NOWHERE;
  readonly #clientGone: () => AbortSignal;
  readonly #release: () => void;
  #onClientGone: (() => void) | undefined;
  #watched: AbortSignal | undefined;
  /** When what is due, on the monotonic clock: most requests end before it. */
  #watchAtMs: number;
  #probeAtMs = Infinity;
  #deadlineMs = Infinity;
  #stop: (() => void) | undefined;
  #isUnseen = false;
  readonly #upstream: Upstream;
  /** For the response's head. */
  isWaiting = true;
  failure: Failure | undefined;

  constructor(
    { clientGone, release, startedMs, upstream }: {
      clientGone: () => AbortSignal;
      release: () => void;
      startedMs: number;
      upstream: Upstream;
    },
  ) {
    this.#upstream = upstream;
    this.#clientGone = clientGone;
    this.#release = release;
    this.#watchAtMs = startedMs + LIMITS.clientWatchDelayMs;
    this.#probeAtMs = startedMs + upstream.deadlines.connectTimeoutMs;
    watch.add(this);
  }

  onBroken(stop: () => void): void {
    this.#stop = stop;
    if (this.failure !== undefined) stop();
  }

  connectsUnseen(): void {
    this.#isUnseen = true;
  }

  connected(): void {
    this.#probeAtMs = Infinity;
  }

  sent(): void {
    if (this.isWaiting) this.failAfter(this.#upstream.deadlines.responseHeaderTimeoutMs);
  }

  /** Why the client went. */
  get clientReason(): unknown {
    return this.#watched?.reason;
  }

  /** Breaks the exchange off when the client goes; this happens by itself once it has taken a while. */
  watchClient(): void {
    this.#watchAtMs = Infinity;
    if (this.#watched !== undefined) return;
    this.#watched = this.#clientGone();
    this.#onClientGone = () => this.#fail("client_gone");
    if (this.#watched.aborted) this.#onClientGone();
    else this.#watched.addEventListener("abort", this.#onClientGone, { once: true });
  }

  failAfter(timeoutMs: number): void {
    this.#deadlineMs = monotonicMs() + timeoutMs;
  }

  /** Calls off the deadlines until then. */
  headReceived(): void {
    this.isWaiting = false;
    this.#probeAtMs = Infinity;
    this.#deadlineMs = Infinity;
  }

  end(): void {
    this.headReceived();
    watch.delete(this);
    this.#stop = undefined;
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

  /** `fetch` cannot bound connecting alone: where no head came by then, one probe tells whether anybody is there. */
  async #probe(): Promise<void> {
    const { isReachable, deadlines } = this.#upstream;
    const reachable = this.#isUnseen && await isReachable(deadlines.connectTimeoutMs);
    if (!reachable && this.isWaiting) this.#fail("unreachable");
  }

  #fail(failure: Failure): void {
    this.failure ??= failure;
    this.#stop?.();
  }
}

function describeFailure(
  failure: Failure | undefined,
  { cause, reason }: { cause: unknown; reason: unknown },
): S3Error {
  switch (failure) {
    case "client_gone":
      return reason instanceof S3Error ? reason : new S3Error("RequestTimeout", { cause });
    case "unreachable":
      return new S3Error("ServiceUnavailable", { cause });
    case "timeout":
      return new S3Error("GatewayTimeout", { cause });
    case undefined:
      return cause instanceof S3Error ? cause : new S3Error(findCode(cause), { cause });
    default:
      return assertNever(failure);
  }
}

/** `fetch` has one error for everything; only its text tells what failed. */
function findCode(cause: unknown): S3ErrorCode {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error.message.includes("client error (Connect)")) return "ServiceUnavailable";
    if (error.message.includes("Cannot read request body")) return "IncompleteBody";
    // Of the client's connection, which broke off; the backend's is told of with the request that was sent on it.
    if (error.message.startsWith("peer closed connection without")) return "IncompleteBody";
  }
  return "BadGateway";
}
