/**
 * The policy of a form upload: what its signer allows to be sent with it.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html}.
 * @module
 */

import { Buffer } from "node:buffer";
import { decodeUtf8 } from "../lib/bytes.ts";
import { S3Error } from "./error.ts";

/** A policy document, understood. */
export interface FormPolicy {
  readonly expiration: Date;
  readonly conditions: readonly FormCondition[];
  /** Of the file, in bytes; both bounds are within. */
  readonly lengthRanges: readonly { readonly min: number; readonly max: number }[];
}

/** What one field has to be; `field` in lower case. */
export interface FormCondition {
  readonly operator: "eq" | "starts-with";
  readonly field: string;
  readonly value: string;
}

// ISO 8601, as the documents have it: with or without milliseconds, in UTC.
const EXPIRATION = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Fields that no condition has to name: those of the signature, and the file. */
const UNCONDITIONAL: ReadonlySet<string> = new Set([
  "awsaccesskeyid",
  "file",
  "policy",
  "signature",
  "x-amz-signature",
]);

/**
 * Reads the base64 `text` of a policy document.
 * @throws {S3Error} `InvalidPolicyDocument`.
 */
export function parseFormPolicy(text: string): FormPolicy {
  const document = parseDocument(text);
  const { expiration, conditions } = document;
  if (typeof expiration !== "string") throw invalid("Policy missing expiration.");
  const instant = EXPIRATION.test(expiration) ? new Date(expiration) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw invalid(`Invalid 'expiration' value: '${expiration}'`);
  }
  if (!Array.isArray(conditions)) throw invalid("Policy missing conditions.");
  const fields: FormCondition[] = [];
  const lengthRanges: { min: number; max: number }[] = [];
  for (const condition of conditions) {
    const parsed = Array.isArray(condition) ? parseList(condition) : parseSimple(condition);
    if ("field" in parsed) fields.push(parsed);
    else lengthRanges.push(parsed);
  }
  return { expiration: instant, conditions: fields, lengthRanges };
}

/**
 * Checks a form against its policy: every condition must be met, and every field must have one. `fields` in lower case, as they count:
 * with `bucket`, and with the file's name put in.
 * @throws {S3Error} `AccessDenied`, with the condition or the field.
 */
export function verifyFormPolicy(
  { expiration, conditions }: FormPolicy,
  { fields, now }: { fields: ReadonlyMap<string, string>; now: Date },
): void {
  if (now.getTime() > expiration.getTime()) throw refused("Policy expired.", "expired");
  const covered = new Set<string>();
  for (const condition of conditions) {
    if (!isMet(condition, fields.get(condition.field))) {
      const { operator, field, value } = condition;
      const shown = JSON.stringify([operator, `$${field}`, value]);
      throw refused(`Policy Condition failed: ${shown}`, "form_condition");
    }
    covered.add(condition.field);
  }
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !UNCONDITIONAL.has(name));
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(", ")}`, "form_field");
}

/** Checks a file of `bytes` against its policy. @throws {S3Error} `EntityTooLarge` or `EntityTooSmall`. */
export function verifyFormLength({ lengthRanges }: FormPolicy, bytes: number): void {
  for (const { min, max } of lengthRanges) {
    if (bytes > max) {
      throw new S3Error("EntityTooLarge", {
        message: "Your proposed upload exceeds the maximum allowed size",
        detail: { ProposedSize: String(bytes), MaxSizeAllowed: String(max) },
      });
    }
    if (bytes < min) {
      throw new S3Error("EntityTooSmall", {
        message: "Your proposed upload is smaller than the minimum allowed size",
        detail: { ProposedSize: String(bytes), MinSizeAllowed: String(min) },
      });
    }
  }
}

function isMet({ operator, field, value }: FormCondition, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (operator === "eq") return actual === value;
  // A browser sends the types of several files in one field: each has to fit.
  const values = field === "content-type" ? actual.split(",").map((text) => text.trim()) : [actual];
  return values.every((text) => text.startsWith(value));
}

function parseDocument(text: string): Readonly<Record<string, unknown>> {
  const json = BASE64.test(text) ? decodeUtf8(Buffer.from(text, "base64")) : undefined;
  let document: unknown;
  try {
    document = JSON.parse(unescapePolicy(json ?? ""));
  } catch {
    throw invalid("Invalid JSON.");
  }
  if (!isRecord(document)) throw invalid("Invalid JSON.");
  return document;
}

/** S3's policies have two escapes that JSON has not: `\$` and `\v`. */
function unescapePolicy(json: string): string {
  return json.replace(/\\([\s\S])/g, (escape, character) => {
    if (character === "$") return "$";
    return character === "v" ? "\\u000b" : escape;
  });
}

/** `{"acl": "private"}`. */
function parseSimple(condition: unknown): FormCondition {
  const entries = isRecord(condition) ? Object.entries(condition) : [];
  const [[field, value] = ["", undefined], ...others] = entries;
  if (others.length > 0 || typeof value !== "string" || field === "") {
    throw invalid(
      "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
    );
  }
  return { operator: "eq", field: field.toLowerCase(), value };
}

/** `["starts-with", "$key", "user/"]`, `["content-length-range", 0, 1024]`. */
function parseList(condition: readonly unknown[]): FormCondition | { min: number; max: number } {
  const [name, first, second] = condition;
  const operator = typeof name === "string" ? name.toLowerCase() : "";
  if (condition.length !== 3) {
    throw invalid(`Invalid condition: '${operator}' takes two arguments.`);
  }
  if (operator === "content-length-range") {
    const min = parseBytes(first);
    const max = parseBytes(second);
    if (min === undefined || max === undefined) {
      throw invalid("Invalid content-length-range: expecting two numbers of bytes.");
    }
    return { min, max };
  }
  if (operator !== "eq" && operator !== "starts-with") {
    throw invalid(`Invalid condition: unknown operation '${operator}'.`);
  }
  if (typeof first !== "string" || !/^\$./s.test(first) || typeof second !== "string") {
    throw invalid(`Invalid condition: '${operator}' takes a $field and a string.`);
  }
  return { operator, field: first.slice(1).toLowerCase(), value: second };
}

function parseBytes(value: unknown): number | undefined {
  const bytes = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(problem: string): S3Error {
  return new S3Error("InvalidPolicyDocument", {
    message: `Invalid Policy: ${problem}`,
    reason: "malformed_form",
  });
}

function refused(problem: string, reason: string): S3Error {
  return new S3Error("AccessDenied", {
    message: `Invalid according to Policy: ${problem}`,
    reason,
  });
}
