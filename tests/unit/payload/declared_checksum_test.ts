import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  parseChecksumTrailer,
  parseDeclaredChecksum,
} from "../../../src/payload/declared_checksum.ts";

const CRC32 = "y/Q5Jg==";
const SHA1 = "98O8HYCOBHMq32eZZczDTKeuNEE=";

for (
  const { name, headers, message } of [
    {
      name: "two checksums",
      headers: { "x-amz-checksum-crc32": CRC32, "x-amz-checksum-sha1": SHA1 },
      message:
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    },
    {
      name: "two checksums, in header and trailer",
      headers: { "x-amz-checksum-crc32": CRC32, "x-amz-trailer": "x-amz-checksum-sha1" },
      message: "Expecting a single x-amz-checksum- header",
    },
    {
      name: "two trailers",
      headers: { "x-amz-trailer": "x-amz-checksum-crc32, x-amz-checksum-sha1" },
      message:
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    },
    {
      name: "a value of the wrong length",
      headers: { "x-amz-checksum-crc32": SHA1 },
      message: "Value for x-amz-checksum-crc32 header is invalid.",
    },
    {
      name: "an empty value",
      headers: { "x-amz-checksum-sha256": "" },
      message: "Value for x-amz-checksum-sha256 header is invalid.",
    },
    {
      name: "a header sent twice",
      headers: { "x-amz-checksum-crc32": `${CRC32}, ${CRC32}` },
      message: "Value for x-amz-checksum-crc32 header is invalid.",
    },
    ...["x-amz-acl", "x-amz-checksum-sha224", "", "x-amz-checksum-crc32,x-amz-acl"].map((
      trailer,
    ) => ({
      name: `the trailer "${trailer}"`,
      headers: { "x-amz-trailer": trailer },
      message: "The value specified in the x-amz-trailer header is not supported",
    })),
    {
      name: "x-amz-sdk-checksum-algorithm for another header",
      headers: { "x-amz-checksum-crc32": CRC32, "x-amz-sdk-checksum-algorithm": "SHA1" },
      message: "Value for x-amz-sdk-checksum-algorithm header is invalid.",
    },
    {
      name: "x-amz-sdk-checksum-algorithm for another trailer",
      headers: { "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm": "" },
      message: "Value for x-amz-sdk-checksum-algorithm header is invalid.",
    },
    {
      name: "x-amz-sdk-checksum-algorithm alone",
      headers: { "x-amz-sdk-checksum-algorithm": "CRC32" },
      message: "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or " +
        "x-amz-trailer headers were found.",
    },
  ]
) {
  Deno.test(`parseDeclaredChecksum() refuses ${name}`, () => {
    assert.throws(() => parseDeclaredChecksum(new Map(Object.entries(headers))), {
      code: "InvalidRequest",
      message,
    });
  });
}

Deno.test("parseDeclaredChecksum() reads a header", () => {
  const declared = {
    source: "header",
    algorithm: "CRC32",
    expected: Buffer.from("cbf43926", "hex"),
  };
  const headers = new Map([["x-amz-checksum-crc32", CRC32], [
    "x-amz-checksum-type",
    "FULL_OBJECT",
  ]]);
  assert.deepEqual(parseDeclaredChecksum(headers), declared);
  headers.set("x-amz-sdk-checksum-algorithm", "crc32");
  assert.deepEqual(parseDeclaredChecksum(headers), declared);
});

Deno.test("parseDeclaredChecksum() reads an announced trailer, in any case", () => {
  const headers = new Map([["x-amz-trailer", " X-Amz-Checksum-CRC64NVME "]]);
  const declared = { source: "trailer", algorithm: "CRC64NVME" };
  assert.deepEqual(parseDeclaredChecksum(headers), declared);
  headers.set("x-amz-sdk-checksum-algorithm", "CRC64NVME");
  assert.deepEqual(parseDeclaredChecksum(headers), declared);
});

Deno.test("parseDeclaredChecksum() finds none", () => {
  for (const names of [[], ["x-amz-checksum-type", "x-amz-checksum-mode", "content-md5"]]) {
    const headers = new Map(names.map((name) => [name, "ENABLED"]));
    assert.equal(parseDeclaredChecksum(headers), undefined);
  }
});

Deno.test("parseChecksumTrailer() refuses what was not announced", () => {
  const announced = { source: "trailer", algorithm: "CRC32" } as const;
  const inHeader = { source: "header", algorithm: "CRC32", expected: new Uint8Array(4) } as const;
  for (
    const { name, declared } of [
      { name: "x-amz-checksum-crc32", declared: undefined },
      { name: "x-amz-checksum-crc32", declared: inHeader },
      { name: "x-amz-checksum-crc32c", declared: announced },
      { name: "x-amz-acl", declared: announced },
    ]
  ) {
    assert.throws(() => parseChecksumTrailer({ name, value: CRC32 }, declared), {
      code: "MalformedTrailerError",
    });
  }
});

Deno.test("parseChecksumTrailer() refuses a value that cannot be one", () => {
  const declared = { source: "trailer", algorithm: "CRC32" } as const;
  for (const value of ["", SHA1, "y/Q5Jg"]) {
    assert.throws(() => parseChecksumTrailer({ name: "x-amz-checksum-crc32", value }, declared), {
      code: "InvalidRequest",
      message: "Value for x-amz-checksum-crc32 trailing header is invalid.",
    });
  }
});

Deno.test("parseChecksumTrailer() reads the one that was announced", () => {
  const declared = { source: "trailer", algorithm: "CRC32" } as const;
  const expected = parseChecksumTrailer({ name: "x-amz-checksum-crc32", value: CRC32 }, declared);
  assert.equal(Buffer.from(expected).toString("hex"), "cbf43926");
});
