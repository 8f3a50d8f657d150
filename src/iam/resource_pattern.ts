/**
 * Which buckets and objects a statement is about. In IAM a resource is one text,
 * `arn:aws:s3:::bucket/key`, in which `*` crosses slashes: `arn:aws:s3:::team*` is the buckets that
 * start so and their objects. Where the bucket is spelled out, or comes from a grant, bucket and
 * key are matched apart.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html}.
 * @module
 */

import { assertNever } from "../lib/assert.ts";
import type { Resource } from "../s3/addressing.ts";
import { type CharacterSet, collectCharacters, includesCharacters } from "./character_set.ts";
import {
  buildPattern,
  formatPattern,
  matchesPattern,
  parsePattern,
  type Pattern,
} from "./pattern.ts";
import type { PolicyPlace } from "./policy_error.ts";
import {
  buildTemplate,
  formatTemplate,
  matchesTemplate,
  parseTemplate,
  type Template,
  type TemplatePart,
} from "./policy_variables.ts";
import type { RequestContext } from "./request_context.ts";
import { negate, type Truth } from "./truth.ts";

/** What one resource of a statement matches. */
export type ResourcePattern =
  | { readonly kind: "bucket"; readonly bucket: Pattern }
  | { readonly kind: "object"; readonly bucket: Pattern; readonly key: Template }
  /** Over `bucket`, `bucket/key`, or `*` at service level. */
  | { readonly kind: "path"; readonly path: Template };

/** `Resource`, or `NotResource` where `negated`. */
export interface ResourceSet {
  readonly negated: boolean;
  readonly patterns: readonly ResourcePattern[];
}

const ARN_PREFIX = "arn:aws:s3:::";
const ANYTHING = buildTemplate([{ kind: "any" }]);
/** Everything, the service itself included: `*`. */
export const ANY_RESOURCE: ResourcePattern = { kind: "path", path: ANYTHING };

/** Every object of the buckets whose names match `bucket`. */
export function everyObjectOf(bucket: Pattern): ResourcePattern {
  return { kind: "object", bucket, key: ANYTHING };
}

/** The ARN a log or an explanation shows. */
export function formatResourceArn(resource: Resource): string {
  return ARN_PREFIX + formatPath(resource);
}

/**
 * Reads one resource of a policy; reports what is neither `*` nor an ARN of a bucket or an object.
 */
export function parseResourceArn(
  text: string,
  { place, relaxed, variables }: { place: PolicyPlace; relaxed: boolean; variables: boolean },
): ResourcePattern {
  if (text === "*") return ANY_RESOURCE;
  if (!text.startsWith(ARN_PREFIX)) {
    place.report(`Unknown resource "${text}": expected "*" or ${ARN_PREFIX}bucket[/key]`);
    return ANY_RESOURCE;
  }
  const syntax = { wildcards: true, variables };
  const { parts } = parseTemplate(text.slice(ARN_PREFIX.length), { place, syntax });
  const [head, ...rest] = parts;
  const headText = head?.kind === "text" ? head.text : "";
  const slashAt = headText.indexOf("/");
  if (slashAt >= 0) {
    const key = buildTemplate([{ kind: "text", text: headText.slice(slashAt + 1) }, ...rest]);
    if (key.fixed?.literal === "") {
      place.report('A key is missing behind the slash: did you mean "/*"?');
    }
    const bucket = parseBucketText(headText.slice(0, slashAt), { place, relaxed });
    return { kind: "object", bucket, key };
  }
  if (rest.length === 0 && (head === undefined || head.kind === "text")) {
    return { kind: "bucket", bucket: parseBucketText(headText, { place, relaxed }) };
  }
  return { kind: "path", path: parsePathTemplate(parts, { place, relaxed }) };
}

/** Reads a bucket's name without wildcards: what `${*}`, `${?}` and `${$}` have put there is literal, and no bucket has it. */
function parseBucketText(
  text: string,
  { place, relaxed }: { place: PolicyPlace; relaxed: boolean },
): Pattern {
  parseBucketPattern(text.replaceAll("$", "?"), { place, relaxed });
  return buildPattern([{ kind: "text", text: relaxed ? text : text.toLowerCase() }]);
}

/** Reads a pattern of bucket names; they are compared in lower case unless `relaxed`. */
export function parseBucketPattern(
  text: string,
  { place, relaxed }: { place: PolicyPlace; relaxed: boolean },
): Pattern {
  const allowed = relaxed ? /^[A-Za-z0-9._*?-]+$/ : /^[A-Za-z0-9.*?-]+$/;
  if (!allowed.test(text)) place.report(`No bucket can have the name "${text}"`);
  return parsePattern(relaxed ? text : text.toLowerCase());
}

/** Buckets and keys that a pattern is about, as they were written; `keys` is `undefined` for the bucket itself. */
export function describePattern(
  pattern: ResourcePattern,
): { buckets: string; keys: string | undefined } {
  switch (pattern.kind) {
    case "bucket":
      return { buckets: formatPattern(pattern.bucket), keys: undefined };
    case "object":
      return { buckets: formatPattern(pattern.bucket), keys: formatTemplate(pattern.key) };
    case "path":
      return { buckets: formatTemplate(pattern.path), keys: "*" };
    default:
      return assertNever(pattern);
  }
}

/** What a statement's resources are compared with. */
export class Subject {
  readonly resource: Resource;
  readonly context: RequestContext;
  #path: string | undefined;
  #characters: CharacterSet | undefined;

  constructor(resource: Resource, context: RequestContext) {
    this.resource = resource;
    this.context = context;
  }

  /** {@linkcode resource} as one text, made once for a thousand statements, and only for those that ask. */
  get path(): string {
    return this.#path ??= formatPath(this.resource);
  }

  /** Those of {@linkcode path}: a DeleteObjects has a thousand keys of a thousand characters. */
  get characters(): CharacterSet {
    return this.#characters ??= collectCharacters(this.path);
  }
}

/** Whether the statement is about the subject. */
export function matchesResource({ negated, patterns }: ResourceSet, subject: Subject): Truth {
  let truth: Truth = false;
  // Not anyOf(): a thousand statements would make a thousand closures.
  for (const pattern of patterns) {
    const one = pattern === ANY_RESOURCE || matchesOne(pattern, subject);
    if (one !== false) truth = one;
    if (one === true) break;
  }
  return negated ? negate(truth) : truth;
}

/** A text whose bucket part has wildcards or variables: `team*`, `${aws:username}-data/a`. */
function parsePathTemplate(
  parts: readonly TemplatePart[],
  { place, relaxed }: { place: PolicyPlace; relaxed: boolean },
): Template {
  if (relaxed) return buildTemplate(parts);
  let inBucket = true;
  return buildTemplate(parts.map((part, index) => {
    if (part.kind !== "text" || !inBucket) return part;
    inBucket = !part.text.includes("/");
    if (index === 0) return { kind: "text", text: part.text.toLowerCase() };
    // What follows a `*` may be of the bucket's name or of a key, so folding it would be a guess.
    const [bucketText = ""] = part.text.split("/");
    if (/[A-Z]/.test(bucketText)) {
      place.report(`"${bucketText}" stands where a bucket's name may be: write it in lower case`);
    }
    return part;
  }));
}

function matchesOne(pattern: ResourcePattern, subject: Subject): Truth {
  const { resource, context } = subject;
  switch (pattern.kind) {
    case "bucket":
      return resource.level === "bucket" && matchesPattern(pattern.bucket, resource.bucket);
    case "object":
      return resource.level === "object" && matchesPattern(pattern.bucket, resource.bucket) &&
        matchesTemplate(pattern.key, { text: resource.key, context });
    case "path":
      // Searching the path for the pattern's texts costs ten times as much.
      return includesCharacters(subject.characters, pattern.path.characters) &&
        matchesTemplate(pattern.path, { text: subject.path, context });
    default:
      return assertNever(pattern);
  }
}

function formatPath(resource: Resource): string {
  switch (resource.level) {
    case "service":
      return "*";
    case "bucket":
      return resource.bucket;
    case "object":
      return `${resource.bucket}/${resource.key}`;
    default:
      return assertNever(resource);
  }
}
