/**
 * The buckets of a ListBuckets answer as it streams by: one value each, no tree.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html}.
 * @module
 */

import { TextKeeper } from "./text_keeper.ts";
import { type XmlListener, XmlScanner } from "./xml_scanner.ts";

/** A bucket of the backend. */
export interface ListedBucket {
  readonly name: string;
  /** As the backend writes it; empty where it does not. */
  readonly creationDate: string;
}

/** Where a `<Bucket>` stands: in the root's `<Buckets>`. */
const BUCKET_DEPTH = 3;

/** Reads one answer. */
export class BucketListingReader implements XmlListener {
  readonly #scanner = new XmlScanner(this);
  readonly #text = new TextKeeper();
  readonly #path: string[] = [];
  #isKept = false;
  #fields = new Map<string, string>();
  #buckets: ListedBucket[] = [];
  /** The root's name, once it is known. */
  rootName: string | undefined;

  /** Takes the next bytes; answers with the buckets that have ended in them. @throws {S3Error} `BadGateway`. */
  push(piece: Uint8Array): ListedBucket[] {
    this.#scanner.push(piece);
    return this.#buckets.splice(0);
  }

  /** Ends it. @throws {S3Error} `BadGateway` where it is not whole. */
  finish(): void {
    this.#scanner.finish();
  }

  open(name: string): boolean {
    this.rootName ??= name;
    this.#path.push(name);
    this.#isKept = this.#path.length === BUCKET_DEPTH + 1 && this.#isInBucket &&
      (name === "Name" || name === "CreationDate");
    if (this.#isKept) this.#text.clear();
    return false;
  }

  text(piece: Uint8Array<ArrayBuffer>): boolean {
    if (this.#isKept) this.#text.add(piece);
    return false;
  }

  close(name: string): boolean {
    if (this.#isKept) this.#fields.set(name, this.#text.read());
    else if (this.#path.length === BUCKET_DEPTH && this.#isInBucket) this.#endBucket();
    this.#isKept = false;
    this.#path.pop();
    return false;
  }

  get #isInBucket(): boolean {
    return this.#path[1] === "Buckets" && this.#path[2] === "Bucket";
  }

  #endBucket(): void {
    const { Name: name = "", CreationDate: creationDate = "" } = Object.fromEntries(this.#fields);
    this.#buckets.push({ name, creationDate });
    this.#fields = new Map();
  }
}
