import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parseAccessKeyId, parseBucketName, parseObjectKey } from "../../../src/s3/names.ts";
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

for (const key of ["", "a\0b", ".", "..", "a/../b", "../a", "a/..", "./a", "a/./b", "a/.", "/.."]) {
  Deno.test(`parseObjectKey() Z3 rejects ${JSON.stringify(key)}`, () => {
    assertRefused(() => parseObjectKey(key), "InvalidURI");
  });
}

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
