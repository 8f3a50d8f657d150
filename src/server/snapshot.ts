/**
 * From a configuration to what requests depend on.
 * @module
 */

import type { Certificates } from "../config/certificates.ts";
import type { Config } from "../config/config.ts";
import type { FairLine } from "../lib/fair_line.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { VERSION } from "../lib/version.ts";
import { LIMITS } from "../limits.ts";
import type { Snapshot } from "../proxy.ts";
import { createConsoleRule } from "../s3/cors.ts";
import { createRequestRules } from "../stages/request_rules.ts";
import { isReachable } from "../upstream/connect.ts";
import { ConnectionSlots } from "../upstream/connection_slots.ts";
import { createStsRules } from "./sts_rules.ts";
import type { Transport, TransportOptions } from "../upstream/transport.ts";

/** How `config` wants the backend to be reached from each of `workers` threads. */
export function readTransportOptions(
  { masterCredentials, backend, server }: Config,
  { certificates: { authorities, client }, workers }: {
    certificates: Certificates;
    workers: number;
  },
): TransportOptions {
  return {
    endpoint: masterCredentials.endpoint,
    caCertificates: authorities,
    clientCertificate: client,
    idleConnectionTimeoutMs: backend.idleConnectionTimeoutMs,
    maxIdleConnections: Math.ceil(
      backend.maxConnections / LIMITS.idleConnectionsDivisor / workers,
    ),
    prefersFetch: server.listener === "serve",
    stallTimeoutMs: server.writeTimeoutMs,
    userAgent: `s3-proxy/${VERSION}`,
  };
}

/** Builds the snapshot. */
export function createSnapshot(
  config: Config,
  { certificates, transport, memory, line, before }: {
    certificates: Certificates;
    transport: Transport;
    memory: SharedMemory;
    line: FairLine;
    /** The one that this one follows: what it knows of identity providers is kept. */
    before: Snapshot | undefined;
  },
): Snapshot {
  const { masterCredentials, server, backend, security, cors } = config;
  const { endpoint, region } = masterCredentials;
  const stsRules = createStsRules(config, { certificates, before: before?.stsRules });
  return {
    requestRules: createRequestRules(config),
    isStopping: false,
    inFlightRequestsMax: server.maxInFlightRequests,
    trustedProxies: server.trustedProxies,
    corsRules: config.console === undefined
      ? cors
      : [createConsoleRule(config.console.origins), ...cors],
    findKey: stsRules.findKey,
    stsRules,
    clockSkewSecondsMax: security.clockSkewMs / 1000,
    signingRegion: server.region,
    bodyRules: { ...security, region },
    formRedirectOrigins: new Set(security.formRedirectOrigins),
    backend: {
      endpoint,
      credentials: masterCredentials,
      upstream: {
        transport,
        isReachable: (timeoutMs) => isReachable(endpoint, timeoutMs),
        slots: new ConnectionSlots({
          slotsMax: backend.maxConnections,
          waitTimeoutMs: backend.connectTimeoutMs,
          memory,
          line,
        }),
        deadlines: {
          connectTimeoutMs: backend.connectTimeoutMs,
          responseHeaderTimeoutMs: backend.responseHeaderTimeoutMs,
          // The hardened listener sees every byte: it waits as long as they come.
          uploadTimeoutMs: server.listener === "serve" ? server.readTimeoutMs : undefined,
        },
      },
    },
  };
}
