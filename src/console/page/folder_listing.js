// @ts-check
/**
 * The entries of a folder: pages of ListObjectsV2 as they are asked for, in S3's order or sorted.
 * @module
 */

import { listObjectsV2 } from "./s3_client.js";

/** Sorting needs all entries; a folder with more is sorted as far as it was read. */
const SORTED_MAX = 100_000;

/**
 * @typedef {{kind: "folder", key: string, name: string}} FolderEntry
 * @typedef {{kind: "object", key: string, name: string, size: number, modified: Date}} ObjectEntry
 * @typedef {FolderEntry | ObjectEntry} Entry
 * @typedef {{by: "name" | "size" | "modified", descending: boolean}} Order
 */

/** One folder, or what of it begins with a text. */
export class FolderListing {
  #session;
  #place;
  /** @type {Entry[]} */ #read = [];
  /** @type {string | undefined} */ #token;
  /** @type {Promise<void> | undefined} */ #loading;
  /** @type {Entry[]} */ entries = [];
  /** @type {Order} */ order = { by: "name", descending: false };
  isComplete = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {{bucket: string, prefix: string, search: string}} place
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
    const { bucket, prefix, search } = this.#place;
    const page = await listObjectsV2(this.#session, {
      bucket,
      prefix: prefix + search,
      token: this.#token,
    });
    const name = (/** @type {string} */ key) => key.slice(prefix.length);
    /** @type {Entry[]} */
    const folders = page.prefixes.map((key) => ({ kind: "folder", key, name: name(key) }));
    /** @type {Entry[]} */
    const objects = page.objects.filter(({ key }) => key !== prefix).map((
      { key, size, modified },
    ) => (
      { kind: "object", key, name: name(key), size, modified }
    ));
    this.#read.push(...folders, ...objects);
    this.#token = page.next;
    this.isComplete = page.next === undefined;
    this.#arrange();
  }

  /**
   * Another order, over all entries.
   *
   * @param {Order} order
   * @param {() => void} progress after each page
   */
  async sort(order, progress) {
    this.order = order;
    const isListed = order.by === "name" && !order.descending;
    while (!isListed && !this.isComplete && this.#read.length < SORTED_MAX) {
      await this.loadMore();
      progress();
    }
    this.#arrange();
  }

  #arrange() {
    const { by, descending } = this.order;
    const sign = descending ? -1 : 1;
    this.entries = [...this.#read].sort((a, b) => {
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
