import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  isUploadId,
  isVersionId,
  parseAccessKeyId,
  parseBucketName,
  parseObjectKey,
} from "../../../src/s3/names.ts";
import { assertRefused } from "./sample_request.ts";

const STRICT = { relaxed: false, reserved: new Set(["internal"]) };
const RELAXED = { relaxed: true, reserved: new Set(["internal"]) };
const EVER_REFUSED = [
  "",
  "ab",
  ".",
  "..",
  "...",
  "a..b",
  ".abc",
  "abc.",
  "-abc",
  "abc-",
  "a/b",
  "a:bc",
  "a b",
  "a%62",
  "a\nb",
  "abc\n",
  "a*c",
  "été",
  "192.168.5.4",
  "admin",
  "swift",
  "auth",
  "minio",
  "sts",
  "iam",
  "internal",
  "app-mk7zwi23gnjvgw-s3alias",
  "app-mk7zwi23gnjvgw--ol-s3",
  "mk7zwi23gnjvgw.mrap",
  "app--use1-az4--x-s3",
  "app--table-s3",
];
const RELAXED_ONLY = ["Bucket", "my_bucket", "b".repeat(LIMITS.bucketNameCharactersMax + 1)];
const LONGEST_RELAXED = "b".repeat(LIMITS.relaxedBucketNameCharactersMax);
const ALWAYS_ACCEPTED = [
  "abc",
  "1bucket",
  "my-bucket.logs",
  "b".repeat(LIMITS.bucketNameCharactersMax),
];

for (const name of [...EVER_REFUSED, ...RELAXED_ONLY, LONGEST_RELAXED]) {
  Deno.test(`parseBucketName() rejects ${JSON.stringify(name).slice(0, 70)}`, () => {
    const error = assertRefused(() => parseBucketName(name, STRICT), "InvalidBucketName");
    assert.deepEqual(error.detail, { BucketName: name });
  });
}

for (const name of [...EVER_REFUSED, "ADMIN", "Internal", `${LONGEST_RELAXED}b`]) {
  Deno.test(`parseBucketName() relaxed rejects ${JSON.stringify(name).slice(0, 70)}`, () => {
    assertRefused(() => parseBucketName(name, RELAXED), "InvalidBucketName");
  });
}

for (const name of ALWAYS_ACCEPTED) {
  Deno.test(`parseBucketName() accepts ${name}`, () => {
    assert.equal(parseBucketName(name, STRICT), name);
  });
}

for (const name of [...ALWAYS_ACCEPTED, ...RELAXED_ONLY, LONGEST_RELAXED]) {
  Deno.test(`parseBucketName() relaxed accepts ${name.slice(0, 70)} as it is`, () => {
    assert.equal(parseBucketName(name, RELAXED), name);
  });
}

const DOT_SEGMENTS = [".", "a/../b", "a/..", "./a", "a/./b", "a/.", "a/b/../../c", "/./a/.."];
const CLIMBING = ["..", "../a", "/..", "a/../..", "a/../../b", "./..", "a//../..", "a/../../b/c/d"];

for (const key of ["", "a\0b", ...DOT_SEGMENTS, ...CLIMBING]) {
  Deno.test(`parseObjectKey() Z3 rejects ${JSON.stringify(key)}`, () => {
    assertRefused(() => parseObjectKey(key), "InvalidURI");
  });
}

Deno.test("parseObjectKey() Z3 takes dot segments where they stay what they are, unless they climb out", () => {
  for (const key of DOT_SEGMENTS) assert.equal(parseObjectKey(key, { dotSegments: true }), key);
  for (const key of CLIMBING) {
    assertRefused(() => parseObjectKey(key, { dotSegments: true }), "InvalidURI");
  }
});

for (
  const [what, key] of [
    ["1025 letters", "k".repeat(LIMITS.keyBytesMax + 1)],
    ["513 letters of two bytes", "é".repeat(LIMITS.keyBytesMax / 2 + 1)],
    ["257 emojis", "😀".repeat(LIMITS.keyBytesMax / 4 + 1)],
  ] as const
) {
  Deno.test(`parseObjectKey() rejects ${what}`, () => {
    assertRefused(() => parseObjectKey(key), "KeyTooLongError");
  });
}

for (
  const key of [
    "k",
    "/",
    "//",
    "/k",
    "k/",
    "a//b",
    "...",
    ".a",
    "a.",
    "..a/b..",
    "a b+c",
    "%2e%2e",
    "a\\..\\b",
    "?acl",
    "a;b",
    "():!'*~",
    "k".repeat(LIMITS.keyBytesMax),
    "😀".repeat(LIMITS.keyBytesMax / 4),
  ]
) {
  Deno.test(`parseObjectKey() C5 accepts ${JSON.stringify(key).slice(0, 40)}`, () => {
    assert.equal(parseObjectKey(key), key);
  });
}

const RGW_VERSION = "AsbKe0H12J9uRqz.NZdvnSsSrJoTmoC";

for (
  const id of [
    "",
    "secret.2~abc",
    ".2~abc",
    "..2~abc",
    "x/.2~abc",
    "a.b.2/abc",
    "2/O3_dGu9ucoFbrbUXZ5sHqERN",
  ]
) {
  Deno.test(`Z14 isUploadId() rejects ${JSON.stringify(id)}, on RGW an upload of another key`, () => {
    assert.equal(isUploadId(id), false);
  });
}

for (
  const id of [
    "2~O3_dGu9ucoFbrbUXZ5sHqERN-oW7rCr",
    "VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA",
    "EXAMPLEJZ6e0YupT2h66iePQCc9IEbYbDUy4RTpMeoSMLPRp8Z5o1u8feSRonpvnWsKKG35t.2VxQLYjrue4Nq.NBdqI-",
  ]
) {
  Deno.test(`isUploadId() accepts ${id.slice(0, 40)}`, () => assert.equal(isUploadId(id), true));
}

for (const id of ["", ...["_secret", "__", "_x_y", "_dir/x"].map((rest) => RGW_VERSION + rest)]) {
  Deno.test(`Z11 isVersionId() rejects "${id}", on RGW a version of another key`, () => {
    assert.equal(isVersionId(id), false);
  });
}

for (
  const id of [
    "null",
    RGW_VERSION,
    "OYcLXagmS.WaD.8oyH4KRguB95_YhLs7",
    "3sL4kqtJlcpXrof3vjVBH40Nr8X8gdR_",
    "8dd5a6b5-2b2f-4c6b-9f3a-0b0c3f1c2d4e",
    "4_z27c88f1d182b150646ff0b16_f1004ba650fe24e6b_d20200101_m000000_c000_v0001000_t0000",
  ]
) {
  Deno.test(`isVersionId() accepts ${id}`, () => assert.equal(isVersionId(id), true));
}

for (
  const id of [
    "",
    "AK/ID",
    "AK ID",
    "AK\nID",
    "<AKID>",
    "é",
    "A".repeat(LIMITS.accessKeyIdCharactersMax + 1),
  ]
) {
  Deno.test(`parseAccessKeyId() rejects ${JSON.stringify(id).slice(0, 40)}`, () => {
    assert.equal(parseAccessKeyId(id), undefined);
  });
}

for (
  const id of [
    "AKIAIOSFODNN7EXAMPLE",
    "alice@example.com",
    "A".repeat(LIMITS.accessKeyIdCharactersMax),
  ]
) {
  Deno.test(`parseAccessKeyId() accepts ${id.slice(0, 40)}`, () => {
    assert.equal(parseAccessKeyId(id), id);
  });
}

Deno.test("parseObjectKey() Z3 finds every key that climbs out, whatever its segments are", () => {
  const segments = ["..", ".", "", "a", "..."];
  for (let number = 0; number < segments.length ** 5; number++) {
    const digits = number.toString(segments.length).padStart(5, "0");
    const parts = [...digits].map((digit) => segments[Number(digit)] ?? "");
    let depth = 0;
    const climbs = parts.some((part) => {
      depth += part === ".." ? -1 : part === "" || part === "." ? 0 : 1;
      return depth < 0;
    });
    const key = parts.join("/");
    if (climbs) assertRefused(() => parseObjectKey(key, { dotSegments: true }), "InvalidURI");
    else assert.equal(parseObjectKey(key, { dotSegments: true }), key);
  }
});
