/**
 * The configuration file's keys, their defaults, and how each becomes part of the {@linkcode Settings}.
 * @module
 */

import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { parseOrigin } from "../s3/form_redirect.ts";
import type { BucketNameRules } from "../s3/names.ts";
import type {
  LoggingSettings,
  MetricsSettings,
  SecuritySettings,
  ServerSettings,
} from "./config.ts";
import { parseByteSize } from "./byte_size.ts";
import { createBackendSchema } from "./backend_schema.ts";
import { createConsoleSchema, findConsoleStrangers } from "./console_schema.ts";
import { createCorsSchema } from "./cors_schema.ts";
import { parseEndpoint } from "./endpoint.ts";
import {
  byteSize,
  count,
  duration,
  durationOrZero,
  filePath,
  ipRange,
  optionalSection,
  pattern,
  scalar,
  section,
  text,
} from "./fields.ts";
import { collides, parseDomain, parseListenAddress } from "./listen_address.ts";
import { createProvidersSchema, findStrangers, STS_SCHEMA } from "./identity_schema.ts";
import type { Settings } from "./settings.ts";
import { createUsersSchema, KEY_PAIR_SHAPE, ROLES_SCHEMA } from "./user_schema.ts";

/** What the schema needs to know beside the data. */
export interface SchemaOptions {
  readonly bucketNames: BucketNameRules;
  /** Makes a file's path absolute, or relative to the working directory. */
  readonly resolveFile: (path: string) => string;
}

/** A scope's fields are joined by slashes; nothing else in a region is ever looked at. */
const REGION = /^[A-Za-z0-9._-]{1,64}$/;
const REGION_EXPECTED = 'a region like "us-east-1"';
const CLOCK_SKEW_MS_MAX = LIMITS.clockSkewSecondsMax * 1000;
const METRICS_PATH = /^\/[A-Za-z0-9._~/-]*$/;

/** The schema of a whole file, after environment variables were put in and secrets were taken out. */
export function createSettingsSchema(options: SchemaOptions): z.ZodType<Settings> {
  return section({
    master_credentials: createMasterSchema(),
    server: createServerSchema(options),
    backend: createBackendSchema(options),
    security: createSecuritySchema(),
    users: createUsersSchema(options.bucketNames),
    roles: ROLES_SCHEMA.default({}),
    identity_providers: createProvidersSchema(() => filePath(options.resolveFile)).default([]),
    sts: STS_SCHEMA,
    cors: createCorsSchema(options.bucketNames).default([]),
    logging: createLoggingSchema(),
    metrics: createMetricsSchema(),
    console: createConsoleSchema(options),
  }).transform(({
    master_credentials: masterCredentials,
    identity_providers: identityProviders,
    sts: _taken,
    ...rest
  }, context): Settings => {
    const { metrics, server } = rest;
    if (metrics !== undefined && collides(metrics.listenAddress, server.listenAddress)) {
      const message = "is where server.listen_addr listens, expected another port";
      context.addIssue({ code: "custom", path: ["metrics", "address"], message });
    }
    const page = rest.console?.listenAddress;
    if (
      page !== undefined &&
      [server, metrics].some((other) => other !== undefined && collides(page, other.listenAddress))
    ) {
      const message = "is where another listener of this file is, expected another port";
      context.addIssue({ code: "custom", path: ["console", "address"], message });
    }
    const settings = { masterCredentials, identityProviders, ...rest };
    for (const [path, message] of [...findStrangers(settings), ...findConsoleStrangers(settings)]) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
    return settings;
  });
}

function createMasterSchema(): z.ZodType<Settings["masterCredentials"]> {
  return section({
    ...KEY_PAIR_SHAPE,
    endpoint: text((value) => parseEndpoint(value).href),
    region: pattern(REGION, REGION_EXPECTED).default("us-east-1"),
  }).transform(({ access_key: accessKeyId, endpoint, region }) => ({
    accessKeyId,
    endpoint,
    region,
  }));
}

function createServerSchema({ resolveFile }: SchemaOptions): z.ZodType<ServerSettings> {
  return optionalSection({
    listen_addr: scalar(parseListenAddress).default(parseListenAddress(":8080")),
    read_timeout: durationOrZero().default(LIMITS.readTimeoutMs),
    write_timeout: durationOrZero().default(LIMITS.writeTimeoutMs),
    idle_timeout: durationOrZero().default(LIMITS.idleTimeoutMs),
    min_bytes_per_second: scalar(parseByteSize).default(LIMITS.bytesPerSecondOfTransferMin),
    max_header_bytes: byteSize().default(LIMITS.maxHeaderBytes),
    listener: z.enum(["serve", "hardened"]).default("serve"),
    workers: scalar(parseWorkers).default("auto"),
    max_in_flight_requests: count().default(LIMITS.inFlightRequestsMax),
    trusted_proxies: z.array(ipRange()).default([]),
    virtual_host_domains: z.array(text(parseDomain)).default([]),
    region: pattern(REGION, REGION_EXPECTED).optional(),
    account_id: pattern(/^\d{12}$/, "12 digits in quotes").default("000000000000"),
    tls: section({ cert_file: filePath(resolveFile), key_file: filePath(resolveFile) }).optional(),
    shutdown_timeout: duration().default(LIMITS.shutdownTimeoutMs),
  }).transform((server) => ({
    listenAddress: server.listen_addr,
    readTimeoutMs: server.read_timeout || undefined,
    writeTimeoutMs: server.write_timeout || undefined,
    idleTimeoutMs: server.idle_timeout || undefined,
    minBytesPerSecond: server.min_bytes_per_second,
    maxHeaderBytes: server.max_header_bytes,
    listener: server.listener,
    workers: server.workers,
    maxInFlightRequests: server.max_in_flight_requests,
    trustedProxies: server.trusted_proxies,
    virtualHostDomains: server.virtual_host_domains.toSorted((a, b) => b.length - a.length),
    region: server.region,
    accountId: server.account_id,
    tls: server.tls && { certFile: server.tls.cert_file, keyFile: server.tls.key_file },
    shutdownTimeoutMs: server.shutdown_timeout,
  }));
}

function parseWorkers(text: string): ServerSettings["workers"] {
  if (text === "auto") return text;
  if (/^[1-9]\d?$/.test(text) && Number(text) <= LIMITS.workersMax) return Number(text);
  throw new SyntaxError(`expected "auto", or a number from 1 to ${LIMITS.workersMax}`);
}

function createSecuritySchema(): z.ZodType<SecuritySettings> {
  return optionalSection({
    verify_content_integrity: z.boolean().default(false),
    max_verify_body_size: scalar(parseByteSize).optional(), // of old files; without effect
    clock_skew: duration(CLOCK_SKEW_MS_MAX).default(CLOCK_SKEW_MS_MAX),
    block_public_access: z.boolean().default(true),
    presigned_v2: z.boolean().default(false),
    max_streaming_upload_size: byteSize().default(LIMITS.putBytesMax),
    max_streaming_upload_duration: duration().default(LIMITS.streamingUploadDurationMs),
    max_concurrent_streaming_uploads: count().default(LIMITS.concurrentStreamingUploads),
    form_redirect_origins: z.array(text(parseRedirectOrigin)).default([]),
  }).transform((security) => ({
    verifyContentIntegrity: security.verify_content_integrity,
    clockSkewMs: security.clock_skew,
    blockPublicAccess: security.block_public_access,
    presignedV2: security.presigned_v2,
    maxStreamingUploadBytes: security.max_streaming_upload_size,
    maxStreamingUploadDurationMs: security.max_streaming_upload_duration,
    maxConcurrentStreamingUploads: security.max_concurrent_streaming_uploads,
    formRedirectOrigins: security.form_redirect_origins,
  }));
}

function parseRedirectOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (origin !== undefined && /^https?:\/\/[^/?#]+$/i.test(text)) return origin;
  throw new SyntaxError('expected an origin like "https://app.example.com", without a path');
}

function createLoggingSchema(): z.ZodType<LoggingSettings> {
  return optionalSection({
    level: z.enum(["debug", "info", "warn", "error"]).default("info"),
    format: z.enum(["json", "text"]).default("json"),
  });
}

/** Without `enabled`, an `address` alone is enough for the health checks. */
function createMetricsSchema(): z.ZodType<MetricsSettings | undefined> {
  return optionalSection({
    enabled: z.boolean().default(false),
    address: scalar(parseListenAddress).optional(),
    path: text(parseMetricsPath).default("/metrics"),
  }).transform(({ enabled, address, path }) =>
    enabled || address !== undefined
      ? { enabled, listenAddress: address ?? parseListenAddress(":9090"), path }
      : undefined
  );
}

function parseMetricsPath(path: string): string {
  if (!METRICS_PATH.test(path)) throw new SyntaxError('expected a path like "/metrics"');
  if (path === "/healthz" || path === "/readyz") {
    throw new SyntaxError("is where a health check is, expected another path");
  }
  return path;
}
