/**
 * What is measured: one line each.
 * @module
 */

import { findFreePorts } from "../e2e/support/state.ts";
import { BUCKET, startReverseProxy } from "./backend.ts";
import { type Child, startChild } from "./child.ts";
import { buildSessionSections, DENIED_USER, USER } from "./signed_requests.ts";

/** The name of a target, as the report shows it. */
export type TargetName = string;

/** The target that ratios are to. */
export const FLOOR: TargetName = "bare pass-through";
/** What anybody would write in Go. */
export const PEER: TargetName = "Go peer";
/** The target that is held to the peer. */
export const HARDENED: TargetName = "s3-proxy, hardened";

type Kind =
  | "backend"
  | "reverse_proxy"
  | "pass_through"
  | "socket_pass_through"
  | "go_peer"
  | "s3_proxy";

/** Something that answers requests. */
export interface Target {
  readonly name: TargetName;
  readonly kind: Kind;
  /** The `server` section of its configuration. */
  readonly server?: Readonly<Record<string, unknown>>;
  /** `backend.kind`; default: the program's own. */
  readonly store?: string;
  /** Whether the short run has it too. */
  readonly isQuick: boolean;
}

/** All of them. */
export const TARGETS: readonly Target[] = [
  { name: "direct", kind: "backend", isQuick: true },
  { name: "nginx", kind: "reverse_proxy", isQuick: false },
  { name: FLOOR, kind: "pass_through", isQuick: true },
  { name: "socket pass-through", kind: "socket_pass_through", isQuick: false },
  { name: PEER, kind: "go_peer", isQuick: false },
  { name: "s3-proxy", kind: "s3_proxy", server: { workers: 1 }, isQuick: true },
  {
    name: HARDENED,
    kind: "s3_proxy",
    server: { workers: 1, listener: "hardened" },
    isQuick: false,
  },
  {
    name: "s3-proxy, workers: auto",
    kind: "s3_proxy",
    server: { workers: "auto" },
    isQuick: false,
  },
];

const MASTER = { access_key: "MASTER", secret_key: "master-secret-of-the-benchmark" };

/** A target that runs. */
export interface RunningTarget extends Child {
  readonly target: Target;
  readonly port: number;
}

/** What {@linkcode startTarget} takes beside the target. */
export interface TargetOptions {
  readonly directory: string;
  readonly backend: { readonly pid: number; readonly port: number };
  /** Where the Go peer is. */
  readonly goPeer?: string | undefined;
  /** What it speaks TLS with; plain HTTP without. */
  readonly tls?: { readonly cert_file: string; readonly key_file: string };
  /** The `security` section of an s3-proxy's configuration. */
  readonly security?: Readonly<Record<string, unknown>>;
}

interface ProxyOptions extends TargetOptions {
  readonly port: number;
  readonly metricsPort: number;
}

/** Starts `target`. */
export async function startTarget(target: Target, options: TargetOptions): Promise<RunningTarget> {
  const { directory, backend } = options;
  const [port = 0, metricsPort = 0] = findFreePorts(2);
  switch (target.kind) {
    case "backend":
      return { ...backend, target, [Symbol.asyncDispose]: () => Promise.resolve() };
    case "reverse_proxy":
      return { ...await startReverseProxy(directory, backend.port), target };
    case "pass_through":
    case "socket_pass_through": {
      const program = new URL(`${target.kind}.ts`, import.meta.url).pathname;
      const origin = `http://127.0.0.1:${backend.port}`;
      const command = [
        Deno.execPath(),
        "run",
        "--no-lock",
        "--allow-net",
        program,
        String(port),
        origin,
      ];
      const child = await startChild(command, { port, logFile: `${directory}/${target.kind}.log` });
      return { ...child, target, port };
    }
    case "go_peer":
      return await startGoPeer(target, { ...options, port, metricsPort });
    case "s3_proxy":
      return await startProxy(target, { ...options, port, metricsPort });
  }
}

async function startProxy(target: Target, options: ProxyOptions): Promise<RunningTarget> {
  const { directory, port } = options;
  // Not in `directory`: Deno lets nobody but the almighty read below /dev.
  const configFile = await Deno.makeTempFile({ suffix: ".yaml" });
  // JSON is YAML.
  await Deno.writeTextFile(configFile, JSON.stringify(buildConfig(target, options)));
  try {
    const command = [...await readStartTask(), "-config", configFile];
    const child = await startChild(command, { port, logFile: `${directory}/${port}.log` });
    return { ...child, target, port };
  } finally {
    await Deno.remove(configFile);
  }
}

async function startGoPeer(target: Target, options: ProxyOptions): Promise<RunningTarget> {
  const { directory, backend, port, metricsPort, goPeer, tls } = options;
  if (goPeer === undefined) throw new Error("The Go peer was not built");
  const command = [
    ...["env", "GOMAXPROCS=1", goPeer, "-listen", `127.0.0.1:${port}`],
    ...["-backend", `http://127.0.0.1:${backend.port}`, "-metrics", `127.0.0.1:${metricsPort}`],
    ...["-master", `${MASTER.access_key}:${MASTER.secret_key}`],
    "-users",
    [[USER, BUCKET], [DENIED_USER, "another-bucket"]].map(([user, bucket]) =>
      typeof user === "object" ? `${user.access_key}:${user.secret_key}:${bucket}` : ""
    ).join(","),
    ...(tls === undefined ? [] : ["-cert", tls.cert_file, "-key", tls.key_file]),
  ];
  const child = await startChild(command, { port, logFile: `${directory}/go_peer.log` });
  return { ...child, target, port };
}

function buildConfig(
  { server, store }: Target,
  { backend, security = {}, port, metricsPort, tls }: ProxyOptions,
): unknown {
  return {
    master_credentials: {
      ...MASTER,
      endpoint: `http://127.0.0.1:${backend.port}`,
    },
    server: {
      listen_addr: `127.0.0.1:${port}`,
      shutdown_timeout: "1s",
      max_in_flight_requests: 2000,
      ...(tls === undefined ? {} : { tls }),
      ...server,
    },
    // More than any row needs: what waits for a connection would be measured too.
    backend: { max_connections: 2000, ...(store === undefined ? {} : { kind: store }) },
    security,
    users: [
      { ...USER, allowed_buckets: [BUCKET] },
      { ...DENIED_USER, allowed_buckets: ["another-bucket"] },
    ],
    ...buildSessionSections(BUCKET),
    logging: { level: "info", format: "json" },
    metrics: { enabled: true, address: `127.0.0.1:${metricsPort}` },
  };
}

/** The command line of `deno task start`. */
export async function readStartTask(): Promise<string[]> {
  const root = new URL("../../", import.meta.url).pathname;
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const [, ...task] = String(tasks.start).split(" ");
  return [Deno.execPath(), ...task].map((word) => word === "main.ts" ? `${root}main.ts` : word);
}
