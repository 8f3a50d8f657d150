/**
 * A bucket's own rules for cross-origin requests, as PutBucketCors set them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { CorsRule } from "./cors.ts";
import { childrenOf, textOf, type XmlElement } from "./xml.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "POST", "DELETE"]);
// What a response's header may hold; origins are compared, and the request's own is what is answered with.
const HEADER = /^[!#$%&'+.^_`|~0-9A-Za-z-]*(?:\*[!#$%&'+.^_`|~0-9A-Za-z-]*)?$/;

/** Reads the backend's `<CORSConfiguration>`. Values that no header can hold are left out, and so are rules beyond S3's maximum. */
export function parseBucketCors(root: XmlElement): readonly CorsRule[] {
  return childrenOf(root)
    .filter(({ name }) => name === "CORSRule")
    .slice(0, LIMITS.bucketCorsRulesMax)
    .map(parseRule);
}

function parseRule(element: XmlElement): CorsRule {
  const texts = (name: string): string[] =>
    childrenOf(element).filter((child) => child.name === name).map(textOf);
  const [age = ""] = texts("MaxAgeSeconds");
  return {
    matchesBucket: () => true,
    allowedOrigins: texts("AllowedOrigin"),
    allowedMethods: texts("AllowedMethod").filter((method) => METHODS.has(method)),
    allowedHeaders: texts("AllowedHeader").map((name) => name.toLowerCase()),
    exposeHeaders: texts("ExposeHeader").filter((name) => name !== "" && HEADER.test(name)),
    maxAgeSeconds: /^\d{1,9}$/.test(age) ? Number(age) : undefined,
  };
}
