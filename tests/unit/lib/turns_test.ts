import assert from "node:assert/strict";
import { monotonicMs } from "../../../src/lib/clock.ts";
import { runWhole, type Steps, WorkQueue } from "../../../src/lib/turns.ts";
import { LIMITS } from "../../../src/limits.ts";

function work(ms: number): void {
  for (const startedMs = monotonicMs(); monotonicMs() - startedMs < ms;);
}

Deno.test("WorkQueue does one work at a time, and others have their turn between its steps", async () => {
  const queue = new WorkQueue();
  const seen: string[] = [];
  function* steps(name: string): Steps<string> {
    for (let step = 0; step < 3; step++) {
      seen.push(name);
      work(LIMITS.workSliceMs);
      yield;
    }
    return name;
  }
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  const results = await Promise.all([
    queue.run("alice", () => steps("a")),
    queue.run("alice", () => steps("b")),
  ]);
  clearInterval(ticking);
  assert.deepEqual(results, ["a", "b"]);
  assert.deepEqual(seen, ["a", "a", "a", "b", "b", "b"]);
  assert.ok(turns >= 4, `${turns} turns`);
});

Deno.test("WorkQueue goes on after a work that failed", async () => {
  const queue = new WorkQueue();
  function* steps(fails: boolean): Steps<number> {
    yield;
    if (fails) throw new Error("no");
    return 1;
  }
  await assert.rejects(queue.run("alice", () => steps(true)), /no/);
  assert.equal(await queue.run("alice", () => steps(false)), 1);
  assert.equal(runWhole(steps(false)), 1);
});

Deno.test("WorkQueue does the work of a user who brings little before most of one who brings much", async () => {
  const queue = new WorkQueue();
  const seen: string[] = [];
  function* steps(name: string): Steps<void> {
    seen.push(name);
    yield;
  }
  const works = ["a", "b", "c", "d"].map((name) => queue.run("greedy", () => steps(name)));
  works.push(queue.run("quiet", () => steps("quiet")));
  await Promise.all(works);
  assert.deepEqual(seen, ["a", "b", "quiet", "c", "d"]);
});
