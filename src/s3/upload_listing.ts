/**
 * The uploads of a ListMultipartUploads page as it streams by: one value each, no tree.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html}.
 * @module
 */

import { TextKeeper } from "./text_keeper.ts";
import { type XmlListener, XmlScanner } from "./xml_scanner.ts";

/** An upload, without its owner: answers name the user who asks. */
export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Texts of its other elements. */
  readonly others: readonly (readonly [name: string, text: string])[];
}

const OTHERS = new Set(["ChecksumAlgorithm", "ChecksumType", "Initiated", "StorageClass"]);
const ENDS = new Set(["IsTruncated", "NextKeyMarker", "NextUploadIdMarker"]);

/** Reads one page. */
export class UploadListingReader implements XmlListener {
  readonly #scanner = new XmlScanner(this);
  readonly #text = new TextKeeper();
  #depth = 0;
  #entry = "";
  #isKept = false;
  #fields = new Map<string, string>();
  #uploads: ListedUpload[] = [];
  readonly #ends = new Map<string, string>();
  /** The root's name, once it is known. */
  rootName: string | undefined;

  /** Takes the next bytes; answers with the uploads that have ended in them. @throws {S3Error} `BadGateway`. */
  push(piece: Uint8Array): ListedUpload[] {
    this.#scanner.push(piece);
    return this.#uploads.splice(0);
  }

  /** Ends the page; tells where the next one begins, if there is one. @throws {S3Error} `BadGateway`. */
  finish(): { keyMarker: string; uploadIdMarker: string } | undefined {
    this.#scanner.finish();
    if (this.#ends.get("IsTruncated") !== "true") return undefined;
    return {
      keyMarker: this.#ends.get("NextKeyMarker") ?? "",
      uploadIdMarker: this.#ends.get("NextUploadIdMarker") ?? "",
    };
  }

  open(name: string): boolean {
    const depth = ++this.#depth;
    if (depth === 1) this.rootName = name;
    if (depth === 2) this.#entry = name;
    const isField = name === "Key" || name === "UploadId" || OTHERS.has(name);
    this.#isKept = depth === 2
      ? ENDS.has(name)
      : depth === 3 && this.#entry === "Upload" && isField;
    if (this.#isKept) this.#text.clear();
    return false;
  }

  text(piece: Uint8Array<ArrayBuffer>): boolean {
    if (this.#isKept) this.#text.add(piece);
    return false;
  }

  close(name: string): boolean {
    const depth = this.#depth--;
    if (this.#isKept) (depth === 2 ? this.#ends : this.#fields).set(name, this.#text.read());
    else if (depth === 2 && name === "Upload") this.#endUpload();
    this.#isKept = false;
    return false;
  }

  #endUpload(): void {
    const { Key: key = "", UploadId: uploadId = "", ...others } = Object.fromEntries(this.#fields);
    this.#uploads.push({ key, uploadId, others: Object.entries(others) });
    this.#fields = new Map();
  }
}
