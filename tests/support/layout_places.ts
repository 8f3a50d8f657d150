/**
 * Where things may stand: the layers, and the few files that have an effect on the world. Read it
 * beside ARCHITECTURE.md.
 * @module
 */

/** Top to bottom: a file imports from its own layer and from those above it. */
export const LAYERS: readonly (readonly string[])[] = [
  ["src/limits.ts"],
  ["src/lib/"],
  ["src/http1/"],
  ["src/stores/"],
  ["src/s3/"],
  ["src/observability/"],
  ["src/sigv4/"],
  ["src/iam/"],
  ["src/payload/"],
  ["src/identity/"],
  ["src/upstream/"],
  ["src/probe/"],
  ["src/config/"],
  ["src/respond.ts", "src/stages/"],
  ["src/sts/"],
  ["src/proxy.ts"],
  ["src/explain/"],
  ["src/console/"],
  ["src/server/"],
  ["src/cli/"],
  ["main.ts"],
];

/** Layers that see less than what is above them: observability receives plain facts. */
export const NARROW_LAYERS: Readonly<Record<string, readonly string[]>> = {
  "src/http1/": ["src/limits.ts", "src/lib/", "src/http1/"],
  "src/observability/": ["src/limits.ts", "src/lib/", "src/observability/"],
};

/** Packages that `src` may import. */
export const PACKAGES: ReadonlySet<string> = new Set([
  "@logtape/logtape",
  "aws4fetch", // served to browsers, not run here; uPlot too
  "hash-wasm",
  "jose",
  "prom-client",
  "uplot/dist/uPlot.esm.js",
  "uplot/dist/uPlot.min.css",
  "yaml",
  "zod",
]);

type Places = readonly string[];

const NOWHERE: Places = [];
const ANYWHERE: Places = ["src/", "main.ts"];
const CLOCK: Places = ["src/lib/clock.ts"];
/** Asks identity providers for their keys. */
const ASKING: Places = ["src/identity/fetch_document.ts"];
const SENDING: Places = ["src/upstream/fetch_transport.ts"];
const CONNECTING: Places = ["src/upstream/connect.ts"];
const LISTENING: Places = ["src/server/"];
/** TLS with clients, on connections of ours. */
const TLS: Places = ["src/server/tls_socket.ts"];
const FILES: Places = ["src/config/", "src/cli/", "main.ts"];
/** Keeps a login; nothing else writes a file. */
const WRITING: Places = ["src/cli/login/private_file.ts"];
const STOPPING: Places = ["src/server/signals.ts", "main.ts"];
const PRINTING: Places = ["src/observability/log.ts", "src/cli/", "main.ts"];
/** Keeps a library from reading the environment. */
const HIDING: Places = ["src/config/yaml_file.ts"];
const FACTS_OF_THE_PROCESS: Places = ["src/server/", "src/cli/", "main.ts"];

/** `Deno.NAME`; a name that is not here is allowed nowhere. */
export const DENO_PLACES: Readonly<Record<string, Places>> = {
  unrefTimer: ["src/lib/watch.ts"],
  serve: LISTENING,
  listen: LISTENING,
  listenTls: LISTENING,
  connect: CONNECTING,
  connectTls: CONNECTING,
  startTls: CONNECTING,
  createHttpClient: [...SENDING, ...CONNECTING, "src/config/certificates.ts"], // there to see whether it can
  env: FILES,
  lstat: FILES,
  readDir: FILES,
  readFile: FILES,
  readTextFile: FILES,
  readTextFileSync: ["src/lib/version.ts"],
  realPath: FILES,
  open: WRITING,
  mkdir: WRITING,
  rename: WRITING,
  writeTextFile: WRITING,
  permissions: ["main.ts"],
  execPath: ["src/cli/run_login.ts"],
  stat: FILES,
  watchFs: FILES,
  args: ["main.ts"],
  addSignalListener: STOPPING,
  removeSignalListener: STOPPING,
  exit: STOPPING,
  exitCode: STOPPING,
  stderr: PRINTING,
  stdin: ["src/cli/"],
  stdout: PRINTING,
  build: FACTS_OF_THE_PROCESS,
  memoryUsage: FACTS_OF_THE_PROCESS,
  version: FACTS_OF_THE_PROCESS,
  errors: ANYWHERE,
};

/** Global names with an effect, and a few that are footguns. */
export const GLOBAL_PLACES: ReadonlyMap<string, Places> = new Map([
  ["fetch", SENDING],
  ["EventSource", NOWHERE],
  ["WebSocket", NOWHERE],
  ["XMLHttpRequest", NOWHERE],
  ["performance", CLOCK],
  ["console", PRINTING],
  ["process", HIDING],
  ["globalThis", NOWHERE],
  // A JavaScript step in a body's way costs more than the whole proxy; see ARCHITECTURE.md.
  ["TransformStream", NOWHERE],
]);

/** Reading the time: `new Date()`, `Date()`, `Date.now()`. */
export const DATE_PLACES = CLOCK;
/** `new URL(…)`, `URL.parse(…)`: they fold paths. */
export const URL_PLACES: Places = ["src/upstream/target.ts", "src/config/"];
/** A secret's `.expose()`. */
export const EXPOSE_PLACES: Places = ["src/sigv4/signing_key.ts"];

/** `node:NAME`; a name that is not here is allowed nowhere. */
export const NODE_PLACES: Readonly<Record<string, Places>> = {
  buffer: ANYWHERE,
  crypto: ANYWHERE,
  zlib: ANYWHERE,
  dns: ASKING,
  http: ASKING,
  https: ASKING,
  net: ASKING,
  fs: FILES,
  "fs/promises": FILES,
  os: FILES,
  path: FILES,
  process: HIDING,
  stream: TLS,
  tls: TLS,
  util: ["src/cli/"],
};
/** Of `node:net`, what only looks at addresses. */
export const PURE_NET_NAMES: ReadonlySet<string> = new Set([
  "BlockList",
  "isIP",
  "isIPv4",
  "isIPv6",
  "SocketAddress",
]);

/** Whether `path` is one of `places`: files, or folders with a slash at their end. */
export function isAmong(path: string, places: Places | undefined): boolean {
  return places?.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place) ??
    false;
}
