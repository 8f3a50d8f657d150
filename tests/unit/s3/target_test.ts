import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { decodePercent, parseRequestTarget } from "../../../src/s3/target.ts";
import { assertRefused } from "./sample_request.ts";

for (
  const [problem, target] of [
    ["nothing", ""],
    ["Z3 an absolute form", "http://victim.example/bucket/key"],
    ["Z3 an authority form", "victim.example:80"],
    ["an asterisk form", "*"],
    ["no leading slash", "bucket/key"],
    ["Z3 a backslash", "/mine\\..\\victim/key"],
    ["a fragment", "/bucket/key#fragment"],
    ["a space", "/bucket/a key"],
    ["a tab", "/bucket/a\tkey"],
    ["a line end", "/bucket/key\r\nHost: victim"],
    ["a raw NUL", "/bucket/\0"],
    ["Z3 raw UTF-8", "/bucket/é"],
    ["Z3 %00", "/bucket/a%00b"],
    ["Z3 a lone %", "/bucket/100%"],
    ["Z3 one digit", "/bucket/%4"],
    ["Z3 no digits", "/bucket/%zz"],
    ["Z3 UTF-16 percent", "/bucket/%u0041"],
    ["Z3 invalid UTF-8", "/bucket/%ff"],
    ["Z3 an overlong slash", "/bucket/%c0%af"],
    ["Z3 an encoded surrogate", "/bucket/%ed%a0%80"],
    ["Z3 a cut UTF-8 sequence", "/bucket/%e2%82"],
    ["a broken parameter name", "/bucket?%zz"],
    ["a broken parameter value", "/bucket?prefix=%ff"],
    ["NUL in a parameter", "/bucket?prefix=%00"],
  ] as const
) {
  Deno.test(`parseRequestTarget() rejects ${problem}`, () => {
    assertRefused(() => parseRequestTarget(target), "InvalidURI");
  });
}

for (
  const query of [
    "acl&acl",
    "prefix=a&prefix=b",
    "prefix=a&prefix=a",
    "prefix=a&%70refix=b",
    "a+b&a%20b",
  ]
) {
  Deno.test(`parseRequestTarget() Z6 rejects a name given twice: ${query}`, () => {
    assertRefused(() => parseRequestTarget(`/bucket?${query}`), "InvalidArgument");
  });
}

function buildQuery(count: number): string {
  return Array.from({ length: count }, (_, at) => `p${at}=`).join("&");
}

Deno.test("parseRequestTarget() rejects one parameter more than there may be", () => {
  const { query } = parseRequestTarget(`/?${buildQuery(LIMITS.queryParametersMax)}`);
  assert.equal(query.size, LIMITS.queryParametersMax);
  const target = `/?${buildQuery(LIMITS.queryParametersMax + 1)}`;
  assertRefused(() => parseRequestTarget(target), "InvalidArgument");
});

Deno.test("parseRequestTarget() drops no parameter behind many empty ones", () => {
  const target = `/bucket?${"&".repeat(LIMITS.queryParametersMax + 1)}acl`;
  assertRefused(() => parseRequestTarget(target), "InvalidArgument");
});

for (
  const [target, path, firstSegment, afterFirstSegment] of [
    ["/", "/", "", ""],
    ["/bucket", "/bucket", "bucket", ""],
    ["/bucket/", "/bucket/", "bucket", ""],
    ["//victim/k", "//victim/k", "", "victim/k"],
    ["/bucket//k/", "/bucket//k/", "bucket", "/k/"],
    ["/a%2Fb/c%2Fd", "/a/b/c/d", "a/b", "c/d"],
    ["/mine/../victim", "/mine/../victim", "mine", "../victim"],
    ["/mine/%2e%2e/victim", "/mine/../victim", "mine", "../victim"],
    ["/mine/%252e%252e/k", "/mine/%2e%2e/k", "mine", "%2e%2e/k"],
    ["/mine/%5c", "/mine/\\", "mine", "\\"],
    ["/b/a;v=1", "/b/a;v=1", "b", "a;v=1"],
    ["/b/a+b%20c%2B", "/b/a+b c+", "b", "a+b c+"],
    ["/b/%F0%9F%98%80%c3%a9", "/b/😀é", "b", "😀é"],
    ["/b/%3Facl", "/b/?acl", "b", "?acl"],
    ["/b/%EF%BB%BFbom", "/b/\ufeffbom", "b", "\ufeffbom"],
  ] as const
) {
  Deno.test(`parseRequestTarget() Z3 Z4 folds nothing in ${target}`, () => {
    assert.deepEqual(parseRequestTarget(target), {
      rawPath: target,
      path,
      firstSegment,
      afterFirstSegment,
      query: new Map(),
    });
  });
}

for (
  const [query, expected] of [
    ["", []],
    ["&&", []],
    ["acl", [["acl", ""]]],
    ["acl=", [["acl", ""]]],
    ["prefix=a=b", [["prefix", "a=b"]]],
    ["prefix=a+b%2Bc", [["prefix", "a b+c"]]],
    ["prefix=?/%26", [["prefix", "?/&"]]],
    ["b=2&a=1&", [["b", "2"], ["a", "1"]]],
    ["ACL&acl", [["ACL", ""], ["acl", ""]]],
    ["=x", [["", "x"]]],
  ] as const
) {
  Deno.test(`parseRequestTarget() reads the query "${query}"`, () => {
    assert.deepEqual([...parseRequestTarget(`/?${query}`).query], expected);
  });
}

Deno.test("decodePercent() decodes once", () => {
  assert.equal(decodePercent("%2541"), "%41");
});
