/**
 * Uploads that are refused while their clients send: when the answer comes, that it comes whole, and what is read of the rest.
 */

import assert from "node:assert/strict";
import { connect } from "node:http2";
import { LIMITS } from "../../src/limits.ts";
import { changeLimits } from "../support/change_limits.ts";
import { beforeDeadline } from "../support/deadline.ts";
import { BOUNDARY, formatPart } from "../support/form_builder.ts";
import { ALICE, NOBODY, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { type Header, signHeaders } from "../support/signer.ts";
import { joinBytes } from "../support/wire.ts";

const TARGET = "/mine/k";
const PIECE = new Uint8Array(64 * 1024);
/** More than the buffers on the way take. */
const PIECES = 128;
const FOR_EVER_MS = 3_600_000;

function formatHead(proxy: ProxyUnderTest, headers: readonly Header[]): string {
  return formatRequestHead({
    method: "PUT",
    target: TARGET,
    headers: [["host", proxy.host], ...headers],
    port: proxy.port,
  });
}

const AT_ONCE: readonly [name: string, headers: readonly Header[]][] = [
  ["expects 100 Continue", [["content-length", "5"], ["expect", "100-continue"]]],
  ["is longer than what is read of it", [[
    "content-length",
    String(LIMITS.discardedBodyBytesMax + 1),
  ]]],
  ["has no body", [["content-length", "0"]]],
];
for (const [name, headers] of AT_ONCE) {
  testListeners(`a refusal waits for nothing where the client ${name}`, async (listener) => {
    using _delay = changeLimits({ refusalDelayMsMax: FOR_EVER_MS });
    await using proxy = await ProxyUnderTest.start({ listener });
    using connection = await connectRaw(proxy.destination);
    await connection.write(formatHead(proxy, headers));
    proxy.assertRefused(await connection.readResponse({ method: "PUT" }), "AccessDenied");
  });
}

Deno.test("on serve a connection is used again where a refused upload was read whole", async () => {
  using _delay = changeLimits({ refusalDelayMsMax: FOR_EVER_MS });
  await using proxy = await ProxyUnderTest.start();
  using connection = await connectRaw(proxy.destination);
  for (let round = 0; round < 3; round++) {
    const length = String(PIECES * PIECE.length);
    await connection.write(formatHead(proxy, [["content-length", length]]));
    for (let count = 0; count < PIECES; count++) assert.ok(await connection.write(PIECE));
    const response = await connection.readResponse({ method: "PUT" });
    proxy.assertRefused(response, "AccessDenied");
    assert.equal(response.header("connection"), undefined);
  }
});

testListeners("a client that sends on behind its refusal is read to its end", async (listener) => {
  using _delay = changeLimits({ refusalDelayMsMax: 0 });
  await using proxy = await ProxyUnderTest.start({ listener });
  using connection = await connectRaw(proxy.destination);
  await connection.write(
    formatHead(proxy, [["content-length", String(PIECES * PIECE.length)]]),
  );
  proxy.assertRefused(await connection.readResponse({ method: "PUT" }), "AccessDenied");
  for (let count = 0; count < PIECES; count++) assert.ok(await connection.write(PIECE));
  await connection.closed();
});

testListeners("a refused upload holds no slot while it is sent", async (listener) => {
  using _delay = changeLimits({ refusalDelayMsMax: FOR_EVER_MS });
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings: { server: { max_in_flight_requests: 1 } },
  });
  using connection = await connectRaw(proxy.destination);
  const { headers } = signHeaders({
    method: "PUT",
    target: TARGET,
    headers: [["host", proxy.host], ["content-length", "2"]],
    ...NOBODY,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  await connection.write(formatRequestHead({ method: "PUT", target: TARGET, headers, port: 0 }));
  await connection.write("a");
  for (let count = 0; count < 3; count++) {
    assert.equal((await proxy.send({ target: TARGET, key: ALICE })).status, 200);
  }
  await connection.write("b");
  const response = await connection.readResponse({ method: "PUT" });
  assert.equal(response.errorCode, "AccessDenied");
});

Deno.test("on serve no more than discardingConnectionsMax refused uploads are waited for", async () => {
  using _delay = changeLimits({ refusalDelayMsMax: FOR_EVER_MS });
  const { discardingConnectionsMax } = LIMITS;
  Object.assign(LIMITS, { discardingConnectionsMax: 2 });
  try {
    await using proxy = await ProxyUnderTest.start();
    const begin = async (): Promise<RawConnection> => {
      const connection = await connectRaw(proxy.destination);
      await connection.write(formatHead(proxy, [["content-length", "2"]]) + "a");
      return connection;
    };
    using first = await begin();
    await proxy.send({ target: TARGET }); // by then the first is refused
    using second = await begin();
    using third = await begin();
    assert.equal((await first.readResponse({ method: "PUT" })).errorCode, "AccessDenied");
    for (const connection of [second, third]) {
      await connection.write("b");
      const { errorCode } = await connection.readResponse({ method: "PUT" });
      assert.equal(errorCode, "AccessDenied");
    }
  } finally {
    Object.assign(LIMITS, { discardingConnectionsMax });
  }
});

/** What became of an upload over HTTP/2. */
interface Upload {
  readonly status: number;
  readonly text: string;
  /** Whether all of it was taken. */
  readonly isSent: boolean;
  readonly resetCode: number;
}

/** Sends `start`, waits for the answer's head where it `looksEarly`, and sends {@linkcode PIECES} more. */
async function upload(
  proxy: ProxyUnderTest,
  { method, target, headers, start, looksEarly = false }: Refused & { looksEarly?: boolean },
): Promise<Upload> {
  const { port, caCert } = proxy.destination;
  const session = caCert === undefined
    ? connect(`http://127.0.0.1:${port}`)
    : connect(`https://127.0.0.1:${port}`, { ca: caCert });
  const stream = session.request({
    ":method": method,
    ":path": target,
    ":authority": proxy.host,
    ...Object.fromEntries(
      headers(proxy).map(([name, value]) => [name.toLowerCase(), value])
        .filter(([name]) => name !== "host"),
    ),
  }, { endStream: false });
  const head = Promise.withResolvers<number>();
  stream.on(
    "response",
    (fields: Record<string, unknown>) => head.resolve(Number(fields[":status"])),
  );
  let text = "";
  stream.setEncoding("latin1");
  stream.on("data", (piece: string) => text += piece);
  stream.on("error", head.reject);
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  const write = async (piece: string | Uint8Array): Promise<void> => {
    const taken = new Promise<void>((resolve) => stream.write(piece, () => resolve()));
    await beforeDeadline(taken, "a piece to be taken");
  };
  await write(start);
  if (looksEarly) await beforeDeadline(head.promise, "an answer");
  let sent = 0;
  for (; sent < PIECES && !stream.closed; sent++) await write(PIECE);
  const isSent = sent === PIECES && !stream.closed;
  stream.end();
  await beforeDeadline(closed, "the stream's end");
  session.close();
  return { status: await head.promise, text, isSent, resetCode: stream.rstCode };
}

const FORM = joinBytes([
  formatPart("key", { value: "k" }),
  formatPart("policy", { value: "none" }),
  formatPart("file", { value: "", filename: "f" }).subarray(0, -2),
]);

interface Refused {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: (proxy: ProxyUnderTest) => readonly Header[];
  readonly start: string | Uint8Array;
}

const REFUSED: readonly Refused[] = [
  { name: "an upload", method: "PUT", target: TARGET, headers: () => [], start: PIECE },
  {
    name: "a form, behind its fields,",
    method: "POST",
    target: "/mine",
    headers: () => [["content-type", `multipart/form-data; boundary=${BOUNDARY}`]],
    start: FORM,
  },
  {
    name: "an upload in chunks, at its first,",
    method: "PUT",
    target: TARGET,
    headers: (proxy) =>
      signHeaders({
        method: "PUT",
        target: TARGET,
        headers: [["host", proxy.host], ["x-amz-decoded-content-length", "100"]],
        ...ALICE,
        date: new Date(),
        payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      }).headers,
    start: "zz\r\n",
  },
];
for (const tls of [false, true]) {
  const over = tls ? "h2" : "h2c";
  for (const refused of REFUSED) {
    Deno.test(`${over}: ${refused.name} that is refused is answered whole, behind its end where that is near`, async () => {
      using _delay = changeLimits({ refusalDelayMsMax: FOR_EVER_MS });
      await using proxy = await ProxyUnderTest.start({ tls });
      assertAnswered(await upload(proxy, refused));
    });

    Deno.test(`${over}: ${refused.name} that is refused is answered before its end, and not broken off`, async () => {
      using _delay = changeLimits({ refusalDelayMsMax: 0 });
      await using proxy = await ProxyUnderTest.start({ tls });
      assertAnswered(await upload(proxy, { ...refused, looksEarly: true }));
      assert.doesNotMatch(await proxy.readLog(), /"status":499/);
    });
  }
}

function assertAnswered({ status, text, ...how }: Upload): void {
  assert.ok(status === 400 || status === 403, text);
  assert.match(text, /<\/Error>$/);
  assert.deepEqual(how, { isSent: true, resetCode: 0 });
}
