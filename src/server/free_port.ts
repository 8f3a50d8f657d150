/**
 * A port that nobody listens on, where one has to be known before anything listens there.
 * @module
 */

import type { ListenAddress } from "../config/listen_address.ts";

/** The port of `address`, or, where that is 0 or taken, any free one. */
export function findFreePort({ hostname, port }: ListenAddress): number {
  try {
    return tryPort({ hostname, port });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return tryPort({ hostname, port: 0 });
  }
}

function tryPort(address: ListenAddress): number {
  const listener = Deno.listen({ ...address });
  listener.close();
  return listener.addr.port;
}
