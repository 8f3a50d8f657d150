/**
 * From a configuration to how requests are read.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { RequestRules } from "../s3/request.ts";

/** How requests are read. */
export function createRequestRules({ server, backend, security }: Config): RequestRules {
  const { capabilities } = backend;
  return {
    virtualHostDomains: server.virtualHostDomains,
    bucketNames: {
      relaxed: backend.relaxedBucketNames,
      reserved: new Set([...backend.reservedBucketNames, ...capabilities.reserved_buckets]),
      dotSegments: capabilities.keys === "exact",
      folded: capabilities.keys === "folded",
      versions: capabilities.versions,
      reservedPrefixes: capabilities.reserved_prefixes,
    },
    capabilities,
    presignedV2: security.presignedV2,
  };
}
