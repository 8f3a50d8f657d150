/**
 * C: the console. Nobody gets an answer who has not signed for it, no signature is good for both sides, no page of another
 * site reaches it, and what it is sent is bounded.
 */

import assert from "node:assert/strict";
import {
  askConsole,
  assertConsoleRefused,
  openConsole,
  PAGE_ORIGIN,
  readJson,
  startWithConsole,
} from "../support/console_client.ts";
import { ADMIN, ALICE, EXPIRED, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, request } from "../support/raw_client.ts";
import { presign, signHeaders } from "../support/signer.ts";
import { LIMITS } from "../../src/limits.ts";

testListeners(
  "C1 a signature for S3 is none for the console, nor the other way round",
  async (listener) => {
    await using proxy = await startWithConsole({ listener });
    for (const service of ["s3", "sts", "S3-PROXY-CONSOLE", "", "s3-proxy-console/aws4_request"]) {
      assertConsoleRefused(
        await askConsole(proxy, "/api/me", { service, key: ADMIN }),
        "signature_wrong",
      );
    }
    proxy.assertRefused(
      await proxy.send({ target: "/mine/k", service: "s3-proxy-console" }),
      "AuthorizationHeaderMalformed",
    );
    const replayed = signHeaders({
      method: "GET",
      target: "/api/me",
      headers: [["host", proxy.host]],
      ...ADMIN,
      date: new Date(),
    });
    assertConsoleRefused(
      await request({
        port: proxy.consolePort,
        method: "GET",
        target: "/api/me",
        headers: replayed.headers.map(([name, value]) => [
          name,
          name === "host" ? `127.0.0.1:${proxy.consolePort}` : value,
        ]),
      }),
      "signature_wrong",
    );
    assert.equal(readJson(await askConsole(proxy, "/api/me")).user, ALICE.accessKey);
  },
);

Deno.test("C2 only a header signs a question: no presigned URL, no other key, no old date", async () => {
  await using proxy = await startWithConsole();
  const host = `127.0.0.1:${proxy.consolePort}`;
  const ask = { method: "GET", headers: [["host", host] as const], date: new Date() };
  for (const service of ["s3", "s3-proxy-console"]) {
    const { target } = presign({ ...ask, ...ADMIN, service, target: "/api/me", expires: 60 });
    assertConsoleRefused(await openConsole(proxy, target), "not_signed");
  }
  assertConsoleRefused(await openConsole(proxy, "/api/me"), "not_signed");
  assertConsoleRefused(
    await openConsole(proxy, "/api/me", { headers: [["authorization", "Basic YTpi"]] }),
    "not_signed",
  );
  const wrong = { ...ADMIN, secretKey: "another-secret-of-the-tests" };
  assertConsoleRefused(await askConsole(proxy, "/api/me", { key: wrong }), "signature_wrong");
  const unknown = { accessKey: "MASTER", secretKey: "master-secret-of-the-tests" };
  assertConsoleRefused(await askConsole(proxy, "/api/me", { key: unknown }), "unknown_key");
  assertConsoleRefused(await askConsole(proxy, "/api/me", { key: EXPIRED }), "unknown_key");
  const added = { unsigned: [["x-amz-meta-a", "b"] as const] };
  assertConsoleRefused(await askConsole(proxy, "/api/me", added), "signature_wrong");
  for (const sign of [-1, 1]) {
    const ageMs = (LIMITS.consoleClockSkewSecondsMax + 2) * 1000;
    const response = await askConsole(proxy, "/api/me", {
      date: new Date(Date.now() + sign * ageMs),
    });
    assertConsoleRefused(response, "clock_skew");
    assert.match(readJson(response).error.server_time, /^\d{4}-/);
  }
});

Deno.test("C3 a Host that is not the console's gets nothing, not even the page", async () => {
  await using proxy = await startWithConsole();
  const hosts = [
    "evil.test",
    `evil.test:${proxy.consolePort}`,
    "127.0.0.1.evil.test",
    "localhost.evil.test",
    "console.test.evil.test",
    "console.test:9091",
    "console.test@evil.test",
    "0.0.0.0",
    "[::]",
    "127.0.0.2",
    "console.test.",
  ];
  for (const host of hosts) {
    for (const target of ["/", "/bootstrap.json"]) {
      const response = await openConsole(proxy, target, { host });
      assert.ok([400, 421].includes(response.status), `${host}: ${response.status}`);
      assert.ok(!response.text.includes("endpoint") && !response.text.includes("<html"));
    }
    const signed = await askConsole(proxy, "/api/me", { host, key: ADMIN });
    assert.ok([400, 421].includes(signed.status), host);
  }
  for (const host of ["console.test", "CONSOLE.TEST:443", "localhost:1", "[::1]", "127.0.0.1"]) {
    assert.equal((await openConsole(proxy, "/", { host })).status, 200, host);
  }
});

Deno.test("C4 methods, bodies, paths and parameters are bounded", async () => {
  await using proxy = await startWithConsole();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get"]) {
    const response = await openConsole(proxy, "/", { method });
    assert.ok([400, 405].includes(response.status), method);
    assert.equal(response.header("access-control-allow-origin"), undefined);
  }
  assertConsoleRefused(
    await askConsole(proxy, "/api/me", { headers: [["content-length", "1"]], body: "a" }),
    "bad_request",
  );
  for (const path of ["/api/../api/me", "/api/ME", "/api/me/", "/api/", "/api/%6de"]) {
    const response = await askConsole(proxy, path);
    assert.ok(response.status >= 400, path);
  }
  for (const path of ["/../main.ts", "/%2e%2e/x", "/page/index.html", "/constructor", "/a\\b"]) {
    assert.ok([400, 404].includes((await openConsole(proxy, path)).status), path);
  }
  assertConsoleRefused(await askConsole(proxy, "/api/me?evil=1"), "bad_request");
  assertConsoleRefused(await askConsole(proxy, "/api/me?n=1&n=2"), "bad_request");
  assert.equal((await askConsole(proxy, "/api/me?n=2")).status, 200);
  const long = await openConsole(proxy, `/?${"a".repeat(LIMITS.consoleHeadBytesMax)}`);
  assert.equal(long.status, 431);
});

Deno.test("C5 every answer tells the browser to keep to the page, refusals too", async () => {
  await using proxy = await startWithConsole();
  const answers = [
    await openConsole(proxy, "/"),
    await openConsole(proxy, "/nothing"),
    await openConsole(proxy, "/api/me"),
    await openConsole(proxy, "/", { host: "evil.test" }),
    await askConsole(proxy, "/api/me"),
  ];
  for (const answer of answers) {
    const policy = answer.header("content-security-policy") ?? "";
    for (
      const rule of [
        "default-src 'none'",
        "script-src 'self';",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "base-uri 'none'",
      ]
    ) assert.ok(policy.includes(rule), rule);
    assert.doesNotMatch(policy, /unsafe|\*|evil/);
    assert.equal(answer.header("x-content-type-options"), "nosniff");
    assert.equal(answer.header("referrer-policy"), "no-referrer");
    assert.equal(answer.header("cross-origin-opener-policy"), "same-origin");
    assert.equal(answer.header("cross-origin-resource-policy"), "same-origin");
    assert.equal(answer.header("set-cookie"), undefined);
    assert.equal(answer.header("access-control-allow-origin"), undefined);
  }
});

Deno.test("C6 a flood of strangers is bounded, and takes nothing of a user's", async () => {
  await using proxy = await startWithConsole();
  const before = { ...LIMITS };
  // With those of the program it would take seconds to get there.
  Object.assign(LIMITS, {
    consoleRequestsPerSecondMax: 0.1,
    consoleRequestsBurst: 5,
    consoleFilesPerSecondMax: 0.1,
    consoleFilesBurst: 5,
  });
  try {
    for (let index = 0; index < 5; index++) {
      assertConsoleRefused(await openConsole(proxy, "/api/me"), "not_signed");
    }
    for (let index = 0; index < 5; index++) {
      assert.equal((await openConsole(proxy, "/")).status, 200);
    }
    for (const target of ["/api/me", "/", "/bootstrap.json"]) {
      const refused = await openConsole(proxy, target);
      assertConsoleRefused(refused, "slow_down");
      assert.equal(refused.header("retry-after"), "1");
    }
    assert.equal((await askConsole(proxy, "/api/me")).status, 200);
    for (let index = 0; index < 4; index++) await askConsole(proxy, "/api/me");
    assertConsoleRefused(await askConsole(proxy, "/api/me"), "slow_down");
    assert.equal((await askConsole(proxy, "/api/me", { key: ADMIN })).status, 200);
  } finally {
    Object.assign(LIMITS, before);
  }
});

Deno.test("C7 heads that never end make room for who comes", async () => {
  await using proxy = await startWithConsole();
  const slow = [];
  for (let index = 0; index < LIMITS.consoleConnectionsMax + 4; index++) {
    const connection = await connectRaw({ port: proxy.consolePort });
    slow.push(connection);
    await connection.write("GET / HTTP/1.1\r\nHost: loc");
  }
  assert.equal((await askConsole(proxy, "/api/me")).status, 200);
  for (const connection of slow) connection.close();
});

testListeners(
  "C8 the S3 side answers the page's origin, and no other, without credentials",
  async (listener) => {
    await using proxy = await startWithConsole({ listener });
    const preflight = (origin: string, target: string): ReturnType<typeof proxy.sendRaw> =>
      proxy.sendRaw({
        method: "OPTIONS",
        target,
        headers: [
          ["host", proxy.host],
          ["origin", origin],
          ["access-control-request-method", "PUT"],
          ["access-control-request-headers", "authorization,x-amz-date,x-amz-meta-a"],
        ],
      });
    for (const target of ["/", "/mine", "/mine/k?uploads"]) {
      const allowed = await preflight(PAGE_ORIGIN, target);
      assert.equal(allowed.status, 200, target);
      assert.equal(allowed.header("access-control-allow-origin"), PAGE_ORIGIN);
      assert.equal(allowed.header("access-control-allow-credentials"), undefined);
    }
    assert.equal(proxy.backend.requests.length, 0, "a preflight of the page asks nobody");
    for (
      const origin of [
        "https://evil.test",
        "http://console.test",
        `${PAGE_ORIGIN}.evil.test`,
        "null",
      ]
    ) {
      const answer = await preflight(origin, "/");
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.header("access-control-allow-origin"), undefined);
      const list = await proxy.send({ target: "/", headers: [["origin", origin]] });
      assert.equal(list.header("access-control-allow-origin"), undefined);
    }
    const refused = await proxy.sendRaw({
      method: "GET",
      target: "/mine/k",
      headers: [["host", proxy.host], ["origin", PAGE_ORIGIN]],
    });
    assert.equal(refused.status, 403);
    assert.equal(refused.header("access-control-allow-origin"), PAGE_ORIGIN);
    assert.equal(refused.header("access-control-expose-headers"), "*");
  },
);

testListeners(
  "C9 without a console no origin is answered, and nothing listens",
  async (listener) => {
    await using proxy = await startWithConsole({ listener, page: { enabled: false } });
    assert.throws(() => proxy.consolePort);
    const list = await proxy.send({ target: "/", headers: [["origin", PAGE_ORIGIN]] });
    assert.equal(list.header("access-control-allow-origin"), undefined);
  },
);
