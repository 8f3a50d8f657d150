import assert from "node:assert/strict";
import { RoundRobin } from "../../../src/lib/round_robin.ts";

Deno.test("RoundRobin takes from one line after the other, from each in the order of its coming", () => {
  const waiting = new RoundRobin<number>();
  for (const item of [1, 2, 3]) waiting.push("greedy", item);
  waiting.push("quiet", 4);
  waiting.push("another", 5);
  assert.equal(waiting.size, 5);
  const taken = Array.from({ length: 6 }, () => waiting.shift());
  assert.deepEqual(taken, [1, 4, 5, 2, 3, undefined]);
  assert.equal(waiting.size, 0);
});

Deno.test("RoundRobin puts whoever comes again behind those who wait", () => {
  const waiting = new RoundRobin<string>();
  waiting.push("a", "a1");
  waiting.push("b", "b1");
  assert.equal(waiting.shift(), "a1");
  waiting.push("a", "a2");
  waiting.push("b", "b2");
  assert.deepEqual([waiting.shift(), waiting.shift(), waiting.shift()], ["b1", "a2", "b2"]);
});
