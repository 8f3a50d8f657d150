/**
 * The running program: the listener for clients, the one for operators, and how both end.
 * @module
 */

import type { Certificates } from "../config/certificates.ts";
import type { Config } from "../config/config.ts";
import { monotonicMs, systemClock } from "../lib/clock.ts";
import { KeyLock } from "../lib/key_lock.ts";
import { EventLoopLag } from "../observability/event_loop_lag.ts";
import type { Logger } from "../observability/log.ts";
import { Metrics } from "../observability/metrics.ts";
import { UploadSlots } from "../payload/upload_slots.ts";
import { proxyRequest, type Services } from "../proxy.ts";
import { RequestSlots } from "../stages/request_slots.ts";
import { VERSION } from "../lib/version.ts";
import { type AdminServer, createAdminServer, type Readiness } from "./admin.ts";
import { createListener, warnOfListener } from "./create_listener.ts";
import { resolveClient } from "./forwarded.ts";
import { createSnapshot } from "./snapshot.ts";

/** A running proxy. */
export interface RunningProxy {
  /** Where clients connect. */
  readonly port: number;
  /** Where metrics are scraped; `undefined` without a metrics listener. */
  readonly adminPort: number | undefined;
  /** Refuses new connections, lets requests finish within `server.shutdown_timeout`; tells whether all did. */
  stop(): Promise<boolean>;
}

/** Starts it. Rejects with the runtime's error where it cannot listen. */
export async function startProxy(
  config: Config,
  { certificates, logger }: { certificates: Certificates; logger: Logger },
): Promise<RunningProxy> {
  const { server } = config;
  const { snapshot, transport } = createSnapshot(config, certificates);
  const lag = new EventLoopLag();
  lag.start();
  const metrics = createMetrics(config, lag);
  const services: Services = {
    logger,
    metrics,
    clock: systemClock,
    requestSlots: new RequestSlots(),
    uploadSlots: new UploadSlots(),
    keyLock: new KeyLock(),
  };
  const listener = await createListener(server, {
    tls: certificates.server,
    answer: (raw) =>
      proxyRequest(resolveClient(raw, snapshot.trustedProxies), { snapshot, services }),
  });
  let readiness: Readiness = { ready: true, reason: "ok" };
  const admin = startAdmin(config, { metrics, logger, readiness: () => readiness });
  warnOfListener(server, logger);
  logger.info("listening", {
    version: VERSION,
    hostname: server.listenAddress.hostname,
    port: listener.port,
    listener: server.listener,
    scheme: server.tls === undefined ? "http" : "https",
    endpoint: config.masterCredentials.endpoint.origin,
  });
  return {
    port: listener.port,
    adminPort: admin?.port,
    stop: async () => {
      readiness = { ready: false, reason: "draining" };
      const finished = await withinMs(server.shutdownTimeoutMs, listener.shutdown());
      lag.stop();
      transport.close();
      if (admin !== undefined) await withinMs(server.shutdownTimeoutMs, admin.shutdown());
      return finished;
    },
  };
}

function createMetrics(config: Config, lag: EventLoopLag): Metrics {
  const startTime = systemClock();
  const metrics = new Metrics({
    build: { version: VERSION, commit: "unknown", deno: Deno.version.deno },
    startTime,
    memoryUsage: () => Deno.memoryUsage(),
    eventLoopLagSeconds: () => lag.maxSeconds(),
  });
  metrics.configurationLoaded(startTime);
  metrics.configureBuckets(
    config.users.flatMap(({ allowedBuckets }) => allowedBuckets).filter((name) =>
      !name.includes("*")
    ),
  );
  return metrics;
}

function startAdmin(
  { metrics: settings }: Config,
  state: { metrics: Metrics; logger: Logger; readiness: () => Readiness },
): AdminServer | undefined {
  if (settings === undefined) return undefined;
  const { listenAddress, path } = settings;
  return createAdminServer({ ...listenAddress, path, enabled: true, ...state });
}

/** Whether `work` ended in time; a connection that never sent a byte can keep a listener open for ever. */
async function withinMs(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  const deadlineMs = monotonicMs() + timeoutMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
  return monotonicMs() < deadlineMs;
}
