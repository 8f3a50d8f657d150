/**
 * The raw request target, decoded once: signature, decision and forwarding all use what this file makes of it.
 * Nothing here folds anything: `new URL()` never sees an inbound path, because it would turn `/mine/%2e%2e/theirs`
 * into `/theirs`.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";

/** A request target, decoded. */
export interface RequestTarget {
  /** Decoded path, with its leading slash: `/bucket/a key`. */
  readonly path: string;
  /** The path as it was sent. */
  readonly rawPath: string;
  /** First path segment, without slashes around it. It is decoded by itself, so that a `%2F` in it is no separator. */
  readonly firstSegment: string;
  /** Path after the first segment's slash, decoded; empty for `/bucket` and `/bucket/`. */
  readonly afterFirstSegment: string;
  /** Decoded query parameters in the order they came; names are unique. */
  readonly query: ReadonlyMap<string, string>;
}

// Visible ASCII without `\` (which `fetch` folds into `/`) and `#` (which would start a fragment).
const TARGET = /^\/[!"$-[\]-~]*$/;

/**
 * Reads an origin-form request target (RFC 9112 §3.2.1).
 * @throws {S3Error} `InvalidURI` for raw bytes that no URI may hold, broken percent-encoding, invalid UTF-8 and NUL;
 *   `InvalidArgument` for a parameter given twice and for more than {@linkcode LIMITS.queryParametersMax}.
 */
export function parseRequestTarget(raw: string): RequestTarget {
  if (!TARGET.test(raw)) throw new S3Error("InvalidURI");
  const queryAt = raw.indexOf("?");
  const rawPath = queryAt < 0 ? raw : raw.slice(0, queryAt);
  const slashAt = rawPath.indexOf("/", 1);
  const rawFirst = slashAt < 0 ? rawPath.slice(1) : rawPath.slice(1, slashAt);
  return {
    path: decodePercent(rawPath),
    rawPath,
    firstSegment: decodePercent(rawFirst),
    afterFirstSegment: slashAt < 0 ? "" : decodePercent(rawPath.slice(slashAt + 1)),
    query: queryAt < 0 ? NO_PARAMETERS : parseQuery(raw.slice(queryAt + 1)),
  };
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/** Reads a raw query string; `+` is a space in it, as on S3, and `?acl` is the same as `?acl=`. */
function parseQuery(raw: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pairs = raw.split("&", LIMITS.queryParametersMax + 1);
  if (pairs.length > LIMITS.queryParametersMax) {
    throw new S3Error("InvalidArgument", { message: "The query has too many parameters." });
  }
  for (const pair of pairs) {
    if (pair === "") continue;
    const equalsAt = pair.indexOf("=");
    const name = decodeQueryPart(equalsAt < 0 ? pair : pair.slice(0, equalsAt));
    const value = equalsAt < 0 ? "" : decodeQueryPart(pair.slice(equalsAt + 1));
    if (parameters.has(name)) {
      throw new S3Error("InvalidArgument", {
        message: `The query parameter ${name} is given more than once.`,
        detail: { ArgumentName: name },
      });
    }
    parameters.set(name, value);
  }
  return parameters;
}

function decodeQueryPart(raw: string): string {
  return decodePercent(raw.includes("+") ? raw.replaceAll("+", " ") : raw);
}

/**
 * Undoes percent-encoding, strictly.
 * @throws {S3Error} `InvalidURI` for `%` without two hexadecimal digits, for invalid UTF-8 and for NUL.
 */
export function decodePercent(raw: string): string {
  if (!raw.includes("%")) return raw;
  let text: string;
  try {
    text = decodeURIComponent(raw);
  } catch (cause) {
    throw new S3Error("InvalidURI", { cause });
  }
  if (text.includes("\0")) throw new S3Error("InvalidURI");
  return text;
}
