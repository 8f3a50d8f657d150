import assert from "node:assert/strict";
import { collides, isHostname, parseListenAddress } from "../../../src/config/listen_address.ts";

for (
  const text of [
    "",
    "8080",
    "localhost",
    ":",
    ":http",
    ":65536",
    ":-1",
    ":08080808",
    ":80:80",
    "::1:8080",
    "[::1]",
    "[::1]8080",
    "[127.0.0.1]:80",
    "[fe80::1%eth0:80",
    "256.0.0.1:80",
    "1.2.3:80",
    "-a:80",
    "a-:80",
    "a..b:80",
    "a b:80",
    "*:80",
    "http://a:80",
    "a:80/",
    `${"a".repeat(64)}:80`,
    `${"a.".repeat(127)}:80`,
  ]
) {
  Deno.test(`parseListenAddress() refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => parseListenAddress(text), { name: "SyntaxError", message: /^expected/ });
  });
}

const ACCEPTED: readonly (readonly [text: string, hostname: string, port: number])[] = [
  [":8080", "0.0.0.0", 8080],
  [":0", "0.0.0.0", 0],
  [":65535", "0.0.0.0", 65_535],
  ["127.0.0.1:80", "127.0.0.1", 80],
  ["[::1]:8080", "::1", 8080],
  ["[::]:8080", "::", 8080],
  ["localhost:8080", "localhost", 8080],
  ["s3.Example.com:443", "s3.Example.com", 443],
];

for (const [text, hostname, port] of ACCEPTED) {
  Deno.test(`parseListenAddress() reads "${text}"`, () => {
    assert.deepEqual(parseListenAddress(text), { hostname, port });
  });
}

Deno.test("isHostname() tells names and addresses from the rest", () => {
  for (const text of ["::1", "10.0.0.1", "a", "a.b-c.d"]) assert.ok(isHostname(text), text);
  for (const text of ["", ".", "a.", ".a", "a_b", "10.0.0.256", "[::1]", "a:1"]) {
    assert.ok(!isHostname(text), text);
  }
});

Deno.test("collides() compares ports, and hosts unless one is every interface", () => {
  const pairs: readonly (readonly [one: string, other: string, expected: boolean])[] = [
    [":1", ":1", true],
    [":1", "127.0.0.1:1", true],
    ["[::]:1", "127.0.0.1:1", true],
    ["127.0.0.1:1", "127.0.0.1:1", true],
    ["127.0.0.1:1", "127.0.0.2:1", false],
    [":1", ":2", false],
    [":0", ":0", false],
  ];
  for (const [one, other, expected] of pairs) {
    assert.equal(collides(parseListenAddress(one), parseListenAddress(other)), expected);
    assert.equal(collides(parseListenAddress(other), parseListenAddress(one)), expected);
  }
});
