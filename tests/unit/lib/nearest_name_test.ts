import assert from "node:assert/strict";
import { nearestName } from "../../../src/lib/nearest_name.ts";

const KNOWN = ["access_key", "secret_key", "endpoint", "region"];

for (
  const [name, expected] of [
    ["acces_key", "access_key"],
    ["ACCESS_KEY", "access_key"],
    ["endpiont", "endpoint"],
    ["regoin", "region"],
    ["secretkey", "secret_key"],
    ["listen_addr", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`nearestName() finds ${expected ?? "nothing"} for "${name}"`, () => {
    assert.equal(nearestName(name, KNOWN), expected);
  });
}

Deno.test("nearestName() finds nothing among nothing", () => {
  assert.equal(nearestName("a", []), undefined);
});
