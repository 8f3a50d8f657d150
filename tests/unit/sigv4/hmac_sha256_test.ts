import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { encodeUtf8, toHex } from "../../../src/lib/bytes.ts";
import { HmacSha256Key } from "../../../src/sigv4/hmac_sha256.ts";

/** https://www.rfc-editor.org/rfc/rfc4231, those whose data is text. */
const RFC_4231 = [
  {
    key: new Uint8Array(20).fill(0x0b),
    text: "Hi There",
    hmac: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  },
  {
    key: encodeUtf8("Jefe"),
    text: "what do ya want for nothing?",
    hmac: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  },
  {
    key: new Uint8Array(131).fill(0xaa),
    text: "Test Using Larger Than Block-Size Key - Hash Key First",
    hmac: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  },
];

for (const { key, text, hmac } of RFC_4231) {
  Deno.test(`HmacSha256Key.sign() gives RFC 4231's HMAC of "${text}"`, () => {
    assert.equal(toHex(new HmacSha256Key(key).sign(text)), hmac);
  });
}

Deno.test("HmacSha256Key.sign() agrees with node:crypto, whatever was signed before and after", () => {
  const other = new HmacSha256Key(encodeUtf8("other"));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (key, text) => {
    const here = new HmacSha256Key(key);
    const expected = createHmac("sha256", key).update(text).digest("hex");
    const before = here.sign(text);
    other.sign(text);
    assert.equal(toHex(before), expected);
    assert.equal(here.signHex(text), expected);
    assert.equal(toHex(here.sign(text)), expected);
  }));
});

Deno.test("HmacSha256Key.verifyHex() refuses a signature of which one digit is another, wherever", () => {
  const key = new HmacSha256Key(encodeUtf8("key"));
  const signature = key.signHex("text");
  assert.ok(key.verifyHex("text", signature));
  for (let at = 0; at < signature.length; at++) {
    for (const digit of [signature[at] === "0" ? "1" : "0", "A", "\u0130", ""]) {
      const other = signature.slice(0, at) + digit + signature.slice(at + 1);
      assert.ok(!key.verifyHex("text", other), other);
    }
  }
  for (const other of ["", signature.toUpperCase(), `${signature}0`, `0${signature}`]) {
    assert.ok(!key.verifyHex("text", other), other);
  }
  assert.ok(!key.verifyHex("other", signature));
});
