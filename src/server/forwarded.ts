/**
 * Who the client is, behind proxies: `X-Forwarded-For` and `X-Forwarded-Proto`, believed only from a trusted peer.
 * `Forwarded` (RFC 7239) is not read: a proxy that sets `X-Forwarded-For` would pass on the `Forwarded` that its client sent.
 * `X-Forwarded-Host` never counts, because the host is signed.
 * @module
 */

import {
  containsAddress,
  type IpAddress,
  type IpRange,
  parseClientAddress,
  parseIpAddress,
} from "../iam/ip_range.ts";
import type { RawRequest } from "../s3/request.ts";

/**
 * `raw` with the address and scheme of the client, where its peer is in `trustedProxies`; else `raw` itself.
 *
 * The address is the rightmost that no trusted proxy has; each proxy appends the peer it saw, and what stands before
 * the first untrusted one is the client's own invention. What is no address ends the search at the proxy that wrote it.
 * The scheme is the last proxy's word.
 */
export function resolveClient(raw: RawRequest, trustedProxies: readonly IpRange[]): RawRequest {
  if (trustedProxies.length === 0) return raw;
  const isTrusted = (address: IpAddress): boolean =>
    trustedProxies.some((range) => containsAddress(range, address));
  const peer = parseClientAddress(raw.clientAddress);
  if (peer === undefined || !isTrusted(peer)) return raw;
  return {
    ...raw,
    clientGone: () => raw.clientGone(),
    clientAddress: findClientAddress(raw, isTrusted),
    scheme: parseScheme(raw.headers.get("x-forwarded-proto")) ?? raw.scheme,
  };
}

function findClientAddress(
  { headers, clientAddress }: RawRequest,
  isTrusted: (address: IpAddress) => boolean,
): string {
  let client = clientAddress;
  for (const entry of (headers.get("x-forwarded-for") ?? "").split(",").reverse()) {
    const text = stripPort(entry.trim());
    const address = parseIpAddress(text);
    if (address === undefined) return client;
    client = text;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** Some proxies write `192.0.2.7:4711` and `[2001:db8::1]:4711`. */
function stripPort(entry: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry) ?? [];
  return v6 ?? v4 ?? entry;
}

function parseScheme(value: string | undefined): RawRequest["scheme"] | undefined {
  const last = value?.slice(value.lastIndexOf(",") + 1).trim().toLowerCase();
  return last === "http" || last === "https" ? last : undefined;
}
