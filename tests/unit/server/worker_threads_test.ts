import assert from "node:assert/strict";
import type { Thread } from "../../../src/server/crew_member.ts";
import { WorkerThreads } from "../../../src/server/worker_threads.ts";
import type { WorkerReport } from "../../../src/server/worker_messages.ts";

/** Threads of which all is known. */
function createThreads(): { threads: WorkerThreads; created: Thread[]; ended: Thread[] } {
  const created: Thread[] = [];
  const ended: Thread[] = [];
  const threads = new WorkerThreads(() => {
    const thread: Thread = {
      onmessage: null,
      onerror: null,
      postMessage: () => assert.fail("nobody has an order"),
      terminate: () => void ended.push(thread),
    };
    created.push(thread);
    return thread;
  });
  return { threads, created, ended };
}

function report(thread: Thread | undefined, data: WorkerReport): void {
  thread?.onmessage?.(new MessageEvent("message", { data }));
}

Deno.test("WorkerThreads.take() gives those that have begun first, then new ones", () => {
  const { threads, created } = createThreads();
  threads.begin(2);
  assert.equal(created.length, 2);
  const taken = [threads.take(), threads.take()];
  assert.deepEqual(taken, created);
  assert.equal(threads.take(), created[2]);
});

Deno.test("WorkerThreads.take() loses nothing that a thread told before, nor its order", async () => {
  const { threads, created } = createThreads();
  threads.begin(1);
  report(created[0], { kind: "loaded" });
  report(created[0], { kind: "beat" });
  const heard: WorkerReport["kind"][] = [];
  const thread = threads.take();
  thread.onmessage = ({ data }) => void heard.push(data.kind);
  await Promise.resolve();
  report(thread, { kind: "applied", generation: 1 });
  assert.deepEqual(heard, ["loaded", "beat", "applied"]);
});

Deno.test("WorkerThreads.endUnused() ends those nobody has taken, once", () => {
  const { threads, created, ended } = createThreads();
  threads.begin(3);
  threads.take();
  threads.endUnused();
  threads.endUnused();
  assert.deepEqual(ended, created.slice(1));
});
