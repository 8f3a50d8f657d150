import assert from "node:assert/strict";
import { listEntrances } from "../../../../src/console/page/entrances.js";

type Rights = Parameters<typeof listEntrances>[0]["rights"];

const right = (buckets: string, keys: string | undefined, rights: string[]): object => ({
  buckets,
  ...(keys !== undefined && { keys }),
  rights,
  rule: "config.yaml:1:users[0]",
  text: "",
});

for (
  const [name, rights, entrances] of [
    ["nothing is known", [], [""]],
    ["all may be listed", [right("b*", "*", ["full"])], [""]],
    ["the bucket may be listed, and a folder read", [
      right("bucket", undefined, ["list"]),
      right("bucket", "a/*", ["read"]),
    ], [""]],
    ["two folders may be listed", [
      right("bucket", "ci/*", ["list", "read"]),
      right("bucket", "x/y/*", ["list"]),
      right("other", "*", ["full"]),
    ], ["ci/", "x/y/"]],
    ["all may be listed, and a folder by another rule", [
      right("bucket", "ci/*", ["list"]),
      right("bucket", "*", ["full"]),
    ], [""]],
    ["a folder may be read, and another one listed", [
      right("bucket", "a/*", ["read"]),
      right("bucket", "b/*", ["list"]),
    ], ["b/"]],
    ["where the listing may begin is a pattern", [right("bucket", "*/a/*", ["list"])], [""]],
    ["listing is denied", [right("bucket", "a/*", ["deny list"])], [""]],
    ["the bucket's name has a point", [right("b.cket", "a/*", ["list"])], [""]],
  ] as const
) {
  Deno.test(`listEntrances() where ${name}`, () => {
    assert.deepEqual(listEntrances({ rights: rights as unknown as Rights }, "bucket"), entrances);
  });
}
