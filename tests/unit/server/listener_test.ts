import assert from "node:assert/strict";
import { readRequestLine } from "../../../src/server/listener.ts";

/** URL, Host header → target, authority. */
const LINES: readonly (readonly [string, string | undefined, string, string])[] = [
  ["/b/%2e%2e/../k?x", "h", "/b/%2e%2e/../k?x", "h"],
  ["//victim/k", "h", "//victim/k", "h"],
  ["/k", undefined, "/k", ""],
  ["http://h/../k", "h", "/../k", "h"],
  ["https://h/k", undefined, "/k", "h"],
  ["http://h/k", "other", "/k", ""],
  ["http://h/k", "H", "/k", ""],
  ["http://a/b?c/p", "a/b?c", "/b?c/p", ""],
  ["http://h", "h", "http://h", ""],
  ["http:///k", "h", "http:///k", ""],
  ["http://h\\@victim/k", "h", "http://h\\@victim/k", ""],
  ["ftp://h/k", "h", "ftp://h/k", ""],
  ["*", "h", "*", ""],
  ["", "h", "", ""],
];
for (const [url, host, target, authority] of LINES) {
  Deno.test(`readRequestLine() of "${url}" with host ${host}`, () => {
    assert.deepEqual(readRequestLine(url, host), { target, authority });
  });
}
