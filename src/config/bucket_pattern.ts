/**
 * Entries of `allowed_buckets`: a bucket's name, `*`, or a pattern like `app-*`.
 * @module
 */

import type { Brand } from "../lib/brand.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { type BucketNameRules, parseBucketName } from "../s3/names.ts";

/**
 * A bucket's name in which `*` stands for any characters; in lower case unless names are relaxed.
 */
export type BucketPattern = Brand<string, "BucketPattern">;

const STRICT_PATTERN = /^[a-z0-9.*-]+$/;
const RELAXED_PATTERN = /^[A-Za-z0-9._*-]+$/;

/**
 * Reads an entry. Capitals are folded, as the proxy compares names without regard to case; with
 * relaxed names they count.
 * @throws {SyntaxError} When no bucket could have that name or match that pattern.
 */
export function parseBucketPattern(text: string, rules: BucketNameRules): BucketPattern {
  const pattern = rules.relaxed ? text : text.toLowerCase();
  if (!pattern.includes("*")) return parseName(pattern, rules) as BucketPattern;
  const [allowed, lengthMax] = rules.relaxed
    ? [RELAXED_PATTERN, LIMITS.relaxedBucketNameCharactersMax]
    : [STRICT_PATTERN, LIMITS.bucketNameCharactersMax];
  if (!allowed.test(pattern) || pattern.length > lengthMax) {
    throw new SyntaxError('expected a pattern of a bucket\'s name, like "app-*"');
  }
  return pattern as BucketPattern;
}

function parseName(text: string, rules: BucketNameRules): string {
  try {
    return parseBucketName(text, rules);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    throw new SyntaxError('expected a bucket\'s name, a pattern like "app-*", or "*"');
  }
}
