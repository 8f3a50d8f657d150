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

/** Sections of a configuration, by name. */
export type Sections = Readonly<Record<string, unknown>>;

/** A running proxy. */
export interface ProxyChild extends TaskChild {
  readonly endpoint: string;
  readonly configFile: string;
  /** Has it read its configuration with these sections in place of {@linkcode ProxyOptions.sections}. */
  reload(sections: Sections): Promise<void>;
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
  /** Further sections. */
  readonly sections?: Sections;
  /** Run in place of main.ts. */
  readonly program?: string;
}

const ANSWER_TIMEOUT_MS = 2_000;
const RELOADED = '"msg":"configuration reloaded"';
const RELOAD_TIMEOUT_MS = 15_000;
const POLL_MS = 50;

/** Starts a proxy and waits until it answers. */
export async function startProxy(options: ProxyOptions): Promise<ProxyChild> {
  const { gateway, transport, name } = options;
  const [port] = findFreePorts(1);
  const base = `${gateway.directory}/${name}-${transport}`;
  const configFile = `${base}.yaml`;
  const server = buildServer(options, port);
  const write = async (sections: Sections = {}): Promise<void> => {
    const config = { ...buildConfig(options), server, ...sections };
    await Deno.writeTextFile(configFile, JSON.stringify(config), { mode: 0o600 }); // JSON is YAML
  };
  await write(options.sections);
  const endpoint = `${transport}://127.0.0.1:${port}`;
  const child = await startTask("start", {
    args: ["-config", configFile],
    logFile: `${base}.log`,
    isReady: () => answers({ endpoint, authorityFile: gateway.authorityFile }),
    program: options.program,
  });
  return {
    ...child,
    endpoint,
    configFile,
    reload: async (sections) => {
      const before = await countReloads(child);
      await write(sections);
      child.signal("SIGHUP");
      const deadline = Date.now() + RELOAD_TIMEOUT_MS;
      while (await countReloads(child) === before) {
        if (Date.now() > deadline) throw new Error(`not reloaded, see ${child.logFile}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}

async function countReloads({ logFile }: TaskChild): Promise<number> {
  return (await Deno.readTextFile(logFile)).split(RELOADED).length;
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
