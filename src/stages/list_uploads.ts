/**
 * ListMultipartUploads with a delimiter or an encoding: asked of the backend without, and grouped and encoded here. RGW 16
 * shows neither uploads nor common prefixes with a delimiter, and encodes keys without saying so.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html}.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import { type Answer, respondWithFailure } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { asksToEncode, encodeListed } from "../s3/listing_rewriter.ts";
import type { S3Request } from "../s3/request.ts";
import type { Owner } from "../s3/response_documents.ts";
import { type ListedUpload, UploadListingReader } from "../s3/upload_listing.ts";
import { formatDocument, formatTextElement } from "../s3/xml.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildOwner } from "./respond_by_operation.ts";
import { type Pieces, respondWithPieces } from "./respond_streamed.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Parameters = ReadonlyMap<string, string>;

/** Sorts behind every key that starts as it does, but for keys that go on with this very character. */
const LAST_CHARACTER = "\u{10ffff}";

/** Whether a request asks for what a backend is not relied on for. */
export function asksToGroup({ operation, parameters }: S3Request): boolean {
  return operation.name === "ListMultipartUploads" &&
    ((parameters.get("delimiter") ?? "") !== "" || asksToEncode(parameters));
}

/**
 * Answers it. A page may be shorter than asked for: no more than {@linkcode LIMITS.groupedPagesMax} of the backend are
 * looked at for one.
 * @throws {S3Error} `InvalidArgument` for a `max-uploads` that is none; those of the backend.
 */
export async function answerGroupedUploads(
  authorized: Authorized,
  exchange: Exchange,
): Promise<Answer> {
  const page = new UploadPage(authorized, exchange);
  const first = await page.ask();
  const { context } = exchange;
  if (first.status !== 200) return await respondWithFailure(first, context);
  return await respondWithPieces(page.answerWith(first), { context, headers: [] });
}

class UploadPage {
  readonly #authorized: Authorized;
  readonly #exchange: Exchange;
  readonly #parameters: Parameters;
  readonly #owner: Owner;
  readonly #uploadsMax: number;
  /** Where the backend is asked to go on. */
  #cursor: { keyMarker: string; uploadIdMarker: string };
  #count = 0;
  /** The common prefix told of last: its other uploads are passed over. */
  #lastPrefix: string | undefined;
  #isFull = false;
  #next: { keyMarker: string; uploadIdMarker: string };
  #cancel = (): void => {};

  constructor(authorized: Authorized, exchange: Exchange) {
    const { request: { parameters }, authenticated: { identity } } = authorized;
    this.#authorized = authorized;
    this.#exchange = exchange;
    this.#parameters = parameters;
    this.#owner = buildOwner(identity);
    this.#uploadsMax = parseMaxUploads(parameters.get("max-uploads"));
    const keyMarker = parameters.get("key-marker") ?? "";
    const uploadIdMarker = parameters.get("upload-id-marker") ?? "";
    this.#cursor = this.#next = { keyMarker, uploadIdMarker };
    if (uploadIdMarker === "" && this.#findPrefix(keyMarker) === keyMarker) {
      this.#lastPrefix = keyMarker;
      this.#cursor = { keyMarker: keyMarker + LAST_CHARACTER, uploadIdMarker: "" };
    }
  }

  /** The backend's next page. */
  ask(): Promise<BackendResponse> {
    const { keyMarker, uploadIdMarker } = this.#cursor;
    const asked = { prefix: this.#parameters.get("prefix"), "key-marker": keyMarker };
    const parameters = Object.entries({ ...asked, "upload-id-marker": uploadIdMarker })
      .flatMap(([name, value]): [string, string][] => value ? [[name, value]] : []);
    return this.#exchange.send(this.#authorized, {
      ...buildBackendRequest(this.#authorized.request),
      parameters: new Map([["uploads", ""], ...parameters]),
    });
  }

  answerWith(first: BackendResponse): Pieces {
    return { pieces: this.#write(first), cancel: () => this.#cancel() };
  }

  async *#write(first: BackendResponse): AsyncGenerator<Bytes, void> {
    const [head = "", tail = ""] = formatDocument("ListMultipartUploadsResult", "\0").split("\0");
    yield encodeUtf8(head + this.#formatEchoes());
    let response: BackendResponse | undefined = first;
    let isTruncated = false;
    for (let pages = 1; response !== undefined; pages++) {
      const next = yield* this.#writePage(response);
      // Nothing was asked for: there is no page behind this one.
      isTruncated = this.#uploadsMax > 0 && (this.#isFull || next !== undefined);
      if (this.#isFull || next === undefined || pages === LIMITS.groupedPagesMax) break;
      response = await this.ask();
      if (response.status !== 200) throw new S3Error("BadGateway", { reason: "listing_broke_off" });
    }
    const { keyMarker, uploadIdMarker } = this.#next;
    const markers = this.#format("NextKeyMarker", keyMarker) +
      (uploadIdMarker === "" ? "" : formatTextElement("NextUploadIdMarker", uploadIdMarker));
    const end = formatTextElement("IsTruncated", String(isTruncated)) +
      (isTruncated ? markers : "");
    yield encodeUtf8(end + tail);
  }

  /** Tells of a page's uploads; returns where the backend's next one begins. */
  async *#writePage(
    { body }: BackendResponse,
  ): AsyncGenerator<Bytes, { keyMarker: string; uploadIdMarker: string } | undefined> {
    if (body === null) throw new S3Error("BadGateway", { reason: "response_empty" });
    const reader = new BodyReader(body, LIMITS.documentPieceBytes);
    this.#cancel = () => reader.cancel();
    const listing = new UploadListingReader();
    for (let piece = await reader.read(); piece !== undefined; piece = await reader.read()) {
      const bytes = piece;
      const uploads = await THREAD_TURNS.step(() => listing.push(bytes));
      if (listing.rootName !== undefined && listing.rootName !== "ListMultipartUploadsResult") {
        throw new S3Error("BadGateway", { reason: "response_not_expected" });
      }
      reader.free(piece);
      for (const upload of uploads) {
        const told = this.#tell(upload);
        if (this.#isFull) {
          reader.cancel();
          return undefined;
        }
        if (told !== undefined) yield encodeUtf8(told);
      }
    }
    const next = listing.finish();
    if (next === undefined) return undefined;
    // A common prefix may hold a million uploads: the backend goes on behind it.
    const isInPrefix = this.#lastPrefix !== undefined &&
      next.keyMarker.startsWith(this.#lastPrefix);
    this.#cursor = isInPrefix
      ? { keyMarker: this.#lastPrefix + LAST_CHARACTER, uploadIdMarker: "" }
      : next;
    if (!isInPrefix) this.#next = next;
    return next;
  }

  /** The upload's element, or its common prefix's, or nothing where that was told of. */
  #tell(upload: ListedUpload): string | undefined {
    const { key, uploadId } = upload;
    const { parameters } = this.#authorized.request;
    // RGW takes a key-marker without an upload-id-marker for "from here on"; S3 for "behind it".
    if (key === parameters.get("key-marker") && !parameters.get("upload-id-marker")) {
      return undefined;
    }
    const prefix = this.#findPrefix(key);
    if (prefix !== undefined && prefix === this.#lastPrefix) return undefined;
    if (this.#count === this.#uploadsMax) {
      this.#isFull = true;
      return undefined;
    }
    this.#count++;
    this.#lastPrefix = prefix;
    this.#next = prefix === undefined
      ? { keyMarker: key, uploadIdMarker: uploadId }
      : { keyMarker: prefix, uploadIdMarker: "" };
    if (prefix !== undefined) {
      return `<CommonPrefixes>${this.#format("Prefix", prefix)}</CommonPrefixes>`;
    }
    const { id, displayName } = this.#owner;
    const identity = formatTextElement("ID", id) + formatTextElement("DisplayName", displayName);
    const others = upload.others.map(([name, text]) => formatTextElement(name, text)).join("");
    return `<Upload>${this.#format("Key", key)}${formatTextElement("UploadId", uploadId)}` +
      `<Initiator>${identity}</Initiator><Owner>${identity}</Owner>${others}</Upload>`;
  }

  /** `key` up to the first delimiter behind the prefix that was asked for. */
  #findPrefix(key: string): string | undefined {
    const prefix = this.#parameters.get("prefix") ?? "";
    const delimiter = this.#parameters.get("delimiter") ?? "";
    if (delimiter === "" || !key.startsWith(prefix)) return undefined;
    const at = key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + delimiter.length);
  }

  #formatEchoes(): string {
    const { resource } = this.#authorized.request;
    const read = (name: string): string => this.#parameters.get(name) ?? "";
    return formatTextElement("Bucket", resource.level === "bucket" ? resource.bucket : "") +
      this.#format("KeyMarker", read("key-marker")) +
      formatTextElement("UploadIdMarker", read("upload-id-marker")) +
      this.#format("Prefix", read("prefix")) + this.#format("Delimiter", read("delimiter")) +
      formatTextElement("MaxUploads", String(this.#uploadsMax)) +
      (asksToEncode(this.#parameters) ? formatTextElement("EncodingType", "url") : "");
  }

  #format(name: string, text: string): string {
    return formatTextElement(name, asksToEncode(this.#parameters) ? encodeListed(text) : text);
  }
}

function parseMaxUploads(text: string | undefined): number {
  // INVARIANT: a number; parsing has refused others.
  return text === undefined || text === ""
    ? LIMITS.listedUploadsMax
    : Math.min(Number(text), LIMITS.listedUploadsMax);
}
