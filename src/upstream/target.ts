/**
 * Where a request goes on the backend: always path-style, written from the same decoded names that were authorized.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { Resource } from "../s3/addressing.ts";
import { formatCanonicalQuery } from "../sigv4/canonical_request.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";

/** A request target on the backend, in the form that is signed and the form that is fetched. */
export interface UpstreamTarget {
  /** Decoded, for the CanonicalRequest. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** For `fetch`. */
  readonly url: string;
  /** For the signed `host` header. */
  readonly host: string;
}

/** Builds the target; throws an AssertionError if `fetch` would send another path than was signed. */
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
  const url = `${endpoint.protocol}//${endpoint.host}${target}`;
  // The pair of parseObjectKey(), which refuses what a URL parser would fold.
  const { pathname, search } = new URL(url);
  assert(pathname + search === target, "The URL parser changed a request target that was signed");
  return { path, query: parameters, url, host: endpoint.host };
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
