/**
 * Form uploads as browsers make them, signed by a signer of its own.
 * @module
 */

import { Buffer } from "node:buffer";
import type { Key } from "./proxy_under_test.ts";
import { deriveSigningKey, formatAmzDate, formatScope, hmac } from "./signer.ts";
import { joinBytes } from "./wire.ts";

/** A policy's conditions, as JSON. */
export type Conditions = readonly unknown[];

/** What a test may say of a form. */
export interface FormInput {
  readonly bucket: string;
  readonly key: Key;
  readonly date: Date;
  /** Beside those of the signature; in the order they are sent. */
  readonly fields: Readonly<Record<string, string>>;
  /** Default: one for each field, and the bucket. */
  readonly conditions?: Conditions;
  /** Replaces the document. */
  readonly policy?: unknown;
  /** Replaces the JSON of the document. */
  readonly policyText?: string;
  /** Seconds from `date`. */
  readonly expiresSeconds?: number;
  readonly file?: string | Uint8Array;
  /** As in `filename="…"`. */
  readonly filename?: string;
  /** Changes the fields that are sent, after they were signed. */
  readonly change?: (fields: Map<string, string>) => void;
  /** Parts behind the file. */
  readonly after?: Readonly<Record<string, string>>;
  /** What follows the last boundary; default: `--` and CRLF. */
  readonly end?: string;
}

/** A form, ready to send. */
export interface Form {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** The boundary of every form here. */
export const BOUNDARY = "----WebKitFormBoundaryOfTheTests";

/** Signs and formats a form. */
export function buildForm(input: FormInput): Form {
  const { file = "the file", filename = "photo.jpg", after = {}, end = "--\r\n" } = input;
  const fields = signForm(input);
  input.change?.(fields);
  const body = joinBytes([
    ...[...fields].map(([name, value]) => formatPart(name, { value })),
    formatPart("file", { value: file, filename }),
    ...Object.entries(after).map(([name, value]) => formatPart(name, { value })),
    `--${BOUNDARY}${end}`,
  ]);
  return { headers: [["Content-Type", `multipart/form-data; boundary=${BOUNDARY}`]], body };
}

/** The fields with those of the signature behind them. */
export function signForm(input: FormInput): Map<string, string> {
  const { bucket, key, date, fields, expiresSeconds = 600 } = input;
  const signing = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${key.accessKey}/${formatScope({ date })}`,
    "x-amz-date": formatAmzDate(date),
  };
  const conditions = [
    ...input.conditions ?? [
      { bucket },
      ...Object.entries(fields).map(([name, value]) => ["eq", `$${name}`, value]),
    ],
    ...Object.entries(signing).map(([name, value]) => ({ [name]: value })),
  ];
  const expiration = new Date(date.getTime() + expiresSeconds * 1000).toISOString();
  const text = input.policyText ?? JSON.stringify(input.policy ?? { expiration, conditions });
  const policy = Buffer.from(text).toString("base64");
  const signature = Buffer.from(
    hmac(deriveSigningKey({ ...key, date, secretKey: key.secretKey }), policy),
  );
  return new Map([
    ...Object.entries(fields),
    ...Object.entries(signing),
    ["policy", policy],
    ["x-amz-signature", signature.toString("hex")],
  ]);
}

/** One part and the line break behind it. */
export function formatPart(
  name: string,
  { value, filename }: { value: string | Uint8Array; filename?: string },
): Uint8Array {
  const disposition = filename === undefined
    ? `name="${name}"`
    : `name="${name}"; filename="${filename}"\r\nContent-Type: application/octet-stream`;
  return joinBytes([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    typeof value === "string" ? Buffer.from(value) : value,
    "\r\n",
  ]);
}
