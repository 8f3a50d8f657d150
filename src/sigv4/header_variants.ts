/**
 * Headers as they may have been signed, where what arrives does not tell.
 * @module
 */

import type { SignedMessage } from "./signature_claim.ts";

/**
 * Lists that clients send as a line for each entry, as aws-sdk-go does. Such lines are signed as joined by commas, and
 * arrive joined by commas and blanks. Nothing of them is passed on.
 */
const LISTS = ["x-amz-object-attributes", "x-amz-optional-object-attributes"];

/**
 * Beside the headers as they are: those with the other spelling of a default port, which some clients sign and others send; then
 * both again with lists as they were signed.
 */
export function* listHeaderVariants(
  headers: ReadonlyMap<string, string>,
  scheme: SignedMessage["scheme"],
): Generator<ReadonlyMap<string, string>> {
  yield* listOtherHosts(headers, scheme);
  const lists = LISTS.filter((name) => headers.get(name)?.includes(", "));
  if (lists.length === 0) return;
  const joined = new Map(headers);
  for (const name of lists) joined.set(name, (headers.get(name) ?? "").replaceAll(", ", ","));
  yield joined;
  yield* listOtherHosts(joined, scheme);
}

function* listOtherHosts(
  headers: ReadonlyMap<string, string>,
  scheme: SignedMessage["scheme"],
): Generator<ReadonlyMap<string, string>> {
  const host = headers.get("host") ?? "";
  const withoutPort = host.replace(/:(?:80|443)$/, "");
  if (withoutPort !== host) {
    yield new Map(headers).set("host", withoutPort);
  } else if (!/:\d+$/.test(host)) {
    yield new Map(headers).set("host", `${host}:${scheme === "https" ? 443 : 80}`);
  }
}
