import assert from "node:assert/strict";
import { FolderListing } from "../../../../src/console/page/folder_listing.js";
import type { Session } from "../../../../src/console/page/session.js";

const BUCKET = "b";
const PRESENT = { withDeleted: false };

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
      const xml =
        `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${next}</IsTruncated>${
          next ? `<NextContinuationToken>${at + 2}</NextContinuationToken>` : ""
        }${contents.join("")}</ListBucketResult>`;
      return answer(xml);
    },
  } as unknown as Session; // the listing needs no more of it
  return { session, asked };
}

/** Answers ListObjectVersions: a page, and another behind its last key and version. */
function answerVersions(pages: readonly string[]): { session: Session; asked: object[] } {
  const asked: object[] = [];
  const session = {
    signS3: ({ query = {} }: { query?: Record<string, string> }) => {
      const page = pages[asked.length] ?? "";
      asked.push({ ...query });
      return answer(
        `<ListVersionsResult><EncodingType>url</EncodingType>${page}</ListVersionsResult>`,
      );
    },
  } as unknown as Session; // nor here
  return { session, asked };
}

function answer(xml: string): Promise<{ method: string; url: string; headers: Headers }> {
  const url = `data:text/xml,${encodeURIComponent(xml)}`;
  return Promise.resolve({ method: "GET", url, headers: new Headers() });
}

function version(
  kind: "Version" | "DeleteMarker",
  [key, id, isLatest]: readonly unknown[],
): string {
  return `<${kind}><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest>` +
    `<LastModified>2026-01-01T00:00:00Z</LastModified><Size>1</Size></${kind}>`;
}

/** Of `a/`, and in it what begins with `search`. */
function openFolder(session: Session, search = ""): FolderListing {
  return new FolderListing(session, { bucket: BUCKET, prefix: "a/", search, ...PRESENT });
}

const KEYS = [["a/", 0], ["a/1", 3], ["a/2", 1], ["a/3", 2], ["a/4", 4]] as const;

Deno.test("FolderListing reads a page when it is asked for, and leaves its own folder out", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = openFolder(session, "x");
  await Promise.all([listing.loadMore(), listing.loadMore()]);
  assert.deepEqual(asked, ["a/x"]);
  assert.deepEqual(listing.entries.map(({ name }) => name), ["1"]);
  assert.equal(listing.isComplete, false);
});

Deno.test("FolderListing sorts by size over all pages, then names again as S3 does", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = openFolder(session);
  await listing.sort({ by: "size", descending: true }, () => {});
  assert.equal(listing.isComplete, true);
  assert.equal(asked.length, 3);
  assert.deepEqual(listing.entries.map(({ name }) => name), ["4", "1", "3", "2"]);
  await listing.sort({ by: "name", descending: false }, () => {});
  assert.deepEqual(listing.entries.map(({ name }) => name), ["1", "2", "3", "4"]);
});

Deno.test("FolderListing.add() puts an object where it belongs, once, and reads nothing", async () => {
  const { session, asked } = answerPages(KEYS);
  const listing = openFolder(session);
  await listing.loadMore();
  const modified = new Date();
  for (const key of ["a/11", "a/4", "a/new/deep/1", "a/new/2", "a/", "other/1", "b"]) {
    listing.add({ key, size: 9, modified });
  }
  assert.deepEqual(listing.entries.map(({ name }) => name), ["new/", "1", "11", "4"]);
  assert.equal(asked.length, 1);
  await listing.sort({ by: "size", descending: true }, () => {});
  assert.deepEqual(listing.entries.map(({ name }) => name), ["new/", "11", "4", "1", "3", "2"]);
  const searching = openFolder(session, "x");
  searching.add({ key: "a/y", size: 1, modified });
  searching.add({ key: "a/xy", size: 1, modified });
  assert.deepEqual(searching.entries.map(({ name }) => name), ["xy"]);
});

Deno.test("FolderListing.remove() and refresh() take out what is gone, and nothing else", async () => {
  const { session, asked } = answerPages(KEYS.slice(0, 3));
  const listing = openFolder(session);
  await listing.sort({ by: "size", descending: true }, () => {});
  listing.remove(["a/1", "a/none"]);
  assert.deepEqual(listing.entries.map(({ name }) => name), ["2"]);
  listing.add({ key: "a/gone", size: 1, modified: new Date() });
  await listing.refresh("a/gone");
  assert.deepEqual(listing.entries.map(({ name }) => name), ["2"]);
  assert.equal(asked.at(-1), "a/gone");
});

Deno.test("FolderListing shows the deleted among the present, by pages of versions", async () => {
  const { session, asked } = answerVersions([
    version("DeleteMarker", ["a/1", "m1", true]) + version("Version", ["a/1", "v1", false]) +
    "<IsTruncated>true</IsTruncated><NextKeyMarker>a/1%2B</NextKeyMarker>" +
    "<NextVersionIdMarker>v1</NextVersionIdMarker>",
    version("Version", ["a/2", "v2", true]) + version("DeleteMarker", ["a/2", "m2", false]) +
    "<CommonPrefixes><Prefix>a/deep/</Prefix></CommonPrefixes>",
    version("Version", ["a/1", "v3", true]) + version("DeleteMarker", ["a/10", "m4", true]),
  ]);
  const place = { bucket: BUCKET, prefix: "a/", search: "", withDeleted: true };
  const listing = new FolderListing(session, place);
  await listing.loadMore();
  await listing.loadMore();
  const markers = { "key-marker": "a/1+", "version-id-marker": "v1" };
  const query = { versions: "", "encoding-type": "url", "max-keys": "1000", prefix: "a/" };
  assert.deepEqual(asked, [{ ...query, delimiter: "/" }, { ...query, delimiter: "/", ...markers }]);
  const show = (): string[] =>
    listing.entries.map((entry) =>
      `${entry.name}${"deleted" in entry && entry.deleted ? "-" : ""}`
    );
  assert.deepEqual(show(), ["deep/", "1-", "2"]);
  await listing.refresh("a/1"); // it was restored meanwhile
  assert.deepEqual(show(), ["deep/", "1", "2"]);
});
