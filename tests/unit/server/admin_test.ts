import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  type AdminServer,
  type AdminState,
  createAdminServer,
  respondAdmin,
} from "../../../src/server/admin.ts";
import { connectRaw, type RawConnection, sendRaw } from "../../support/raw_client.ts";
import { createRecordingLogger } from "../../support/recording_logger.ts";

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

/** One that answers, and nobody hears of its errors. */
function startServer(state: Partial<AdminState> = {}): AdminServer {
  const { logger } = createRecordingLogger();
  return createAdminServer({ ...STATE, ...state, logger, hostname: "127.0.0.1", port: 0 });
}

Deno.test("createAdminServer() has room for a probe beside any number of idle connections", async () => {
  const server = startServer();
  const startedMs = performance.now();
  const idle: RawConnection[] = [];
  for (let count = 0; count < 2 * LIMITS.adminConnectionsMax; count++) {
    idle.push(await connectRaw(server));
    if (count % 2 === 0) await idle.at(-1)?.write("GET /heal");
  }
  const response = await sendRaw(server.port, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(response.status, 200);
  // One more than there may be has ended the oldest.
  await idle[0]?.closed();
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < LIMITS.adminRequestTimeoutMs, "it was its time that ended it");
  for (const connection of idle) connection.close();
  await server.shutdown();
});

Deno.test("createAdminServer() makes room where nobody reads the answers", async () => {
  const metrics = { ...STATE.metrics, exposition: () => Promise.resolve("x".repeat(8 << 20)) };
  const server = startServer({ metrics });
  const unread: RawConnection[] = [];
  for (let count = 0; count <= LIMITS.adminConnectionsMax; count++) {
    unread.push(await connectRaw(server));
    await unread.at(-1)?.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  assert.equal((await sendRaw(server.port, "GET /readyz HTTP/1.0\r\n\r\n")).status, 200);
  for (const connection of unread) connection.close();
  await server.shutdown();
});

Deno.test("createAdminServer() answers no head above its bound, and nothing that is no request", async () => {
  const server = startServer();
  const head = (bytes: number): string => {
    const start = "GET /healthz HTTP/1.1\r\nX: ";
    return `${start}${"x".repeat(bytes - start.length - 4)}\r\n\r\n`;
  };
  assert.equal((await sendRaw(server.port, head(LIMITS.adminHeadBytesMax))).status, 200);
  using connection = await connectRaw(server);
  await connection.write(head(LIMITS.adminHeadBytesMax + 1));
  assert.equal(await connection.readHead().catch(() => undefined), undefined);
  for (
    const line of ["GET /healthz", "GET  /healthz HTTP/1.1", "GET /healthz HTTP/2", "\x16\x03\x01"]
  ) {
    assert.equal((await sendRaw(server.port, `${line}\r\n\r\n`)).status, 400, line);
  }
  await server.shutdown();
});

Deno.test("createAdminServer() ends a connection that asks nothing in its time", async () => {
  const { logger } = createRecordingLogger();
  const requestTimeoutMs = 10;
  const address = { hostname: "127.0.0.1", port: 0 };
  const server = createAdminServer({ ...STATE, ...address, logger, requestTimeoutMs });
  const connection = await connectRaw(server);
  await connection.write("GET /healthz HTTP/1.1\r\n");
  await connection.closed();
  await server.shutdown();
});

Deno.test("createAdminServer() ends at once while somebody is connected and asks nothing", async () => {
  const server = startServer();
  using connection = await connectRaw(server);
  assert.equal((await sendRaw(server.port, "GET /healthz HTTP/1.1\r\n\r\n")).status, 200);
  await server.shutdown();
  await connection.closed();
});
