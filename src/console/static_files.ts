/**
 * The page's files as answers: made once, compressed, with the hash of their bytes as their entity tag.
 * @module
 */

import { gzipSync } from "node:zlib";
import { assert } from "../lib/assert.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { Answer, HeaderList } from "../respond.ts";
import type { RawRequest } from "../s3/request.ts";

/** A file in both forms. */
interface StaticFile {
  readonly type: string;
  readonly eTag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
};

/** Files by name; each is made ready when it is asked for first. */
export class StaticFiles {
  readonly #texts: Readonly<Record<string, string>>;
  readonly #ready = new Map<string, StaticFile>();

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  /** Answers with the file called `name`; `undefined` where there is none. */
  respond(name: string, { headers }: Pick<RawRequest, "headers">): Answer | undefined {
    const file = this.#find(name);
    if (file === undefined) return undefined;
    const { type, eTag, plain, gzipped } = file;
    const common: HeaderList = [
      ["cache-control", "no-cache"],
      ["etag", eTag],
      ["vary", "accept-encoding"],
    ];
    if (isKnown(headers.get("if-none-match"), eTag)) {
      return { status: 304, headers: common, body: null, code: undefined };
    }
    const isGzip = acceptsGzip(headers.get("accept-encoding"));
    const body = isGzip ? gzipped : plain;
    if (isGzip) common.push(["content-encoding", "gzip"]);
    common.push(["content-type", type], ["content-length", String(body.length)]);
    return { status: 200, headers: common, body, code: undefined };
  }

  #find(name: string): StaticFile | undefined {
    const known = this.#ready.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#texts, name)) return undefined;
    const text = this.#texts[name] ?? "";
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    assert(type !== undefined, "Every file of the page has a type");
    const plain = encodeUtf8(text);
    const gzipped = new Uint8Array(gzipSync(plain, { level: 9 }));
    const file = { type, eTag: `"${sha256Hex(plain)}"`, plain, gzipped };
    this.#ready.set(name, file);
    return file;
  }
}

/** RFC 9110 §13.1.2: the weak comparison, as proxies that compress weaken what they pass. */
function isKnown(condition: string | undefined, eTag: string): boolean {
  if (condition === undefined) return false;
  return condition.split(",").some((one) => one.trim().replace(/^W\//, "") === eTag);
}

/** RFC 9110 §12.5.3, without weights but 0, which browsers do not send. */
function acceptsGzip(accepted: string | undefined): boolean {
  return (accepted ?? "").split(",").some((one) => {
    const [coding = "", weight = ""] = one.split(";");
    return coding.trim() === "gzip" && !/^q=0(?:\.0*)?$/.test(weight.trim());
  });
}
