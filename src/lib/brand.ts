/**
 * Nominal types: a `Brand<string, "BucketName">` is made only by its parser, so names cannot be confused.
 * @module
 */

declare const brand: unique symbol;

/** `Base` with a compile-time `Name`; at run time it is just `Base`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
