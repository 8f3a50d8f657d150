import assert from "node:assert/strict";
import { parseBucketPattern } from "../../../src/config/bucket_pattern.ts";

const STRICT = { relaxed: false, reserved: new Set(["internal"]) };
const RELAXED = { ...STRICT, relaxed: true };

for (
  const text of [
    "",
    "ab",
    "a/b",
    "bucket/",
    "bucket/*",
    "app_*",
    "app-?",
    "${user}-data",
    "-bucket",
    "a..b",
    "192.0.2.1",
    "admin",
    "Admin",
    "internal",
    "arn:aws:s3:::bucket",
    "app *",
    "a".repeat(64),
    "a".repeat(63) + "*",
  ]
) {
  Deno.test(`parseBucketPattern() refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => parseBucketPattern(text, STRICT), { name: "SyntaxError" });
  });
}

Deno.test("parseBucketPattern() reads names, patterns and the star, in lower case", () => {
  for (const text of ["*", "app-*", "*-logs", "a*b*c", "bucket-alpha", "a".repeat(63)]) {
    assert.equal(parseBucketPattern(text, STRICT), text);
  }
  assert.equal(parseBucketPattern("Bucket-ALPHA", STRICT), "bucket-alpha");
  assert.equal(parseBucketPattern("App-*", STRICT), "app-*");
});

Deno.test("parseBucketPattern() keeps capitals where names are relaxed", () => {
  for (const text of ["Old_Bucket", "Old_*", "*", "a".repeat(255)]) {
    assert.equal(parseBucketPattern(text, RELAXED), text);
  }
  for (const text of ["a".repeat(256), "a".repeat(255) + "*", "a/*", "Internal"]) {
    assert.throws(() => parseBucketPattern(text, RELAXED), { name: "SyntaxError" });
  }
});
