/**
 * The `backend` section.
 * @module
 */

import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { BACKEND_KINDS } from "../stores/presets.ts";
import { CAPABILITIES_SCHEMA, resolveCapabilities } from "./capabilities_schema.ts";
import type { BackendSettings, CertificateFiles } from "./config.ts";
import { count, duration, filePath, optionalSection, pattern } from "./fields.ts";

/** `backend`: how the store is reached, which it is, and what it is trusted with. */
export function createBackendSchema(
  { resolveFile }: { resolveFile: (path: string) => string },
): z.ZodType<BackendSettings> {
  return optionalSection({
    connect_timeout: duration().default(LIMITS.connectTimeoutMs),
    response_header_timeout: duration().default(LIMITS.responseHeaderTimeoutMs),
    max_connections: count().default(LIMITS.backendConnectionsMax),
    idle_connection_timeout: duration().default(LIMITS.idleConnectionTimeoutMs),
    ca_file: filePath(resolveFile).optional(),
    client_cert_file: filePath(resolveFile).optional(),
    client_key_file: filePath(resolveFile).optional(),
    check_at_start: z.boolean().default(true),
    kind: z.enum(BACKEND_KINDS).default("ceph"),
    capabilities: CAPABILITIES_SCHEMA,
    verify: z.boolean().default(false),
    trust_preconditions: z.boolean().default(false),
    relaxed_bucket_names: z.boolean().default(false),
    keys: z.enum(["exact", "folded"]).optional(),
    reserved_bucket_names: z.array(pattern(/^[^/]+$/, "a bucket's name")).default([]),
  }).transform((backend, context) => ({
    connectTimeoutMs: backend.connect_timeout,
    responseHeaderTimeoutMs: backend.response_header_timeout,
    maxConnections: backend.max_connections,
    idleConnectionTimeoutMs: backend.idle_connection_timeout,
    caFile: backend.ca_file,
    clientCertificate: pairFiles(
      { certFile: backend.client_cert_file, keyFile: backend.client_key_file },
      context,
    ),
    checkAtStart: backend.check_at_start,
    kind: backend.kind,
    capabilities: resolveCapabilities(backend.kind, {
      trustPreconditions: backend.trust_preconditions,
      keys: backend.keys,
      own: backend.capabilities,
    }),
    verify: backend.verify,
    relaxedBucketNames: backend.relaxed_bucket_names,
    reservedBucketNames: backend.reserved_bucket_names.map((name) => name.toLowerCase()),
  }));
}

/** A certificate needs its key, and a key its certificate. */
function pairFiles(
  { certFile, keyFile }: { [Name in keyof CertificateFiles]: string | undefined },
  context: z.RefinementCtx,
): CertificateFiles | undefined {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== keyFile) {
    const missing = certFile === undefined ? "client_cert_file" : "client_key_file";
    const message = "is missing, expected both client_cert_file and client_key_file, or none";
    context.addIssue({ code: "custom", path: [missing], message });
  }
  return undefined;
}
