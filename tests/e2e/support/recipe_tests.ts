/**
 * Tests of recipes: each page followed as it is printed, by a proxy that has the users of all of them.
 * @module
 */

import assert from "node:assert/strict";
import { Recipe, type RecipeOptions } from "./recipe.ts";
import { type Stack, useStack } from "./stack.ts";

/** A page and what it takes. */
export interface Example {
  /** `docs/recipes/NAME.md`. */
  readonly name: string;
  /** Why it cannot be followed here; told on stderr, and its test is ignored. */
  readonly missing?: string | undefined;
  /** Made before, as by an administrator. */
  readonly buckets?: readonly string[];
  readonly options?: (stack: Stack) => Promise<Partial<RecipeOptions>>;
  /** What its commands have to write. */
  readonly writes: readonly RegExp[];
}

/** Registers a test for each of `examples`; their stack, for further tests. */
export async function testRecipes(
  examples: readonly Example[],
  { name }: { name: string },
): Promise<() => Stack> {
  const recipes = await Promise.all(examples.map((example) => Recipe.read(example.name)));
  const stack = useStack({
    name,
    settings: {
      users: recipes.flatMap(({ settings }) => settings.users ?? []),
      cors: recipes.flatMap(({ settings }) => settings.cors ?? []),
    },
  });
  for (const [index, { missing, buckets = [], options, writes }] of examples.entries()) {
    const recipe = recipes[index] ?? assert.fail("there is one for each");
    if (missing !== undefined) {
      console.error(`\n*** SKIPPED: ${recipe.path}: ${missing} ***\n`);
    }
    Deno.test({
      name: `${recipe.path}, line by line`,
      ignore: missing !== undefined,
      fn: async () => {
        const { gateway, backend, proxies: { http } } = stack();
        for (const bucket of buckets) await backend.makeBucket(bucket);
        const own = await options?.(stack()) ?? {};
        const directory = own.directory ?? await Deno.makeTempDir({ dir: gateway.directory });
        await Deno.copyFile(http.configFile, `${directory}/config.yaml`);
        const said = await recipe.follow({
          ...own,
          directory,
          replacements: [["http://localhost:8080", http.endpoint], ...own.replacements ?? []],
        });
        for (const expected of writes) assert.match(said, expected);
      },
    });
  }
  return stack;
}
