/**
 * The Ceph gateway behind the proxy: one for a whole run of `deno test`. The first file that needs
 * it starts it, the others find it running, and a watcher stops it once the run is over.
 * @module
 */

import { readCommand } from "./command.ts";
import { E2E_DIRECTORY, exists, findFreePorts, openState, whileLocked } from "./state.ts";

/** How clients speak to the proxy, and the proxy to the gateway. */
export type Transport = "http" | "https";

/** Both, for tables of tests. */
export const TRANSPORTS: readonly Transport[] = ["http", "https"];

/** A running gateway. */
export interface Gateway {
  readonly endpoints: Readonly<Record<Transport, string>>;
  readonly accessKey: string;
  readonly secretKey: string;
  /** PEM files: the authority that clients have to trust; a certificate of 127.0.0.1, its key. */
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** Of the run: configurations, logs, payloads. */
  readonly directory: string;
}

const SCRIPT = `${E2E_DIRECTORY}/radosgw.sh`;
/** Ceph's packages may have to be installed first. */
const START_TIMEOUT_MS = 900_000;

/** The gateway of this run. */
export async function openGateway(): Promise<Gateway> {
  const directory = await openState();
  return await whileLocked(`${directory}/gateway.lock`, async () => {
    const file = `${directory}/gateway.json`;
    if (await exists(file)) return JSON.parse(await Deno.readTextFile(file));
    const gateway = await startGateway(directory);
    await Deno.writeTextFile(file, JSON.stringify(gateway));
    return gateway;
  });
}

async function startGateway(directory: string): Promise<Gateway> {
  const state = `${directory}/gateway`;
  const [http, https, monitor] = findFreePorts(3);
  const ports = [`RGW_HTTP_PORT=${http}`, `RGW_HTTPS_PORT=${https}`, `RGW_MON_PORT=${monitor}`];
  await readCommand("env", {
    args: [...ports, SCRIPT, state, "start"],
    timeoutMs: START_TIMEOUT_MS,
  });
  await new Deno.Command("setsid", { // a session of its own: it has to outlive the tests
    args: ["--fork", SCRIPT, state, "stop-after", String(Deno.pid)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().status;
  return {
    endpoints: { http: `http://127.0.0.1:${http}`, https: `https://127.0.0.1:${https}` },
    accessKey: "MASTERKEY",
    secretKey: "mastersecret",
    authorityFile: `${state}/ca.pem`,
    certificateFile: `${state}/tls.pem`,
    privateKeyFile: `${state}/tls.key`,
    directory,
  };
}
