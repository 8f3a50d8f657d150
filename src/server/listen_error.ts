/**
 * An address that cannot be listened on.
 * @module
 */

import type { ListenAddress } from "../config/listen_address.ts";

/** Somebody else listens there, or nobody may: one sentence for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";

  constructor({ hostname, port }: ListenAddress, cause: unknown) {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot listen on ${host}:${port}: ${reason}`, { cause });
  }
}
