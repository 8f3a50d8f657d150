import assert from "node:assert/strict";
import { uriEncode, uriEncodePath } from "../../../src/sigv4/uri_encode.ts";

for (
  const [text, expected] of [
    ["", ""],
    ["AZaz09-._~", "AZaz09-._~"],
    ["a b", "a%20b"],
    ["a+b", "a%2Bb"],
    ["a/b", "a%2Fb"],
    ["!'()*", "%21%27%28%29%2A"],
    ["%41", "%2541"],
    ["\u0000\n\x7f", "%00%0A%7F"],
    ["é", "%C3%A9"],
    ["😀", "%F0%9F%98%80"],
    ['=&?#[]@:$,;\\^`{|}<>"', "%3D%26%3F%23%5B%5D%40%3A%24%2C%3B%5C%5E%60%7B%7C%7D%3C%3E%22"],
  ] as const
) {
  Deno.test(`uriEncode() writes ${JSON.stringify(text)} as "${expected}"`, () => {
    assert.equal(uriEncode(text), expected);
    // Long texts are encoded in another way.
    assert.equal(uriEncode(text.repeat(300)), expected.repeat(300));
  });
}

Deno.test("uriEncodePath() keeps slashes, and nothing else", () => {
  assert.equal(uriEncodePath("//a//b (1)/*/"), "//a//b%20%281%29/%2A/");
});
