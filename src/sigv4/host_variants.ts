/**
 * The Host header as it may have been signed: clients write a default port, or leave it out, in one place and not in the other.
 * @module
 */

import type { SignedMessage } from "./signature_claim.ts";

/** The headers as they are; then with the other spelling of a default port, which some clients sign and others send. */
export function* listHostVariants(
  headers: ReadonlyMap<string, string>,
  scheme: SignedMessage["scheme"],
): Generator<ReadonlyMap<string, string>> {
  yield headers;
  const host = headers.get("host") ?? "";
  const withoutPort = host.replace(/:(?:80|443)$/, "");
  if (withoutPort !== host) {
    yield new Map(headers).set("host", withoutPort);
  } else if (!/:\d+$/.test(host)) {
    yield new Map(headers).set("host", `${host}:${scheme === "https" ? 443 : 80}`);
  }
}
