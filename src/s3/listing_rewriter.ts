/**
 * A listing as it streams by: the user in place of every owner and initiator, and with `encoding-type=url` every name
 * encoded that S3 encodes. RGW encodes keys and common prefixes only; a client that decodes the rest as S3 has it
 * would begin its next page at another key, or at the same one for ever.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html} (EncodingType).
 * @module
 */

import { Buffer } from "node:buffer";
import { concatBytes, encodeUtf8 } from "../lib/bytes.ts";
import type { Owner } from "./response_documents.ts";
import { TextKeeper, unescapeText } from "./text_keeper.ts";
import { escapeXml } from "./xml.ts";
import { type XmlListener, XmlScanner } from "./xml_scanner.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a listing is rewritten for. */
export interface ListingRewrite {
  readonly owner: Owner;
  /** The request's parameters, among them perhaps `encoding-type`. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Children of the root that S3 encodes: those that repeat a parameter of the request … */
const ECHOES: ReadonlyMap<string, string> = new Map([
  ["Delimiter", "delimiter"],
  ["KeyMarker", "key-marker"],
  ["Marker", "marker"],
  ["Prefix", "prefix"],
  ["StartAfter", "start-after"],
]);
/** … and where the next page begins. */
const NEXT = new Set(["NextKeyMarker", "NextMarker"]);
const ENTRIES = new Set(["CommonPrefixes", "Contents", "DeleteMarker", "Version"]);
const OWNERS = new Set(["Initiator", "Owner"]);

/** Whether names are to be encoded. */
export function asksToEncode(parameters: ReadonlyMap<string, string>): boolean {
  return parameters.get("encoding-type")?.toLowerCase() === "url";
}

/** `text` percent-encoded as S3 does it in listings: `/` stays. */
export function encodeListed(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/");
}

/** Rewrites one listing. */
export class ListingRewriter implements XmlListener {
  readonly #scanner = new XmlScanner(this);
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #encodes: boolean;
  /** What stands in for an owner's id and name. */
  readonly #identity: ReadonlyMap<string, Bytes>;
  #text = new TextKeeper();
  readonly #held: { name: string; text: Bytes }[] = [];
  #depth = 0;
  /** Depth of the owner that is open; 0 for none. */
  #ownerDepth = 0;
  /** Depth of the element whose text is kept; 0 for none. */
  #keptDepth = 0;
  #entry = "";
  /** Of the last entry; the memory of the one before is used again. */
  #lastKey = new TextKeeper();
  #lastPrefix = new TextKeeper();
  /** Whether the backend says that it has encoded: it may have ignored the parameter. */
  #isEncoded = false;
  /** The root's name, once it is known. */
  rootName: string | undefined;

  constructor({ owner, parameters }: ListingRewrite) {
    this.#parameters = parameters;
    this.#encodes = asksToEncode(parameters);
    this.#identity = new Map([
      ["ID", buildTextElement("ID", escapeXml(owner.id))],
      ["DisplayName", buildTextElement("DisplayName", escapeXml(owner.displayName))],
    ]);
  }

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
    if (this.#ownerDepth > 0) return false;
    if (depth === 1) this.rootName = name;
    if (OWNERS.has(name)) this.#ownerDepth = depth;
    else if (this.#encodes) return this.#openEncoded(name, depth);
    return true;
  }

  text(piece: Bytes): boolean {
    if (this.#ownerDepth > 0) return false;
    if (this.#keptDepth === 0) return true;
    this.#text.add(piece);
    return !this.#isHeld;
  }

  close(name: string): boolean {
    const depth = this.#depth--;
    if (this.#ownerDepth > 0) return this.#closeInOwner(name, depth);
    if (depth === this.#keptDepth) return this.#closeKept(name, depth);
    if (depth === 1) this.#writeHeld();
    return true;
  }

  get #isHeld(): boolean {
    return this.#keptDepth === 2 && this.#entry !== "EncodingType";
  }

  #openEncoded(name: string, depth: number): boolean {
    if (depth === 2) {
      this.#entry = name;
      if (!ECHOES.has(name) && !NEXT.has(name) && name !== "EncodingType") return true;
    } else if (depth !== 3 || !ENTRIES.has(this.#entry) || name !== "Key" && name !== "Prefix") {
      return true;
    }
    this.#keptDepth = depth;
    this.#text.clear();
    return !this.#isHeld;
  }

  #closeKept(name: string, depth: number): boolean {
    const isHeld = this.#isHeld;
    this.#keptDepth = 0;
    if (isHeld) this.#held.push({ name, text: this.#text.take() });
    else if (depth === 2) this.#isEncoded = this.#text.read().toLowerCase() === "url";
    else if (name === "Key") [this.#text, this.#lastKey] = [this.#lastKey, this.#text];
    else [this.#text, this.#lastPrefix] = [this.#lastPrefix, this.#text];
    return !isHeld;
  }

  /** What else an owner has is left out, whatever it is. */
  #closeInOwner(name: string, depth: number): boolean {
    if (depth === this.#ownerDepth) {
      this.#ownerDepth = 0;
      return true;
    }
    const identity = this.#identity.get(name);
    if (identity !== undefined && depth === this.#ownerDepth + 1) this.#scanner.insert(identity);
    return false;
  }

  /** At the root's end: only then is it known whether the backend has encoded, and what came last. */
  #writeHeld(): void {
    for (const { name, text } of this.#held) {
      this.#scanner.insert(
        concatBytes([
          encodeUtf8(`<${name}>`),
          this.#encodeHeld(name, text),
          encodeUtf8(`</${name}>`),
        ]),
      );
    }
  }

  #encodeHeld(name: string, text: Bytes): Bytes {
    if (!this.#isEncoded) return text;
    const parameter = ECHOES.get(name);
    // The request's own parameter is used, not what a backend has made of it.
    const plain = parameter === undefined
      ? unescapeText(text)
      : this.#parameters.get(parameter) ?? "";
    if (NEXT.has(name) && plain === this.#findLast()) return text;
    return encodeUtf8(escapeXml(encodeListed(plain)));
  }

  /**
   * The page's last entry as the backend has encoded it. A backend whose next page begins at just that text encodes
   * all by itself, as MinIO does.
   */
  #findLast(): string {
    const [key, prefix] = [this.#lastKey.read(), this.#lastPrefix.read()];
    return Buffer.compare(decodeListed(key), decodeListed(prefix)) > 0 ? key : prefix;
  }
}

/** Keys are in the order of their bytes. */
function decodeListed(text: string): Bytes {
  try {
    return encodeUtf8(decodeURIComponent(text.replaceAll("+", "%20")));
  } catch {
    return encodeUtf8(text);
  }
}

function buildTextElement(name: string, escaped: string): Bytes {
  return encodeUtf8(`<${name}>${escaped}</${name}>`);
}
