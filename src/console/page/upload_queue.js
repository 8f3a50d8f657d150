// @ts-check
/**
 * The uploads of this page: which wait, which run, how far and how fast they are.
 * @module
 */

import { MULTIPART_BYTES_MIN, MultipartUpload } from "./multipart_upload.js";
import { sendBytes } from "./send_bytes.js";

/** Files that are on their way at the same time. */
const FILES_AT_ONCE = 4;
/** The speed is that of the last seconds. */
const SPEED_SECONDS = 5;

/**
 * @typedef {"waiting" | "running" | "paused" | "done" | "failed" | "cancelled"} UploadState
 * @typedef {{bucket: string, key: string, file: File}} Target
 */

/** One file. */
export class Upload {
  /** @type {UploadState} */ state = "waiting";
  /** @type {unknown} */ error;
  sentBytes = 0;
  #abort = new AbortController();
  /** @type {MultipartUpload | undefined} */ #multipart;

  /**
   * @param {import("./session.js").Session} session
   * @param {Target} target
   */
  constructor(session, target) {
    this.session = session;
    this.target = target;
    if (target.file.size >= MULTIPART_BYTES_MIN) {
      this.#multipart = new MultipartUpload(session, target);
    }
  }

  /** Bytes that were there from an interrupted upload. */
  get resumedBytes() {
    return this.#multipart?.resumedBytes ?? 0;
  }

  /**
   * Sends it, or what is left of it.
   *
   * @param {() => void} changed
   */
  async run(changed) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.state = "running";
    this.error = undefined;
    changed();
    try {
      await this.#send({ signal, changed });
      this.state = "done";
      this.sentBytes = this.target.file.size;
    } catch (error) {
      if (!signal.aborted) {
        this.state = "failed";
        this.error = error;
      }
    }
    changed();
  }

  /** @param {{signal: AbortSignal, changed: () => void}} run */
  async #send({ signal, changed }) {
    const { bucket, key, file } = this.target;
    const multipart = this.#multipart;
    if (multipart !== undefined) {
      const update = () => {
        this.sentBytes = multipart.sentBytes;
        changed();
      };
      return await multipart.run({ signal, changed: update });
    }
    const tell = (/** @type {number} */ bytes) => {
      this.sentBytes = bytes;
      changed();
    };
    const headers = { "content-type": file.type || "application/octet-stream" };
    await sendBytes(this.session, { request: { bucket, key, headers }, body: file, signal, tell });
  }

  /** @param {"paused" | "cancelled"} state */
  stop(state) {
    this.state = state;
    this.#abort.abort();
    if (state === "cancelled") this.#multipart?.abort().catch(() => {}); // a lifecycle rule may
  }
}

/** All of them. */
export class UploadQueue {
  /** @type {Upload[]} */ uploads = [];
  /** @type {Set<(upload: Upload | undefined) => void>} */ #listeners = new Set();
  /** @type {{at: number, bytes: number}[]} */ #samples = [];

  /**
   * Calls `listener` when an upload has changed, or several (`undefined`).
   *
   * @param {(upload: Upload | undefined) => void} listener
   * @returns {() => void} ends it
   */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @param {import("./session.js").Session} session
   * @param {readonly Target[]} targets
   */
  add(session, targets) {
    this.uploads.push(...targets.map((target) => new Upload(session, target)));
    this.#tell(undefined);
    this.#next();
  }

  /** @param {Upload} upload */
  pause(upload) {
    if (upload.state !== "running" && upload.state !== "waiting") return;
    upload.stop("paused");
    this.#tell(upload);
    this.#next();
  }

  /** Also after a failure. @param {Upload} upload */
  resume(upload) {
    upload.state = "waiting";
    this.#tell(upload);
    this.#next();
  }

  /** @param {Upload} upload */
  cancel(upload) {
    upload.stop("cancelled");
    this.#tell(upload);
    this.#next();
  }

  /** Forgets those that have ended. */
  clear() {
    this.uploads = this.uploads.filter(({ state }) => state !== "done" && state !== "cancelled");
    this.#tell(undefined);
  }

  /** Whether leaving the page would lose something. */
  get isBusy() {
    return this.uploads.some(({ state }) => state === "running" || state === "waiting");
  }

  /** Bytes a second, of all, over the last seconds. */
  get speed() {
    const now = performance.now();
    const bytes = this.uploads.reduce(
      (sum, upload) => sum + upload.sentBytes - upload.resumedBytes,
      0,
    );
    this.#samples = [...this.#samples, { at: now, bytes }].filter(({ at }) =>
      now - at < SPEED_SECONDS * 1000
    );
    const [first] = this.#samples;
    if (first === undefined || now - first.at < 200) return 0;
    return Math.max(0, (bytes - first.bytes) / ((now - first.at) / 1000));
  }

  #next() {
    let running = this.uploads.filter(({ state }) => state === "running").length;
    for (const upload of this.uploads) {
      if (running >= FILES_AT_ONCE) return;
      if (upload.state !== "waiting") continue;
      running++;
      upload.run(() => this.#tell(upload)).then(() => this.#next());
    }
  }

  /** @param {Upload | undefined} upload */
  #tell(upload) {
    for (const listener of this.#listeners) listener(upload);
  }
}
