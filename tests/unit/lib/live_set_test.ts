import assert from "node:assert/strict";
import { LiveSet, type Living, NOWHERE } from "../../../src/lib/live_set.ts";

function living(count: number): Living[] {
  return Array.from({ length: count }, () => ({ place: NOWHERE }));
}

function list(set: LiveSet<Living>): Living[] {
  const items: Living[] = [];
  set.forEach((item) => items.push(item));
  return items;
}

Deno.test("LiveSet has what was added and not taken out, in any order of both", () => {
  const items = living(6);
  for (const order of [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 5, 0, 3, 1, 4]]) {
    const set = new LiveSet<Living>();
    items.forEach((item) => set.add(item));
    const left = new Set(items);
    for (const index of order) {
      const item = items[index];
      assert(item !== undefined);
      set.delete(item);
      left.delete(item);
      assert.equal(item.place, NOWHERE);
      assert.equal(set.size, left.size);
      assert.deepEqual(new Set(list(set)), left);
    }
  }
});

Deno.test("LiveSet takes nothing out for what is not in it", () => {
  const set = new LiveSet<Living>();
  const [one, other] = living(2);
  assert(one !== undefined && other !== undefined);
  set.add(one);
  set.delete(other);
  set.delete(one);
  set.delete(one);
  assert.equal(set.size, 0);
});

Deno.test("LiveSet looks at each once, also where each is taken out as it is looked at", () => {
  const set = new LiveSet<Living>();
  const items = living(5);
  items.forEach((item) => set.add(item));
  const seen: Living[] = [];
  set.forEach((item) => {
    seen.push(item);
    set.delete(item);
  });
  assert.deepEqual(new Set(seen), new Set(items));
  assert.equal(seen.length, items.length);
  assert.equal(set.size, 0);
});
