import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  createChecksumHasher,
  parseChecksumValue,
  verifyChecksum,
} from "../../../src/payload/checksum.ts";
import type { ChecksumAlgorithm } from "../../../src/s3/checksum_algorithm.ts";
import { loadVectors } from "../../support/vectors.ts";
import { joinBytes } from "../../support/wire.ts";

const vectors = await loadVectors<{
  readonly algorithm: ChecksumAlgorithm;
  readonly header: string;
  readonly of123456789: string;
  readonly ofNothing: string;
}>("payload/checksums.json");

for (const { algorithm, header, of123456789, ofNothing } of vectors) {
  const base64 = Buffer.from(of123456789, "hex").toString("base64");

  Deno.test(`parseChecksumValue() refuses what is no ${algorithm}`, () => {
    const digest = Buffer.from(of123456789, "hex");
    const refused = [
      "",
      " ",
      of123456789,
      base64.slice(1),
      base64.slice(0, -1),
      base64.replaceAll("=", ""),
      `${base64}=`,
      ` ${base64}`,
      `${base64}\n`,
      `${base64}, ${base64}`,
      `${base64}-1`,
      `!${base64.slice(1)}`,
      digest.subarray(1).toString("base64"),
      Buffer.concat([digest, digest.subarray(0, 1)]).toString("base64"),
    ].filter((text) => text !== base64);
    for (const text of refused) assert.equal(parseChecksumValue(algorithm, text), undefined, text);
  });

  Deno.test(`verifyChecksum() refuses another ${algorithm}`, () => {
    const actual = Buffer.from(of123456789, "hex");
    for (const expected of [actual.with(0, 0x55), actual.subarray(1), Buffer.alloc(0)]) {
      assert.throws(() => verifyChecksum(algorithm, { expected, actual }), {
        code: "BadDigest",
        message: `The ${algorithm} you specified did not match the calculated checksum.`,
      });
    }
  });

  Deno.test(`createChecksumHasher() computes ${algorithm}, several at a time`, () => {
    const [first, second, nothing] = [1, 2, 3].map(() => createChecksumHasher(algorithm));
    assert(first !== undefined && second !== undefined && nothing !== undefined);
    first.update(joinBytes(["1234"]));
    second.update(joinBytes(["12345678"]));
    first.update(joinBytes(["56789"]));
    second.update(joinBytes([""]));
    second.update(joinBytes(["9"]));
    assert.equal(Buffer.from(first.digest()).toString("hex"), of123456789);
    assert.equal(Buffer.from(nothing.digest()).toString("hex"), ofNothing);
    assert.equal(Buffer.from(second.digest()).toString("hex"), of123456789);
  });

  Deno.test(`verifyChecksum() gives ${algorithm} back for the response`, () => {
    const expected = parseChecksumValue(algorithm, base64);
    assert(expected !== undefined);
    assert.deepEqual(
      verifyChecksum(algorithm, { expected, actual: Buffer.from(of123456789, "hex") }),
      { algorithm, header, value: base64 },
    );
  });
}

Deno.test("parseChecksumValue() refuses base64 whose last bits are not zero", () => {
  assert.notEqual(parseChecksumValue("CRC32", "AAAAAA=="), undefined);
  assert.equal(parseChecksumValue("CRC32", "AAAAAB=="), undefined);
});
