/**
 * S: identity providers that turn against the proxy, or are turned: whatever they publish, nobody gets a session by it, what is
 * read of them is bounded, and the backend sees nothing.
 * @module
 */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { LIMITS } from "../../src/limits.ts";
import { forge, TestIssuer } from "../support/identity.ts";
import { type ListenerName, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import {
  assertStsRefused,
  assume,
  get,
  issuer,
  readSession,
  stranger,
} from "../support/sts_client.ts";

const MEBIBYTE = 1 << 20;
/** In place of seconds. */
const BRIEF = { keySetTimeoutMs: 300, keySetRetryMs: 1 };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An identity provider on this machine, which answers as the test says. */
class HostileProvider implements AsyncDisposable {
  answer: Answer = () => assert.fail("not asked");
  readonly asked: string[] = [];
  connections = 0;
  readonly #server = createServer((request, response) => {
    this.asked.push(request.url ?? "");
    this.answer(request, response);
  });

  get origin(): string {
    const address = this.#server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  async start(): Promise<this> {
    this.#server.on("connection", () => this.connections++);
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A proxy that believes the provider's tokens. */
function startProxy(
  listener: ListenerName,
  provider: Readonly<Record<string, unknown>>,
): Promise<ProxyUnderTest> {
  const name = String(provider["issuer"]);
  return ProxyUnderTest.start({
    listener,
    settings: {
      identity_providers: [{ allow_private_addresses: true, ...provider }],
      sts: { keys: ["a-sealing-key-of-the-tests-that-is-long-enough"] },
      roles: {
        builder: {
          grants: [{ access: "read-write", buckets: ["artifacts"] }],
          trust: [{ issuer: name, audience: "s3-proxy", subject: "repo:example/app:*" }],
        },
      },
    },
  });
}

async function withBounds(act: () => Promise<void>): Promise<void> {
  const before = { ...LIMITS };
  Object.assign(LIMITS, BRIEF);
  try {
    await act();
  } finally {
    Object.assign(LIMITS, before);
  }
}

function send(text: string): Answer {
  return (_, response) => void response.end(text);
}

const [KEY] = JSON.parse(issuer.keySet).keys;

/** What it answers instead of its keys. */
const ANSWERS: readonly (readonly [name: string, answer: Answer])[] = [
  ["nothing", () => {}],
  ["a head and nothing more", (_, response) => response.flushHeaders()],
  ["a byte from time to time", (_, response) => {
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  }],
  ["its keys behind 256 KiB of blanks", send(" ".repeat(LIMITS.keySetBytesMax) + issuer.keySet)],
  [
    "101 keys",
    send(JSON.stringify({ keys: new Array(LIMITS.keySetKeysMax + 1).fill(KEY) })),
  ],
  ["a redirect to its keys", ({ url }, response) => {
    if (url === "/elsewhere") response.end(issuer.keySet);
    else response.writeHead(302, { location: "/elsewhere" }).end();
  }],
  ["its keys with a status of failure", (_, response) => {
    response.writeHead(503).end(issuer.keySet);
  }],
  ["a web page", send("<html></html>")],
  ["keys that are none", send('{"keys":[1,null,{}]}')],
  ["lists inside each other", send("[".repeat(200_000))],
  ["what is not UTF-8", (_, response) => response.end(Uint8Array.of(0x7b, 0xff))],
  ["a connection that it closes", (request) => request.socket.destroy()],
];

testListeners(
  "S a provider that does not give its keys gives nobody a session",
  async (listener) => {
    await withBounds(async () => {
      await using provider = await new HostileProvider().start();
      const token = await issuer.sign({ iss: provider.origin });
      for (const [name, answer] of ANSWERS) {
        provider.answer = answer;
        await using proxy = await startProxy(listener, {
          issuer: provider.origin,
          jwks_uri: `${provider.origin}/keys`,
        });
        const response = await assume(proxy, token);
        assertStsRefused(proxy, response, "IDPCommunicationError");
        assert.ok(!provider.asked.includes("/elsewhere"), name);
        assert.ok(!response.text.includes(provider.origin), name);
      }
    });
  },
);

testListeners("S of 10 MB of keys no more is read than keys may have", async (listener) => {
  await using provider = await new HostileProvider().start();
  let taken = 0;
  const closed = new Promise<void>((resolve) => {
    provider.answer = (_, response) => {
      response.on("close", resolve);
      const piece = " ".repeat(64 * 1024);
      const write = (): void => {
        while (taken < 10 * MEBIBYTE) {
          taken += piece.length;
          if (!response.write(piece)) return void response.once("drain", write);
        }
        response.end(issuer.keySet);
      };
      write();
    };
  });
  await using proxy = await startProxy(listener, {
    issuer: provider.origin,
    jwks_uri: `${provider.origin}/keys`,
  });
  const response = await assume(proxy, await issuer.sign({ iss: provider.origin }));
  assertStsRefused(proxy, response, "IDPCommunicationError");
  await closed;
  // What the sockets between them hold comes on top.
  assert.ok(taken < 8 * MEBIBYTE, `${taken} bytes`);
});

testListeners(
  "S keys that are no signing keys of a provider's verify nothing",
  async (listener) => {
    await using provider = await new HostileProvider().start();
    const iss = provider.origin;
    const secret = { kty: "oct", k: "c2VjcmV0", kid: "key-1", alg: "HS256" };
    const forged = forge("HS256", { claims: { iss }, secret: "secret" });
    for (
      const [keys, token] of [
        [[secret], forged],
        [[{}], await issuer.sign({ iss })],
        [[{ ...KEY, use: "enc" }], await issuer.sign({ iss })],
        [[{ ...KEY, key_ops: ["sign"] }], await issuer.sign({ iss })],
        [[{ ...KEY, alg: "ES384" }], await issuer.sign({ iss })],
        [[KEY], await stranger.sign({ iss })],
      ] as const
    ) {
      provider.answer = send(JSON.stringify({ keys }));
      await using proxy = await startProxy(listener, { issuer: iss, jwks_uri: `${iss}/keys` });
      assertStsRefused(proxy, await assume(proxy, token), "InvalidIdentityToken");
      if (token === forged) assert.match(await proxy.readLog(), /"reason":"algorithm"/);
    }
  },
);

testListeners(
  "S a discovery document leads to no other issuer's keys, nor to a file",
  async (listener) => {
    await using provider = await new HostileProvider().start();
    const { origin } = provider;
    for (
      const document of [
        { issuer: "https://other.test", jwks_uri: `${origin}/keys` },
        { issuer: `${origin}/`, jwks_uri: `${origin}/keys` },
        { issuer: origin, jwks_uri: "file:///etc/passwd" },
        { issuer: origin, jwks_uri: ["/keys"] },
        { issuer: origin },
      ]
    ) {
      provider.asked.length = 0;
      provider.answer = ({ url }, response) =>
        void response.end(url === "/keys" ? issuer.keySet : JSON.stringify(document));
      await using proxy = await startProxy(listener, { issuer: origin });
      const response = await assume(proxy, await issuer.sign({ iss: origin }));
      assertStsRefused(proxy, response, "IDPCommunicationError");
      assert.deepEqual(provider.asked, ["/.well-known/openid-configuration"]);
    }
  },
);

testListeners("S nobody at a private address is asked without leave", async (listener) => {
  await using provider = await new HostileProvider().start();
  const { port } = new URL(provider.origin);
  for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1"]) {
    const iss = `https://${host}:${port}`;
    await using proxy = await startProxy(listener, { issuer: iss, allow_private_addresses: false });
    const response = await assume(proxy, await issuer.sign({ iss }));
    assertStsRefused(proxy, response, "IDPCommunicationError");
  }
  assert.equal(provider.connections, 0);
});

testListeners(
  "S keys change: the new one holds at once, the old one no more; strangers' bring none in",
  async (listener) => {
    await withBounds(async () => {
      await using provider = await new HostileProvider().start();
      const iss = provider.origin;
      const [old, next] = [await TestIssuer.create("old"), await TestIssuer.create("next")];
      provider.answer = send(old.keySet);
      await using proxy = await startProxy(listener, { issuer: iss, jwks_uri: `${iss}/keys` });
      const session = readSession(await assume(proxy, await old.sign({ iss })));
      provider.answer = send(next.keySet);
      await new Promise((resolve) => setTimeout(resolve, 2 * BRIEF.keySetRetryMs)); // a monotonic clock's
      readSession(await assume(proxy, await next.sign({ iss })));
      const late = await old.sign({ iss });
      assertStsRefused(proxy, await assume(proxy, late), "InvalidIdentityToken");
      // A session outlives the key that it was asked for with, as the issuer's signature was proven then.
      assert.equal((await get(proxy, { target: "/artifacts/1", session })).status, 200);
    });
  },
);

testListeners(
  "S tokens of unknown keys make nobody ask the provider more than once in a while",
  async (listener) => {
    await using provider = await new HostileProvider().start();
    const iss = provider.origin;
    provider.answer = send(issuer.keySet);
    await using proxy = await startProxy(listener, { issuer: iss, jwks_uri: `${iss}/keys` });
    for (let sent = 0; sent < 20; sent++) {
      const token = await issuer.sign({ iss }, { kid: `unknown-${sent}` });
      assertStsRefused(proxy, await assume(proxy, token), "InvalidIdentityToken");
    }
    assert.equal(provider.asked.length, 1);
  },
);
