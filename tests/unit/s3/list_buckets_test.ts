import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { buildListBuckets, parseListBuckets } from "../../../src/s3/list_buckets.ts";
import { childOf, childrenOf, parseXml, textOf, type XmlElement } from "../../../src/s3/xml.ts";
import { assertRefused } from "./sample_request.ts";

const NAMES = ["alpha-c", "alpha-a", "beta", "alpha-b", "victim"];
const BACKEND = parseXml(
  `<ListAllMyBucketsResult><Owner><ID>master</ID><DisplayName>Master</DisplayName></Owner><Buckets>${
    NAMES.map((name, at) =>
      `<Bucket><Name>${name}</Name><CreationDate>2020-01-0${
        at + 1
      }T00:00:00.000Z</CreationDate></Bucket>`
    ).join("")
  }</Buckets></ListAllMyBucketsResult>`,
);

function list(parameters: Readonly<Record<string, string>>): XmlElement {
  return buildListBuckets(BACKEND, {
    request: parseListBuckets(new Map(Object.entries(parameters))),
    isVisible: (bucket) => bucket !== "victim",
    region: "fsn1",
    owner: { id: "alice-id", displayName: "alice" },
  });
}

function namesOf(root: XmlElement): string[] {
  return childrenOf(childOf(root, "Buckets") ?? root).map((bucket) =>
    textOf(childOf(bucket, "Name"))
  );
}

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

Deno.test("buildListBuckets() Z12 shows the user's buckets with their dates, and the user as owner", () => {
  const root = list({});
  assert.deepEqual(namesOf(root), ["alpha-a", "alpha-b", "alpha-c", "beta"]);
  const [first] = childrenOf(childOf(root, "Buckets") ?? root);
  assert.ok(first);
  assert.equal(textOf(childOf(first, "CreationDate")), "2020-01-02T00:00:00.000Z");
  assert.ok(!JSON.stringify(root).toLowerCase().includes("master"));
  assert.equal(childOf(root, "ContinuationToken"), undefined);
});

Deno.test("buildListBuckets() filters by prefix and says so", () => {
  const root = list({ prefix: "alpha-" });
  assert.deepEqual(namesOf(root), ["alpha-a", "alpha-b", "alpha-c"]);
  assert.equal(textOf(childOf(root, "Prefix")), "alpha-");
  assert.deepEqual(namesOf(list({ prefix: "vic" })), []);
});

Deno.test("buildListBuckets() pages without counting what the user does not see", () => {
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const root = list({
      "max-buckets": "2",
      ...(token !== undefined && { "continuation-token": token }),
    });
    seen.push(...namesOf(root));
    token = textOf(childOf(root, "ContinuationToken")) || undefined;
    assert.ok(seen.length <= NAMES.length);
  } while (token !== undefined);
  assert.deepEqual(seen, ["alpha-a", "alpha-b", "alpha-c", "beta"]);
});

Deno.test("buildListBuckets() Z12 shows nothing for a token that names another's bucket", () => {
  assert.deepEqual(namesOf(list({ "continuation-token": btoa("victim") })), []);
});

Deno.test("buildListBuckets() reads an answer without buckets", () => {
  const root = buildListBuckets(parseXml("<ListAllMyBucketsResult/>"), {
    request: parseListBuckets(new Map()),
    isVisible: () => true,
    region: "fsn1",
    owner: { id: "a", displayName: "a" },
  });
  assert.deepEqual(namesOf(root), []);
});

Deno.test("buildListBuckets() tells the region, and whose buckets are there, where it is asked", () => {
  assert.deepEqual(namesOf(list({ "bucket-region": "fsn1" })).length, 4);
  assert.deepEqual(namesOf(list({ "bucket-region": "eu-west-1" })), []);
  const regionOf = (root: XmlElement): string | undefined => {
    const [first] = childrenOf(childOf(root, "Buckets") ?? root);
    const region = first && childOf(first, "BucketRegion");
    return region && textOf(region);
  };
  assert.equal(regionOf(list({ "bucket-region": "fsn1" })), "fsn1");
  assert.equal(regionOf(list({ "max-buckets": "1" })), "fsn1");
  assert.equal(regionOf(list({})), undefined);
});
