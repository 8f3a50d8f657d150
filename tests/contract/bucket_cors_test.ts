/**
 * A bucket's own CORS rules, where the configuration has none for it: preflights are anonymous, so what they make the
 * proxy ask of the backend is remembered and bounded.
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { type Answer, formatResponse, type RecordedRequest } from "../support/recording_backend.ts";

const ORIGIN = "https://app.example";
const RULES = `<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin>
  <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>X-Amz-*</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader><ExposeHeader>x: y&#13;&#10;set-cookie: a</ExposeHeader>
  <MaxAgeSeconds>300</MaxAgeSeconds></CORSRule></CORSConfiguration>`;

function preflight(
  proxy: ProxyUnderTest,
  { bucket = "mine", origin = ORIGIN }: { bucket?: string; origin?: string } = {},
): Promise<RawResponse> {
  return proxy.sendRaw({
    method: "OPTIONS",
    target: `/${bucket}/k`,
    headers: [
      ["host", proxy.host],
      ["origin", origin],
      ["access-control-request-method", "PUT"],
      ["access-control-request-headers", "x-amz-date"],
    ],
  });
}

/** A backend whose answer to GetBucketCors is `document`, or a status. */
function answering(document: () => string | number): (request: RecordedRequest) => Answer {
  return ({ method, target }) => {
    if (method !== "GET" || !target.includes("?cors")) return {};
    const found = document();
    return {
      send: [formatResponse(typeof found === "string" ? { body: found } : { status: found })],
    };
  };
}

function lookups({ backend }: ProxyUnderTest): string[] {
  return backend.requests.map(({ startLine }) => startLine)
    .filter((line) => line.startsWith("GET ") && line.includes("?cors"));
}

testListeners(
  "a preflight is answered by the bucket's own rules, asked for once",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond: answering(() => RULES) });
    for (let times = 0; times < 3; times++) {
      const response = await preflight(proxy);
      assert.equal(response.status, 200, response.text);
      assert.equal(response.header("access-control-allow-origin"), ORIGIN);
      assert.equal(response.header("access-control-allow-methods"), "PUT, GET");
      assert.equal(response.header("access-control-allow-headers"), "x-amz-date");
      assert.equal(response.header("access-control-expose-headers"), "ETag");
      assert.equal(response.header("access-control-max-age"), "300");
    }
    assert.equal(
      (await preflight(proxy, { origin: "https://evil.test" })).errorCode,
      "AccessForbidden",
    );
    assert.deepEqual(lookups(proxy), ["GET /mine?cors= HTTP/1.1"]);
    const [seen] = proxy.backend.requests;
    assert.match(seen?.header("authorization") ?? "", /Credential=MASTER/);
  },
);

testListeners(
  "an answer has the headers of the bucket's own rules, an error too",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond: answering(() => RULES) });
    const headers = [["origin", ORIGIN]] as const;
    for (const target of ["/mine/k", "/mine/k?foo"]) {
      const response = await proxy.send({ target, headers });
      assert.equal(response.header("access-control-allow-origin"), ORIGIN, target);
    }
    assert.equal(
      (await proxy.send({ target: "/mine/k" })).header("access-control-allow-origin"),
      undefined,
    );
    assert.equal(lookups(proxy).length, 1);
  },
);

testListeners(
  "a rule of the configuration for the bucket is all there is, and nobody is asked",
  async (listener) => {
    const cors = [{
      buckets: ["mi*"],
      allowed_origins: ["https://other.example"],
      allowed_methods: ["GET"],
    }];
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: answering(() => RULES),
      settings: { cors },
    });
    proxy.assertRefused(await preflight(proxy), "AccessForbidden");
  },
);

testListeners("what is changed through the proxy counts at once", async (listener) => {
  let document: string | number = 404;
  await using proxy = await ProxyUnderTest.start({ listener, respond: answering(() => document) });
  assert.equal((await preflight(proxy)).errorCode, "AccessForbidden");
  document = RULES;
  assert.equal((await preflight(proxy)).errorCode, "AccessForbidden");
  const put = await proxy.send({ method: "PUT", target: "/mine?cors", body: RULES });
  assert.equal(put.status, 200, put.text);
  assert.equal((await preflight(proxy)).status, 200);
  document = 404;
  assert.equal((await preflight(proxy)).status, 200);
  assert.equal((await proxy.send({ method: "DELETE", target: "/mine?cors" })).status, 200);
  assert.equal((await preflight(proxy)).errorCode, "AccessForbidden");
  assert.equal(lookups(proxy).length, 3);
});

for (
  const [name, document] of [
    ["none", 404],
    ["a refusal", 403],
    ["a failure", 500],
    ["no XML", "hello"],
    ["too long a document", `${RULES}${" ".repeat(LIMITS.bucketCorsBytesMax)}`],
    [
      "too many rules",
      RULES.replace("<CORSRule>", "<CORSRule/>".repeat(LIMITS.bucketCorsRulesMax) + "<CORSRule>"),
    ],
  ] as const
) {
  testListeners(
    `a backend that answers with ${name}: refused, and not asked again`,
    async (listener) => {
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: answering(() => document),
      });
      for (let times = 0; times < 3; times++) {
        assert.equal((await preflight(proxy)).errorCode, "AccessForbidden");
      }
      assert.equal(lookups(proxy).length, 1);
    },
  );
}

testListeners("preflights that come together ask once", async (listener) => {
  const gate = new Gate();
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [gate, formatResponse({ body: RULES })] }),
  });
  const asked = Array.from({ length: 10 }, () => preflight(proxy));
  await proxy.backend.nextRequest();
  gate.open();
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  assert.equal(lookups(proxy).length, 1);
});

testListeners(
  "preflights for invented buckets are no way to flood the backend",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond: answering(() => 404) });
    const codes = new Set<string | undefined>();
    const startedAt = performance.now();
    for (let index = 0; index < 4 * LIMITS.bucketCorsLookupsPerSecondMax; index++) {
      codes.add((await preflight(proxy, { bucket: `invented-${index}` })).errorCode);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    assert.deepEqual([...codes].sort(), ["AccessForbidden", "SlowDown"]);
    assert(lookups(proxy).length <= LIMITS.bucketCorsLookupsPerSecondMax * (1 + seconds));
  },
);

testListeners(
  "more lookups at a time than their bound: SlowDown, and a read goes on without",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ target }) =>
        target.includes("?cors") ? { send: [gate, formatResponse({ status: 404 })] } : {},
    });
    const waiting = Array.from(
      { length: LIMITS.bucketCorsLookupsMax },
      (_, index) => preflight(proxy, { bucket: `bucket-${index}` }),
    );
    for (const _ of waiting) await proxy.backend.nextRequest();
    assert.equal((await preflight(proxy)).errorCode, "SlowDown");
    const read = await proxy.send({ target: "/mine/k", headers: [["origin", ORIGIN]] });
    assert.equal(read.status, 200, read.text);
    gate.open();
    await Promise.all(waiting);
  },
);

testListeners(
  "requests of nobody that wait for a bucket's rules are bounded, and go on without them",
  async (listener) => {
    const { bucketCorsWaitersMax } = LIMITS;
    Object.assign(LIMITS, { bucketCorsWaitersMax: 2 });
    const gate = new Gate();
    try {
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: async () => {
          await gate.opened;
          return { send: [formatResponse({ body: RULES })] };
        },
      });
      const read = (): Promise<RawResponse> =>
        proxy.sendRaw({
          method: "GET",
          target: "/mine/k",
          headers: [["host", proxy.host], ["origin", ORIGIN]],
        });
      const waiting = [read(), read()];
      await proxy.backend.nextRequest();
      const answers = new Set<RawResponse>();
      // Which of three is one too many is the listener's affair.
      const third = read();
      const first = await Promise.race([...waiting, third]);
      answers.add(first);
      assert.equal(first.errorCode, "AccessDenied");
      assert.equal(first.header("access-control-allow-origin"), undefined);
      gate.open();
      for (const response of await Promise.all([...waiting, third])) answers.add(response);
      const allowed = [...answers].filter((response) =>
        response.header("access-control-allow-origin") === ORIGIN
      );
      assert.deepEqual([answers.size, allowed.length, lookups(proxy).length], [3, 2, 1]);
    } finally {
      Object.assign(LIMITS, { bucketCorsWaitersMax });
    }
  },
);
