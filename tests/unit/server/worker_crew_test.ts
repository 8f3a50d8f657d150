import assert from "node:assert/strict";
import type { CheckedFile } from "../../../src/config/compile.ts";
import type { LoadedFile } from "../../../src/config/load.ts";
import { COLUMNS } from "../../../src/lib/shared_layout.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { MetricsReading } from "../../../src/observability/exposition.ts";
import type { Thread } from "../../../src/server/crew_member.ts";
import { WorkerCrew } from "../../../src/server/worker_crew.ts";
import type { WorkerOrder, WorkerReport } from "../../../src/server/worker_messages.ts";
import { createQuietLogger } from "../../support/quiet_logger.ts";

const PORT = 4711;
// The crew looks at nothing in it.
const CHECKED = { path: "config.yaml" } as unknown as CheckedFile;
const FILE = { checked: { ...CHECKED, path: "next.yaml" } } as unknown as LoadedFile;

/** A thread that does as it is told, unless a test says otherwise. */
class FakeThread implements Thread {
  onmessage: Thread["onmessage"] = null;
  onerror: Thread["onerror"] = null;
  readonly orders: WorkerOrder[] = [];
  memory: SharedMemory | undefined;
  isMute = false;
  isTerminated = false;
  requests = 0;

  constructor() {
    queueMicrotask(() => this.report({ kind: "loaded" }));
  }

  postMessage(order: WorkerOrder): void {
    this.orders.push(order);
    if (!this.isMute) queueMicrotask(() => this.#obey(order));
  }

  terminate(): void {
    this.isTerminated = true;
  }

  report(data: WorkerReport): void {
    if (!this.isTerminated) this.onmessage?.(new MessageEvent("message", { data }));
  }

  fail(message: string): void {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.onerror?.(event);
    assert.ok(event.defaultPrevented, "else the program would end");
  }

  #obey(order: WorkerOrder): void {
    switch (order.kind) {
      case "start":
        this.memory = new SharedMemory({ buffer: order.memory, row: order.row });
        this.report({ kind: "applied", generation: order.generation });
        return this.report({ kind: "listening", port: order.port ?? PORT });
      case "apply":
        return this.report({ kind: "applied", generation: order.generation });
      case "read_metrics":
        return this.report({ kind: "metrics", reading: countRequests(this.requests) });
      case "drain":
        return this.report({ kind: "drained", requestsCut: 0 });
    }
  }
}

function countRequests(value: number): MetricsReading {
  const counter = { name: "requests", help: "h", type: "counter", aggregator: "sum" };
  return [{ ...counter, values: [{ value, labels: {} }] }];
}

/** A crew that was started, and what became of it. */
interface Started {
  readonly crew: WorkerCrew;
  readonly threads: readonly FakeThread[];
  /** Of warnings and errors. */
  readonly messages: readonly string[];
  readonly told: { restarts: number; readonly failures: Set<string> };
}

async function startCrew(
  { workers = 2, port = 0, prepare = () => {} }: {
    workers?: number;
    port?: number;
    prepare?: (thread: FakeThread, index: number) => void;
  } = {},
): Promise<Started> {
  const threads: FakeThread[] = [];
  const { logger, messages } = createQuietLogger();
  const told: Started["told"] = { restarts: 0, failures: new Set() };
  const crew = new WorkerCrew(CHECKED, {
    workers,
    listenAddress: { hostname: "127.0.0.1", port },
    logger,
    events: {
      activity: () => {},
      restarted: () => told.restarts++,
      failed: (reason) => told.failures.add(reason),
    },
    createThread: () => {
      const thread = new FakeThread();
      prepare(thread, threads.length);
      threads.push(thread);
      return thread;
    },
  });
  await crew.start();
  return { crew, threads, messages, told };
}

/** Everybody alive gives a sign, but those of `except`. */
function beat(
  { crew, threads }: { crew: WorkerCrew; threads: readonly FakeThread[] },
  except: readonly (FakeThread | undefined)[] = [],
): void {
  for (const thread of threads) if (!except.includes(thread)) thread.report({ kind: "beat" });
  crew.tick();
}

/** Lets fake threads obey. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("WorkerCrew.start() rejects where a worker cannot start, and ends the others", async () => {
  const threads: FakeThread[] = [];
  const failing = startCrew({
    prepare: (thread, index) => {
      threads.push(thread);
      if (index === 1) queueMicrotask(() => thread.fail("Uncaught AddrInUse"));
    },
  });
  await assert.rejects(failing, /A worker cannot start: Uncaught AddrInUse/);
  assert.deepEqual(threads.map(({ isTerminated }) => isTerminated), [true, true]);
});

Deno.test("WorkerCrew.start() has all workers listen where the first one does", async () => {
  const { crew, threads } = await startCrew({ workers: 3 });
  const starts = threads.map(({ orders: [order] }) => order?.kind === "start" ? order : undefined);
  assert.deepEqual(starts.map((order) => order?.port), [undefined, PORT, PORT]);
  assert.deepEqual(starts.map((order) => order?.row), [0, 1, 2]);
  assert.deepEqual([crew.port, crew.size], [PORT, 3]);
  assert.equal(await crew.drain(0), 0);
});

Deno.test("WorkerCrew.start() starts all workers at once where the port is known", async () => {
  const started: FakeThread[] = [];
  const crew = startCrew({
    workers: 3,
    port: 4711,
    prepare: (thread) => {
      thread.isMute = true;
      started.push(thread);
    },
  });
  await settle();
  assert.equal(started.length, 3);
  for (const thread of started) {
    const [order] = thread.orders;
    assert.ok(order?.kind === "start" && order.port === 4711);
    thread.report({ kind: "listening", port: 4711 });
  }
  assert.equal((await crew).crew.port, 4711);
  await (await crew).crew.drain(0);
});

Deno.test("WorkerCrew.apply() waits until every worker uses the file", async () => {
  const { crew, threads: [first, second] } = await startCrew();
  assert.ok(first !== undefined && second !== undefined);
  second.isMute = true;
  let isDone = false;
  const applied = crew.apply(FILE).then(() => isDone = true);
  await settle();
  assert.ok(!isDone);
  second.report({ kind: "applied", generation: 2 });
  await applied;
  const order = first.orders.at(-1);
  assert.ok(order?.kind === "apply" && order.file === FILE.checked && order.generation === 2);
  await crew.drain(0);
});

Deno.test("WorkerCrew.apply() rejects where a worker refuses the file, and all use the one before", async () => {
  const { crew, threads, told } = await startCrew();
  const [first, second] = threads;
  assert.ok(first !== undefined && second !== undefined);
  second.isMute = true;
  const applied = crew.apply(FILE);
  await settle();
  second.isMute = false;
  second.report({ kind: "refused", generation: 2, reason: "Error: a certificate of a kind" });
  await assert.rejects(applied, /a certificate of a kind/);
  for (const { orders } of [first, second]) {
    const order = orders.at(-1);
    assert.ok(order?.kind === "apply" && order.file === CHECKED && order.generation === 3);
  }
  assert.deepEqual([crew.size, told.restarts], [2, 0]);
  await crew.apply(FILE); // the next good one counts
  await crew.drain(0);
});

Deno.test("WorkerCrew.apply() goes on without a worker that fails meanwhile; its successor uses the file", async () => {
  const { crew, threads, told } = await startCrew();
  const [, second] = threads;
  assert.ok(second !== undefined);
  second.isMute = true;
  const applied = crew.apply(FILE);
  second.fail("Uncaught Error");
  await applied;
  await settle();
  const [start] = threads[2]?.orders ?? [];
  assert.ok(start?.kind === "start" && start.file === FILE.checked && start.generation === 2);
  assert.deepEqual([crew.size, told.restarts], [2, 1]);
  await crew.drain(0);
});

Deno.test("WorkerCrew gives a worker that started during a reload the new file", async () => {
  const { crew, threads } = await startCrew({
    prepare: (thread, index) => thread.isMute = index === 2,
  });
  threads[1]?.fail("Uncaught Error");
  await settle();
  await crew.apply(FILE);
  const third = threads[2];
  assert.ok(third !== undefined);
  third.report({ kind: "applied", generation: 1 });
  third.report({ kind: "listening", port: PORT });
  const order = third.orders.at(-1);
  assert.ok(order?.kind === "apply" && order.generation === 2);
  await crew.drain(0);
});

Deno.test("WorkerCrew gives back what a dead worker held and keeps what it had counted", async () => {
  const { crew, threads } = await startCrew();
  for (const thread of threads) {
    thread.memory?.add(COLUMNS.connections, 3);
    thread.requests = 5;
  }
  await crew.readMetrics();
  threads[1]?.fail("Uncaught Error");
  await settle();
  assert.equal(crew.memory.sum(COLUMNS.connections), 3);
  const values = (await crew.readMetrics()).flat().map(({ values: [one] }) => one);
  const counted = values.map((one) =>
    typeof one === "object" && one !== null && "value" in one ? one.value : undefined
  );
  assert.deepEqual(counted, [5, 5, 0]);
  await crew.drain(0);
});

Deno.test("WorkerCrew restarts workers that keep failing later and later, up to a bound", async () => {
  const started = await startCrew({ workers: 1 });
  const { crew, threads, told } = started;
  const pauses: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    const before = threads.length;
    threads.at(-1)?.fail("Uncaught Error");
    let beats = 0;
    for (; threads.length === before; beats++) beat(started);
    pauses.push(beats);
    await settle();
  }
  const max = LIMITS.workerRestartBeatsMax;
  assert.deepEqual(pauses, [0, 1, 3, 7, 15, max, max, max]);
  assert.equal(told.restarts, 8);

  for (let beats = 0; beats < LIMITS.workerStableBeats; beats++) beat(started);
  const before = threads.length;
  threads.at(-1)?.fail("Uncaught Error");
  assert.equal(threads.length, before + 1, "at once, as after a first failure");
  await crew.drain(0);
});

Deno.test("WorkerCrew replaces a worker that is silent, not one a beat before", async () => {
  const started = await startCrew();
  const { crew, threads, told, messages } = started;
  const [first] = threads;
  assert.ok(first !== undefined);
  first.isMute = true;
  first.memory?.add(COLUMNS.connections, 1);
  for (let beats = 1; beats < LIMITS.workerBeatsMissedMax; beats++) beat(started, [first]);
  assert.deepEqual([threads.length, told.restarts], [2, 0]);
  beat(started, [first]);
  await settle();
  assert.deepEqual([threads.length, told.restarts, crew.size], [3, 1, 2]);
  assert.deepEqual(messages, ["a worker has hung"]);
  assert.equal(first.orders.at(-1)?.kind, "drain", "should it come back, it ends");
  assert.equal(crew.memory.sum(COLUMNS.connections), 1, "its connections are still open");
  await crew.drain(0);
});

Deno.test("X11 WorkerCrew leaves a worker alone that takes up requests and is too busy to report", async () => {
  const started = await startCrew();
  const { crew, threads: [first, ...others], told } = started;
  assert.ok(first?.memory !== undefined);
  first.isMute = true;
  for (let beats = 0; beats < 3 * LIMITS.workerBeatsMissedMax; beats++) {
    first.memory.beat();
    beat(started, [first]);
  }
  await settle();
  assert.deepEqual([others.length, told.restarts, crew.size], [1, 0, 2]);
  await crew.drain(0);
});

Deno.test("WorkerCrew ends a hung worker that comes back", async () => {
  const started = await startCrew();
  const { crew, threads: [first], told } = started;
  assert.ok(first !== undefined);
  first.isMute = true;
  for (let beats = 0; beats < LIMITS.workerBeatsMissedMax; beats++) beat(started, [first]);
  await settle();
  first.report({ kind: "drained", requestsCut: 0 });
  assert.ok(first.isTerminated);
  for (let beats = 0; beats < LIMITS.workerBeatsLostMax; beats++) beat(started);
  assert.deepEqual([crew.size, told.restarts, told.failures.size], [2, 1, 0]);
  await crew.drain(0);
});

Deno.test("WorkerCrew gives the program up for a worker that has hung for good", async () => {
  const started = await startCrew();
  const { crew, threads: [first], told } = started;
  assert.ok(first !== undefined);
  first.isMute = true;
  for (let beats = 1; beats < LIMITS.workerBeatsLostMax; beats++) {
    beat(started, [first]);
    await settle();
  }
  assert.equal(told.failures.size, 0);
  beat(started, [first]);
  assert.equal(told.failures.size, 1);
  assert.equal(await crew.drain(0), 0);
});

Deno.test("WorkerCrew replaces a worker that does not start", async () => {
  const started = await startCrew({ prepare: (thread, index) => thread.isMute = index === 2 });
  const { crew, threads, told } = started;
  threads[1]?.fail("Uncaught Error");
  for (let beats = 0; beats < LIMITS.workerStartBeatsMax; beats++) {
    assert.equal(threads.length, 3);
    beat(started, [threads[2]]);
  }
  for (let beats = 0; threads.length === 3; beats++) beat(started, [threads[2]]);
  await settle();
  assert.deepEqual([crew.size, told.restarts], [2, 2]);
  await crew.drain(0);
});

Deno.test("WorkerCrew.readMetrics() takes a silent worker's last reading", async () => {
  const { crew, threads } = await startCrew();
  for (const thread of threads) thread.requests = 4;
  await crew.readMetrics();
  const [first] = threads;
  assert.ok(first !== undefined);
  first.isMute = true;
  assert.equal((await crew.readMetrics()).flat().length, 2);
  await crew.drain(0);
});

Deno.test("WorkerCrew.drain() adds up what was cut, a silent worker's requests included", async () => {
  const { crew, threads: [first, second] } = await startCrew();
  assert.ok(first !== undefined && second !== undefined);
  first.isMute = second.isMute = true;
  first.memory?.add(COLUMNS.requests, 2);
  const drained = crew.drain(1);
  second.report({ kind: "drained", requestsCut: 3 });
  assert.equal(await drained, 5);
  assert.ok(first.isTerminated && second.isTerminated);
});
