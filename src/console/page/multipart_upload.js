// @ts-check
/**
 * A file in parts: begun anew, or taken up where an interrupted upload of the same file left off. Nothing is kept in the browser for that: the store
 * knows the parts, and their ETags tell whether they are this file's.
 * @module
 */

import { md5Hex } from "./md5.js";
import { escapeXml, nameOf, send, sendForXml } from "./s3_client.js";
import { S3Failure } from "./s3_failure.js";
import { childrenOf, parseXml, textOf } from "./s3_xml.js";
import { sendBytes } from "./send_bytes.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{bucket: string, key: string, file: File}} Target */

const MIB = 1 << 20;
/** Smaller files are one request. */
export const MULTIPART_BYTES_MIN = 16 * MIB;
const PART_BYTES = 8 * MIB;
const PARTS_MAX = 10_000;
/** Parts of one file that are on their way or wait for a connection. */
const PARTS_AT_ONCE = 4;
/** Unfinished uploads of a key that are looked at. */
const CANDIDATES_MAX = 5;

/** @param {number} size */
export function choosePartBytes(size) {
  return Math.max(PART_BYTES, Math.ceil(size / PARTS_MAX / MIB) * MIB);
}

/** An upload in parts; {@link run} may be called again after it was stopped or has failed. */
export class MultipartUpload {
  /** @type {Session} */ #session;
  /** @type {Target} */ #target;
  /** @type {string | undefined} */ #uploadId;
  /** ETags by part number. @type {Map<number, string>} */ #done = new Map();
  /** Bytes that are out, of parts on their way. @type {Map<number, number>} */ #underway =
    new Map();
  #partBytes;
  /** How many bytes another page had sent before. */
  resumedBytes = 0;

  /**
   * @param {Session} session
   * @param {Target} target
   */
  constructor(session, target) {
    this.#session = session;
    this.#target = target;
    this.#partBytes = choosePartBytes(target.file.size);
  }

  /** Bytes that are out. */
  get sentBytes() {
    const parts = [...this.#done.keys()].map((number) => this.#slice(number).size);
    return [...parts, ...this.#underway.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * @param {{signal: AbortSignal, changed: () => void}} run
   * @returns {Promise<void>}
   */
  async run({ signal, changed }) {
    if (this.#uploadId === undefined) {
      await this.#takeUp();
      changed();
    }
    signal.throwIfAborted();
    this.#uploadId ??= await this.#create();
    const count = Math.ceil(this.#target.file.size / this.#partBytes);
    const missing = Array.from({ length: count }, (_, index) => index + 1)
      .filter((number) => !this.#done.has(number));
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const work = async () => {
      for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
        await this.#sendPart(number, { signal: either, changed });
      }
    };
    try {
      await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
    } finally {
      stop.abort(); // the others, if one has failed
      this.#underway.clear();
    }
    await this.#complete();
  }

  /** Has the store forget what it holds of an upload that nobody will finish. */
  async abort() {
    const { bucket, key } = this.#target;
    if (this.#uploadId === undefined) return;
    const query = { uploadId: this.#uploadId };
    await send(this.#session, { method: "DELETE", bucket, key, query });
  }

  /** @param {number} number */
  #slice(number) {
    const start = (number - 1) * this.#partBytes;
    return this.#target.file.slice(start, start + this.#partBytes);
  }

  /**
   * @param {number} number
   * @param {{signal: AbortSignal, changed: () => void}} run
   */
  async #sendPart(number, { signal, changed }) {
    const { bucket, key } = this.#target;
    const query = { partNumber: String(number), uploadId: this.#uploadId ?? "" };
    const tell = (/** @type {number} */ bytes) => {
      this.#underway.set(number, bytes);
      changed();
    };
    const request = { bucket, key, query };
    const etag = await sendBytes(this.#session, {
      request,
      body: this.#slice(number),
      signal,
      tell,
    });
    this.#underway.delete(number);
    this.#done.set(number, etag);
    changed();
  }

  async #create() {
    const { bucket, key, file } = this.#target;
    const headers = { "content-type": file.type || "application/octet-stream" };
    const root = await sendForXml(this.#session, {
      method: "POST",
      bucket,
      key,
      query: { uploads: "" },
      headers,
    });
    return textOf(root, "UploadId");
  }

  /** Looks for an unfinished upload of this file; without the right to list them there is none. */
  async #takeUp() {
    const { bucket, key } = this.#target;
    const query = { uploads: "", prefix: key, "encoding-type": "url", "max-uploads": "100" };
    const root = await sendForXml(this.#session, { bucket, query }).catch(() => undefined);
    const uploads = root === undefined ? [] : childrenOf(root, "Upload")
      .filter((upload) => nameOf(root, textOf(upload, "Key")) === key)
      .sort((a, b) => textOf(b, "Initiated").localeCompare(textOf(a, "Initiated")));
    for (const upload of uploads.slice(0, CANDIDATES_MAX)) {
      const uploadId = textOf(upload, "UploadId");
      const done = await this.#compareParts(uploadId).catch(() => new Map());
      if (done.size === 0) continue; // another file's, perhaps on its way at this moment
      this.#uploadId = uploadId;
      this.#done = done;
      this.resumedBytes = this.sentBytes;
      return;
    }
  }

  /**
   * The parts of an upload that are this file's.
   *
   * @param {string} uploadId
   * @returns {Promise<Map<number, string>>}
   */
  async #compareParts(uploadId) {
    const { bucket, key } = this.#target;
    const same = new Map();
    let marker = "0";
    for (;;) {
      const query = { uploadId, "part-number-marker": marker };
      const root = await sendForXml(this.#session, { bucket, key, query });
      for (const part of childrenOf(root, "Part")) {
        const number = Number(textOf(part, "PartNumber"));
        const slice = this.#slice(number);
        if (slice.size === 0 || slice.size !== Number(textOf(part, "Size"))) continue;
        const digest = await md5Hex(new Uint8Array(await slice.arrayBuffer()));
        if (textOf(part, "ETag").replaceAll('"', "") === digest) {
          same.set(number, textOf(part, "ETag"));
        }
      }
      const next = textOf(root, "NextPartNumberMarker");
      if (textOf(root, "IsTruncated") !== "true" || Number(next) <= Number(marker)) return same;
      marker = next;
    }
  }

  async #complete() {
    const { bucket, key } = this.#target;
    const parts = [...this.#done].sort(([a], [b]) => a - b).map(([number, etag]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`
    );
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
      parts.join("")
    }</CompleteMultipartUpload>`;
    const query = { uploadId: this.#uploadId ?? "" };
    const headers = { "content-type": "application/xml" };
    const response = await send(this.#session, {
      method: "POST",
      bucket,
      key,
      query,
      headers,
      body,
    });
    const root = parseXml(await response.text());
    if (root.name !== "Error") return;
    throw new S3Failure({ // it is sent behind a 200
      code: textOf(root, "Code"),
      message: textOf(root, "Message"),
      status: 500,
      requestId: response.headers.get("x-amz-request-id") ?? "",
    });
  }
}
