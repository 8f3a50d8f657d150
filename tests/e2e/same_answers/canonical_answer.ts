/**
 * An answer without what is different each time: ids of requests, uploads and versions, times, names of buckets and owners.
 * @module
 */

import { Buffer } from "node:buffer";
import type { XmlElement } from "../../../src/s3/xml.ts";
import type { RawResponse } from "../../support/raw_client.ts";
import { readWithSaxes } from "../../support/saxes_tree.ts";
import type { Side } from "./side.ts";

/** What is compared. */
export interface CanonicalAnswer {
  /** `200`, or `404 NoSuchKey`. */
  readonly outcome: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether it is a document, whose length depends on how it is written. */
  readonly isDocument: boolean;
  /** A document indented, an error as nothing, anything else as it is. */
  readonly body: string;
}

/** Headers whose value is an id that a side has made up. */
const ID_HEADERS = ["x-amz-version-id", "x-amz-copy-source-version-id"];
const ID_ELEMENTS =
  /<(UploadId|VersionId|DeleteMarkerVersionId|NextUploadIdMarker|NextVersionIdMarker)>([^<]+)<\/\1>/g;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** A day from now, by the clock of the store. */
const EXACT_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z$/;
/** Headers whose value is the time of a request. */
const TIMES = new Set(["date", "last-modified"]);
/** Elements of that kind. */
const TIME_ELEMENTS = new Set(["LastModified", "CreationDate", "Initiated"]);

/** Reads the answers of a side, and remembers its ids by the answers that showed them first. */
export class AnswerReader {
  readonly #side: Side;
  readonly #ids = new Map<string, string>();
  #answers = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  /** Reads an answer to a request with `method`. */
  read(response: RawResponse): CanonicalAnswer {
    this.#learnIds(response);
    const { status } = response;
    const errorCode = status < 400 && !/^[^]{0,99}<Error>/.test(response.text)
      ? undefined
      : response.errorCode;
    const headers = new Map<string, string>();
    for (const [name, value] of response.headers) {
      const lower = name.toLowerCase();
      const before = headers.get(lower);
      const read = this.#readHeader(lower, value);
      headers.set(lower, before === undefined ? read : `${before} | ${read}`);
    }
    if (response.interim.length > 0) headers.set("(interim)", response.interim.join());
    if (response.bodyEnd === "broken") headers.set("(body)", "broken");
    const isError = errorCode !== undefined;
    const root = this.#readDocument(response);
    return {
      outcome: isError ? `${status} ${errorCode}` : String(status),
      headers,
      isDocument: isXml(response),
      body: isError
        ? ""
        : root !== undefined
        ? this.#formatElement(root, "").join("\n")
        : isText(response.body)
        ? this.#readUnparsed(response.text)
        : `base64 ${Buffer.from(response.body).toString("base64")}`,
    };
  }

  /** `text` with what this side alone calls so under names that are the same on all sides. */
  #rename(text: string): string {
    let renamed = text;
    for (const [id, name] of this.#ids) renamed = renamed.replaceAll(id, name);
    return renamed.replaceAll(this.#side.prefix, "{side}").replaceAll(
      /(?:https?:\/\/)?(?:127\.0\.0\.1|localhost):\d+/g,
      "{endpoint}",
    ).replaceAll(/(?<=\.)localhost:\d+/g, "{domain}");
  }

  #learnIds({ headers, text }: RawResponse): void {
    const found = headers.filter(([name]) => ID_HEADERS.includes(name.toLowerCase()))
      .map(([, value]) => value);
    for (const [, , id = ""] of text.matchAll(ID_ELEMENTS)) found.push(id);
    this.#answers++;
    let here = 0;
    for (const id of found) {
      if (id === "null" || this.#ids.has(id) || id.length < 16) continue;
      this.#ids.set(id, `{id ${this.#answers}.${++here}}`);
    }
  }

  #readHeader(name: string, value: string): string {
    if (TIMES.has(name) && HTTP_DATE.test(value) || EXACT_DATE.test(value)) return "{time}";
    return this.#rename(value);
  }

  #readDocument(response: RawResponse): XmlElement | undefined {
    return isXml(response) ? readWithSaxes(response.text) : undefined;
  }

  #formatElement({ name, attributes, children }: XmlElement, indent: string): string[] {
    const elements = children.filter((child) => typeof child !== "string");
    const named = [...attributes].toSorted().map(([key, value]) => ` ${key}="${value}"`).join("");
    if (elements.length === 0) {
      const text = children.join("");
      return [`${indent}${name}${named}: ${this.#readText(name, text)}`];
    }
    // The order of elements with different names means nothing in S3's documents.
    const listed = elements.filter((child) => this.#isOurs(child))
      .toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
      .map((child) => this.#formatElement(child, `${indent}  `));
    // RGW tells what it has deleted in the order in which it was done.
    if (name === "DeleteResult") listed.sort((a, b) => a.join() < b.join() ? -1 : 1);
    const inner = listed.flat();
    if (name === "Owner" || name === "Initiator" || name === "Grantee") {
      return [`${indent}${name}${named}`, ...this.#readOwner(inner)];
    }
    return [`${indent}${name}${named}`, ...inner];
  }

  /** Other tests have buckets, too. */
  #isOurs({ name, children }: XmlElement): boolean {
    if (name !== "Bucket") return true;
    const named = children.find((child) => typeof child !== "string" && child.name === "Name");
    return named === undefined || typeof named === "string" ||
      String(named.children[0]).startsWith(this.#side.prefix);
  }

  #readOwner(lines: readonly string[]): string[] {
    const { id, displayName } = this.#side.owner;
    return lines.map((line) =>
      line.replace(/^( *ID): (.*)$/, (all, key, text) => text === id ? `${key}: {owner}` : all)
        .replace(
          /^( *DisplayName): (.*)$/,
          (all, key, text) => text === displayName ? `${key}: {owner}` : all,
        )
    );
  }

  /** What is no document, and documents with characters that XML does not have. */
  #readUnparsed(text: string): string {
    const { id, displayName } = this.#side.owner;
    const element = `<Owner><ID>${id}</ID><DisplayName>${displayName}</DisplayName></Owner>`;
    return this.#rename(text).replaceAll(element, "{owner}").replaceAll(
      /<(LastModified|Initiated)>[^<]*</g,
      "<$1>{time}<",
    );
  }

  #readText(name: string, text: string): string {
    if (TIME_ELEMENTS.has(name) && ISO_DATE.test(text) || EXACT_DATE.test(text)) return "{time}";
    return this.#rename(text);
  }
}

function isXml({ text, headers }: RawResponse): boolean {
  return text.startsWith("<?xml") ||
    headers.some(([name, value]) => name.toLowerCase() === "content-type" && /xml/.test(value));
}

function isText(body: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}
