/**
 * The listener that the configuration asks for.
 * @module
 */

import type { Certificate } from "../config/certificates.ts";
import type { ServerSettings } from "../config/config.ts";
import { LIMITS } from "../limits.ts";
import type { PiecePool } from "../lib/piece_pool.ts";
import type { Logger } from "../observability/log.ts";
import { createHardenedListener } from "./hardened_listener.ts";
import { AcceptPause } from "./accept_loop.ts";
import type { AnswerRequest, Listener } from "./listener.ts";
import { createServeListener } from "./serve_listener.ts";

/** What a listener needs beside the settings. */
export interface CreateListenerOptions {
  readonly tls: Certificate | undefined;
  readonly reusePort?: boolean;
  /** Of clients; only `hardened` can keep to it. */
  readonly connectionsMax: number;
  /** Memory that `hardened` passes bodies through. */
  readonly pieces: PiecePool;
  readonly answer: AnswerRequest;
  readonly logger: Logger;
}

/** Starts listening. Rejects with the runtime's error where it cannot. */
export async function createListener(
  settings: ServerSettings,
  { tls, reusePort = false, connectionsMax, pieces, answer, logger }: CreateListenerOptions,
): Promise<Listener> {
  const pause = new AcceptPause(logger, "server");
  const options = { ...settings.listenAddress, tls, reusePort, pause };
  return settings.listener === "serve"
    ? createServeListener(options, answer)
    : await createHardenedListener(
      { ...settings, ...options, connectionsMax, pieces, logger },
      answer,
    );
}

/** What an operator should know about the chosen listener; once, at start. */
export function warnOfListener(settings: ServerSettings, logger: Logger): void {
  const { listener, listenAddress: { hostname }, trustedProxies, maxHeaderBytes } = settings;
  if (listener === "hardened") return;
  if (!isLoopback(hostname) && trustedProxies.length === 0) {
    logger.warn(
      "this listener has no timeouts of its own: where clients connect directly, set server.listener to hardened; " +
        "behind nginx or an ingress, set server.trusted_proxies",
    );
  }
  if (maxHeaderBytes > LIMITS.serveHeaderBytesMax) {
    const effective = LIMITS.serveHeaderBytesMax;
    logger.info("max_header_bytes is more than this listener can take", { effective });
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.");
}
