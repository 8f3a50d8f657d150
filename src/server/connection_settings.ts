/**
 * What the connections of a listener have in common.
 * @module
 */

import type { CoarseClock } from "../lib/coarse_clock.ts";
import type { PiecePool } from "../lib/piece_pool.ts";
import type { Logger } from "../observability/log.ts";
import type { RawRequest } from "../s3/request.ts";
import type { ConnectionSet } from "./connection_set.ts";
import type { HeadMemory } from "./head_memory.ts";
import type { AnswerRequest } from "./listener.ts";

/** The same for all; `undefined` is no timeout. */
export interface ConnectionSettings {
  readonly scheme: RawRequest["scheme"];
  readonly maxHeaderBytes: number;
  /** From the first byte of a head to its last, and for a first one. */
  readonly headTimeoutMs: number | undefined;
  readonly readTimeoutMs: number | undefined;
  readonly writeTimeoutMs: number | undefined;
  readonly idleTimeoutMs: number | undefined;
  /** See {@linkcode LeastRate}. */
  readonly minBytesPerSecond: number;
  readonly answer: AnswerRequest;
  readonly clock: CoarseClock;
  readonly pieces: PiecePool;
  readonly logger: Logger | undefined;
  /** Whether the listener is shutting down: then connections end with their response. */
  readonly isClosing: () => boolean;
  /** Told of each handshake, and of each head that takes more than the memory of an idle connection. */
  readonly heads: HeadMemory;
  /** Told of each connection that waits for a request, or throws away what it is sent. */
  readonly connections: Pick<
    ConnectionSet,
    "beginWait" | "endWait" | "beginDiscard" | "endDiscard"
  >;
}
