/**
 * Where a request goes on the backend: always path-style, written from the same decoded names that were authorized.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { Resource } from "../s3/addressing.ts";
import { formatCanonicalQuery } from "../sigv4/canonical_request.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";

// Unreserved characters are never written as `%2e`, and `\\` always as `%5C`.
const DOT_SEGMENT = /\/\.\.?(?:[/?]|$)/;

/** A request target on the backend, in the form that is signed and the form that is sent. */
export interface UpstreamTarget {
  /** Decoded, for the CanonicalRequest. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** In origin form. */
  readonly target: string;
  /** For the signed `host` header. */
  readonly host: string;
}

/** Builds the target. */
export function buildUpstreamTarget(
  endpoint: Readonly<URL>,
  { resource, parameters }: {
    readonly resource: Resource;
    readonly parameters: ReadonlyMap<string, string>;
  },
): UpstreamTarget {
  const path = formatPath(resource);
  const query = formatCanonicalQuery(parameters);
  const target = query === "" ? uriEncodePath(path) : `${uriEncodePath(path)}?${query}`;
  return { path, query: parameters, target, host: endpoint.host };
}

/** Whether a URL parser, and so `fetch`, would fold the path of `target`, as {@linkcode buildUpstreamTarget} writes it. */
export function isFolded(target: string): boolean {
  return DOT_SEGMENT.test(target);
}

/** The URL that `fetch` takes for `target`. Throws an AssertionError if it would send another one. */
export function buildFetchUrl({ protocol, host }: Readonly<URL>, target: string): string {
  const url = `${protocol}//${host}${target}`;
  const { pathname, search } = new URL(url);
  assert(pathname + search === target, "The URL parser changed a request target that was signed");
  return url;
}

function formatPath(resource: Resource): string {
  switch (resource.level) {
    case "service":
      return "/";
    case "bucket":
      return `/${resource.bucket}`;
    case "object":
      return `/${resource.bucket}/${resource.key}`;
  }
}
