/**
 * `<DeleteResult>`: what became of each key of a DeleteObjects.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { cutUtf8, encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { defaultMessage } from "./error.ts";
import { TextKeeper } from "./text_keeper.ts";
import { escapeText } from "./xml.ts";
import { type XmlListener, XmlScanner } from "./xml_scanner.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A key that was not deleted. */
export interface DeleteFailure {
  readonly key: string;
  readonly versionId: string | undefined;
  /** An S3 code. */
  readonly code: string;
}

/** `<Error>` for a key; what is longer than a key can be is cut. */
export function formatDeleteFailure({ key, versionId, code }: DeleteFailure): string {
  const version = versionId === undefined ? "" : `<VersionId>${escapeText(versionId)}</VersionId>`;
  return `<Error><Key>${escapeText(cutUtf8(key, LIMITS.keyBytesMax))}</Key>${version}` +
    `<Code>${code}</Code>${formatMessage(code)}</Error>`;
}

function formatMessage(code: string): string {
  return `<Message>${escapeText(defaultMessage(code) ?? code)}</Message>`;
}

/** What is told of a key: `<Deleted>` and `<Error>` of S3, less the message. */
const RESULT_FIELDS = new Set([
  "Key",
  "VersionId",
  "DeleteMarker",
  "DeleteMarkerVersionId",
  "Code",
]);

/**
 * The backend's `<Deleted>` and `<Error>` elements as they stream by, without the root around them. RGW leaves `<Message>`
 * of a failed key empty; the backend's own words are not passed on anyway.
 */
export class DeleteResultRewriter implements XmlListener {
  readonly #scanner = new XmlScanner(this, { declares: false });
  readonly #code = new TextKeeper();
  #depth = 0;
  #entry = "";
  #field = "";
  /** The root's name, once it is known. */
  rootName: string | undefined;

  /** Takes the next bytes; answers with what goes on, until the next call. @throws {S3Error} `BadGateway` for what is no document. */
  push(piece: Uint8Array): Bytes {
    return this.#scanner.push(piece);
  }

  /** Ends it. @throws {S3Error} `BadGateway` where it is not whole. */
  finish(): void {
    this.#scanner.finish();
  }

  open(name: string): boolean {
    const depth = ++this.#depth;
    if (depth === 1) this.rootName = name;
    if (depth === 2) this.#entry = name;
    if (depth === 3) this.#field = name;
    if (depth === 2) this.#code.clear();
    return this.#isTold(depth);
  }

  text(piece: Bytes): boolean {
    if (this.#depth !== 3 || !this.#isTold(3)) return false;
    if (this.#field === "Code") this.#code.add(piece);
    return true;
  }

  close(): boolean {
    const depth = this.#depth--;
    if (depth === 2 && this.#entry === "Error") {
      this.#scanner.insert(encodeUtf8(formatMessage(this.#code.read())));
    }
    return this.#isTold(depth);
  }

  #isTold(depth: number): boolean {
    const isEntry = this.#entry === "Deleted" || this.#entry === "Error";
    return isEntry && (depth === 2 || depth === 3 && RESULT_FIELDS.has(this.#field));
  }
}
