/**
 * Any set of keys is walked to its end exactly once, as clients' paginators do it, in every listing, with and without
 * encoding, with any page size.
 */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { unescapeText } from "../../src/s3/text_keeper.ts";
import { answerListing, findCommonPrefix, type ListedBucket } from "../support/listing_model.ts";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

/** How a client asks for the page behind one, and what of it names entries. */
interface Listing {
  readonly query: string;
  readonly size: string;
  /** Element of a page → parameter of the next. */
  readonly next: Readonly<Record<string, string>>;
  readonly entry: string;
  readonly id?: string;
  readonly hasNames: boolean;
}

const LISTINGS: Readonly<Record<string, Listing>> = {
  v1: {
    query: "",
    size: "max-keys",
    next: { NextMarker: "marker" },
    entry: "Contents",
    hasNames: true,
  },
  v2: {
    query: "list-type=2&fetch-owner=true",
    size: "max-keys",
    next: { NextContinuationToken: "continuation-token" },
    entry: "Contents",
    hasNames: true,
  },
  versions: {
    query: "versions",
    size: "max-keys",
    next: { NextKeyMarker: "key-marker", NextVersionIdMarker: "version-id-marker" },
    entry: "Version",
    id: "VersionId",
    hasNames: true,
  },
  uploads: {
    query: "uploads",
    size: "max-uploads",
    next: { NextKeyMarker: "key-marker", NextUploadIdMarker: "upload-id-marker" },
    entry: "Upload",
    id: "UploadId",
    hasNames: true,
  },
  parts: {
    query: "uploadId=2~a",
    size: "max-parts",
    next: { NextPartNumberMarker: "part-number-marker" },
    entry: "Part",
    hasNames: false,
  },
};

/** What S3 encodes; tokens and ids it does not. */
const ENCODED = new Set(["Key", "Prefix", "NextMarker", "NextKeyMarker"]);

function readTexts(document: string, name: string): string[] {
  const isEncoded = /<EncodingType>url<\/EncodingType>/.test(document) && ENCODED.has(name);
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(
    ([, text = ""]) => {
      const value = unescapeText(new TextEncoder().encode(text));
      return isEncoded ? decodeURIComponent(value.replaceAll("+", " ")) : value;
    },
  );
}

async function walk(
  proxy: ProxyUnderTest,
  { listing, bucket, asked }: {
    listing: Listing;
    bucket: ListedBucket;
    asked: Readonly<Record<string, string>>;
  },
): Promise<string[]> {
  const seen: string[] = [];
  let markers: Record<string, string> = {};
  for (let page = 0; page <= 4 * bucket.keys.length + bucket.parts + 2; page++) {
    const parameters = Object.entries({ ...asked, ...markers })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const path = listing.hasNames ? "/mine" : "/mine/key";
    const target = `${path}?${[listing.query, ...parameters].filter(Boolean).join("&")}`;
    const { status, text } = await proxy.send({ target });
    assert.equal(status, 200, text);
    assert.doesNotMatch(text, /master/i);
    seen.push(...readEntries(text, listing));
    if (readTexts(text, "IsTruncated")[0] !== "true") return seen;
    markers = Object.fromEntries(
      Object.entries(listing.next).flatMap(([element, parameter]) =>
        readTexts(text, element).map((value) => [parameter, value])
      ),
    );
  }
  return assert.fail(`pages without end: ${JSON.stringify(seen)}`);
}

function readEntries(document: string, { entry, id, hasNames }: Listing): string[] {
  const isEncoded = document.includes("<EncodingType>url</EncodingType>");
  const encoded = isEncoded ? "<EncodingType>url</EncodingType>" : "";
  const elements = document.match(new RegExp(`<(${entry}|CommonPrefixes)>.*?</\\1>`, "gs")) ?? [];
  return elements.map((element) => {
    const [name = ""] = readTexts(
      encoded + element,
      element.startsWith("<Common") ? "Prefix" : hasNames ? "Key" : "PartNumber",
    );
    const [version = ""] = id === undefined ? [] : readTexts(element, id);
    return `${name} ${version}`;
  });
}

function expectEntries(
  name: string,
  { bucket, prefix, delimiter }: { bucket: ListedBucket; prefix: string; delimiter: string },
): string[] {
  if (name === "parts") return Array.from({ length: bucket.parts }, (_, at) => `${at + 1} `);
  const ids = name === "uploads"
    ? ["2~a", "2~b"]
    : name === "versions"
    ? Array.from({ length: bucket.versions }, (_, at) => `v${at}`)
    : [""];
  const entries = bucket.keys.filter((key) => key.startsWith(prefix)).flatMap((key) => {
    const common = findCommonPrefix(key, { prefix, delimiter });
    return common === undefined ? ids.map((id) => `${key} ${id}`) : [`${common} `];
  });
  return [...new Set(entries)].sort();
}

const key = fc.array(
  fc.constantFrom("a", "b", "/", "+", " ", "%", "%20", "&", "ü", "-", ".", "\u0001", "\u{1f600}"),
  {
    minLength: 1,
    maxLength: 4,
  },
).map((letters) => letters.join("")).filter((text) => !/(^|\/)\.\.?(\/|$)/.test(text));

testListeners("every listing is walked to its end exactly once", async (listener) => {
  let bucket: ListedBucket = { keys: [], versions: 1, parts: 1 };
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: ({ target }) => ({
      send: [formatResponse({ body: Buffer.from(answerListing(target, bucket)) })],
    }),
  });
  const scenarios = fc.record({
    name: fc.constantFrom(...Object.keys(LISTINGS)),
    keys: fc.uniqueArray(key, { minLength: 1, maxLength: 7 }),
    versions: fc.integer({ min: 1, max: 2 }),
    parts: fc.integer({ min: 1, max: 6 }),
    size: fc.integer({ min: 1, max: 5 }),
    encodes: fc.boolean(),
    prefix: fc.constantFrom("", "", "a", "a+", "ü", "%2"),
    delimiter: fc.constantFrom("", "/", "+", " "),
  });
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ name, size, encodes, prefix, delimiter, ...given }) => {
      bucket = given;
      const listing = LISTINGS[name];
      assert.ok(listing);
      const named = {
        ...(prefix === "" ? {} : { prefix }),
        ...(delimiter === "" ? {} : { delimiter }),
        ...(encodes ? { "encoding-type": "url" } : {}),
      };
      const asked = { ...(listing.hasNames ? named : {}), [listing.size]: String(size) };
      const seen = await walk(proxy, { listing, bucket, asked });
      assert.deepEqual(
        seen.toSorted(),
        expectEntries(name, { bucket, prefix, delimiter }).toSorted(),
      );
    }),
    { numRuns: 100 },
  );
});
