/** Clients that are slow, greedy, or many, without anything in front of the proxy: what they cost, and who still gets an answer. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";
import { readResidentMemory, watchPeak } from "./support/resident_memory.ts";
import { ADMIN, QUIET, RuntimeChild } from "./support/runtime_child.ts";

const MIB = 1 << 20;
const CONNECTIONS = 500;
/** What one connection may cost that has sent nothing but a part of a head, or of a body that was refused. */
const KIB_A_CONNECTION_MAX = 150;
const FLOOD_MIB = 256;
const FLOOD_GROWTH_MIB_MAX = 64;
const TRAILERS_MIB_MAX = 64;
const BYTE_CHUNK = "1\r\n \r\n";
const DOCUMENT_BYTES = 60_000;
const FLOODS = 100;
/** More than `node:http` reads of one socket before others have their turn. */
const BYTE_UPLOAD_CHUNKS = 100_000;
const PILED_UP_REQUESTS = 40_000;
/** Before each was bounded: 4.1 GiB for refused uploads in bytes, 3.1 for those that were not, 1.1 for requests. */
const FLOODS_GROWTH_MIB_MAX = 512;
const UPLOADS = 40;
const UPLOAD_MIB = 32;
const UPLOADS_GROWTH_MIB_MAX = 128;
/** What was decrypted is in memory twice; 580 before reads of TLS sockets had a bound. */
const TLS_UPLOADS_GROWTH_MIB_MAX = 256;
const DOWNLOAD_BYTES = 512 * MIB;
const REQUESTS_MEANWHILE = 50;

/** Never opened: what waits for it is read by nobody. */
const HELD = new Gate();

const respond: Respond = ({ target }) => ({
  ...(target === "/mine/held" ? { read: { pauseAfterBytes: 1, gate: HELD } } : {}),
  ...(target === "/mine/download"
    ? {
      send: [
        `HTTP/1.1 200 OK\r\nContent-Length: ${DOWNLOAD_BYTES}\r\n\r\n`,
        new Uint8Array(DOWNLOAD_BYTES),
      ],
    }
    : { send: [formatResponse({ body: "small" })] }),
});

for (const listener of ["serve", "hardened"] as const) {
  Deno.test(`${CONNECTIONS} heads that never end [${listener}]`, async () => {
    await using proxy = await start(listener);
    await measureMany(proxy, {
      name: `slow heads, ${listener}`,
      text: "GET /mine/key HTTP/1.1\r\nHost: a\r\nx-slow: ",
    });
  });

  Deno.test(`P9 ${CONNECTIONS} uploads that were refused and go on slowly [${listener}]`, async () => {
    await using proxy = await start(listener);
    const headers = [["content-length", "1000000000"]] as const;
    const head = formatRequestHead({ method: "PUT", target: "/mine/key", headers, port: 0 });
    const [first] = await measureMany(proxy, {
      name: `refused uploads, ${listener}`,
      text: head + "x".repeat(5000),
    });
    assert.equal((await first?.readHead())?.status, 403);
    assert.equal(
      proxy.backend.requests.filter(({ method }) => method === "PUT").length,
      0,
      "nothing of it reaches the backend",
    );
  });

  Deno.test(`P9 a refused upload is read on up to a bound, in flat memory [${listener}]`, async () => {
    await using proxy = await start(listener);
    using connection = await proxy.connect();
    const headers = [["content-length", "1000000000000"]] as const;
    await connection.write(
      formatRequestHead({ method: "PUT", target: "/mine/key", headers, port: 0 }),
    );
    const { taken } = await measureFlood(proxy, { connection, name: `refused flood, ${listener}` });
    assert.ok(taken < 2 * LIMITS.discardedBodyBytesMax / MIB, `${taken} MiB were taken`);
  });
}

for (const listener of ["serve", "hardened"] as const) {
  Deno.test(`P4 a document in chunks of one byte, in flat memory [${listener}]`, async () => {
    await using proxy = await start(listener);
    await serveOthers(proxy);
    const idle = (await readResidentMemory(proxy.pid)).now;
    using connection = await proxy.connect();
    const peak = await watchPeak(proxy.pid, async () => {
      const head = proxy.formatRequest({ method: "POST", target: "/mine?delete" });
      await connection.write(chunked(head) + BYTE_CHUNK.repeat(DOCUMENT_BYTES));
      await serveOthers(proxy);
    });
    console.log(`document in bytes, ${listener}: ${idle.toFixed(0)} to ${peak.toFixed(0)} MiB`);
    assert.ok(peak < idle + FLOOD_GROWTH_MIB_MAX);
  });

  Deno.test(`P9 a refused upload in chunks of one byte is given up early [${listener}]`, async () => {
    await using proxy = await start(listener);
    using connection = await proxy.connect();
    const key = { ...ADMIN, secretKey: "wrong-secret-of-the-tests" };
    const head = proxy.formatRequest({ method: "PUT", target: "/mine/key", key });
    await connection.write(chunked(head));
    const block = new TextEncoder().encode(BYTE_CHUNK.repeat(MIB / 8));
    const name = `refused flood in bytes, ${listener}`;
    const { taken } = await measureFlood(proxy, { connection, name, block });
    assert.ok(taken < LIMITS.discardedBodyBytesMax / MIB, `${taken} MiB were taken`);
  });
}

for (const tls of [false, true]) {
  const over = tls ? "TLS" : "TCP";
  const growthMax = tls ? TLS_UPLOADS_GROWTH_MIB_MAX : UPLOADS_GROWTH_MIB_MAX;
  Deno.test(`P9 ${FLOODS} refused uploads in chunks of one byte at a time [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    const head = formatRequestHead({ method: "PUT", target: "/mine/key", port: proxy.port });
    const body = BYTE_CHUNK.repeat(BYTE_UPLOAD_CHUNKS);
    await measureFloods(proxy, {
      name: `refused uploads in bytes, ${over}`,
      text: chunked(head) + body,
    });
  });

  Deno.test(`${FLOODS} uploads in chunks of one byte at a time, which the backend does not answer [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    const target = "/mine/held";
    const { headers } = signHeaders({
      method: "PUT",
      target,
      headers: [
        ["host", `127.0.0.1:${proxy.port}`],
        ["x-amz-decoded-content-length", String(MIB)],
      ],
      ...ADMIN,
      date: new Date(),
      payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    });
    const head = formatRequestHead({ method: "PUT", target, headers, port: 0 });
    const size = MIB.toString(16);
    const framing = `${(size.length + 2).toString(16)}\r\n${size}\r\n\r\n`;
    const body = framing + BYTE_CHUNK.repeat(BYTE_UPLOAD_CHUNKS);
    await measureFloods(proxy, { name: `uploads in bytes, ${over}`, text: chunked(head) + body });
    const waiting = proxy.backend.requests.filter((request) => request.target === target);
    assert.equal(waiting.length, FLOODS, "or the test tests nothing");
  });

  Deno.test(`${FLOODS} times ${PILED_UP_REQUESTS} requests piled up [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    const text = "GET /mine/key HTTP/1.1\r\nHost: a\r\n\r\n".repeat(PILED_UP_REQUESTS);
    await measureFloods(proxy, { name: `requests piled up, ${over}`, text });
  });

  Deno.test(`P5 trailers without an end, of a refused upload, end the connection [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    using connection = await proxy.connect();
    const head = formatRequestHead({ method: "PUT", target: "/mine/key", port: proxy.port });
    await connection.write(`${chunked(head)}1\r\na\r\n0\r\n`);
    const block = new TextEncoder().encode("x-trailer: value\r\n".repeat(MIB / 18));
    let taken = 0;
    while (taken < TRAILERS_MIB_MAX && await connection.write(block)) taken++;
    assert.ok(taken < TRAILERS_MIB_MAX, `${taken} MiB were taken`);
    await serveOthers(proxy);
  });

  Deno.test(`P9 ${UPLOADS} refused uploads at a time, in flat memory [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    const headers = [["content-length", "1000000000000"]] as const;
    await measureUploads(proxy, {
      name: `refused uploads at full speed, ${over}`,
      head: formatRequestHead({ method: "PUT", target: "/mine/key", headers, port: 0 }),
      status: 403,
      growthMax,
    });
  });

  Deno.test(`${UPLOADS} uploads at a time, in flat memory [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    const head = proxy.formatRequest({ method: "PUT", target: "/mine/key" });
    await measureUploads(proxy, {
      name: `uploads, ${over}`,
      head: head.replace("\r\n\r\n", `\r\ncontent-length: ${UPLOAD_MIB * MIB}\r\n\r\n`),
      status: 200,
      growthMax,
    });
  });

  // `serve` buffers all of it, which is why nginx has to stand in front of it: nginx_test.ts.
  Deno.test(`what is sent while a response stands still stays where it is [hardened, ${over}]`, async () => {
    await using proxy = await start("hardened", { tls });
    using connection = await proxy.connect();
    await connection.write(proxy.formatRequest({ target: "/mine/download" }));
    assert.equal((await connection.readHead())?.status, 200);
    const { taken } = await measureFlood(proxy, { connection, name: `flood, hardened, ${over}` });
    assert.ok(taken < FLOOD_MIB / 4, `${taken} MiB were taken`);
  });
}

/** The same request with a body in chunks. */
function chunked(head: string): string {
  return head.replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n");
}

function start(listener: string, { tls = false } = {}): Promise<RuntimeChild> {
  return RuntimeChild.start({ respond, server: { listener, workers: 1 }, tls });
}

/** Opens many connections that send `text` and no more, and has others answered; returns them, still open. */
async function measureMany(
  proxy: RuntimeChild,
  { name, text }: { name: string; text: string },
): Promise<RawConnection[]> {
  await serveOthers(proxy);
  const idle = (await readResidentMemory(proxy.pid)).now;
  const connections: RawConnection[] = [];
  const peak = await watchPeak(proxy.pid, async () => {
    for (let count = 0; count < CONNECTIONS; count++) {
      const connection = await proxy.connect();
      connections.push(connection);
      await connection.write(text);
    }
    await serveOthers(proxy);
  });
  const kib = (peak - idle) * 1024 / CONNECTIONS;
  console.log(`${name}: ${idle.toFixed(0)} to ${peak.toFixed(0)} MiB, ${kib.toFixed(0)} KiB each`);
  assert.ok(kib < KIB_A_CONNECTION_MAX, `${kib} KiB`);
  for (const connection of connections.slice(1)) connection.close();
  return connections;
}

/** Sends {@linkcode UPLOADS} bodies at a time, and looks at the answers. */
async function measureUploads(
  proxy: RuntimeChild,
  { name, head, status, growthMax = UPLOADS_GROWTH_MIB_MAX }: {
    name: string;
    head: string;
    status: number;
    growthMax?: number;
  },
): Promise<void> {
  await serveOthers(proxy);
  const idle = (await readResidentMemory(proxy.pid)).now;
  const block = new Uint8Array(MIB);
  const peak = await watchPeak(proxy.pid, async () => {
    await Promise.all(Array.from({ length: UPLOADS }, async () => {
      using connection = await proxy.connect();
      await connection.write(head);
      for (let count = 0; count < UPLOAD_MIB; count++) await connection.write(block);
      assert.equal((await connection.readHead())?.status, status);
    }));
  });
  console.log(`${name}: ${idle.toFixed(0)} to ${peak.toFixed(0)} MiB`);
  assert.ok(peak < idle + growthMax, `${peak} MiB`);
}

/** Sends `text` over {@linkcode FLOODS} connections, as far as it is taken. */
async function measureFloods(
  proxy: RuntimeChild,
  { name, text }: { name: string; text: string },
): Promise<void> {
  await serveOthers(proxy);
  const idle = (await readResidentMemory(proxy.pid)).now;
  const connections: RawConnection[] = [];
  for (let count = 0; count < FLOODS; count++) connections.push(await proxy.connect());
  const peak = await watchPeak(proxy.pid, async () => {
    const sent = connections.map((connection) => connection.write(text));
    for (let round = 0; round < 4; round++) await serveOthers(proxy);
    for (const connection of connections) connection.close();
    await Promise.all(sent);
  });
  console.log(`${name}: ${idle.toFixed(0)} to ${peak.toFixed(0)} MiB`);
  assert.ok(peak < idle + FLOODS_GROWTH_MIB_MAX, `${peak} MiB`);
}

/** Sends until it may not any more, and has others answered; returns how many MiB were taken. */
async function measureFlood(
  proxy: RuntimeChild,
  { connection, name, block = new Uint8Array(MIB).fill(0x61) }: {
    connection: RawConnection;
    name: string;
    block?: Uint8Array;
  },
): Promise<{ taken: number }> {
  await serveOthers(proxy);
  const idle = (await readResidentMemory(proxy.pid)).now;
  let taken = 0;
  const peak = await watchPeak(proxy.pid, async () => {
    const flooded = (async () => {
      while (taken < FLOOD_MIB && await connection.write(block)) taken++;
    })();
    for (let round = 0; round < 4; round++) await serveOthers(proxy);
    connection.close();
    await flooded;
  });
  console.log(`${name}: ${idle.toFixed(0)} to ${peak.toFixed(0)} MiB, ${taken} MiB taken`);
  assert.ok(peak < idle + FLOOD_GROWTH_MIB_MAX, `${peak} MiB`);
  return { taken };
}

async function serveOthers(proxy: RuntimeChild): Promise<void> {
  for (let count = 0; count < REQUESTS_MEANWHILE; count++) {
    assert.equal((await proxy.send({ target: "/mine/key", key: QUIET })).text, "small");
  }
}
