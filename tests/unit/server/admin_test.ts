import assert from "node:assert/strict";
import type { Logger } from "../../../src/observability/log.ts";
import { type AdminState, createAdminServer, respondAdmin } from "../../../src/server/admin.ts";

const STATE: AdminState = {
  path: "/metrics",
  enabled: true,
  metrics: {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    exposition: () => Promise.resolve("up 1\n"),
  },
  readiness: () => ({ ready: true, reason: "ready" }),
};

async function respond(
  request: { readonly method?: string; readonly path: string },
  state: Partial<AdminState> = {},
): Promise<{ status: number; type: string | null; text: string }> {
  const response = await respondAdmin({ method: "GET", ...request }, { ...STATE, ...state });
  const type = response.headers.get("content-type");
  return { status: response.status, type, text: await response.text() };
}

Deno.test("respondAdmin() answers 404 to every other path, whatever the method", async () => {
  for (const path of ["/", "/metrics/", "/Metrics", "//metrics", "/healthz/", "*", ""]) {
    for (const method of ["GET", "POST"]) {
      assert.equal((await respond({ method, path })).status, 404, `${method} ${path}`);
    }
  }
});

Deno.test("respondAdmin() answers 405 to other methods and names the right ones", async () => {
  for (const path of ["/metrics", "/healthz", "/readyz"]) {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "get"]) {
      const response = await respondAdmin({ method, path }, STATE);
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
    }
  }
});

Deno.test("respondAdmin() without metrics still answers the health checks", async () => {
  assert.equal((await respond({ path: "/metrics" }, { enabled: false })).status, 404);
  assert.equal((await respond({ path: "/healthz" }, { enabled: false })).status, 200);
  assert.equal((await respond({ path: "/readyz" }, { enabled: false })).status, 200);
});

Deno.test("respondAdmin() answers 503 with the reason while alive but not ready", async () => {
  const readiness = (): { ready: boolean; reason: string } => ({
    ready: false,
    reason: "draining",
  });
  const { status, text } = await respond({ path: "/readyz" }, { readiness });
  assert.deepEqual({ status, text }, { status: 503, text: "draining\n" });
  assert.equal((await respond({ path: "/healthz" }, { readiness })).status, 200);
});

Deno.test("respondAdmin() answers with the metrics under the configured path", async () => {
  const expected = { status: 200, type: STATE.metrics.contentType, text: "up 1\n" };
  assert.deepEqual(await respond({ path: "/metrics" }), expected);
  assert.deepEqual(await respond({ path: "/m" }, { path: "/m" }), expected);
  assert.equal((await respond({ path: "/metrics" }, { path: "/m" })).status, 404);
});

Deno.test("respondAdmin() answers health checks in plain text", async () => {
  const type = "text/plain; charset=utf-8";
  assert.deepEqual(await respond({ path: "/healthz" }), { status: 200, type, text: "ok\n" });
  assert.deepEqual(await respond({ path: "/readyz" }), { status: 200, type, text: "ready\n" });
});

/** A logger that remembers its errors. */
function createRecordingLogger(): { logger: Logger; errors: unknown[] } {
  const errors: unknown[] = [];
  const ignore = (): void => {};
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (message, fields) => errors.push({ message, ...fields }),
    isEnabled: () => true,
    reconfigure: ignore,
    pass: ignore,
    flush: () => Promise.resolve(),
  };
  return { logger, errors };
}

Deno.test("createAdminServer() answers 500 without detail and logs why", async () => {
  const { logger, errors } = createRecordingLogger();
  const metrics = { contentType: "", exposition: () => Promise.reject(new Error("no such gauge")) };
  const server = createAdminServer({ ...STATE, metrics, logger, hostname: "127.0.0.1", port: 0 });
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "internal error\n");
  assert.deepEqual(errors, [{ message: "admin request failed", error: "Error: no such gauge" }]);
  await server.shutdown();
});

Deno.test("createAdminServer() serves over the wire, with a query and with HEAD", async () => {
  const { logger } = createRecordingLogger();
  const server = createAdminServer({ ...STATE, logger, hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${server.port}/metrics`;
  assert.equal(await (await fetch(`${url}?name[]=up`)).text(), "up 1\n");
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "5");
  assert.equal(await head.text(), "");
  await server.shutdown();
});
