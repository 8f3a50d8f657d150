import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  BucketPage,
  formatAround,
  formatBucket,
  parseListBuckets,
} from "../../../src/s3/list_buckets.ts";
import { sha256 } from "../../support/signer.ts";
import { assertRefused } from "./sample_request.ts";

for (
  const [name, value] of [
    ["max-buckets", "0"],
    ["max-buckets", "-1"],
    ["max-buckets", "1e3"],
    ["max-buckets", ""],
    ["max-buckets", String(LIMITS.listBucketsMax + 1)],
    ["continuation-token", "***"],
    ["continuation-token", "é"],
  ] as const
) {
  Deno.test(`parseListBuckets() rejects ${name} of "${value}"`, () => {
    const error = assertRefused(
      () => parseListBuckets(new Map([[name, value]])),
      "InvalidArgument",
    );
    assert.deepEqual(error.detail, { ArgumentName: name });
  });
}

Deno.test("parseListBuckets() accepts as many buckets as there may be", () => {
  const { maxBuckets } = parseListBuckets(
    new Map([["max-buckets", String(LIMITS.listBucketsMax)]]),
  );
  assert.equal(maxBuckets, LIMITS.listBucketsMax);
});

const NAMES = ["alpha-c", "alpha-a", "beta", "alpha-b"];

/** All pages of `names`, `bucketsMax` each. */
function page(names: readonly string[], bucketsMax: number): string[][] {
  const pages: string[][] = [];
  for (let token: string | undefined = "";;) {
    const asked = parseListBuckets(new Map(token === "" ? [] : [["continuation-token", token]]));
    const buckets = new BucketPage(asked, bucketsMax);
    for (const name of names) buckets.add({ name, creationDate: "" });
    const ended = buckets.end();
    pages.push(ended.buckets.map(({ name }) => name));
    token = ended.continuationToken;
    if (token === undefined) return pages;
    assert.ok(pages.length <= names.length, "the pages have no end");
  }
}

for (const bucketsMax of [1, 2, 3, 4, 5]) {
  Deno.test(`BucketPage tells of every bucket once, ${bucketsMax} a page`, () => {
    const pages = page(NAMES, bucketsMax);
    assert.deepEqual(pages.flat(), NAMES.toSorted());
    assert.equal(pages.length, Math.ceil(NAMES.length / bucketsMax));
  });
}

for (
  const [order, sort] of [
    ["in order", () => 0],
    ["in the other order", (left: string, right: string) => left < right ? 1 : -1],
    ["in any order", (left: string, right: string) => sha256(left) < sha256(right) ? 1 : -1],
  ] as const
) {
  Deno.test(`BucketPage holds no more than a page and its spare of buckets that come ${order}`, () => {
    const all = Array.from({ length: 4_000 }, (_, at) => `bucket-${String(at).padStart(5, "0")}`);
    const buckets = new BucketPage({ startAfter: "bucket-00009" }, 50);
    for (const name of all.toSorted(sort)) {
      buckets.add({ name, creationDate: "" });
      assert.ok(buckets.size < 50 + LIMITS.listBucketsSpare);
    }
    const { buckets: told, continuationToken } = buckets.end();
    assert.deepEqual(told.map(({ name }) => name), all.slice(10, 60));
    assert.equal(continuationToken, btoa("bucket-00059"));
  });
}

Deno.test("BucketPage Z12 shows nothing for a token that names a bucket behind all", () => {
  assert.deepEqual(page([], 2), [[]]);
  const asked = parseListBuckets(new Map([["continuation-token", btoa("victim")]]));
  const buckets = new BucketPage(asked, 2);
  buckets.add({ name: "alpha", creationDate: "" });
  assert.deepEqual(buckets.end(), { buckets: [], continuationToken: undefined });
});

Deno.test("formatBucket() and formatAround() write what S3 writes", () => {
  const [head, tail] = formatAround(parseListBuckets(new Map([["prefix", "a&"]])), {
    owner: { id: "al&ice", displayName: "alice" },
    continuationToken: "dG9rZW4=",
  });
  const bucket = formatBucket({ name: "a", creationDate: "2020-01-01T00:00:00.000Z" }, "fsn1");
  assert.equal(
    `${head}${bucket}${tail}`.replace(/^<\?.*?\?>/, ""),
    '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      "<Owner><ID>al&amp;ice</ID><DisplayName>alice</DisplayName></Owner><Buckets>" +
      "<Bucket><Name>a</Name><CreationDate>2020-01-01T00:00:00.000Z</CreationDate>" +
      "<BucketRegion>fsn1</BucketRegion></Bucket></Buckets><Prefix>a&amp;</Prefix>" +
      "<ContinuationToken>dG9rZW4=</ContinuationToken></ListAllMyBucketsResult>",
  );
  assert.equal(
    formatBucket({ name: "a", creationDate: "" }, undefined),
    "<Bucket><Name>a</Name></Bucket>",
  );
});
