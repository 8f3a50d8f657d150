/**
 * What was set for a user a second: requests above it are refused, bytes of bodies are passed on no faster.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import { PacedSource } from "../lib/paced_source.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { type Bucket, spendTokens, takeToken } from "../lib/token_bucket.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import { S3Error } from "../s3/error.ts";

/** A user with limits. */
export interface LimitedUser {
  readonly sharesAs: string;
  readonly limits: UserLimits;
}

/** Parts of a second in which a paced body comes. */
const PIECES_PER_SECOND = 4;

/** Rates of users, over all threads. */
export class UserPace {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Counts a request. @throws {S3Error} `SlowDown` where there are more than the user may make now. */
  countRequest(
    { sharesAs: name, limits: { requestsPerSecond: perSecond, requestsBurst } }: LimitedUser,
  ): void {
    if (perSecond === undefined) return;
    const memory = this.#memory;
    const cell = memory.userCell(name);
    const burst = requestsBurst ?? perSecond;
    const waitMs = takeToken(memory, { cell, kind: "requests", perSecond, burst });
    if (waitMs === 0) return;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    throw new S3Error("SlowDown", { reason: "requests_per_second", retryAfterSeconds });
  }

  /** `body` at the user's rate; `limited` is called, once, when it has to wait. */
  pace<Body extends BodySource>(
    body: Body,
    { user: { sharesAs: name, limits }, direction, limited }: {
      user: LimitedUser;
      direction: "in" | "out";
      limited: () => void;
    },
  ): Body | PacedSource {
    const perSecond = direction === "in" ? limits.bytesInPerSecond : limits.bytesOutPerSecond;
    if (perSecond === undefined) return body;
    const memory = this.#memory;
    const kind = direction === "in" ? "bytesIn" : "bytesOut";
    const bucket: Bucket = { cell: memory.userCell(name), kind, perSecond, burst: perSecond };
    let isTold = false;
    return new PacedSource(body, {
      pieceBytes: Math.ceil(perSecond / PIECES_PER_SECOND),
      spend: (amount) => {
        const waitMs = spendTokens(memory, { bucket, amount });
        if (waitMs > 0 && !isTold) {
          isTold = true;
          limited();
        }
        return waitMs;
      },
    });
  }
}
