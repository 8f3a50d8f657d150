/**
 * The backend as the probe talks to it: small requests signed with the master key, in buckets and below keys of the probe's
 * own, all of which are removed whatever happens.
 * @module
 */

import type { BucketName, ObjectKey } from "../s3/names.ts";
import { childOf, childrenOf, parseBackendDocument, textOf, type XmlElement } from "../s3/xml.ts";
import { askBackend, type AskOptions, type Reply } from "../upstream/ask_backend.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";

/** A request of the probe; without a key it is about the bucket. */
export interface ProbeRequest {
  readonly bucket?: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly payloadHash?: string;
}

type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE";

/** A place of the probe's own on the backend. */
export class ProbeStore {
  /** Where objects go. */
  readonly bucket: string;
  /** What all keys begin with. */
  readonly prefix: string;
  /** Whether {@linkcode bucket} is the probe's own: settings may be written there. */
  readonly isOwnBucket: boolean;
  readonly #ask: AskOptions;
  readonly #buckets: string[] = [];
  readonly #uploads: { bucket: string; key: string; uploadId: string }[] = [];
  readonly #keys = new Map<string, { bucket: string; key: string }>();

  constructor(
    ask: AskOptions,
    { bucket, name }: { bucket: string | undefined; name: string },
  ) {
    this.#ask = ask;
    this.isOwnBucket = bucket === undefined;
    this.bucket = bucket ?? name;
    this.prefix = `${name}/`;
  }

  /** A key of the probe's own. */
  key(name: string): string {
    return this.prefix + name;
  }

  /** Sends a request. */
  async send(
    method: Method,
    { bucket = this.bucket, key, query = {}, headers = {}, body = "", payloadHash }: ProbeRequest,
  ): Promise<Reply> {
    if ((method === "PUT" || method === "POST") && key !== undefined) {
      this.#keys.set(`${bucket}/${key}`, { bucket, key });
    }
    const bytes = typeof body === "string" ? encodeUtf8(body) : body;
    // The probe's own names, some of them such as no client's request could have: to see what becomes of them.
    const name = bucket as BucketName;
    const resource = key === undefined
      ? { level: "bucket", bucket: name } as const
      // The same is true of its keys.
      : { level: "object", bucket: name, key: key as ObjectKey } as const;
    return await askBackend({
      method,
      resource,
      parameters: new Map(Object.entries(query)),
      headers: new Map(Object.entries(headers)),
      body: bytes,
      ...(payloadHash === undefined ? {} : { payloadHash }),
    }, this.#ask);
  }

  /** Writes an object, which must be there then. */
  async put(key: string, request: Omit<ProbeRequest, "key"> = {}): Promise<Reply> {
    const reply = await this.send("PUT", { body: "one", ...request, key });
    if (reply.status !== 200) throw new Error(`PutObject is answered ${describe(reply)}`);
    return reply;
  }

  /** The text of an object; `undefined` where it cannot be read. */
  async read(key: string, request: Omit<ProbeRequest, "key"> = {}): Promise<string | undefined> {
    const reply = await this.send("GET", { ...request, key });
    return reply.status === 200 ? reply.text : undefined;
  }

  /** Makes a bucket, which is removed in the end. */
  async makeBucket(bucket: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const region = this.#ask.credentials.region;
    const named = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    this.#buckets.push(bucket);
    const first = await this.send("PUT", {
      bucket,
      headers,
      body: region === "us-east-1" ? "" : named,
    });
    // Some stores have no regions, and some know their own by no name.
    return first.status === 200 || region === "us-east-1"
      ? first
      : await this.send("PUT", { bucket, headers });
  }

  /** Notes a bucket that a request may have made. */
  mayHaveMade(bucket: string): void {
    this.#buckets.push(bucket);
  }

  /** Begins an upload in parts, which is given up in the end. */
  async begin(key: string, request: Omit<ProbeRequest, "key"> = {}): Promise<string> {
    const reply = await this.send("POST", { ...request, key, query: { uploads: "" } });
    const uploadId = textOf(childOf(readRoot(reply), "UploadId"));
    if (uploadId === "") throw new Error(`CreateMultipartUpload is answered ${describe(reply)}`);
    this.#uploads.push({ bucket: request.bucket ?? this.bucket, key, uploadId });
    return uploadId;
  }

  /** Removes everything; tells what it could not. */
  async clean(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const { uploadId, ...where } of this.#uploads) {
      await this.#try(() => this.send("DELETE", { ...where, query: { uploadId } }));
    }
    for (const where of this.#keys.values()) {
      await this.#try(() => this.send("DELETE", where));
    }
    for (const bucket of [...new Set([this.bucket, ...this.#buckets])]) {
      await this.#try(() => this.#empty(bucket));
    }
    for (const bucket of this.#buckets) {
      const reply = await this.#try(() => this.send("DELETE", { bucket }));
      if (reply?.status !== 204 && reply?.status !== 404) left.push(`the bucket ${bucket}`);
    }
    const rest = this.isOwnBucket
      ? undefined
      : await this.#try(() =>
        this.send("GET", { query: { "list-type": "2", prefix: this.prefix } })
      );
    if (rest?.text?.includes("<Contents>")) left.push(`keys below ${this.bucket}/${this.prefix}`);
    return left;
  }

  /** Deletes each version below the prefix, on stores that have any. */
  async #empty(bucket: string): Promise<void> {
    const query = { versions: "", prefix: this.isOwnBucket ? "" : this.prefix };
    const listed = await this.send("GET", { bucket, query });
    if (listed.status !== 200) return;
    for (const entry of childrenOf(readRoot(listed)).slice(0, LIMITS.probeVersionsMax)) {
      if (entry.name !== "Version" && entry.name !== "DeleteMarker") continue;
      const key = textOf(childOf(entry, "Key"));
      const versionId = textOf(childOf(entry, "VersionId"));
      await this.send("DELETE", { bucket, key, query: { versionId } });
    }
  }

  async #try<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action();
    } catch {
      return undefined; // the next thing is to be removed in any case
    }
  }
}

/** The document of an answer; an empty element for none. */
export function readRoot({ text }: Reply): XmlElement {
  try {
    return parseBackendDocument(text ?? "");
  } catch {
    return { name: "", attributes: new Map(), children: [] };
  }
}

/** Status and code. */
export function describe(reply: Reply): string {
  return `${reply.status} ${textOf(childOf(readRoot(reply), "Code"))}`.trim();
}
