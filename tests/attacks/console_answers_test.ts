/**
 * C: what the console answers. Nobody sees another's requests, nor what is an administrator's; no answer holds a query, which
 * may be a presigned URL's, or a secret; and what clients name is data in JSON and nothing else.
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import {
  askConsole,
  assertConsoleRefused,
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
Object.assign(LIMITS, { activityReportIntervalMs: 20 });

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

Deno.test("C13 one administrator more than may watch is refused; one who has left makes room", async () => {
  const before = { ...LIMITS };
  Object.assign(LIMITS, { consoleViewersMax: 1, consoleViewerIdleMs: 200 });
  try {
    await using proxy = await startWithConsole({
      page: { admins: [ADMIN.accessKey, ALICE.accessKey] },
    });
    assert.equal((await askConsole(proxy, "/api/live", { key: ADMIN })).status, 200);
    assertConsoleRefused(await askConsole(proxy, "/api/live"), "too_many_viewers");
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal((await askConsole(proxy, "/api/live")).status, 200);
  } finally {
    Object.assign(LIMITS, before);
  }
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
