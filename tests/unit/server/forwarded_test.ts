import assert from "node:assert/strict";
import { parseIpRange } from "../../../src/iam/ip_range.ts";
import type { RawRequest } from "../../../src/s3/request.ts";
import { resolveClient } from "../../../src/server/forwarded.ts";

const TRUSTED = ["10.0.0.0/8", "fd00::/8"].flatMap((text) => parseIpRange(text) ?? []);

function resolve(
  headers: Readonly<Record<string, string>>,
  { peer = "10.0.0.1", scheme = "http" }: { peer?: string; scheme?: RawRequest["scheme"] } = {},
): [clientAddress: string, scheme: string] {
  const raw: RawRequest = {
    method: "GET",
    target: "/",
    authority: "s3.test",
    scheme,
    headers: new Map(Object.entries(headers)),
    body: null,
    clientAddress: peer,
    clientGone: () => new AbortController().signal,
  };
  const resolved = resolveClient(raw, TRUSTED);
  return [resolved.clientAddress, resolved.scheme];
}

/** X-Forwarded-For → the client's address, where 10.0.0.1 is the peer. */
const ADDRESSES: readonly (readonly [forwardedFor: string, address: string])[] = [
  ["", "10.0.0.1"],
  ["unknown", "10.0.0.1"],
  ["192.0.2.7, unknown", "10.0.0.1"],
  ["192.0.2.7,", "10.0.0.1"],
  ["192.0.2.7", "192.0.2.7"],
  ["198.51.100.1, 192.0.2.7", "192.0.2.7"],
  ["10.9.9.9, 192.0.2.7", "192.0.2.7"],
  ["192.0.2.7, 10.0.0.2, 10.0.0.3", "192.0.2.7"],
  ["garbage, 10.0.0.2", "10.0.0.2"],
  ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
  [" 192.0.2.7:4711 ", "192.0.2.7"],
  ["[2001:db8::1]:4711", "2001:db8::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["2001:db8::1, fd00::2", "2001:db8::1"],
  ["192.0.2.7:x", "10.0.0.1"],
];
for (const [forwardedFor, address] of ADDRESSES) {
  Deno.test(`resolveClient() reads "${forwardedFor}" from a trusted peer as ${address}`, () => {
    assert.deepEqual(resolve({ "x-forwarded-for": forwardedFor }), [address, "http"]);
  });
}

Deno.test("resolveClient() ignores what a peer outside the ranges says", () => {
  const headers = { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https" };
  assert.deepEqual(resolve(headers, { peer: "198.51.100.9" }), ["198.51.100.9", "http"]);
});

Deno.test("resolveClient() knows a trusted peer on a dual-stack socket", () => {
  const headers = { "x-forwarded-for": "192.0.2.7" };
  assert.deepEqual(resolve(headers, { peer: "::ffff:10.0.0.1" }), ["192.0.2.7", "http"]);
});

Deno.test("resolveClient() takes the last proxy's scheme, and keeps the socket's for none or nonsense", () => {
  assert.equal(resolve({ "x-forwarded-proto": "https" })[1], "https");
  assert.equal(resolve({ "x-forwarded-proto": "https, http" })[1], "http");
  assert.equal(resolve({ "x-forwarded-proto": "http" }, { scheme: "https" })[1], "http");
  assert.equal(resolve({ "x-forwarded-proto": "wss" }, { scheme: "https" })[1], "https");
  assert.equal(resolve({}, { scheme: "https" })[1], "https");
});
