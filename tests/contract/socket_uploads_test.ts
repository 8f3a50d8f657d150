import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { S3Error } from "../../src/s3/error.ts";
import { TEST_CERTIFICATE } from "../support/certificate.ts";
import { beforeDeadline } from "../support/deadline.ts";
import { Gate } from "../support/gate.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { PatientCall, readText, Scene, sized } from "../support/socket_scene.ts";

const PIECE = new Uint8Array(1000).fill(120);
const OK = "HTTP/1.1 200 OK\r\n";

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof S3Error && error.code === code;
}

Deno.test("an upload that fails, at its beginning or its end, is broken off and never whole", async () => {
  for (const sent of [0, 1]) {
    await using scene = new Scene([]);
    const error = new S3Error("BadDigest");
    const body = sized(2000, ...[PIECE].slice(0, sent), error);
    await assert.rejects(scene.send({ method: "PUT", body }), error);
    assert.equal(await (await scene.backend.nextRequest()).bodyEnd, "broken");
    assert.equal(scene.backend.requests.length, 1);
  }
});

Deno.test("an upload that is shorter than it was said to be is broken off: IncompleteBody", async () => {
  await using scene = new Scene([]);
  const sending = scene.send({ method: "PUT", body: sized(2000, PIECE) });
  await assert.rejects(sending, hasCode("IncompleteBody"));
  assert.equal(await (await scene.backend.nextRequest()).bodyEnd, "broken");
});

Deno.test("of an upload that is longer, what was promised is sent", async () => {
  await using scene = new Scene([]);
  await scene.send({ method: "PUT", body: sized(1500, PIECE, PIECE, PIECE) });
  assert.equal(scene.backend.requests[0]?.bodyBytes, 1500);
});

Deno.test("a refusal that comes while a body is sent is read, and the sending stops", async () => {
  const denied = formatResponse({ status: 403, body: "denied" });
  await using scene = new Scene([{ read: "nothing", send: [denied] }]);
  const body = sized(2000, PIECE, new Gate());
  const response = await scene.send({ method: "PUT", body });
  assert.deepEqual([response.status, await readText(response)], [403, "denied"]);
  await beforeDeadline(body.stream.cancelled.promise, "the end of the sending");
  await scene.read();
  assert.equal(scene.backend.connections, 2);
});

Deno.test("a refusal that comes while the backend does not read is read", async () => {
  const denied = formatResponse({ status: 403, body: "denied" });
  await using scene = new Scene([{ read: "nothing", send: [denied] }]);
  const large = new Uint8Array(LIMITS.bodyPieceBytesMax);
  const body = sized(100 * large.length, ...Array.from({ length: 100 }, () => large));
  const response = await scene.send({ method: "PUT", body });
  assert.deepEqual([response.status, await readText(response)], [403, "denied"]);
});

Deno.test("a success that comes before the body's end is none: BadGateway", async () => {
  await using scene = new Scene([{ read: "nothing", send: [formatResponse()] }]);
  const sending = scene.send({ method: "PUT", body: sized(2000, PIECE, new Gate()) });
  await assert.rejects(sending, hasCode("BadGateway"));
});

Deno.test("a refusal that was sent before the backend hung up is read", async () => {
  const denied = formatResponse({ status: 403, body: "denied" });
  await using scene = new Scene([{ read: "nothing", send: [denied], close: true }]);
  const gate = new Gate();
  const response = await scene.send({ method: "PUT", body: sized(2000, PIECE, gate, PIECE) });
  assert.deepEqual([response.status, await readText(response)], [403, "denied"]);
});

Deno.test("a call that is broken off ends its connection, wherever it is", async () => {
  const silent = new Scene([{ send: [new Gate()] }]);
  await using stalled = new Scene([{ send: [`${OK}Content-Length: 9\r\n\r\n1`, new Gate()] }]);
  await using _ = silent;
  const call = new PatientCall();
  const waiting = silent.send({ call });
  const seen = await silent.backend.nextRequest();
  assert.deepEqual([call.isConnected, call.isSent], [true, true]);
  call.stop();
  await assert.rejects(waiting);
  await beforeDeadline(seen.connectionClosed, "the connection's end");
  const response = await stalled.send({ call });
  call.stop();
  await assert.rejects(readText(response));
});

Deno.test("a body that stands still because of the backend ends: GatewayTimeout", async () => {
  await using scene = new Scene([{ send: [`${OK}Content-Length: 9\r\n\r\n1`, new Gate()] }], {
    stallTimeoutMs: 1,
  });
  const response = await scene.send();
  await assert.rejects(readText(response), hasCode("GatewayTimeout"));
});

Deno.test("a connection that is idle for too long is closed", async () => {
  await using scene = new Scene([], { idleConnectionTimeoutMs: 1 });
  await scene.read();
  const [first] = scene.backend.requests;
  await beforeDeadline(first?.connectionClosed ?? Promise.reject(), "the connection's end");
});

Deno.test("no more connections stay idle than may", async () => {
  const gate = new Gate();
  const answers = Array.from({ length: 3 }, () => ({ send: [gate, formatResponse()] }));
  await using scene = new Scene(answers, { maxIdleConnections: 1 });
  const all = answers.map(() => scene.read());
  for (const _ of answers) await scene.backend.nextRequest();
  gate.open();
  await Promise.all(all);
  const closed = scene.backend.requests.map(({ connectionClosed }) => connectionClosed);
  await beforeDeadline(Promise.any(closed), "a connection's end");
  await scene.read();
  assert.equal(scene.backend.connections, 3);
});

Deno.test("a handshake that nobody answers is broken off: ServiceUnavailable", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  await using scene = new Scene([], {
    endpoint: new URL(`https://127.0.0.1:${silent.addr.port}`),
    caCertificates: [TEST_CERTIFICATE],
  });
  const call = new PatientCall();
  const sending = scene.send({ call });
  const peer = await accepted;
  call.stop();
  await assert.rejects(sending, hasCode("ServiceUnavailable"));
  assert.equal(call.isConnected, false);
  peer.close();
  silent.close();
});

Deno.test("after too many handshakes that nobody answers, one is tried at a time", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const peers: Deno.Conn[] = [];
  await using scene = new Scene([], {
    endpoint: new URL(`https://127.0.0.1:${silent.addr.port}`),
    caCertificates: [TEST_CERTIFICATE],
  });
  const giveUp = async (): Promise<void> => {
    const call = new PatientCall();
    const sending = scene.send({ call });
    peers.push(await silent.accept());
    call.stop();
    await assert.rejects(sending, hasCode("ServiceUnavailable"));
  };
  for (let count = 0; count < LIMITS.handshakesGivenUpMax; count++) await giveUp();
  const call = new PatientCall();
  const last = scene.send({ call });
  peers.push(await silent.accept());
  await assert.rejects(scene.send(), hasCode("ServiceUnavailable"));
  call.stop();
  await assert.rejects(last, hasCode("ServiceUnavailable"));
  await giveUp();
  for (const peer of peers) peer.close();
  silent.close();
});

Deno.test("a backend of IPv6, and a head of more fields than fetch takes", async () => {
  const listener = Deno.listen({ hostname: "::1", port: 0 });
  const fields = Array.from({ length: 700 }, (_, index) => `x-amz-meta-${index}: v\r\n`).join("");
  const served = (async () => {
    const peer = await listener.accept();
    await peer.read(new Uint8Array(1000));
    await peer.write(new TextEncoder().encode(`${OK}${fields}Content-Length: 0\r\n\r\n`));
    peer.close();
  })();
  const endpoint = new URL(`http://[::1]:${listener.addr.port}`);
  await using scene = new Scene([], { endpoint });
  const { status, headers } = await scene.send();
  assert.deepEqual([status, headers.get("x-amz-meta-699")], [200, "v"]);
  await served;
  listener.close();
});
