/**
 * The proxy as operators run it: `deno task start` with a configuration file.
 * @module
 */

import type { Gateway, Transport } from "./gateway.ts";
import { findFreePorts } from "./state.ts";
import { startTask, type TaskChild } from "./task_child.ts";

/** A key pair that the proxy knows. */
export interface User {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly allowedBuckets: readonly string[];
}

/** Everything allowed; one kind of buckets; nothing. */
export const USERS = {
  admin: { accessKey: "admin-key", secretKey: "admin-secret-of-the-tests", allowedBuckets: ["*"] },
  alpha: {
    accessKey: "alpha-key",
    secretKey: "alpha-secret-of-the-tests",
    allowedBuckets: ["e2e-alpha-*"],
  },
  nobody: { accessKey: "nobody-key", secretKey: "nobody-secret-of-the-tests", allowedBuckets: [] },
} as const satisfies Record<string, User>;

/** A running proxy. */
export interface ProxyChild extends TaskChild {
  readonly endpoint: string;
}

/** What {@linkcode startProxy} takes. */
export interface ProxyOptions {
  readonly gateway: Gateway;
  /** Both towards clients and towards the gateway. */
  readonly transport: Transport;
  /** Names the files of this proxy. */
  readonly name: string;
  /** Added to the configuration's `security` section. */
  readonly security?: Readonly<Record<string, unknown>>;
  /** Added to its `server` section. */
  readonly server?: Readonly<Record<string, unknown>>;
  /** Added to its `users`. */
  readonly users?: readonly object[];
  /** Its `cors` rules. */
  readonly cors?: readonly object[];
  /** Its `metrics` section. Default: off. */
  readonly metrics?: Readonly<Record<string, unknown>>;
}

const ANSWER_TIMEOUT_MS = 2_000;

/** Starts a proxy and waits until it answers. */
export async function startProxy(options: ProxyOptions): Promise<ProxyChild> {
  const { gateway, transport, name } = options;
  const [port] = findFreePorts(1);
  const base = `${gateway.directory}/${name}-${transport}`;
  // JSON is YAML.
  const config = JSON.stringify({ ...buildConfig(options), server: buildServer(options, port) });
  await Deno.writeTextFile(`${base}.yaml`, config, { mode: 0o600 });
  const endpoint = `${transport}://127.0.0.1:${port}`;
  const child = await startTask("start", {
    args: ["-config", `${base}.yaml`],
    logFile: `${base}.log`,
    isReady: () => answers({ endpoint, authorityFile: gateway.authorityFile }),
  });
  return { ...child, endpoint };
}

function buildConfig(
  options: ProxyOptions,
): Record<string, unknown> {
  const { gateway, transport, security = {}, users = [], cors = [] } = options;
  return {
    master_credentials: {
      access_key: gateway.accessKey,
      secret_key: gateway.secretKey,
      endpoint: gateway.endpoints[transport],
      region: "default",
    },
    backend: transport === "https" ? { ca_file: gateway.authorityFile } : {},
    security,
    users: [
      ...Object.entries(USERS).map(([name, user]) => ({
        name,
        access_key: user.accessKey,
        secret_key: user.secretKey,
        allowed_buckets: user.allowedBuckets,
      })),
      ...users,
    ],
    cors,
    logging: { level: "info", format: "json" },
    metrics: options.metrics ?? { enabled: false },
  };
}

function buildServer(
  { gateway, transport, server = {} }: ProxyOptions,
  port: number | undefined,
): unknown {
  return {
    listen_addr: `127.0.0.1:${port}`,
    shutdown_timeout: "5s",
    ...(transport === "https"
      ? { tls: { cert_file: gateway.certificateFile, key_file: gateway.privateKeyFile } }
      : {}),
    ...server,
  };
}

/** Whether the proxy answers its health check. */
async function answers(
  { endpoint, authorityFile }: { endpoint: string; authorityFile: string },
): Promise<boolean> {
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authorityFile)] });
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(`${endpoint}/`, { client, signal });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
