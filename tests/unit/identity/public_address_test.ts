import assert from "node:assert/strict";
import { isPublicAddress } from "../../../src/identity/public_address.ts";

const PRIVATE = [
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.0.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "198.19.255.255",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:93.184.215.14",
  "64:ff9b::a00:1",
  "fe80::1",
  "fc00::1",
  "fd00::1",
  "ff02::1",
  "2001:db8::1",
  "2002:a00:1::",
  "localhost",
  "",
];
const PUBLIC = ["9.255.255.255", "11.0.0.0", "93.184.215.14", "172.32.0.1", "2606:4700::1111"];

for (const address of PRIVATE) {
  Deno.test(`isPublicAddress() says no of "${address}"`, () => {
    assert.equal(isPublicAddress(address), false);
  });
}

for (const address of PUBLIC) {
  Deno.test(`isPublicAddress() says yes of ${address}`, () => {
    assert.equal(isPublicAddress(address), true);
  });
}
