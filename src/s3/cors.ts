/**
 * Cross-origin requests, by S3's semantics; rules come from the configuration or, where it has none, from the bucket.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html}.
 * @module
 */

import { type Addressing, parseResource, type Resource } from "./addressing.ts";
import { S3Error } from "./error.ts";
import type { BucketName } from "./names.ts";
import type { RawRequest } from "./request.ts";
import { parseRequestTarget } from "./target.ts";

/** What a rule can allow. */
const METHODS: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "POST", "PUT"]);

/** One rule; a request is under the first that fits its bucket, origin, method and headers. */
export interface CorsRule {
  readonly matchesBucket: (bucket: string) => boolean;
  /** `https://app.example.com`, with at most one `*`. */
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  /** Lower case, each with at most one `*`. */
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  /** The rule for the console's origins, whatever they ask for: also the list of buckets, and requests that could not be read. Without credentials. */
  readonly coversAll?: true;
}

/** How long a browser remembers what the console may do: disabling it ends that. */
const CONSOLE_MAX_AGE_SECONDS = 600;

type HeaderList = [name: string, value: string][];

/** What a browser says of a cross-origin request. */
interface CorsRequest {
  readonly resource: Resource;
  readonly origin: string;
  readonly method: string;
  /** Lower case. */
  readonly headers: readonly string[];
}

/**
 * The headers that answer a preflight, before anybody is authenticated: browsers send no credentials with it.
 * @throws {S3Error} `BadRequest` for a request that is no preflight; `AccessForbidden` where no rule fits; those of the
 *   target's parsers.
 */
export function answerPreflight(
  raw: RawRequest,
  { rules, addressing }: { rules: readonly CorsRule[]; addressing: Addressing },
): HeaderList {
  const origin = raw.headers.get("origin");
  const method = raw.headers.get("access-control-request-method");
  if (origin === undefined || origin === "") {
    throw new S3Error("BadRequest", {
      message: "Insufficient information. Origin request header needed.",
    });
  }
  if (method === undefined || !METHODS.has(method)) {
    throw new S3Error("BadRequest", {
      message: `Invalid Access-Control-Request-Method: ${method ?? "null"}`,
    });
  }
  const asked = raw.headers.get("access-control-request-headers") ?? "";
  const headers = asked.toLowerCase().split(",").map((name) => name.trim()).filter(Boolean);
  const resource = parseResource(parseRequestTarget(raw.target), {
    authority: raw.authority,
    addressing,
  });
  const rule = findRule(rules, { resource, origin, method, headers });
  if (rule === undefined) {
    throw new S3Error("AccessForbidden", {
      ...(rules.length > 0
        ? {}
        : { message: "CORSResponse: CORS is not enabled for this bucket." }),
      detail: { Method: method, ResourceType: resource.level.toUpperCase() },
    });
  }
  const answer = formatAllowed(rule, origin);
  if (headers.length > 0) answer.push(["access-control-allow-headers", headers.join(", ")]);
  return answer;
}

/**
 * The headers that let a page read the answer to its request, whatever that is: of one that could not be read, too, or a
 * page would be told of a network error. None where no rule fits.
 */
export function listCorsHeaders(
  raw: Pick<RawRequest, "method" | "target" | "authority" | "headers">,
  { rules, addressing, resource }: {
    rules: readonly CorsRule[];
    addressing: Addressing;
    /** What the request is about, where it could be read. */
    resource: Resource | undefined;
  },
): HeaderList {
  const origin = raw.headers.get("origin");
  if (origin === undefined || origin === "" || rules.length === 0) return [];
  const about = resource ?? guessResource(raw, addressing);
  if (about === undefined) return [];
  const rule = findRule(rules, { resource: about, origin, method: raw.method, headers: [] });
  return rule === undefined ? [] : formatAllowed(rule, origin);
}

/** The rule for the console: its page is a client like any other, of every bucket and of STS. */
export function createConsoleRule(origins: readonly string[]): CorsRule {
  return {
    matchesBucket: () => false,
    coversAll: true,
    allowedOrigins: origins,
    allowedMethods: [...METHODS],
    allowedHeaders: ["*"],
    exposeHeaders: ["*"],
    maxAgeSeconds: CONSOLE_MAX_AGE_SECONDS,
  };
}

/** Whether `rules` decide about `bucket` for the page that asks, so that nobody asks for the bucket's own. */
export function decidesFor(
  rules: readonly CorsRule[],
  { bucket, origin }: { bucket: BucketName; origin: string | undefined },
): boolean {
  return rules.some((rule) =>
    rule.matchesBucket(bucket) ||
    rule.coversAll === true && rule.allowedOrigins.includes(origin ?? "")
  );
}

/** The bucket whose rules a request is under; `undefined` where no page asks, or for no bucket. */
export function findCorsBucket(
  raw: Pick<RawRequest, "target" | "authority" | "headers">,
  addressing: Addressing,
): BucketName | undefined {
  if (!raw.headers.has("origin")) return undefined;
  const about = guessResource(raw, addressing);
  return about === undefined || about.level === "service" ? undefined : about.bucket;
}

/** What a request that could not be read is about: its path, or else its bucket, in the path or the host. */
function guessResource(
  { target, authority }: Pick<RawRequest, "target" | "authority">,
  addressing: Addressing,
): Resource | undefined {
  const path = target.replace(/[?#].*$/s, "");
  const bucket = path.replace(/^(\/[^/]*)\/.*$/s, "$1");
  for (const guess of [path, bucket, "/"]) {
    try {
      return parseResource(parseRequestTarget(guess), { authority, addressing });
    } catch {
      // This part cannot be read either: the next one to try is shorter.
    }
  }
  return undefined;
}

function findRule(rules: readonly CorsRule[], request: CorsRequest): CorsRule | undefined {
  const { resource, origin, method, headers } = request;
  return rules.find((rule) =>
    (rule.coversAll || resource.level !== "service" && rule.matchesBucket(resource.bucket)) &&
    rule.allowedMethods.includes(method) &&
    rule.allowedOrigins.some((allowed) => matchesStar(allowed, origin)) &&
    headers.every((name) => rule.allowedHeaders.some((allowed) => matchesStar(allowed, name)))
  );
}

function formatAllowed(rule: CorsRule, origin: string): HeaderList {
  const isAnyOrigin = rule.allowedOrigins.includes("*");
  const headers: HeaderList = [
    ["access-control-allow-origin", isAnyOrigin ? "*" : origin],
    ["access-control-allow-methods", rule.allowedMethods.join(", ")],
    ["vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"],
  ];
  if (!isAnyOrigin && !rule.coversAll) {
    headers.push(["access-control-allow-credentials", "true"]);
  }
  if (rule.exposeHeaders.length > 0) {
    headers.push(["access-control-expose-headers", rule.exposeHeaders.join(", ")]);
  }
  // S3 and RGW say so in every answer, although browsers look at it in that to a preflight only.
  if (rule.maxAgeSeconds !== undefined) {
    headers.push(["access-control-max-age", String(rule.maxAgeSeconds)]);
  }
  return headers;
}

/** Whether `text` is `pattern`, whose one `*` stands for any characters. */
function matchesStar(pattern: string, text: string): boolean {
  const starAt = pattern.indexOf("*");
  if (starAt < 0) return pattern === text;
  const suffix = pattern.slice(starAt + 1);
  return text.length >= pattern.length - 1 && text.startsWith(pattern.slice(0, starAt)) &&
    text.endsWith(suffix);
}
