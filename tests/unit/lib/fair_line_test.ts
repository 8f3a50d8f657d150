import assert from "node:assert/strict";
import { FairLine } from "../../../src/lib/fair_line.ts";
import { giveShareBack, type Share } from "../../../src/lib/share.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { LIMITS } from "../../../src/limits.ts";
import { beforeDeadline } from "../../support/deadline.ts";

const PATIENT_MS = 60_000;

interface Served {
  readonly user: string;
  readonly thread: number;
}

/** The line of several threads. */
class Line {
  readonly #threads: { readonly memory: SharedMemory; readonly line: FairLine }[];
  readonly #max: number;
  readonly #served: Served[] = [];
  #arrival = Promise.withResolvers<void>();

  constructor({ threads, max }: { threads: number; max: number }) {
    const { buffer } = SharedMemory.create(threads);
    this.#threads = Array.from({ length: threads }, (_, row) => {
      const memory = new SharedMemory({ buffer, row });
      return { memory, line: new FairLine(memory) };
    });
    this.#max = max;
  }

  tryTake(user: string, thread = 0): boolean {
    const { line } = this.#at(thread);
    return line.tryTake(this.#share(user));
  }

  /** Has `user` wait, `count` times. */
  ask(user: string, { thread = 0, count = 1 } = {}): void {
    for (let index = 0; index < count; index++) {
      void this.#at(thread).line.take(this.#share(user), PATIENT_MS).then(() => {
        this.#served.push({ user, thread });
        this.#arrival.resolve();
      });
    }
  }

  /** So many names, each with a cell of its own. */
  nameApart(count: number): Iterable<string> {
    const names = new Map<number, string>();
    for (let user = 0; names.size < count; user++) {
      names.set(this.#share(`user-${user}`).cell, `user-${user}`);
    }
    return names.values();
  }

  /** As a thread that is stuck: somebody there comes before all others. */
  pretendNext(thread: number): void {
    this.#at(thread).memory.announceNext(-1);
  }

  giveBack({ user, thread }: Served): void {
    const { memory, line } = this.#at(thread);
    giveShareBack(memory, { shared: "connections", cell: memory.userCell(user) });
    line.serve();
  }

  /** Who is served next. */
  async next(): Promise<Served> {
    for (;;) {
      const served = this.#served.shift();
      if (served !== undefined) return served;
      await beforeDeadline(this.#arrival.promise, "somebody to be served");
      this.#arrival = Promise.withResolvers();
    }
  }

  #share(user: string): Share {
    return { cell: this.#at(0).memory.userCell(user), ownMax: undefined, max: this.#max };
  }

  #at(thread: number): { readonly memory: SharedMemory; readonly line: FairLine } {
    return this.#threads[thread] ?? assert.fail("no such thread");
  }
}

for (const threads of [1, 2]) {
  Deno.test(`FairLine serves users in turn, however many requests one has in it: ${threads} threads`, async () => {
    const line = new Line({ threads, max: 1 });
    assert.ok(line.tryTake("holder"));
    line.ask("noisy", { count: 4 });
    line.ask("noisy", { thread: threads - 1, count: 4 });
    line.ask("quiet", { thread: threads - 1, count: 3 });
    const order: string[] = [];
    let holder: Served = { user: "holder", thread: 0 };
    for (let turn = 0; turn < 11; turn++) {
      line.giveBack(holder);
      holder = await line.next();
      order.push(holder.user);
    }
    line.giveBack(holder);
    const firstSix = order.slice(0, 6);
    assert.equal(firstSix.filter((user) => user === "quiet").length, 3, order.join());
    assert.ok(firstSix.every((user, at) => user !== firstSix[at + 1]), order.join());
  });
}

Deno.test("FairLine lets no newcomer pass one who waits and was served no later", async () => {
  const line = new Line({ threads: 2, max: 1 });
  assert.ok(line.tryTake("holder"));
  line.ask("early", { thread: 1 });
  line.giveBack({ user: "holder", thread: 0 });
  assert.equal(line.tryTake("late"), false);
  line.giveBack(await line.next());
  assert.ok(line.tryTake("late"));
  line.giveBack({ user: "late", thread: 0 });
});

Deno.test("FairLine does not wait for ever for a thread that is next and takes nothing", async () => {
  const line = new Line({ threads: 2, max: 1 });
  assert.ok(line.tryTake("holder"));
  line.pretendNext(1);
  line.ask("alive");
  line.giveBack({ user: "holder", thread: 0 });
  const served = await line.next();
  assert.equal(served.user, "alive");
  line.giveBack(served);
});

Deno.test("FairLine compares a bounded number of users, and serves all the others too", async () => {
  const users = 2 * LIMITS.usersComparedMax + 1;
  const line = new Line({ threads: 1, max: 1 });
  assert.ok(line.tryTake("holder"));
  for (const user of line.nameApart(users)) line.ask(user, { count: 2 });
  const served = new Set<string>();
  let holder: Served = { user: "holder", thread: 0 };
  for (let turn = 0; turn < 2 * users; turn++) {
    line.giveBack(holder);
    holder = await line.next();
    if (turn < users) served.add(holder.user);
  }
  line.giveBack(holder);
  assert.equal(served.size, users, "each has had a turn before anybody had two");
});
