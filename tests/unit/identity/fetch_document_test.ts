import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fetchDocument } from "../../../src/identity/fetch_document.ts";
import { LIMITS } from "../../../src/limits.ts";

const PRIVATE = { authorities: undefined, allowsPrivateAddresses: true };
const PUBLIC = { authorities: undefined, allowsPrivateAddresses: false };

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (origin: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    await use(`http://127.0.0.1:${address.port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("fetchDocument() reads up to keySetBytesMax, and not a byte more", async () => {
  await serve(
    ({ url }, response) => response.end("x".repeat(LIMITS.keySetBytesMax + Number(url?.slice(1)))),
    async (origin) => {
      assert.equal((await fetchDocument(`${origin}/0`, PRIVATE)).length, LIMITS.keySetBytesMax);
      await assert.rejects(fetchDocument(`${origin}/1`, PRIVATE), /too long/);
    },
  );
});

Deno.test("fetchDocument() follows no redirect", async () => {
  const asked: string[] = [];
  await serve(
    ({ url = "" }, response) => {
      asked.push(url);
      response.writeHead(302, { location: "/other" }).end();
    },
    (origin) => assert.rejects(fetchDocument(`${origin}/keys`, PRIVATE), /answers 302/),
  );
  assert.deepEqual(asked, ["/keys"]);
});

Deno.test("fetchDocument() connects to no private address, by number or by name, nor without TLS", async () => {
  let asked = 0;
  await serve(() => void asked++, async (origin) => {
    const { port } = new URL(origin);
    for (
      const uri of [
        `https://127.0.0.1:${port}/`,
        `https://[::1]:${port}/`,
        `https://[::ffff:127.0.0.1]:${port}/`,
        `https://localhost:${port}/`,
        `https://0x7f000001:${port}/`,
        `https://127.1:${port}/`,
        `https://2130706433:${port}/`,
      ]
    ) await assert.rejects(fetchDocument(uri, PUBLIC), uri);
    await assert.rejects(fetchDocument(`http://issuer.test:${port}/`, PUBLIC), /not https/);
    for (
      const uri of ["ftp://issuer.test/", "https://user@issuer.test/", "https://a.test/#b", "/keys"]
    ) {
      await assert.rejects(fetchDocument(uri, PUBLIC), /its address is none/, uri);
    }
  });
  assert.equal(asked, 0);
});
