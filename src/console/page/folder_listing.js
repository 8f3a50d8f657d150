// @ts-check
/**
 * The entries of a folder: pages of ListObjectsV2 as they are asked for, in S3's order or sorted; with those that are deleted, of ListObjectVersions.
 * @module
 */

import { listObjectsV2, listObjectVersions } from "./s3_client.js";

/** Sorting needs all entries; a folder with more is sorted as far as it was read. */
const SORTED_MAX = 100_000;

/**
 * @typedef {{kind: "folder", key: string, name: string}} FolderEntry
 * @typedef {{key: string, size: number, modified: Date, deleted?: boolean}} FoundObject
 * @typedef {FoundObject & {kind: "object", name: string}} ObjectEntry
 * @typedef {FolderEntry | ObjectEntry} Entry
 * @typedef {{by: "name" | "size" | "modified", descending: boolean}} Order
 */

/** One folder, or what of it begins with a text. */
export class FolderListing {
  #session;
  #place;
  /** @type {Map<string, Entry>} by key */ #read = new Map();
  /** @type {import("./s3_client.js").Next | undefined} */ #next;
  /** @type {Promise<void> | undefined} */ #loading;
  /** @type {Entry[] | undefined} */ #arranged;
  /** @type {Order} */ order = { by: "name", descending: false };
  isComplete = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {{bucket: string, prefix: string, search: string, withDeleted: boolean}} place
   */
  constructor(session, place) {
    this.#session = session;
    this.#place = place;
  }

  /** Reads one more page; two callers share one request. */
  loadMore() {
    if (this.isComplete) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => this.#loading = undefined);
    return this.#loading;
  }

  async #load() {
    const { prefix, search } = this.#place;
    const page = await this.#readPage({ prefix: prefix + search, next: this.#next });
    for (const key of page.prefixes) this.#put({ kind: "folder", key });
    for (const object of page.objects) {
      if (object.key !== prefix) this.#put({ kind: "object", ...object });
    }
    this.#next = page.next;
    this.isComplete = page.next === undefined;
  }

  /**
   * @param {{prefix: string, next?: import("./s3_client.js").Next | undefined}} page
   * @returns {Promise<{objects: FoundObject[], prefixes: string[], next: import("./s3_client.js").Next | undefined}>}
   */
  async #readPage({ prefix, next }) {
    const { bucket, withDeleted } = this.#place;
    if (!withDeleted) return await listObjectsV2(this.#session, { bucket, prefix, next });
    const { versions, ...page } = await listObjectVersions(this.#session, { bucket, prefix, next });
    return { ...page, objects: versions.filter(({ latest }) => latest) };
  }

  /**
   * Takes in an object that was stored meanwhile, or the folder that it is in; nothing where it is elsewhere.
   *
   * @param {FoundObject} object
   */
  add(object) {
    const { key } = object;
    const { prefix, search } = this.#place;
    if (key === prefix || !key.startsWith(prefix + search)) return;
    const end = key.indexOf("/", prefix.length);
    this.#put(
      end < 0 ? { kind: "object", ...object } : { kind: "folder", key: key.slice(0, end + 1) },
    );
  }

  /** Looks at one object again, which may be another now, or gone. @param {string} key */
  async refresh(key) {
    const { objects } = await this.#readPage({ prefix: key });
    this.remove([key]);
    for (const object of objects.filter((found) => found.key === key)) this.add(object);
  }

  /** These are gone. @param {readonly string[]} keys */
  remove(keys) {
    this.#arranged = undefined;
    for (const key of keys) this.#read.delete(key);
  }

  /** @param {{kind: "folder", key: string} | FoundObject & {kind: "object"}} entry */
  #put(entry) {
    this.#arranged = undefined;
    this.#read.set(entry.key, { ...entry, name: entry.key.slice(this.#place.prefix.length) });
  }

  /**
   * Another order, over all entries.
   *
   * @param {Order} order
   * @param {() => void} progress after each page
   */
  async sort(order, progress) {
    this.order = order;
    this.#arranged = undefined;
    const isListed = order.by === "name" && !order.descending;
    while (!isListed && !this.isComplete && this.#read.size < SORTED_MAX) {
      await this.loadMore();
      progress();
    }
  }

  /** What was read so far, in order. @returns {readonly Entry[]} */
  get entries() {
    return this.#arranged ??= this.#arrange();
  }

  #arrange() {
    const { by, descending } = this.order;
    const sign = descending ? -1 : 1;
    return [...this.#read.values()].sort((a, b) => {
      if (a.kind !== b.kind) return a.kind === "folder" ? -1 : 1;
      return sign * (compare(a, b, by) || (a.key < b.key ? -1 : 1));
    });
  }
}

/**
 * @param {Entry} a
 * @param {Entry} b
 * @param {Order["by"]} by
 */
function compare(a, b, by) {
  if (by === "name" || a.kind === "folder" || b.kind === "folder") return 0;
  return Number(a[by]) - Number(b[by]);
}
