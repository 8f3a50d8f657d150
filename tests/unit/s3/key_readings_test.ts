import assert from "node:assert/strict";
import {
  foldKey,
  listKeyReadings,
  listPrefixReadings,
  mayBeTooMany,
} from "../../../src/s3/key_readings.ts";

for (
  const [key, ...others] of [
    ["a/b.txt"],
    ["a"],
    ["/a", "a"],
    ["a//b", "a/b"],
    ["a/", "a"],
    ["a\\b", "a/b"],
    ["a\\b/", "a/b/", "a\\b", "a/b"],
    ["/a/", "a/", "/a", "a"],
    ["\\a", "/a", "a"],
    ["a\\\\b", "a//b", "a/b"],
  ] as const
) {
  Deno.test(`listKeyReadings() of ${key}`, () => {
    assert.deepEqual([...listKeyReadings(key)].toSorted(), [key, ...others].toSorted());
    assert.equal(listKeyReadings(key)[0], key);
    assert.equal(mayBeTooMany(key), false);
  });
}

Deno.test("listPrefixReadings() keeps a trailing slash", () => {
  assert.deepEqual(listPrefixReadings("a/"), ["a/"]);
  assert.deepEqual(listPrefixReadings("/a/"), ["/a/", "a/"]);
  assert.deepEqual(listPrefixReadings("a//"), ["a//", "a/"]);
});

for (const key of ["/", "//", "\\", "//a", "a//b//c", "/a//b", "a///b", "a\\\\\\b", "a///"]) {
  Deno.test(`mayBeTooMany() says so of ${key}`, () => assert.equal(mayBeTooMany(key), true));
}

Deno.test("foldKey() folds all that any store folds", () => {
  for (const key of ["a/b", "/a/b", "a//b", "a/b/", "a\\b", "//a//b//"]) {
    assert.equal(foldKey(key), "a/b");
  }
});
