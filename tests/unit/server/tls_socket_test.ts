import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { readSecureContext, TlsSocket } from "../../../src/server/tls_socket.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../../support/certificate.ts";

const MUCH = 2 << 20;
const LITTLE = 100;

/** A client in TLS and its server's side, which notes how much each read of the connection below asks for. */
async function connect(): Promise<{ client: Deno.TlsConn; server: TlsSocket; asked: number[] }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const accepted = listener.accept();
  const connecting = Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [TEST_CERTIFICATE],
    alpnProtocols: ["http/1.1"],
  });
  const tcp = await accepted;
  const asked: number[] = [];
  const noted = {
    read: (into: Uint8Array) => {
      asked.push(into.length);
      return tcp.read(into);
    },
    write: (bytes: Uint8Array) => tcp.write(bytes),
    closeWrite: () => tcp.closeWrite(),
    close: () => tcp.close(),
  };
  const context = readSecureContext({ cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY });
  // What is used of one.
  const server = new TlsSocket(noted as unknown as Deno.TcpConn, context);
  const client = await connecting;
  await Promise.all([client.handshake(), server.handshake()]);
  return { client, server, asked };
}

async function send(client: Deno.TlsConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await client.write(bytes.subarray(at));
}

/** Reads `bytes` bytes, `room` at a time at the most; returns how many there were of each value. */
async function receive(
  server: TlsSocket,
  { bytes, room }: { bytes: number; room: number },
): Promise<number[]> {
  const counts = [0, 0];
  const into = new Uint8Array(room);
  for (let left = bytes; left > 0;) {
    const read = await server.read(into) ?? 0;
    assert.notEqual(read, 0);
    for (const value of into.subarray(0, read)) counts[value] = (counts[value] ?? 0) + 1;
    left -= read;
  }
  return counts;
}

async function close(
  { client, server }: { client: Deno.TlsConn; server: TlsSocket },
): Promise<void> {
  const end = client.read(new Uint8Array(1)).catch(() => null);
  server.close();
  await end;
  client.close();
}

Deno.test("TlsSocket.read() that asks for little reads no more than a record at once, whatever comes", async () => {
  const { client, server, asked } = await connect();
  const sending = send(client, new Uint8Array(MUCH));
  await receive(server, { bytes: MUCH, room: LIMITS.idleReadBytes });
  await sending;
  assert.equal(Math.max(...asked), LIMITS.tlsReadBytes);
  await close({ client, server });
});

Deno.test("TlsSocket.read() that asks for much reads much at once, and little again behind", async () => {
  const { client, server, asked } = await connect();
  const sending = send(client, new Uint8Array(MUCH).fill(1));
  assert.deepEqual(await receive(server, { bytes: MUCH, room: 2 * LIMITS.bodyPieceBytesMax }), [
    0,
    MUCH,
  ]);
  await sending;
  assert.equal(Math.max(...asked), LIMITS.bodyPieceBytesMax);
  for (let requests = 0; requests < 2; requests++) {
    await send(client, new Uint8Array(LITTLE));
    await receive(server, { bytes: LITTLE, room: LIMITS.idleReadBytes });
  }
  assert.equal(asked.at(-1), LIMITS.tlsReadBytes);
  await close({ client, server });
});
