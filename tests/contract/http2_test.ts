/**
 * HTTP/2, which only the default listener speaks: by ALPN over TLS, and by prior knowledge without.
 */

import assert from "node:assert/strict";
import { requestHttp2 } from "../support/http2_client.ts";
import { ALICE, ProxyUnderTest } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

for (const tls of [false, true]) {
  const name = tls ? "h2 by ALPN" : "h2c by prior knowledge";

  Deno.test(`${name}: a GET and a PUT pass whole`, async () => {
    const body = new Uint8Array(200_000).fill(7);
    await using proxy = await ProxyUnderTest.start({
      tls,
      respond: () => ({ send: [formatResponse({ body })] }),
    });
    const send = (
      method: string,
      content?: Uint8Array,
    ): ReturnType<typeof requestHttp2> => {
      const input = { method, target: "/mine/k", ...ALICE, date: new Date() };
      const { headers } = signHeaders({
        ...input,
        headers: [["host", proxy.host]],
        payloadHash: "UNSIGNED-PAYLOAD",
      });
      const fields = headers.map(([field, value]) => [field.toLowerCase(), value] as const)
        .filter(([field]) => field !== "host");
      const length = content === undefined
        ? []
        : [["content-length", `${content.length}`] as const];
      return requestHttp2({
        ...proxy.destination,
        method,
        target: "/mine/k",
        authority: proxy.host,
        headers: [...fields, ...length],
        ...(content === undefined ? {} : { body: content }),
      });
    };
    const got = await send("GET");
    assert.deepEqual([got.status, got.body], [200, body]);
    assert.equal((await send("PUT", body)).status, 200);
    assert.deepEqual(proxy.backend.requests[1]?.body, body);
    assert.equal(proxy.backend.requests[1]?.header("content-length"), String(body.length));
  });

  Deno.test(`Z7 ${name}: an authority and another host are one too many`, async () => {
    await using proxy = await ProxyUnderTest.start({ tls });
    const response = await requestHttp2({
      ...proxy.destination,
      method: "GET",
      target: "/mine/k",
      authority: "mine.s3.test",
      headers: [["host", "victim.s3.test"]],
    });
    assert.equal(response.status, 400);
    assert.equal(proxy.backend.requests.length, 0);
  });
}
