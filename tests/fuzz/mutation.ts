/**
 * Input that is nearly right, and how long it is made.
 * @module
 */

import fc from "fast-check";
import { anyCharacter } from "../support/any_character.ts";

/**
 * Runs and seconds of each target: a slice with a fixed seed in `deno task test`, long and with a new seed in
 * `deno task fuzz`, which sets them. A seed that failed is repeated with `FUZZ_SEED`.
 */
const RUNS = readNumber("FUZZ_RUNS", 300);
const SECONDS = readNumber("FUZZ_SECONDS", 20);
const SEED = readNumber("FUZZ_SEED", RUNS === 300 ? 1 : Date.now() % 2 ** 31);

/** For `fc.assert`; a failure prints seed and path. */
export const PARAMETERS = {
  numRuns: RUNS,
  interruptAfterTimeLimit: SECONDS * 1000,
  markInterruptAsFailure: false,
  seed: SEED,
  verbose: 1,
} as const;

if (RUNS !== 300) console.log(`fuzz: seed ${SEED}, at most ${RUNS} runs or ${SECONDS} s a target`);

/**
 * Each of `samples`, with up to eight edits: cuts, repetitions, and pieces of `dictionary` put in. Well-formed, as
 * all text is that was UTF-8.
 */
export function mutate(
  samples: readonly string[],
  dictionary: readonly string[],
): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...dictionary),
    fc.string({ unit: anyCharacter, maxLength: 3 }),
  );
  const edit = fc.record({
    at: fc.nat(),
    removed: fc.oneof(fc.constant(0), fc.nat(8), fc.nat(400)),
    kept: fc.boolean(),
    inserted: fc.array(piece, { maxLength: 3 }),
  });
  return fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 8 }))
    .map(([sample, edits]) =>
      edits.reduce((text, { at, removed, kept, inserted }) => {
        const start = at % (text.length + 1);
        const cut = text.slice(start, start + removed);
        return text.slice(0, start) + inserted.join("") + (kept ? cut + cut : "") +
          text.slice(start + removed);
      }, sample).toWellFormed()
    );
}

function readNumber(name: string, otherwise: number): number {
  return Number(Deno.env.get(name) ?? otherwise);
}
