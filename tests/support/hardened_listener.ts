/**
 * The proxy behind the hardened listener, and requests to it as raw text.
 * @module
 */

import { ALICE, ProxyUnderTest } from "./proxy_under_test.ts";
import { formatRequestHead } from "./raw_client.ts";
import type { Answer } from "./recording_backend.ts";
import { type Header, signHeaders } from "./signer.ts";

/** A key in the bucket of {@linkcode ALICE}. */
export const TARGET = "/mine/k";

/** `server` is that part of the configuration. */
export function startHardened(
  server: Readonly<Record<string, unknown>>,
  options: { tls?: boolean; respond?: () => Answer } = {},
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({ listener: "hardened", settings: { server }, ...options });
}

/** A signed request's head. */
export function formatSigned(
  proxy: ProxyUnderTest,
  { method = "GET", headers = [], key = ALICE }: {
    method?: string;
    headers?: readonly Header[];
    key?: typeof ALICE;
  } = {},
): string {
  const signed = signHeaders({
    method,
    target: TARGET,
    headers: [["host", proxy.host], ...headers],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  return formatRequestHead({ method, target: TARGET, headers: signed.headers, port: proxy.port });
}
