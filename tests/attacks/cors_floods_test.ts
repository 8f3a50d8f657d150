/**
 * X6: preflights are anonymous, and may be for any name: one address that invents buckets keeps no page out of another's.
 * @module
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

const ORIGIN = "https://app.example";
const RULES =
  `<CORSConfiguration><CORSRule><AllowedOrigin>${ORIGIN}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>` +
  "</CORSRule></CORSConfiguration>";

function preflight(
  proxy: ProxyUnderTest,
  { bucket, from, method = "OPTIONS" }: { bucket: string; from: string; method?: string },
): Promise<RawResponse> {
  return proxy.sendRaw({
    method,
    target: `/${bucket}/k`,
    headers: [
      ["host", proxy.host],
      ["origin", ORIGIN],
      ["access-control-request-method", "PUT"],
      ["x-forwarded-for", from],
    ],
  });
}

testListeners("X6 who invents buckets keeps no page out of its own", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings: { server: { trusted_proxies: ["127.0.0.1"] } },
    respond: ({ target }) => ({
      send: [formatResponse(target.startsWith("/mine") ? { body: RULES } : { status: 404 })],
    }),
  });
  const startedAt = performance.now();
  let refused = 0;
  for (let index = 0; index < 2 * LIMITS.bucketCorsLookupsPerSecondMax; index++) {
    const method = index % 2 === 0 ? "OPTIONS" : "GET";
    // Of one network of IPv6, which one customer has.
    const from = `2001:db8::${index.toString(16)}`;
    const answer = await preflight(proxy, { bucket: `invented-${index}`, from, method });
    if (answer.errorCode === "SlowDown") refused++;
  }
  assert.ok(refused > 0);
  const seconds = (performance.now() - startedAt) / 1000;
  const { bucketCorsLookupsOfAddressBurst: burst, bucketCorsLookupsOfAddressPerSecondMax: rate } =
    LIMITS;
  assert.ok(proxy.backend.requests.length <= burst + rate * seconds + 1);
  const own = await preflight(proxy, { bucket: "mine", from: "2001:db8:1::1" });
  assert.equal(own.status, 200, own.text);
  // What is known is for everybody.
  const known = await preflight(proxy, { bucket: "mine", from: "2001:db8::1" });
  assert.equal(known.status, 200, known.text);
});
