/**
 * What the program is told: one frozen snapshot of the configuration file, every value parsed,
 * every default filled in.
 * @module
 */

import type { IdentityProvider } from "../identity/identity_provider.ts";
import type { SealingKey } from "../identity/sealing_key.ts";
import type { Trust } from "../identity/trust.ts";
import type { IpRange } from "../iam/ip_range.ts";
import type { Statement } from "../iam/policy.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import type { LogFormat, LogLevel } from "../observability/log_line.ts";
import type { CorsRule } from "../s3/cors.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import type { BackendKind } from "../stores/presets.ts";
import type { AccessKeyId } from "../s3/names.ts";
import type { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import type { BucketPattern } from "./bucket_pattern.ts";
import type { ListenAddress } from "./listen_address.ts";

/** The whole configuration. INVARIANT: frozen all the way down; a reload makes another one. */
export interface Config {
  readonly masterCredentials: MasterCredentials;
  readonly server: ServerSettings;
  readonly backend: BackendSettings;
  readonly security: SecuritySettings;
  /** INVARIANT: no access key id and no name occurs twice. */
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly identityProviders: readonly ProviderSettings[];
  /** What session tokens are sealed with: the first seals, all open. INVARIANT: there is one. */
  readonly sealingKeys: readonly SealingKey[];
  /** Names, not patterns, of the buckets in users' rules: each may be a label of the metrics. */
  readonly bucketNames: readonly string[];
  readonly cors: readonly CorsRule[];
  readonly logging: LoggingSettings;
  /** `undefined`: no such listener. */
  readonly metrics: MetricsSettings | undefined;
  /** The page for people; `undefined`: there is none. */
  readonly console: ConsoleSettings | undefined;
}

/** Both halves of a key pair. */
export interface KeyPair {
  readonly accessKeyId: AccessKeyId;
  readonly secretAccessKey: SecretAccessKey;
}

/** The backend and the one key pair it knows. */
export interface MasterCredentials extends KeyPair {
  /** Scheme, host and port; nothing else. */
  readonly endpoint: Readonly<URL>;
  readonly region: string;
}

/** The listener that clients see. */
export interface ServerSettings {
  readonly listenAddress: ListenAddress;
  /** `undefined`: no timeout. */
  readonly readTimeoutMs: number | undefined;
  /** `undefined`: no timeout. */
  readonly writeTimeoutMs: number | undefined;
  /** `undefined`: no timeout. */
  readonly idleTimeoutMs: number | undefined;
  /** Of a transfer while its client is waited for; 0: any. */
  readonly minBytesPerSecond: number;
  readonly maxHeaderBytes: number;
  /** `Deno.serve`, or HTTP/1.1 of our own with bounds on everything a client can do. */
  readonly listener: "serve" | "hardened";
  /** Threads that answer clients; `auto`: one a core. */
  readonly workers: number | "auto";
  readonly maxInFlightRequests: number;
  /** Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  readonly trustedProxies: readonly IpRange[];
  /** Lower case, the longest first: `a.s3.example.com` is looked for before `example.com`. */
  readonly virtualHostDomains: readonly string[];
  /** The region client signatures must name; `undefined`: any. */
  readonly region: string | undefined;
  /** 12 digits: the account in roles' ARNs. */
  readonly accountId: string;
  /** `undefined`: plain HTTP. */
  readonly tls: CertificateFiles | undefined;
  readonly shutdownTimeoutMs: number;
}

/**
 * A certificate chain and its private key, both PEM. Relative paths were resolved against the
 * configuration file.
 */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** How the backend is reached and what it is trusted with. */
export interface BackendSettings {
  readonly connectTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  readonly maxConnections: number;
  readonly idleConnectionTimeoutMs: number;
  /** PEM file of authorities trusted beside the system's. */
  readonly caFile: string | undefined;
  /** What the proxy proves itself with to the backend. */
  readonly clientCertificate: CertificateFiles | undefined;
  /** Which store it is; for messages only, everything else asks {@linkcode capabilities}. */
  readonly kind: BackendKind;
  /** What it does of S3: those of its kind, and what the file says otherwise. */
  readonly capabilities: Capabilities;
  /** Whether the start measures that these facts are true, and ends the program where they are not. */
  readonly verify: boolean;
  /** Whether the start asks the backend if it can be used, and logs what is wrong. */
  readonly checkAtStart: boolean;
  readonly relaxedBucketNames: boolean;
  /** Lower case. */
  readonly reservedBucketNames: readonly string[];
}

/** What is checked beyond signatures, and what an upload that is decoded here may cost. */
export interface SecuritySettings {
  readonly verifyContentIntegrity: boolean;
  readonly clockSkewMs: number;
  readonly blockPublicAccess: boolean;
  /** Whether presigned URLs of Signature Version 2 are taken. */
  readonly presignedV2: boolean;
  readonly maxStreamingUploadBytes: number;
  readonly maxStreamingUploadDurationMs: number;
  /** Of one user. */
  readonly maxConcurrentStreamingUploads: number;
  /** Where browsers may be sent after a form upload: `https://app.example.com`. */
  readonly formRedirectOrigins: readonly string[];
}

/** Someone with key pairs of this proxy. */
export interface User {
  /** As given, else the first access key id. */
  readonly name: string;
  readonly enabled: boolean;
  /** One or two; two while they are being rotated. */
  readonly keys: readonly UserKey[];
  /** From then on no key of this user is valid. */
  readonly expiresAt: Date | undefined;
  /** The only addresses this user may come from; `undefined`: any. */
  readonly sourceIps: readonly IpRange[] | undefined;
  /** The buckets of `allowed_buckets`; {@linkcode statements} has them too. */
  readonly allowedBuckets: readonly BucketPattern[];
  /**
   * What the user may do: `allowed_buckets`, `roles`, `grants` and `policy` in one form. In a worker compiled when it is
   * first read.
   */
  readonly statements: readonly Statement[];
  /** The user's own, and, of what these leave open, the least of the roles'. */
  readonly limits: UserLimits;
}

/** A user's key pair. */
export interface UserKey extends KeyPair {
  readonly expiresAt: Date | undefined;
}

/** Rules that users share, and that others may have for a while. */
export interface Role {
  readonly name: string;
  /** Who may be this role; nobody, where it is empty. */
  readonly trust: readonly Trust[];
  readonly maxSessionSeconds: number;
  /** Sessions given out before it are over. */
  readonly sessionsValidAfter: Date | undefined;
  /** Claims of a web identity that its trust or its policy looks at: a session keeps them. */
  readonly claimNames: readonly string[];
  /** What it allows. */
  readonly statements: readonly Statement[];
  /** Of each who is given a session of it. */
  readonly limits: UserLimits;
}

/** An identity provider, whose files are not read yet. */
export interface ProviderSettings extends Omit<IdentityProvider, "keysAt" | "authorities"> {
  readonly jwksUri: string | undefined;
  readonly jwksFile: string | undefined;
  readonly caFile: string | undefined;
}

/** How much is logged, and how. */
export interface LoggingSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** The listener that operators see: Prometheus, and whoever asks for health. */
export interface MetricsSettings {
  /** `false`: health checks only. */
  readonly enabled: boolean;
  readonly listenAddress: ListenAddress;
  readonly path: string;
}

/** The page for people: its listener, and who may see more than their own. */
export interface ConsoleSettings {
  readonly listenAddress: ListenAddress;
  /** `undefined`: plain HTTP. */
  readonly tls: CertificateFiles | undefined;
  /** Where browsers open it: of `public_url`, or this machine's. Whatever has another Host is refused. */
  readonly origins: readonly string[];
  /** Where browsers reach the S3 API; `undefined`: at the page's own host, on the port of `server.listen_addr`. */
  readonly s3Url: string | undefined;
  /** Names of users and roles; none is both. */
  readonly admins: readonly string[];
  /** What the page is to identity providers. */
  readonly oidc: readonly ConsoleClient[];
}

/** The page as a public client of an identity provider: it has no secret, and proves itself with PKCE. */
export interface ConsoleClient {
  readonly issuer: string;
  readonly clientId: string;
  /** Between blanks. */
  readonly scopes: string;
}
