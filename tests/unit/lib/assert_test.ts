import assert from "node:assert/strict";
import { assert as assertInvariant, AssertionError, assertNever } from "../../../src/lib/assert.ts";

for (const broken of [false, 0, "", null, undefined]) {
  Deno.test(`assert() throws on ${JSON.stringify(broken) ?? "undefined"}`, () => {
    assert.throws(() => assertInvariant(broken, "Broken"), new AssertionError("Broken"));
  });
}

Deno.test("assert() lets the rest pass", () => {
  assertInvariant(true, "Broken");
  assertInvariant({}, "Broken");
});

Deno.test("assertNever() names the variant", () => {
  // What no type allows can still arrive at run time.
  assert.throws(() => assertNever({ kind: "new" } as never), /Unexpected variant: {"kind":"new"}/);
});
