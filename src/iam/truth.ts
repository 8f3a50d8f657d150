/**
 * Three-valued logic for conditions and resources: besides yes and no there is "cannot be told",
 * which a deny takes for yes and an allow for no.
 * @module
 */

/**
 * Whether something holds; `unknown` where its evaluation failed, as for a policy variable without
 * a value.
 */
export type Truth = boolean | "unknown";

/** The opposite; what cannot be told stays so. */
export function negate(truth: Truth): Truth {
  return truth === "unknown" ? truth : !truth;
}

/**
 * Whether `test` holds for any of `items`: a yes outweighs an unknown, an unknown outweighs a no.
 */
export function anyOf<Item>(items: readonly Item[], test: (item: Item) => Truth): Truth {
  let result: Truth = false;
  for (const item of items) {
    const truth = test(item);
    if (truth === true) return true;
    if (truth === "unknown") result = "unknown";
  }
  return result;
}
