/**
 * Honest clients beside everybody else, for a while, on both listeners; and what is left behind.
 * @module
 */

import assert from "node:assert/strict";
import { type Child, startChild } from "../bench/child.ts";
import { readResidentMebibytes } from "../bench/process_usage.ts";
import { readStartTask } from "../bench/targets.ts";
import { DENIED, GREEDY } from "../bench/worst/worst_case.ts";
import { findFreePorts } from "../e2e/support/state.ts";
import { ADMIN, ALICE, EXPIRED, type Key, NOBODY } from "../support/proxy_under_test.ts";
import { attack, listAttacks, type Victim } from "./attackers.ts";
import { beHonest, type HonestReport, type HonestUser } from "./honest_clients.ts";
import { recordAttacks } from "./wire_corpus.ts";

const LISTENERS = ["serve", "hardened"] as const;
const HONEST: readonly HonestUser[] = [1, 2].map((number) => ({
  key: { accessKey: `honest-key-${number}`, secretKey: `secret-of-honest-user-${number}` },
  bucket: `honest-${number}`,
}));
const ATTACKERS = 24;
/**
 * The start that memory has to return to is that of a program which has had the same load for as long: V8 and malloc keep what their
 * first load has made them take, and a leak grows with every load.
 */
const WARM_UP_PART = 0.5;
const SETTLE_MS = 30_000;
const SETTLE_LOOK_MS = 1_000;
const GROWTH_MAX = 1.2;
/** Of a moment's probes and the operators' port. */
const DESCRIPTORS_SLACK = 4;

/** What a proxy holds when nobody asks for anything. */
interface Holdings {
  readonly mebibytes: number;
  readonly descriptors: number;
  readonly inFlight: number;
}

interface SoakedProxy extends Victim {
  readonly listener: string;
  readonly child: Child;
}

/** What happened, for the one who reads. */
export interface SoakReport {
  readonly attacks: number;
  readonly honest: HonestReport;
  readonly holdings: readonly { listener: string; before: Holdings; after: Holdings }[];
}

/** Runs for `seconds` and asserts that nobody honest was harmed, and nothing is left. */
export async function soak({ seconds }: { seconds: number }): Promise<SoakReport> {
  const attacks = listAttacks(await recordAttacks());
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "s3-proxy-soak-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const worker = new Worker(new URL("./soak_backend.ts", import.meta.url), { type: "module" });
  stack.defer(() => worker.terminate());
  const backendPort = await new Promise<number>((resolve) =>
    worker.onmessage = ({ data }) => resolve(data)
  );
  const proxies: SoakedProxy[] = [];
  for (const listener of LISTENERS) {
    const proxy = await startProxy({ listener, directory, backendPort });
    proxies.push(proxy);
    stack.use(proxy.child);
  }
  const honest: HonestReport = { succeeded: 0, slowestMs: 0, failures: [] };
  let count = 0;
  const run = (runSeconds: number): Promise<unknown> => {
    const endMs = performance.now() + runSeconds * 1000;
    const isOver = (): boolean => performance.now() > endMs;
    return Promise.all(proxies.flatMap((victim) => [
      ...HONEST.map((user) => beHonest({ user, port: victim.port, report: honest, isOver })),
      ...Array.from(
        { length: ATTACKERS },
        () => attack({ victim, attacks, isOver, count: () => count++ }),
      ),
    ]));
  };
  await run(seconds * WARM_UP_PART);
  const before = await Promise.all(proxies.map((proxy) => settle(proxy)));
  await run(seconds * (1 - WARM_UP_PART));
  const after = await Promise.all(proxies.map((proxy, at) => settle(proxy, before[at])));
  const holdings = proxies.map(({ listener }, at) => ({
    listener,
    before: before[at] ?? assert.fail(),
    after: after[at] ?? assert.fail(),
  }));
  const report = { attacks: count, honest, holdings };
  assertUnharmed(report);
  return report;
}

function assertUnharmed({ honest, holdings }: SoakReport): void {
  assert.deepEqual(honest.failures.slice(0, 20), [], `${honest.failures.length} failed`);
  assert.ok(honest.succeeded > 0);
  for (const { listener, before, after } of holdings) {
    const text = `${listener}: ${JSON.stringify({ before, after })}`;
    assert.ok(after.mebibytes <= before.mebibytes * GROWTH_MAX, text);
    assert.ok(after.descriptors <= before.descriptors + DESCRIPTORS_SLACK, text);
    assert.equal(after.inFlight, 0, text);
  }
}

/** What is held once everything that ends by itself has ended; not longer than until it is as little as `before`. */
async function settle(proxy: SoakedProxy, before?: Holdings): Promise<Holdings> {
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    // The metrics are made for whoever asks: V8 gives memory back only where nothing is made for a while.
    const { mebibytes, descriptors } = await readProcess(proxy);
    const isEnough = before !== undefined && descriptors <= before.descriptors &&
      mebibytes <= before.mebibytes * GROWTH_MAX;
    if (isEnough || performance.now() > endMs) {
      return { mebibytes, descriptors, inFlight: await readInFlight(proxy) };
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_LOOK_MS));
  }
}

async function readProcess({ child: { pid } }: SoakedProxy): Promise<Omit<Holdings, "inFlight">> {
  return {
    mebibytes: await readResidentMebibytes(pid),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

async function readInFlight({ adminPort }: SoakedProxy): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const metrics = await response.text();
  return Number(/^s3_proxy_in_flight_requests (\d+)$/m.exec(metrics)?.[1]);
}

async function startProxy(
  { listener, directory, backendPort }: {
    listener: string;
    directory: string;
    backendPort: number;
  },
): Promise<SoakedProxy> {
  const [port = 0, adminPort = 0] = findFreePorts(2);
  const configFile = `${directory}/${listener}.yaml`;
  const config = buildConfig({ listener, port, adminPort, backendPort });
  await Deno.writeTextFile(configFile, JSON.stringify(config), { mode: 0o600 });
  const command = [...await readStartTask(), "-config", configFile];
  const child = await startChild(command, { port, logFile: `${directory}/${listener}.log` });
  return { listener, port, adminPort, child };
}

function buildConfig(
  { listener, port, adminPort, backendPort }: {
    listener: string;
    port: number;
    adminPort: number;
    backendPort: number;
  },
): unknown {
  const user = ({ accessKey, secretKey }: Key, rules: object): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    ...rules,
  });
  return {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-soak",
      endpoint: `http://127.0.0.1:${backendPort}`,
    },
    server: {
      listen_addr: `127.0.0.1:${port}`,
      listener,
      workers: 1,
      virtual_host_domains: ["s3.test"],
      read_timeout: "5s",
      write_timeout: "5s",
      idle_timeout: "5s",
      shutdown_timeout: "5s",
    },
    backend: { response_header_timeout: "10s", idle_connection_timeout: "2s" },
    users: [
      user(ALICE, { allowed_buckets: ["mine", "app-*"] }),
      user(ADMIN, { policy: ALL_BUT_HONEST }),
      user(NOBODY, {}),
      user(EXPIRED, { allowed_buckets: ["*"], expires_at: "2001-01-01T00:00:00Z" }),
      user(GREEDY, { allowed_buckets: ["worst", "worst-*"] }),
      user(DENIED, { allowed_buckets: ["elsewhere"] }),
      ...HONEST.map(({ key, bucket }) => user(key, { allowed_buckets: [bucket] })),
    ],
    metrics: { enabled: true, address: `127.0.0.1:${adminPort}` },
  };
}

const ALL_BUT_HONEST = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "s3:*", Resource: "*" },
    {
      Effect: "Deny",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::honest-*", "arn:aws:s3:::honest-*/*"],
    },
  ],
};
