/**
 * Identities without keys, by the clients that people have, on the real gateway and over HTTPS: jobs with tokens as GitHub
 * Actions makes them, and pods with the projected tokens of Kubernetes.
 */

import assert from "node:assert/strict";
import { BRIEF_SECONDS, BUCKET, IdentityStage, JOB, OTHER_JOBS } from "./support/identity_stage.ts";
import { buildPayload } from "./support/payload.ts";
import {
  findSessionClients,
  type SessionAccess,
  type SessionClient,
  type SessionClientKind,
} from "./support/session_clients.ts";

const SIZE = 1 << 20;
const clients = await findSessionClients();
for (const { name, missing } of clients) {
  if (missing !== undefined) console.error(`\n*** SKIPPED: ${name}: ${missing} ***\n`);
}
const kinds = clients.filter(({ missing }) => missing === undefined);

let running: IdentityStage | undefined;
Deno.test.beforeAll(async () => {
  running = await IdentityStage.start("identity");
  await Deno.writeFile(payloadFile(), buildPayload(SIZE));
});
Deno.test.afterAll(() => running?.[Symbol.asyncDispose]());

function stage(): IdentityStage {
  assert.ok(running !== undefined, "the stage is there while tests run");
  return running;
}

function payloadFile(): string {
  return `${stage().proxy.configFile}.payload`;
}

/** A client at work, what it is told, and where it writes. */
interface Worker extends SessionClientKind {
  readonly client: SessionClient;
  readonly access: SessionAccess;
  readonly key: string;
}

async function openWorker(
  kind: SessionClientKind,
  { role, token, key }: { role: string; token: string; key: string },
): Promise<Worker> {
  const access = await stage().open({ role, token });
  return { ...kind, access, client: kind.create(access), key: `${key}/${kind.name}` };
}

async function uploads({ client, key, name }: Worker, more = ""): Promise<void> {
  const object = { bucket: BUCKET, key: `${key}${more}` };
  await client.put(object, payloadFile());
  const stored = await stage().backend.listObjects(BUCKET);
  assert.ok(stored.some((line) => line.endsWith(` ${object.key}`)), `${name}: ${object.key}`);
}

async function isRefused({ client, key, name }: Worker, code: string): Promise<void> {
  const object = { bucket: BUCKET, key: `${key}-refused` };
  await assert.rejects(
    client.put(object, payloadFile()),
    (error) => error instanceof Error && error.message.includes(code),
    `${name} was to be refused with ${code}`,
  );
  const stored = await stage().backend.listObjects(BUCKET);
  assert.ok(!stored.some((line) => line.includes(object.key)), name);
}

/** Each does it, at the same time. */
async function all(workers: readonly Worker[], act: (worker: Worker) => unknown): Promise<void> {
  await Promise.all(workers.map(act));
}

// The clients themselves read the clock, so there is none to be injected.
async function outliveSessions(): Promise<void> {
  await waitUntil(Date.now() + (BRIEF_SECONDS + 1) * 1000);
}

async function waitUntil(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())));
}

Deno.test("clients upload with a CI job's token, and outlive their sessions", async () => {
  const token = await stage().provider.signFor(JOB);
  const workers = await Promise.all(
    kinds.map((kind) => openWorker(kind, { role: "brief", token, key: "ci/brief" })),
  );
  await all(workers, (worker) => uploads(worker));
  await outliveSessions();
  await all(workers, async (worker) => {
    await uploads(worker, "-later");
    const file = `${worker.access.home}/downloaded`;
    await worker.client.get({ bucket: BUCKET, key: worker.key }, file);
    assert.deepEqual(await Deno.readFile(file), buildPayload(SIZE), worker.name);
    await worker.client.close();
  });
  // A second session each.
  await stage().logged('"operation":"AssumeRoleWithWebIdentity"', 2 * kinds.length);
  assert.deepEqual(await stage().readLog(token), []);
});

Deno.test("clients with the tokens of other jobs are given nothing", async () => {
  for (const job of OTHER_JOBS) {
    const token = await stage().provider.signFor(job);
    const workers = await Promise.all(
      kinds.map((kind) => openWorker(kind, { role: "lasting", token, key: "ci/other" })),
    );
    await all(workers, async (worker) => {
      await isRefused(worker, "AccessDenied");
      await worker.client.close();
    });
  }
});

for (const cluster of ["file", "published"] as const) {
  Deno.test(`pods upload with projected tokens, and with those that follow [keys: ${cluster}]`, async () => {
    const soon = Math.floor(Date.now() / 1000) + BRIEF_SECONDS;
    const token = await stage().signForPod(cluster, { exp: soon });
    const key = `pods/${cluster}`;
    const workers = await Promise.all(
      kinds.map((kind) => openWorker(kind, { role: "pods", token, key })),
    );
    await all(workers, (worker) => uploads(worker));
    await outliveSessions();
    const next = await stage().signForPod(cluster);
    await all(workers, async (worker) => {
      await Deno.writeTextFile(worker.access.tokenFile, next); // as the kubelet does
      await uploads(worker, "-later");
      await worker.client.close();
    });
  });
}

Deno.test("a pod of another namespace, and one whose token has run out, are given nothing", async () => {
  const tokens = [
    [
      await stage().signForPod("file", { sub: "system:serviceaccount:other:runner" }),
      "AccessDenied",
    ],
    [
      await stage().signForPod("published", { "kubernetes.io": { namespace: "other" } }),
      "AccessDenied",
    ],
    [await stage().signForPod("published", { exp: 1_700_000_000 }), "ExpiredToken"],
  ] as const;
  const [kind] = kinds;
  assert.ok(kind !== undefined);
  for (const [token, code] of tokens) {
    const worker = await openWorker(kind, { role: "pods", token, key: "pods/other" });
    await isRefused(worker, code);
    await worker.client.close();
  }
});

Deno.test("sessions end with sessions_valid_after, and with their role; later ones hold again", async () => {
  const { proxy } = stage();
  const token = await stage().provider.signFor(JOB);
  const open = (key: string): Promise<Worker[]> =>
    Promise.all(kinds.map((kind) => openWorker(kind, { role: "lasting", token, key })));
  const workers = await open("ci/lasting");
  await all(workers, (worker) => uploads(worker));

  const sessions_valid_after = new Date(Math.ceil(Date.now() / 1000) * 1000).toISOString();
  await proxy.reload(stage().buildSections({ lasting: { sessions_valid_after } }));
  await all(workers, (worker) => isRefused(worker, "ExpiredToken"));
  await waitUntil(Date.parse(sessions_valid_after));
  const later = await open("ci/later");
  await all(later, (worker) => uploads(worker));

  await proxy.reload(stage().buildSections({ lasting: undefined }));
  await all(later, (worker) => isRefused(worker, "ExpiredToken"));
  const latest = await open("ci/latest");
  await all(latest, (worker) => isRefused(worker, "AccessDenied"));
  for (const { client } of [...workers, ...later, ...latest]) await client.close();
  await proxy.reload(stage().buildSections());
});
