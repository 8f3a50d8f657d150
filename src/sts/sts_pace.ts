/**
 * How often STS may be asked, over all threads: how many requests one address may make, and how many signatures of one issuer's
 * tokens are verified, which is the expensive part. Anybody may ask, so these rates take nothing from the users' shares.
 * @module
 */

import { networkOf } from "../iam/ip_range.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { takeToken } from "../lib/token_bucket.ts";
import { LIMITS } from "../limits.ts";
import { StsError } from "./sts_error.ts";

/** Rates of addresses and of issuers. */
export class StsPace {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Counts a request. @throws {StsError} `Throttling` for more than an address may make. */
  countRequest(clientAddress: string): void {
    this.#take("stsRequests", {
      of: networkOf(clientAddress),
      perSecond: LIMITS.stsRequestsOfAddressPerSecondMax,
      burst: LIMITS.stsRequestsOfAddressBurst,
      reason: "sts_requests_of_address",
    });
  }

  /**
   * Counts a token whose signature is to be verified. A few of each address are for the asking: whoever floods STS with
   * an issuer's tokens keeps no job of that issuer out.
   * @throws {StsError} `Throttling` for more than an issuer's may be.
   */
  countToken(issuer: string, clientAddress: string): void {
    const own = takeToken(this.#memory, {
      cell: this.#memory.userCell(networkOf(clientAddress)),
      kind: "stsTokensOfAddress",
      perSecond: LIMITS.stsTokensOfAddressPerSecond,
      burst: LIMITS.stsTokensOfAddressBurst,
    });
    if (own === 0) return;
    this.#take("stsTokens", {
      of: issuer,
      perSecond: LIMITS.stsTokensOfIssuerPerSecondMax,
      burst: LIMITS.stsTokensOfIssuerBurst,
      reason: "sts_tokens_of_issuer",
    });
  }

  #take(
    kind: "stsRequests" | "stsTokens",
    { of, perSecond, burst, reason }: {
      of: string;
      perSecond: number;
      burst: number;
      reason: string;
    },
  ): void {
    const cell = this.#memory.userCell(of);
    if (takeToken(this.#memory, { cell, kind, perSecond, burst }) === 0) return;
    throw new StsError("Throttling", { reason });
  }
}
