// @ts-check
/**
 * A bucket's folders and objects.
 * @module
 */

import { createFolder } from "./create_folder.js";
import { confirmDeletion } from "./delete_objects.js";
import { button, element, replace } from "./dom.js";
import { acceptDrops, chooseFiles } from "./dropped_files.js";
import { buildEntryCells, buildGridHeader } from "./entry_row.js";
import * as bars from "./folder_bars.js";
import { FolderListing } from "./folder_listing.js";
import { describeFailure } from "./notices.js";
import { openObjectSheet } from "./object_sheet.js";
import { go, linkTo } from "./router.js";
import { addFiles } from "./start_uploads.js";
import { buildUnfinishedUploads } from "./unfinished_uploads.js";
import { createVirtualRows } from "./virtual_rows.js";

/** @typedef {import("./shell.js").Place} Place */
/** @typedef {import("./folder_listing.js").Entry} Entry */

const SHOW_DELAY_MS = 100;

/** @param {Place} place */
export function showBrowser(place) {
  const { bucket = "", prefix = "" } = place.query;
  const browser = new FolderBrowser(place, { bucket, prefix });
  return { title: prefix === "" ? bucket : `${prefix} in ${bucket}`, content: browser.content };
}

/** The view of one folder. */
class FolderBrowser {
  #place;
  #folder;
  #asked = { search: "", withDeleted: false };
  #listing;
  #hasFailed = false;
  /** @type {Set<string>} */ #selected = new Set();
  #status = element("p", { class: "muted", role: "status" }, "Loading…");
  #problem = element("div", { role: "alert" });
  #rows;
  #header = element("div", { role: "row", class: "row head", "aria-rowindex": 1 });
  #deleteButton = button(
    { icon: "trash", text: "Delete", kind: "danger", disabled: true },
    () => this.#remove(),
  );

  /**
   * @param {Place} place
   * @param {{bucket: string, prefix: string}} folder
   */
  constructor(place, folder) {
    this.#place = place;
    this.#folder = folder;
    this.#listing = this.#createListing();
    this.#rows = createVirtualRows({
      label: `Objects of ${folder.bucket}/${folder.prefix}`,
      header: this.#header,
      cells: (index) => this.#buildCells(index),
      open: (index) => this.#open(index),
      select: (index) => this.#select(index),
      isSelected: (index) => this.#selected.has(this.#listing.entries[index]?.key ?? ""),
      remove: () => this.#remove(),
      more: () => this.#more(),
    });
    this.content = element(
      "div",
      { class: "browser" },
      bars.buildFolderHeading(folder),
      bars.buildFolderToolbar({
        search: (search) => this.#restart({ search }),
        choose: (isFolder) => this.#choose(isFolder),
        create: () => this.#createFolder(),
        deleteButton: this.#deleteButton,
      }),
      buildUnfinishedUploads(place, folder),
      this.#problem,
      this.#rows.element,
      bars.buildFolderFoot({
        status: this.#status,
        showDeleted: (withDeleted) => this.#restart({ withDeleted }),
      }),
    );
    acceptDrops(this.content, { signal: place.signal, dropped: (files) => this.#upload(files) });
    const end = place.uploads.listen((upload) => {
      if (upload?.state === "done") this.#add(upload.target);
    });
    place.signal.addEventListener("abort", end, { once: true });
    this.#show();
    this.#more();
  }

  #createListing() {
    return new FolderListing(this.#place.session, { ...this.#folder, ...this.#asked });
  }

  /** @param {{search?: string, withDeleted?: boolean}} [changed] */
  #restart(changed) {
    this.#asked = { ...this.#asked, ...changed };
    const { order } = this.#listing;
    this.#listing = this.#createListing();
    this.#hasFailed = false;
    this.#selected.clear();
    replace(this.#problem);
    this.#sort(order);
    this.#more();
  }

  /**
   * Shows what was uploaded among what was read: what is selected and in sight stays.
   *
   * @param {import("./upload_queue.js").Target} target
   */
  #add({ bucket, key, file }) {
    if (bucket !== this.#folder.bucket || this.#hasFailed) return;
    this.#listing.add({ key, size: file.size, modified: new Date() });
    this.#showSoon();
  }

  #isToShow = false;
  #showSoon() {
    if (!this.#isToShow) setTimeout(() => this.#show(), SHOW_DELAY_MS);
    this.#isToShow = true;
  }

  async #more() {
    const listing = this.#listing;
    if (listing.isComplete || this.#hasFailed) return;
    await this.#read(listing, () => listing.loadMore());
  }

  /** @param {import("./folder_listing.js").Order} order */
  async #sort(order) {
    const listing = this.#listing;
    await this.#read(listing, () => listing.sort(order, () => this.#show()));
  }

  /**
   * @param {FolderListing} listing
   * @param {() => Promise<void>} read
   */
  async #read(listing, read) {
    try {
      await read();
    } catch (error) {
      if (listing !== this.#listing || this.#hasFailed) return;
      this.#hasFailed = true;
      replace(
        this.#problem,
        element("p", { class: "problem" }, describeFailure(error, "Listing")),
        button({ icon: "retry", text: "Try again" }, () => this.#restart()),
      );
    }
    if (listing === this.#listing) this.#show();
  }

  #show() {
    this.#isToShow = false;
    const { entries, isComplete, order } = this.#listing;
    replace(
      this.#header,
      ...buildGridHeader(order, (changed) => {
        this.#rows.element.scrollTop = 0;
        this.#sort(changed);
      }),
    );
    this.#rows.show(entries.length, isComplete);
    this.#rows.element.hidden = entries.length === 0;
    this.#status.className = entries.length === 0 ? "empty" : "muted";
    const selected = this.#selected.size;
    const isSearch = this.#asked.search !== "";
    replace(
      this.#status,
      this.#hasFailed
        ? ""
        : bars.describeEntries({ count: entries.length, selected, isComplete, isSearch }),
    );
    this.#deleteButton.disabled = this.#selected.size === 0;
  }

  /** @param {number} index */
  #buildCells(index) {
    const entry = this.#listing.entries[index];
    if (entry === undefined) return [];
    return buildEntryCells(entry, {
      link: entry.kind === "folder"
        ? linkTo("browse", { bucket: this.#folder.bucket, prefix: entry.key })
        : undefined,
      isSelected: this.#selected.has(entry.key),
      select: () => this.#select(index),
      open: () => this.#open(index),
    });
  }

  /** @param {number} index */
  #open(index) {
    const entry = this.#listing.entries[index];
    const { bucket } = this.#folder;
    if (entry?.kind === "folder") go(linkTo("browse", { bucket, prefix: entry.key }));
    if (entry?.kind !== "object") return;
    openObjectSheet(this.#place, {
      bucket,
      key: entry.key,
      changed: () => this.#refresh(entry.key),
    });
  }

  /** @param {number} index */
  #select(index) {
    const key = this.#listing.entries[index]?.key ?? "";
    if (!this.#selected.delete(key)) this.#selected.add(key);
    this.#rows.element.focus({ preventScroll: true });
    this.#show();
  }

  async #remove() {
    const { bucket } = this.#folder;
    const keys = [...this.#selected];
    if (keys.length === 0) return;
    const deleted = await confirmDeletion(this.#place.session, { bucket, keys });
    if (deleted === undefined) return;
    if (deleted === "some" || this.#asked.withDeleted) return this.#restart();
    this.#listing.remove(keys);
    this.#selected.clear();
    this.#show();
  }

  /** @param {string} key */
  async #refresh(key) {
    await this.#read(this.#listing, () => this.#listing.refresh(key));
  }

  /** @param {boolean} folder */
  #choose(folder) {
    const { signal } = this.#place;
    chooseFiles({ folder, signal, chosen: (files) => this.#upload(files) });
  }

  /** @param {import("./dropped_files.js").ChosenFile[]} files */
  #upload(files) {
    const present = new Set(this.#listing.entries.map(({ name }) => name));
    return addFiles(this.#place, { ...this.#folder, files, present });
  }

  async #createFolder() {
    if (await createFolder(this.#place.session, this.#folder)) this.#restart();
  }
}
