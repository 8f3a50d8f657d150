/**
 * A store, the proxy in front of it on each listener, and its users.
 * @module
 */

import { parseConfig } from "../../../src/config/load.ts";
import { configureLogging } from "../../../src/observability/log.ts";
import { readCheckOptions } from "../../../src/server/backend_watch.ts";
import type { RunningProxy } from "../../../src/server/running_proxy.ts";
import { startProxy } from "../../../src/server/start_proxy.ts";
import type { Capabilities } from "../../../src/stores/capabilities.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../../support/certificate.ts";
import type { Key } from "../../support/proxy_under_test.ts";
import { MASTER, type RunningStore, type StoreName } from "./start_store.ts";

/** Both are tested. */
export const LISTENERS = ["serve", "hardened"] as const;

/** Who asks. */
export type UserName = "alice" | "carol" | "dave" | "erin";

/** Their keys. */
export const KEYS: Readonly<Record<UserName, Key>> = {
  /** May do everything. */
  alice: { accessKey: "alice-key-of-tests", secretKey: "alice-secret-of-the-tests" },
  /** May do everything but touch `releases/`, `secret` and `victim`. */
  carol: { accessKey: "carol-key-of-tests", secretKey: "carol-secret-of-the-tests" },
  /** May do everything below `team/` of `mine`. */
  dave: { accessKey: "dave-key-of-tests", secretKey: "dave-secret-of-the-tests" },
  /** May create, and not overwrite, below `log/` of `mine`. */
  erin: { accessKey: "erin-key-of-tests", secretKey: "erin-secret-of-the-tests" },
};
const DENIED = ["*/releases/*", "*/secret", "victim", "victim/*"];

/** A store, and the proxy in front of it, once on each listener and once with TLS. */
export interface Scene extends AsyncDisposable {
  readonly name: StoreName;
  readonly store: RunningStore;
  readonly ports: Readonly<Record<typeof LISTENERS[number], number>>;
  readonly tlsPort: number;
  readonly options: ReturnType<typeof readCheckOptions>;
  /** What the proxy is told of the store's keys. */
  readonly keys: Capabilities["keys"];
}

/** Starts the proxy; `keys` stands in the place of the kind's own. */
export async function openScene(
  store: RunningStore,
  { name, keys = PRESETS[name].keys }: { name: StoreName; keys?: Capabilities["keys"] },
): Promise<Scene> {
  const logger = configureLogging({ level: "error", format: "text" });
  const plain = { server: undefined, client: undefined, authorities: [] };
  const tls = { ...plain, server: { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY } };
  const read = (listener: string): ReturnType<typeof parseConfig>["config"] => {
    const server = { listen_addr: "127.0.0.1:0", listener, workers: 1 };
    const backend = { kind: name, capabilities: { keys } };
    const data = { master_credentials: nameMaster(store), server, backend, users: listUsers() };
    const place = { path: name, environment: () => undefined, readSecretFile: () => "" };
    return parseConfig(JSON.stringify(data), place).config;
  };
  const proxies: RunningProxy[] = [];
  for (
    const [listener, certificates] of [["serve", plain], ["hardened", plain], [
      "hardened",
      tls,
    ]] as const
  ) proxies.push(await startProxy(read(listener), { certificates, logger }));
  const [serve = 0, hardened = 0, tlsPort = 0] = proxies.map(({ port }) => port);
  return {
    name,
    store,
    keys,
    ports: { serve, hardened },
    tlsPort,
    options: readCheckOptions(
      { config: read("serve"), certificates: plain },
      { buckets: undefined },
    ),
    [Symbol.asyncDispose]: async () => {
      for (const proxy of proxies) await proxy.stop();
    },
  };
}

function nameMaster({ endpoint }: RunningStore): object {
  return { access_key: MASTER.accessKey, secret_key: MASTER.secretKey, endpoint };
}

function listUsers(): object[] {
  const { alice, carol, dave, erin } = KEYS;
  const key = ({ accessKey, secretKey }: Key): object => ({
    access_key: accessKey,
    secret_key: secretKey,
  });
  const allow = { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::*" };
  const resources = DENIED.map((resource) => `arn:aws:s3:::${resource}`);
  const deny = { Effect: "Deny", Action: "s3:*", Resource: resources };
  const below = (prefix: string, access: string): object => ({
    grants: [{ buckets: ["mine"], access, prefixes: [prefix] }],
  });
  return [
    { ...key(alice), allowed_buckets: ["*"] },
    { ...key(carol), policy: { Version: "2012-10-17", Statement: [allow, deny] } },
    { ...key(dave), ...below("team/", "full") },
    { ...key(erin), ...below("log/", "append-only") },
  ];
}
