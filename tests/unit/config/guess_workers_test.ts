import assert from "node:assert/strict";
import { guessWorkers } from "../../../src/config/guess_workers.ts";
import { LIMITS } from "../../../src/limits.ts";

const GUESSES: readonly (readonly [text: string, expected: number | "auto"])[] = [
  ["server:\n  workers: 3\n", 3],
  ["server:\n\tworkers:2", 2],
  ["server:\n  # workers: 3\nusers: []", "auto"],
  ["server:\n  workers: auto", "auto"],
  ["server:\n  workers: ${WORKERS}", "auto"],
  ["server: {workers: 3}", "auto"],
  ["", "auto"],
];

for (const [text, expected] of GUESSES) {
  Deno.test(`guessWorkers() takes ${JSON.stringify(text)} for ${expected}`, () => {
    assert.equal(guessWorkers(text), expected);
  });
}

Deno.test("guessWorkers() guesses one where more are asked for than there can be", () => {
  const guess = (count: number): number | "auto" => guessWorkers(`server:\n  workers: ${count}`);
  assert.equal(guess(LIMITS.workersMax), LIMITS.workersMax);
  assert.equal(guess(LIMITS.workersMax + 1), 1);
  assert.equal(guess(999_999_999), 1);
});
