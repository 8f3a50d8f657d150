/**
 * What may differ, each with the words of docs/COMPATIBILITY.md that tell it.
 * @module
 */

import type { Difference } from "./row.ts";

/** Headers that are not compared: in all answers, in errors, whose document is the proxy's own, or in documents. */
export const HEADERS_APART: readonly {
  readonly names: RegExp;
  readonly of: "all" | "errors" | "documents";
  readonly why: string;
}[] = [
  { names: /^(?:date|connection|keep-alive)$/, of: "all", why: "each hop has its own" },
  { names: /^x-amz-request-id$/, of: "all", why: "the proxy's own id, which its log has, too" },
  { names: /^x-rgw-/, of: "all", why: "Ceph's own: use, quotas and kinds of objects" },
  {
    names: /^(?:content-length|content-type|transfer-encoding|accept-ranges)$/,
    of: "errors",
    why: "the document of an error is the proxy's",
  },
  {
    names: /^(?:content-length|transfer-encoding)$/,
    of: "documents",
    why: "the same document may be written in another length",
  },
];

/** Both answer, with other headers. */
export function otherHeaders(told: string, ...headers: readonly string[]): Difference {
  return { told, headers };
}

/** Both answer, with another document, and with other `headers`. */
export function otherDocument(told: string, ...headers: readonly string[]): Difference {
  return { told, body: true, headers };
}

/** The proxy answers with another outcome than the gateway; a HEAD has the status alone. */
export function otherOutcome(
  told: string,
  { gateway = "200", proxy }: { gateway?: string; proxy: string },
): Difference {
  return { told, gateway, proxy };
}

/** What became of a write that only one side has carried out: how a read of it differs. */
export function readOf(write: Difference | undefined, refusal: string): Difference | undefined {
  const { told, gateway = "", proxy = "" } = write ?? {};
  const [ofGateway, ofProxy] = [gateway, proxy].map((outcome) => outcome >= "3" ? refusal : "200");
  return told === undefined || ofGateway === ofProxy || ofGateway === undefined ||
      ofProxy === undefined
    ? undefined
    : { told, gateway: ofGateway, proxy: ofProxy };
}

/** CreateBucket's. */
export const CREATED = otherHeaders("CreateBucket answers with `Location`", "location");
/** HeadBucket's. */
export const REGION = otherHeaders("HeadBucket with `x-amz-bucket-region`", "x-amz-bucket-region");
/** GetBucketLocation's. */
export const TYPED = otherHeaders("GetBucketLocation with a `Content-Type`", "content-type");

/** A parameter out of its bounds, which RGW takes for something else. */
export const OUT_OF_BOUNDS = otherOutcome("are `400 InvalidArgument` (taken for 0", {
  proxy: "400 InvalidArgument",
});
/** A parameter that nobody knows. */
export const UNKNOWN_PARAMETER = otherOutcome("A query parameter that no operation knows", {
  proxy: "400 InvalidArgument",
});
/** A parameter of another operation. */
export const OTHER_PARAMETER = otherOutcome("a parameter the operation does not take", {
  proxy: "400 InvalidArgument",
});
/** A method that a subresource does not have. */
export function noMethod(gateway = "200"): Difference {
  return otherOutcome("A known subresource with a method it does not have", {
    gateway,
    proxy: "405 MethodNotAllowed",
  });
}
/** A checksum that the proxy verified, and returns. */
export function verified(algorithm: string): Difference {
  return otherHeaders(
    "verified by the proxy and returned by PutObject",
    `x-amz-checksum-${algorithm}`,
  );
}
/** A checksum that is wrong. */
export const WRONG_CHECKSUM = otherOutcome("checksum trailers are verified by the proxy", {
  proxy: "400 BadDigest",
});
/** A checksum that is none, or of another kind than was said. */
export const NO_CHECKSUM = otherOutcome("checksum trailers are verified by the proxy", {
  proxy: "400 InvalidRequest",
});
/** A header of another time, or of nobody. */
export const UNKNOWN_HEADER = otherOutcome(
  "An `x-amz-*` header that asks for what is not done here",
  { proxy: "501 NotImplemented" },
);
/** A precondition that RGW ignores. */
export const IGNORED_CONDITION = otherOutcome("All other preconditions answer `501`", {
  proxy: "501 NotImplemented",
});
/** A body where there is none. */
export function needlessBody(gateway = "200"): Difference {
  return otherOutcome("An operation without a body", { gateway, proxy: "400 InvalidRequest" });
}
/** With encoding-type=url. */
export const ENCODED = otherDocument("markers, prefixes and delimiters are encoded as keys are");
/** Uploads that the proxy lists itself. */
export const GROUPED = otherDocument("that the proxy groups or encodes has its markers");
/** ListParts. */
export const PARTS = otherDocument("ListParts names the owner (an empty one)");
/** CompleteMultipartUpload. */
export const COMPLETED = otherDocument("RGW's answer has an empty ETag");
/** The same for an upload that is gone. */
export const NOT_COMPLETED = otherOutcome("(500, which clients repeat)", {
  gateway: "500 InternalError",
  proxy: "404 NoSuchUpload",
});
/** A document that is not valid. */
export function malformed(gateway: string): Difference {
  return otherOutcome("A document that is not what its operation takes is `400 MalformedXML`", {
    gateway,
    proxy: "400 MalformedXML",
  });
}
/** A document whose Content-MD5 is wrong. */
export function wrongDigest(gateway: string): Difference {
  return otherOutcome("A document whose `Content-MD5` or signed hash is wrong", {
    gateway,
    proxy: "400 BadDigest",
  });
}
