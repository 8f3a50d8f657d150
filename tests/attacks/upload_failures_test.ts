/** Uploads that end before their time: who is told what, and that every bound is given back. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { Gate } from "../support/gate.ts";
import {
  ADMIN,
  ALICE,
  type Key,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import {
  connectRaw,
  type RawRequest,
  type RawResponse,
  request,
  writeRequest,
} from "../support/raw_client.ts";
import { type Answer, formatResponse } from "../support/recording_backend.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";

const TARGET = "/mine/k";
/** More than the buffers of all sockets on the way: a backend that does not read stops the client. */
const PLAIN = new Uint8Array(16 << 20).fill(65);
/** What is sent to see whether uploads are taken. */
const SHORT = PLAIN.subarray(0, 1 << 18);
const SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/** One way to send the same bytes, as `x-amz-content-sha256` and the headers beside it say. */
interface Form {
  readonly payloadHash: string;
  readonly headers?: readonly Header[];
  readonly trailers?: readonly Header[];
}

type FormOf = (plain: Uint8Array) => Form;

/** All but the first are proven here; the last is in strict mode. */
const FORMS: Readonly<Record<string, FormOf>> = {
  "a plain body": () => ({ payloadHash: "UNSIGNED-PAYLOAD" }),
  "a checksum": (plain) => ({ payloadHash: "UNSIGNED-PAYLOAD", headers: [formatChecksum(plain)] }),
  "signed chunks": () => ({ payloadHash: SIGNED_CHUNKS }),
  "a trailer": (plain) => ({
    payloadHash: UNSIGNED_TRAILER,
    headers: [["x-amz-trailer", "x-amz-checksum-crc32"]],
    trailers: [formatChecksum(plain)],
  }),
  "a signed hash": (plain) => ({ payloadHash: sha256(plain) }),
};

function formatChecksum(plain: Uint8Array): Header {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(plain));
  return ["x-amz-checksum-crc32", bytes.toString("base64")];
}

function buildUpload(
  proxy: ProxyUnderTest,
  form: FormOf,
  { key = ALICE, plain = PLAIN }: { key?: Key; plain?: Uint8Array } = {},
): RawRequest {
  const { payloadHash, headers = [], trailers } = form(plain);
  const date = new Date();
  const isChunked = payloadHash.startsWith("STREAMING-");
  const length: Header[] = [["x-amz-decoded-content-length", String(plain.length)]];
  const input = { method: "PUT", target: TARGET, ...key, date, payloadHash };
  const signed = signHeaders({
    ...input,
    headers: [["host", proxy.host], ...(isChunked ? length : []), ...headers],
  });
  const body = isChunked
    ? formatChunkedBody(signChunks({
      secretKey: key.secretKey,
      date,
      chunks: cutChunks(plain),
      seedSignature: payloadHash === SIGNED_CHUNKS ? signed.signature : undefined,
      ...(trailers === undefined ? {} : { trailers }),
    }))
    : plain;
  return { ...proxy.destination, method: "PUT", target: TARGET, headers: signed.headers, body };
}

function cutChunks(plain: Uint8Array): Uint8Array[] {
  const count = Math.ceil(plain.length / (1 << 20));
  return Array.from({ length: count }, (_, at) => plain.subarray(at << 20, (at + 1) << 20));
}

/** What goes wrong in the first upload. */
const FAILURES: Readonly<Record<string, { answer: Answer; codes: readonly string[] }>> = {
  "a backend that refuses before it reads": {
    answer: {
      read: "nothing",
      send: [formatResponse({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" })],
    },
    codes: ["AccessDenied"],
  },
  "a backend that hangs up": {
    answer: { read: "nothing", send: [], close: true },
    codes: ["BadGateway"],
  },
  "a backend that is full, and hangs up": {
    answer: { read: "nothing", send: [formatResponse({ status: 507 })], close: true },
    // Whether its answer or its end is seen first is a matter of time.
    codes: ["InternalError", "BadGateway"],
  },
};

for (const [name, { answer, codes }] of Object.entries(FAILURES)) {
  testListeners(`${name}: the client is told, and every bound is given back`, async (listener) => {
    for (const [form, upload] of Object.entries(FORMS)) {
      let isBroken = true;
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: () => isBroken ? answer : {},
        backend: { keepBodies: false },
        settings: boundedByOne(),
      });
      const { errorCode, text } = await request(buildUpload(proxy, upload));
      assert.ok(codes.includes(errorCode ?? ""), `${form}: ${text}`);
      isBroken = false;
      await assertTakesOne(proxy, upload);
    }
  });
}

testListeners(
  "a backend that says 200 before it has read a proven body, and hangs up: BadGateway",
  async (listener) => {
    const { "a plain body": _, ...proven } = FORMS;
    for (const [form, upload] of Object.entries(proven)) {
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: () => ({ read: "nothing", send: [formatResponse()], close: true }),
        settings: boundedByOne(),
      });
      const { errorCode, text } = await request(buildUpload(proxy, upload));
      assert.equal(errorCode, "BadGateway", `${form}: ${text}`);
      assert.doesNotMatch(await proxy.readLog(), /unexpected error/);
    }
  },
);

testListeners("P11 a client that leaves midway gives every bound back", async (listener) => {
  for (const upload of Object.values(FORMS)) {
    await using proxy = await ProxyUnderTest.start({
      listener,
      backend: { keepBodies: false },
      settings: boundedByOne(),
    });
    const { body, ...head } = buildUpload(proxy, upload);
    assert.ok(body instanceof Uint8Array);
    const connection = await connectRaw(proxy.destination);
    const cut = body.subarray(0, body.length >> 1);
    const headers = [...head.headers ?? [], ["content-length", String(body.length)] as const];
    await writeRequest(connection, { ...head, headers, body: cut });
    const seen = await proxy.backend.nextRequest();
    connection.close();
    assert.equal(await seen.bodyEnd, "broken");
    await assertTakesOne(proxy, upload);
  }
});

testListeners(
  "one upload too many of a user: SlowDown; another user has its own",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [gate, formatResponse()] }),
      backend: { keepBodies: false },
      settings: { security: { max_concurrent_streaming_uploads: 1 } },
    });
    const upload = FORMS["a trailer"] ?? assert.fail();
    const first = request(buildUpload(proxy, upload));
    await proxy.backend.nextRequest();
    const second = await request(buildUpload(proxy, upload));
    assert.deepEqual([second.status, second.errorCode], [503, "SlowDown"]);
    assert.match(await proxy.readLog(), /"code":"SlowDown"[^\n]*upload_slots/);
    const others = request(buildUpload(proxy, upload, { key: ADMIN }));
    await proxy.backend.nextRequest();
    gate.open();
    assert.deepEqual([(await first).status, (await others).status], [200, 200]);
    await assertTakesOne(proxy, upload);
  },
);

testListeners("an upload over max_streaming_upload_duration: RequestTimeout", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    backend: { keepBodies: false },
    settings: { security: { max_streaming_upload_duration: "200ms" } },
  });
  const { body, ...head } = buildUpload(proxy, FORMS["signed chunks"] ?? assert.fail());
  assert.ok(body instanceof Uint8Array);
  using connection = await connectRaw(proxy.destination);
  const headers = [...head.headers ?? [], ["content-length", String(body.length)] as const];
  await writeRequest(connection, { ...head, headers, body: body.subarray(0, 100_000) });
  const response = await connection.readResponse({ method: "PUT" });
  assert.equal(response.errorCode, "RequestTimeout", response.text);
  for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
  assert.match(await proxy.readLog(), /upload_duration/);
});

function boundedByOne(): Record<string, Record<string, unknown>> {
  return {
    server: { max_in_flight_requests: 1 },
    backend: { max_connections: 1 },
    security: { max_concurrent_streaming_uploads: 1, verify_content_integrity: true },
  };
}

/** That nothing is held any more; the listener may hear of a client's end a little after the client. */
async function assertTakesOne(proxy: ProxyUnderTest, upload: FormOf): Promise<void> {
  const send = (): Promise<RawResponse> => request(buildUpload(proxy, upload, { plain: SHORT }));
  let response = await send();
  for (let tries = 0; response.status === 503 && tries < 50; tries++) response = await send();
  assert.equal(response.status, 200, response.text);
}
