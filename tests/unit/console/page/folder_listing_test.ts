import assert from "node:assert/strict";
import { FolderListing } from "../../../../src/console/page/folder_listing.js";
import type { Session } from "../../../../src/console/page/session.js";

const BUCKET = "b";

/** Answers pages of two keys, as ListObjectsV2 does. */
function answerPages(
  keys: readonly (readonly [string, number])[],
): { session: Session; asked: string[] } {
  const asked: string[] = [];
  const session = {
    signS3: ({ query = {} }: { query?: Record<string, string> }) => {
      const at = Number(query["continuation-token"] ?? 0);
      asked.push(query["prefix"] ?? "");
      const contents = keys.slice(at, at + 2).map(([key, size]) =>
        `<Contents><Key>${
          encodeURIComponent(key)
        }</Key><Size>${size}</Size><LastModified>2026-01-0${size}T00:00:00Z</LastModified></Contents>`
      );
      const next = at + 2 < keys.length;
      const xml = `<ListBucketResult><IsTruncated>${next}</IsTruncated>${
        next ? `<NextContinuationToken>${at + 2}</NextContinuationToken>` : ""
      }${contents.join("")}</ListBucketResult>`;
      return Promise.resolve({
        method: "GET",
        url: `data:text/xml,${encodeURIComponent(xml)}`,
        headers: new Headers(),
      });
    },
  } as unknown as Session; // the listing needs no more of it
  return { session, asked };
}

const KEYS = [["a/", 0], ["a/1", 3], ["a/2", 1], ["a/3", 2], ["a/4", 4]] as const;

Deno.test("FolderListing reads a page when it is asked for, and leaves its own folder out", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = new FolderListing(session, { bucket: BUCKET, prefix: "a/", search: "x" });
  await Promise.all([listing.loadMore(), listing.loadMore()]);
  assert.deepEqual(asked, ["a/x"]);
  assert.deepEqual(listing.entries.map(({ name }) => name), ["1"]);
  assert.equal(listing.isComplete, false);
});

Deno.test("FolderListing sorts by size over all pages, then names again as S3 does", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = new FolderListing(session, { bucket: BUCKET, prefix: "a/", search: "" });
  await listing.sort({ by: "size", descending: true }, () => {});
  assert.equal(listing.isComplete, true);
  assert.equal(asked.length, 3);
  assert.deepEqual(listing.entries.map(({ name }) => name), ["4", "1", "3", "2"]);
  await listing.sort({ by: "name", descending: false }, () => {});
  assert.deepEqual(listing.entries.map(({ name }) => name), ["1", "2", "3", "4"]);
});

Deno.test("FolderListing.add() puts an object where it belongs, once, and reads nothing", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = new FolderListing(session, { bucket: BUCKET, prefix: "a/", search: "" });
  await listing.loadMore();
  const modified = new Date();
  for (const key of ["a/11", "a/4", "a/new/deep/1", "a/new/2", "a/", "other/1", "b"]) {
    listing.add({ key, size: 9, modified });
  }
  assert.deepEqual(listing.entries.map(({ name }) => name), ["new/", "1", "11", "4"]);
  assert.equal(asked.length, 1);
  await listing.sort({ by: "size", descending: true }, () => {});
  assert.deepEqual(listing.entries.map(({ name }) => name), ["new/", "11", "4", "1", "3", "2"]);
  const searching = new FolderListing(session, { bucket: BUCKET, prefix: "a/", search: "x" });
  searching.add({ key: "a/y", size: 1, modified });
  searching.add({ key: "a/xy", size: 1, modified });
  assert.deepEqual(searching.entries.map(({ name }) => name), ["xy"]);
});
