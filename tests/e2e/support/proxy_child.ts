/**
 * The proxy as operators run it: a process of its own, with the permissions of `deno task start` and
 * a configuration file.
 * @module
 */

import type { Gateway, Transport } from "./gateway.ts";
import { findFreePorts, REPOSITORY_DIRECTORY } from "./state.ts";

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
export interface ProxyChild {
  readonly endpoint: string;
  readonly pid: number;
  /** Everything it wrote to stdout and stderr. */
  readonly logFile: string;
  /** Ends it as an operator would; resolves with its exit status. */
  stop(): Promise<number>;
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
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/** Starts a proxy and waits until it answers. */
export async function startProxy(options: ProxyOptions): Promise<ProxyChild> {
  const { gateway, transport, name } = options;
  const [port] = findFreePorts(1);
  const base = `${gateway.directory}/${name}-${transport}`;
  const logFile = `${base}.log`;
  // JSON is YAML.
  const config = JSON.stringify({ ...buildConfig(options), server: buildServer(options, port) });
  await Deno.writeTextFile(`${base}.yaml`, config, { mode: 0o600 });
  const child = await spawn([...await readStartTask(), "-config", `${base}.yaml`], logFile);
  const endpoint = `${transport}://127.0.0.1:${port}`;
  try {
    await waitUntilReady({ endpoint, child, authorityFile: gateway.authorityFile });
  } catch (cause) {
    await stop(child);
    throw new Error(`No proxy:\n${await Deno.readTextFile(logFile)}`, { cause });
  }
  return { endpoint, pid: child.pid, logFile, stop: () => stop(child) };
}

function buildConfig(
  { gateway, transport, security = {} }: ProxyOptions,
): Record<string, unknown> {
  return {
    master_credentials: {
      access_key: gateway.accessKey,
      secret_key: gateway.secretKey,
      endpoint: gateway.endpoints[transport],
      region: "default",
    },
    backend: transport === "https" ? { ca_file: gateway.authorityFile } : {},
    security,
    users: Object.entries(USERS).map(([name, user]) => ({
      name,
      access_key: user.accessKey,
      secret_key: user.secretKey,
      allowed_buckets: user.allowedBuckets,
    })),
    logging: { level: "info", format: "json" },
    metrics: { enabled: false },
  };
}

function buildServer({ gateway, transport }: ProxyOptions, port: number | undefined): unknown {
  return {
    listen_addr: `127.0.0.1:${port}`,
    shutdown_timeout: "5s",
    ...(transport === "https"
      ? { tls: { cert_file: gateway.certificateFile, key_file: gateway.privateKeyFile } }
      : {}),
  };
}

/** The arguments of `deno` in `deno task start`. */
async function readStartTask(): Promise<string[]> {
  const file = JSON.parse(await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/deno.json`));
  return file.tasks.start.split(" ").slice(1);
}

/** Starts Deno itself, not a shell around it, with both outputs in `logFile`. */
async function spawn(args: readonly string[], logFile: string): Promise<Deno.ChildProcess> {
  await Deno.writeTextFile(logFile, "");
  return new Deno.Command("bash", {
    args: ["-c", 'exec "$@" >"$0" 2>&1', logFile, Deno.execPath(), ...args],
    cwd: REPOSITORY_DIRECTORY,
    stdin: "null",
  }).spawn();
}

async function waitUntilReady({ endpoint, child, authorityFile }: {
  endpoint: string;
  child: Deno.ChildProcess;
  authorityFile: string;
}): Promise<void> {
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authorityFile)] });
  let running = true;
  child.status.then(() => running = false);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (running && Date.now() < deadline) {
    try {
      const response = await fetch(`${endpoint}/`, { client, signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      if (response.ok) return;
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(running ? `${endpoint} does not answer` : "the process ended");
}

async function stop(child: Deno.ChildProcess): Promise<number> {
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself
  }
  const { code } = await child.status;
  clearTimeout(timer);
  return code;
}
