import assert from "node:assert/strict";
import { inspect } from "node:util";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG";
const key = new SecretAccessKey(SECRET);

for (
  const [way, printed] of [
    ["a template", `${key}`],
    ["a string", String(key)],
    ["JSON", JSON.stringify({ key })],
    ["Deno.inspect", Deno.inspect({ key }, { showHidden: true, depth: 9 })],
    ["node's inspect", inspect({ key }, { showHidden: true, depth: 9 })],
    ["its own keys", JSON.stringify(Reflect.ownKeys(key)) + JSON.stringify({ ...key })],
    ["an error's cause", Deno.inspect(new Error("Cannot sign", { cause: key }))],
  ] as const
) {
  Deno.test(`SecretAccessKey does not show in ${way}`, () => {
    assert.ok(!printed.includes(SECRET.slice(0, 4)), printed);
  });
}

Deno.test("SecretAccessKey reads [redacted]", () => {
  assert.equal(`${key}`, "[redacted]");
  assert.equal(JSON.stringify({ key }), '{"key":"[redacted]"}');
});

Deno.test("SecretAccessKey exposes its value, and knows the same one again", () => {
  assert.equal(key.expose(), SECRET);
  assert.ok(key.equals(new SecretAccessKey(SECRET)));
  assert.ok(!key.equals(new SecretAccessKey(`${SECRET} `)));
});
