/**
 * A backend that takes its time for each request, in a thread of its own, so that connections to it are what is short.
 * @module
 */

/// <reference lib="deno.worker" />

const ANSWER_MS = 20;

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  return new Response("small", { headers: { etag: '"stored"' } });
});
postMessage(server.addr.port);
