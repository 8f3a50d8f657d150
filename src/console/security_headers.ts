/**
 * What every answer of the console tells the browser to keep to: nothing runs, is loaded or asked that is not the page's
 * own or the S3 endpoint's, and no other site has a hold on it.
 * See {@link https://www.w3.org/TR/CSP3/} and {@link https://www.w3.org/TR/trusted-types/}.
 * @module
 */

import type { HeaderList } from "../respond.ts";

const POWERS = [
  "camera",
  "display-capture",
  "geolocation",
  "microphone",
  "payment",
  "publickey-credentials-get",
  "serial",
  "usb",
];

/** The headers, for a page that asks `s3Endpoint` and `providers` for things; all are origins. */
export function listSecurityHeaders(
  { s3Endpoint, providers }: { s3Endpoint: string; providers: readonly string[] },
): HeaderList {
  return [
    ["content-security-policy", formatPolicy({ s3Endpoint, providers })],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["permissions-policy", POWERS.map((power) => `${power}=()`).join(", ")],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", "DENY"],
  ];
}

function formatPolicy(
  { s3Endpoint, providers }: { s3Endpoint: string; providers: readonly string[] },
): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    `img-src 'self' blob: ${s3Endpoint}`,
    `media-src blob: ${s3Endpoint}`,
    // Not blob: a document of one is of the page's own origin.
    `frame-src ${s3Endpoint}`,
    ["connect-src 'self'", s3Endpoint, ...providers].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
