/**
 * The console's listener: the hardened one, with bounds of its own. Its code is loaded only where it is enabled.
 * @module
 */

import type { CompleteConfig } from "../config/compile.ts";
import type { Config } from "../config/config.ts";
import type { Console, ConsoleOptions } from "../console/console.ts";
import { LIMITS } from "../limits.ts";
import type { Activity } from "../observability/activity.ts";
import { AcceptPause } from "./accept_loop.ts";
import { resolveClient } from "./forwarded.ts";
import { createHardenedListener, type HardenedListenerOptions } from "./hardened_listener.ts";
import { ListenError } from "./listen_error.ts";
import type { Listener } from "./listener.ts";
import { listProviders } from "./sts_rules.ts";

/** One that listens, and what for. */
interface Listening {
  readonly listener: Listener;
  readonly options: Pick<HardenedListenerOptions, "hostname" | "port" | "tls">;
}

/** The console, as far as the configuration of the moment wants one. */
export class ConsoleServer {
  readonly #options: ConsoleOptions;
  #console: Console | undefined;
  #trustedProxies: Config["server"]["trustedProxies"] = [];
  #listening: Listening | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  /** Where browsers connect; `undefined` while there is none. */
  get port(): number | undefined {
    return this.#listening?.listener.port;
  }

  /**
   * Answers by `complete` from now on. Another address or certificate takes another listener.
   * @throws {ListenError} Where it cannot listen.
   */
  async apply({ config, certificates }: CompleteConfig): Promise<void> {
    if (config.console === undefined) {
      this.#console?.endStreams();
      this.#console = undefined; // what is connected is refused until it has been cut
      return await this.shutdown();
    }
    if (this.#console === undefined) {
      const { Console } = await import("../console/console.ts");
      this.#console = new Console(config, this.#options);
    }
    const issuers = new Set(config.console.oidc.map(({ issuer }) => issuer));
    const providers = listProviders(config, certificates);
    this.#console.reconfigure(config, providers.filter(({ issuer }) => issuers.has(issuer)));
    this.#trustedProxies = config.server.trustedProxies;
    const { listenAddress } = config.console;
    const options = { ...listenAddress, tls: certificates.console };
    const before = this.#listening;
    if (before !== undefined && JSON.stringify(before.options) === JSON.stringify(options)) return;
    const isSamePlace = before?.options.port === options.port;
    const port = isSamePlace ? before?.listener.port ?? options.port : options.port;
    try {
      const listener = this.#listen({ ...options, port });
      this.#listening = { listener, options };
    } catch (cause) {
      throw new ListenError(listenAddress, cause);
    }
    void before?.listener.retire?.();
  }

  /** Takes in what a thread has done. */
  record(activity: Activity): void {
    this.#console?.record(activity);
  }

  /** Refuses new connections and resolves when the last answer is out. */
  async shutdown(): Promise<void> {
    const { listener } = this.#listening ?? {};
    this.#listening = undefined;
    this.#console?.endStreams();
    await listener?.shutdown();
  }

  #listen(options: Listening["options"]): Listener {
    const { logger } = this.#options;
    return createHardenedListener({
      ...options,
      reusePort: true, // with the listener that takes this one's place
      maxHeaderBytes: LIMITS.consoleHeadBytesMax,
      readTimeoutMs: LIMITS.consoleRequestTimeoutMs,
      writeTimeoutMs: LIMITS.consoleRequestTimeoutMs,
      idleTimeoutMs: LIMITS.consoleIdleTimeoutMs,
      connectionsMax: LIMITS.consoleConnectionsMax,
      pause: new AcceptPause(logger, "console"),
      logger,
    }, async (raw) => {
      const resolved = resolveClient(raw, this.#trustedProxies);
      const answer = await this.#console?.answer(resolved) ??
        { status: 503, headers: [["content-length", "0"]], body: null, code: undefined };
      return { answer, ended: () => {} };
    });
  }
}
