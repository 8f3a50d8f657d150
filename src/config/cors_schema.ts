/**
 * `cors`: which pages of which origins may reach which buckets.
 * @module
 */

import { z } from "zod";
import type { BucketNameRules } from "../s3/names.ts";
import { parseBucketPattern } from "./bucket_pattern.ts";
import { pattern, section, text } from "./fields.ts";
import type { CorsSettings } from "./settings.ts";

const ORIGIN = /^(?:\*|(?:https?:\/\/)[^\s*/,]*(?:\*[^\s*/,]*)?|null)$/;
const HEADER = /^[!#$%&'+.^_`|~0-9A-Za-z-]*(?:\*[!#$%&'+.^_`|~0-9A-Za-z-]*)?$/;
const DAY_SECONDS = 86_400;

/** The list of rules; the first that fits a request counts. */
export function createCorsSchema(bucketNames: BucketNameRules): z.ZodType<CorsSettings[]> {
  const header = pattern(HEADER, "a header's name with at most one *");
  const rule = section({
    buckets: z.array(text((value) => parseBucketPattern(value, bucketNames))).min(1),
    allowed_origins: z.array(
      pattern(ORIGIN, 'an origin like "https://app.example.com", with at most one *'),
    ).min(1),
    allowed_methods: z.array(z.enum(["GET", "HEAD", "PUT", "POST", "DELETE"])).min(1),
    allowed_headers: z.array(header).default([]),
    expose_headers: z.array(header).default([]),
    max_age_seconds: z.int().min(0).max(DAY_SECONDS).optional(),
  }).transform((rule): CorsSettings => ({
    buckets: rule.buckets,
    allowedOrigins: rule.allowed_origins,
    allowedMethods: rule.allowed_methods,
    allowedHeaders: rule.allowed_headers.map((name) => name.toLowerCase()),
    exposeHeaders: rule.expose_headers,
    maxAgeSeconds: rule.max_age_seconds,
  }));
  return z.array(rule);
}
