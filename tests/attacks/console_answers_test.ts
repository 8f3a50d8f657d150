/**
 * C: what the console answers. Nobody sees another's requests, nor what is an administrator's; no answer holds a query, which
 * may be a presigned URL's, or a secret; and what clients name is data in JSON and nothing else.
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import {
  askConsole,
  assertConsoleRefused,
  followConsole,
  openConsole,
  readJson,
  startWithConsole,
} from "../support/console_client.ts";
import {
  ADMIN,
  ALICE,
  type Key,
  NOBODY,
  type ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

/** Threads report once a second; tests do not wait as long. */
Object.assign(LIMITS, { activityReportIntervalMs: 20, consoleStreamIntervalMs: 20 });

const OK = { respond: () => ({ send: [formatResponse({ body: "small" })] }) };

/** The request of `id`, once it was reported; as ADMIN. */
async function findRecorded(proxy: ProxyUnderTest, id: string): Promise<Record<string, unknown>> {
  for (let tries = 0; tries < 200; tries++) {
    const { requests } = readJson(
      await askConsole(proxy, `/api/requests?n=${tries}`, { key: ADMIN }),
    );
    const found = requests.find((request: { request_id: string }) => request.request_id === id);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assert.fail(`the request ${id} is not there`);
}

async function get(proxy: ProxyUnderTest, target: string, key: Key): Promise<string> {
  const response = await proxy.send({ target, key, headers: [["user-agent", HOSTILE]] });
  return response.header("x-amz-request-id") ?? assert.fail("no id");
}

const HOSTILE = `<img src=x onerror=alert(1)>"'</script>`;
const ADMIN_ROUTES = ["/api/live", "/api/users", "/api/configuration"];

Deno.test("C10 what is an administrator's is refused to everybody else", async () => {
  await using proxy = await startWithConsole();
  for (const path of ADMIN_ROUTES) {
    for (const key of [ALICE, NOBODY]) {
      assertConsoleRefused(await askConsole(proxy, path, { key }), "not_admin");
    }
    assert.equal((await askConsole(proxy, path, { key: ADMIN })).status, 200, path);
  }
  assertConsoleRefused(
    await askConsole(proxy, "/api/why?method=GET&path=%2Fmine%2Fk&user=admin-key"),
    "not_yours",
  );
});

testListeners(
  "C11 nobody sees another's requests, nor learns that there are any",
  async (listener) => {
    await using proxy = await startWithConsole({ listener, ...OK });
    const ofAdmin = await get(proxy, "/other/k", ADMIN);
    const ofAlice = await get(proxy, "/other/k", ALICE);
    const recorded = await findRecorded(proxy, ofAlice);
    assert.equal(recorded.user, ALICE.accessKey);
    assert.equal(recorded.decision, "deny");
    const own = readJson(await askConsole(proxy, "/api/requests"));
    assert.deepEqual(own.requests.map(({ user }: { user: string }) => user), [ALICE.accessKey]);
    assert.equal(own.missed, undefined);
    const filtered = readJson(await askConsole(proxy, `/api/requests?user=${ADMIN.accessKey}`));
    assert.deepEqual(filtered.requests, []);
    const others = await askConsole(proxy, `/api/why?id=${ofAdmin}`);
    const none = await askConsole(proxy, "/api/why?id=0123456789ABCDEF");
    assertConsoleRefused(others, "not_found");
    assert.equal(others.text, none.text);
    assertConsoleRefused(await askConsole(proxy, "/api/why?id=.*"), "not_found");
    for (const key of [ALICE, ADMIN]) {
      const why = readJson(await askConsole(proxy, `/api/why?id=${ofAlice}`, { key }));
      assert.equal(why.allowed, false);
      assert.deepEqual(why.missing, { action: "s3:GetObject", resource: "arn:aws:s3:::other/k" });
    }
  },
);

Deno.test("C12 no answer holds a query, a signature or a secret; names are data", async () => {
  await using proxy = await startWithConsole(OK);
  const target = `/mine/${encodeURIComponent("<script>x<script>\u202e")}`;
  const presigned = await proxy.sendPresigned({ target, expires: 60 });
  assert.equal(presigned.status, 200, presigned.text);
  const id = await get(proxy, `${target}?x-track=secret-of-the-query`, ALICE);
  const recorded = await findRecorded(proxy, id);
  assert.equal(recorded.path, target);
  assert.equal(recorded.user_agent, HOSTILE);
  for (const path of ["/api/requests", `/api/why?id=${id}`, ...ADMIN_ROUTES, "/api/me"]) {
    const answer = await askConsole(proxy, path, { key: ADMIN });
    assert.equal(answer.header("content-type"), "application/json; charset=utf-8");
    assert.equal(answer.header("x-content-type-options"), "nosniff");
    assert.equal(answer.header("cache-control"), "no-store");
    assert.doesNotMatch(
      answer.text,
      /X-Amz-Signature|Signature=|secret-of-the-(tests|query)|master-secret|MASTER/,
      path,
    );
    JSON.parse(answer.text);
  }
});

Deno.test("C13 one more than may watch is refused; who leaves makes room; users take none of administrators'", async () => {
  const before = { ...LIMITS };
  Object.assign(LIMITS, {
    consoleViewersMax: 2,
    consoleUserStreamsMax: 3,
    consoleStreamsOfUserMax: 2,
  });
  try {
    await using proxy = await startWithConsole();
    const { consolePort: port } = proxy;
    const isRefused = async (target: string, key: Key): Promise<void> => {
      await using answer = await followConsole(port, target, { key });
      assert.equal(answer.status, 503);
      assert.equal(JSON.parse(await answer.next() ?? "").error.code, "too_many_viewers");
    };
    await using _one = await followConsole(port, "/api/requests?follow=1");
    await using _two = await followConsole(port, "/api/requests?follow=1");
    await isRefused("/api/requests?follow=1", ALICE);
    await using _three = await followConsole(port, "/api/requests?follow=1", { key: NOBODY });
    await isRefused("/api/requests?follow=1", NOBODY);
    await using requests = await followConsole(port, "/api/requests?follow=1", { key: ADMIN });
    await using live = await followConsole(port, "/api/live?follow=1", { key: ADMIN });
    assert.equal(live.status, 200);
    assert.equal(live.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
    assert.equal(live.headers.get("cache-control"), "no-store");
    assert.equal(JSON.parse(await live.next() ?? "").viewers, 2);
    await isRefused("/api/live?follow=1", ADMIN);
    await isRefused("/api/requests?follow=1", ADMIN);
    await requests[Symbol.asyncDispose]();
    while (JSON.parse(await live.next() ?? "").viewers !== 1); // it has left
    await using again = await followConsole(port, "/api/live?follow=1", { key: ADMIN });
    assert.equal(again.status, 200);
  } finally {
    Object.assign(LIMITS, before);
  }
});

testListeners(
  "C19 an answer that goes on tells what comes, and to each its own",
  async (listener) => {
    await using proxy = await startWithConsole({ listener, ...OK });
    const { consolePort: port } = proxy;
    const target = "/api/requests?follow=1&denied=1";
    await using everybody = await followConsole(port, target, { key: ADMIN });
    await using own = await followConsole(port, target, { key: NOBODY });
    for (const { next } of [everybody, own]) {
      assert.deepEqual(JSON.parse(await next() ?? "").requests, []);
    }
    await get(proxy, "/mine/k?x-track=secret-of-the-query", ALICE); // allowed
    const denied = await get(proxy, "/other/k?x-track=secret-of-the-query", ALICE);
    let text = "";
    const seen: string[] = [];
    while (seen.length === 0) {
      const line = await everybody.next() ?? "";
      text += line;
      seen.push(...JSON.parse(line).requests.map((one: { request_id: string }) => one.request_id));
    }
    assert.deepEqual(seen, [denied]);
    assert.doesNotMatch(text, /secret-of-the/);
    for (let lines = 0; lines < 3; lines++) {
      assert.deepEqual(JSON.parse(await own.next() ?? "").requests, []);
      assert.deepEqual(JSON.parse(await everybody.next() ?? "").requests, [], "each is told once");
    }
  },
);

Deno.test("C20 nothing but live and requests goes on, and only for who may have it whole", async () => {
  await using proxy = await startWithConsole();
  for (const target of ["/api/me?follow=1", "/api/users?follow=1", "/api/live?follow=2"]) {
    assertConsoleRefused(await askConsole(proxy, target, { key: ADMIN }), "bad_request");
  }
  assertConsoleRefused(await askConsole(proxy, "/api/live?follow=1"), "not_admin");
  assertConsoleRefused(await openConsole(proxy, "/api/live?follow=1"), "not_signed");
  assertConsoleRefused(
    await askConsole(proxy, "/api/live?follow=1", { key: ADMIN, service: "s3" }),
    "signature_wrong",
  );
  const head = await askConsole(proxy, "/api/live?follow=1", { key: ADMIN, method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(readJson(await askConsole(proxy, "/api/live", { key: ADMIN })).viewers, 0);
});

Deno.test("C14 hostile questions are refused, and cost no exception", async () => {
  await using proxy = await startWithConsole();
  const bad = [
    "/api/why",
    "/api/why?path=mine",
    "/api/why?path=%2Fmine&method=%3Cb%3E",
    "/api/why?id=0123456789ABCDEF&path=%2Fmine",
    "/api/why?path=%2Fmine%2Fk&user=unknown",
    "/api/requests?after=-1",
    "/api/requests?limit=501",
    "/api/requests?limit=0",
    "/api/live?after=1e9",
    "/api/users?from=x",
  ];
  for (const target of bad) {
    const { status } = await askConsole(proxy, target, { key: ADMIN });
    assert.ok(status === 400 || status === 404, `${target}: ${status}`);
  }
  for (const path of ["/../mine", "/mine/%zz", "/mine/k?unknown", "//", "/%00"]) {
    const query = `method=GET&path=${encodeURIComponent(path)}`;
    const why = await askConsole(proxy, `/api/why?${query}`);
    assert.equal(readJson(why).allowed, false, path);
  }
  assert.doesNotMatch(await proxy.readLog(), /console request failed/);
});
