import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  containsAddress,
  parseClientAddress,
  parseIpAddress,
  parseIpRange,
} from "../../../src/iam/ip_range.ts";

for (
  const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "host",
    "::g",
    ":::",
    "1::2::3",
    "12345::",
    "[::1]",
    "1.2.3.4/32",
  ]
) {
  Deno.test(`parseIpAddress() rejects "${text}"`, () => {
    assert.equal(parseIpAddress(text), undefined);
  });
}

for (
  const text of [
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    "10.0.0.0/0x8",
    "10.0.0.0/255.0.0.0",
    "::/129",
    "::ffff:10.0.0.0/95",
    "fe80::1%eth0/64",
    "10.*",
  ]
) {
  Deno.test(`parseIpRange() rejects "${text}"`, () => {
    assert.equal(parseIpRange(text), undefined);
  });
}

/** range → addresses in it → addresses outside. */
const RANGES: readonly [range: string, inside: string[], outside: string[]][] = [
  ["192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"], ["192.0.2.2", "::c000:201"]],
  ["192.0.2.0/24", ["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0"]],
  ["10.1.2.3/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]],
  ["192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]],
  ["192.0.2.6/31", ["192.0.2.6", "192.0.2.7"], ["192.0.2.5", "192.0.2.8"]],
  ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::", "2001:db8::1"]],
  ["::/0", ["::", "2001:db8::1", "fe80::1%eth0"], ["1.2.3.4", "::ffff:1.2.3.4"]],
  ["2001:db8::/32", ["2001:DB8::", "2001:db8:ffff::"], ["2001:db9::", "2001:db7:ffff::"]],
  ["2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1"]],
  ["2001:db8::1", ["2001:db8:0:0:0:0:0:1", "2001:db8::0.0.0.1"], ["2001:db8::2", "2001:db8::1:1"]],
  ["1:2:3:4:5:6:7:8", ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:0.7.0.8"], ["1:2:3:4:5:6:7:9"]],
  ["1::", ["1::", "1:0:0:0:0:0:0:0"], ["::1", "1::1"]],
  ["::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.0"]],
];

for (const [text, inside, outside] of RANGES) {
  Deno.test(`containsAddress() knows what is in ${text}`, () => {
    const range = parseIpRange(text);
    assert.ok(range);
    for (const [addresses, expected] of [[outside, false], [inside, true]] as const) {
      for (const address of addresses) {
        const parsed = parseIpAddress(address);
        assert.ok(parsed, address);
        assert.equal(containsAddress(range, parsed), expected, address);
      }
    }
  });
}

Deno.test("parseClientAddress() reads an address alike, however often and however many come", () => {
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index <= LIMITS.knownAddressesMax; index++) {
      const text = `2001:db8::${index.toString(16)}`;
      assert.deepEqual(parseClientAddress(text), parseIpAddress(text));
    }
  }
  assert.equal(parseClientAddress("localhost"), undefined);
  assert.equal(parseClientAddress("localhost"), undefined);
});
