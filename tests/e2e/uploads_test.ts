/**
 * Uploads that break their promise leave nothing on the real gateway: no new object, no part, and what
 * was under the key before stays. Every form of signing, over HTTP and HTTPS, in strict mode too.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type ChunkedBody, formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { connectRaw, type RawResponse, request } from "../support/raw_client.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";
import { joinBytes } from "../support/wire.ts";
import { type Transport, TRANSPORTS } from "./support/gateway.ts";
import { buildPayload } from "./support/payload.ts";
import { USERS } from "./support/proxy_child.ts";
import { type Stack, useStack } from "./support/stack.ts";

/** More than is held back until the end, so that most of it is on its way to the gateway. */
const CHUNKS = [70_000, 65_536, 5_000].map(buildPayload);
const PLAIN = joinBytes(CHUNKS);
const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
/** Digests of nothing that is sent here. */
const WRONG_CHECKSUMS: Readonly<Record<string, string>> = {
  "x-amz-checksum-crc32": "AAAAAA==",
  "x-amz-checksum-crc32c": "AAAAAA==",
  "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=",
  "x-amz-checksum-sha1": Buffer.alloc(20).toString("base64"),
  "x-amz-checksum-sha256": Buffer.alloc(32).toString("base64"),
};
const CRC32 = Buffer.alloc(4);
CRC32.writeUInt32BE(crc32(PLAIN));

/** An upload whose head is signed as it should be, and whose body may not be what was promised. */
interface Upload {
  /** Value of `x-amz-content-sha256`. */
  readonly form: string;
  readonly headers?: readonly Header[];
  readonly trailers?: readonly Header[];
  /** Breaks the body before it is framed. */
  readonly change?: (body: ChunkedBody) => void;
  /** What is sent of the bytes on the wire; the rest never comes. */
  readonly cutAt?: number;
  /** Whether the client hangs up at the cut; else its Content-Length ends there. */
  readonly hangsUp?: boolean;
  readonly decodedLength?: number;
  /** Bytes behind the end of a framed body. */
  readonly extra?: string;
}

const TRAILER: Pick<Upload, "headers" | "trailers"> = {
  headers: [["x-amz-trailer", "x-amz-checksum-crc32"]],
  trailers: [["x-amz-checksum-crc32", CRC32.toString("base64")]],
};

function changeChunk(index: number): (body: ChunkedBody) => void {
  return ({ chunks }) => {
    const chunk = chunks[index] ?? assert.fail("no such chunk");
    chunk.data = chunk.data.slice();
    chunk.data[0] = (chunk.data[0] ?? 0) ^ 1;
  };
}

const BROKEN: readonly [name: string, upload: Upload, code: string | undefined][] = [
  ...[0, 1, 2].map((index): [string, Upload, string] => [
    `P2 a flipped bit in chunk ${index}`,
    { form: SIGNED, change: changeChunk(index) },
    "SignatureDoesNotMatch",
  ]),
  ["P2 chunks swapped", {
    form: SIGNED,
    change: ({ chunks }) => chunks.unshift(...chunks.splice(1, 1)),
  }, "SignatureDoesNotMatch"],
  ["P2 a chunk dropped", {
    form: SIGNED,
    change: ({ chunks }) => void chunks.splice(1, 1),
  }, "SignatureDoesNotMatch"],
  [
    "P2 the final chunk missing",
    { form: SIGNED, change: ({ chunks }) => void chunks.pop() },
    "IncompleteBody",
  ],
  ["P2 a flipped digit in the final chunk's signature", {
    form: SIGNED,
    change: ({ chunks }) => {
      const last = chunks.at(-1) ?? assert.fail("no final chunk");
      last.extension = last.extension.replace(/.$/, (digit) => digit === "0" ? "1" : "0");
    },
  }, "SignatureDoesNotMatch"],
  ["P2 a chunk replayed", {
    form: SIGNED,
    change: ({ chunks }) => void chunks.splice(1, 0, ...chunks.slice(0, 1)),
    decodedLength: PLAIN.length + 70_000,
  }, "SignatureDoesNotMatch"],
  ["P2 bytes after the end", { form: SIGNED, extra: "0\r\n\r\n" }, "IncompleteBody"],
  ["P2 bytes after a trailer", {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    extra: "x-amz-acl:public-read\r\n\r\n",
  }, "IncompleteBody"],
  ["P1 a wrong Content-MD5 of signed chunks", {
    form: SIGNED,
    headers: [["content-md5", createHash("md5").update("other").digest("base64")]],
  }, "BadDigest"],
  ["P2 a trailer that was not signed", {
    form: `${SIGNED}-TRAILER`,
    ...TRAILER,
    change: ({ trailers }) =>
      void trailers?.splice(1, 1, ["x-amz-trailer-signature", "0".repeat(64)]),
  }, "SignatureDoesNotMatch"],
  ["P2 a trailer without its signature", {
    form: `${SIGNED}-TRAILER`,
    ...TRAILER,
    change: ({ trailers }) => void trailers?.pop(),
  }, "MalformedTrailerError"],
  ["P10 a signed trailer of another body", {
    form: `${SIGNED}-TRAILER`,
    headers: TRAILER.headers ?? [],
    trailers: [["x-amz-checksum-crc32", "AAAAAA=="]],
  }, "BadDigest"],
  ["P10 a flipped bit under an unsigned trailer", {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    change: changeChunk(0),
  }, "BadDigest"],
  [
    "P10 no trailer",
    { form: UNSIGNED_TRAILER, headers: TRAILER.headers ?? [], trailers: [] },
    "MalformedTrailerError",
  ],
  ...Object.entries(WRONG_CHECKSUMS).flatMap(([name, value]): [string, Upload, string][] => [
    [
      `P10 a wrong trailer ${name}`,
      { form: UNSIGNED_TRAILER, headers: [["x-amz-trailer", name]], trailers: [[name, value]] },
      "BadDigest",
    ],
    [
      `P10 a wrong header ${name}`,
      { form: "UNSIGNED-PAYLOAD", headers: [[name, value]] },
      "BadDigest",
    ],
  ]),
  [
    "P1 a decoded length too short",
    { form: SIGNED, decodedLength: PLAIN.length - 1 },
    "IncompleteBody",
  ],
  [
    "P1 a decoded length too long",
    { form: SIGNED, decodedLength: PLAIN.length + 1 },
    "IncompleteBody",
  ],
  ["P1 a wrong Content-MD5", {
    form: "UNSIGNED-PAYLOAD",
    headers: [["content-md5", createHash("md5").update("other").digest("base64")]],
  }, "BadDigest"],
  [
    "P1 a plain body cut off",
    { form: "UNSIGNED-PAYLOAD", cutAt: 100_000, hangsUp: true },
    undefined,
  ],
  [
    "P1 a hashed body cut off",
    { form: sha256(PLAIN), cutAt: PLAIN.length - 1, hangsUp: true },
    undefined,
  ],
  ...listCuts().flatMap((cutAt): [string, Upload, string | undefined][] => [
    [`P2 cut at ${cutAt}`, { form: SIGNED, cutAt }, "IncompleteBody"],
    [`P2 hung up at ${cutAt}`, { form: SIGNED, cutAt, hangsUp: true }, undefined],
  ]),
];

/** Where the parts of a signed body of three chunks end: size lines, data, line ends. */
function listCuts(): number[] {
  const { chunks } = signChunks({
    secretKey: USERS.alpha.secretKey,
    date: new Date(),
    chunks: CHUNKS,
    seedSignature: "0".repeat(64),
  });
  let at = 0;
  const cuts = chunks.flatMap(({ size, extension, data }) => {
    const header = at += size.length + extension.length + 2;
    if (data.length === 0) return [header];
    const end = at += data.length;
    at += 2;
    return [header, end - 1, end, at];
  });
  // The closing chunk's own line end is all that the last of them lacks.
  return [0, ...cuts];
}

const stack = useStack({ name: "uploads" });
const strictStack = useStack({
  name: "uploads-strict",
  settings: { security: { verify_content_integrity: true } },
});

for (const transport of TRANSPORTS) {
  Deno.test(`what breaks its promise leaves no object and no part over ${transport}`, async (test) => {
    const bucket = `e2e-alpha-broken-${transport}`;
    await assertNothingIsStored(test, { stack: stack(), transport, bucket, uploads: BROKEN });
  });

  Deno.test(`P1 a hash of another body leaves nothing in strict mode over ${transport}`, async (test) => {
    await assertNothingIsStored(test, {
      stack: strictStack(),
      transport,
      bucket: `e2e-alpha-strict-${transport}`,
      uploads: [["P1 another body", { form: sha256("other") }, "XAmzContentSHA256Mismatch"]],
    });
  });
}

Deno.test("what keeps its promise is stored", async () => {
  const bucket = "e2e-alpha-kept";
  await stack().backend.makeBucket(bucket);
  const uploads: readonly Upload[] = [
    { form: SIGNED },
    { form: `${SIGNED}-TRAILER`, ...TRAILER },
    { form: UNSIGNED_TRAILER, ...TRAILER },
    { form: "UNSIGNED-PAYLOAD", headers: TRAILER.trailers ?? [] },
    { form: sha256(PLAIN) },
  ];
  for (const [index, upload] of uploads.entries()) {
    const target = `/${bucket}/${index}`;
    const response = await send({ stack: stack(), transport: "https" }, {
      method: "PUT",
      target,
      upload,
    });
    assert.equal(response?.status, 200, response?.text);
  }
  const md5 = createHash("md5").update(PLAIN).digest("hex");
  const listed = (await stack().backend.listObjects(bucket)).map((line) => line.split(" ")[0]);
  assert.deepEqual(listed, uploads.map(() => `"${md5}"`));
});

async function assertNothingIsStored(
  test: Deno.TestContext,
  { stack, transport, bucket, uploads }: {
    stack: Stack;
    transport: Transport;
    bucket: string;
    uploads: typeof BROKEN;
  },
): Promise<void> {
  const { backend } = stack;
  await backend.makeBucket(bucket);
  await backend.put({ bucket, key: "old" }, "the version before");
  const before = await backend.listObjects(bucket);
  assert.equal(before.length, 1);
  const place = { stack, transport };
  const created = await send(place, { method: "POST", target: `/${bucket}/parts?uploads` });
  const [, uploadId = assert.fail(created?.text)] =
    /<UploadId>(.*)<\/UploadId>/.exec(created?.text ?? "") ?? [];
  const parts = `/${bucket}/parts?uploadId=${uploadId}`;
  const targets = [`/${bucket}/new`, `/${bucket}/old`, `${parts}&partNumber=1`];
  for (const [name, upload, code] of uploads) {
    await test.step(name, async () => {
      for (const target of targets) {
        const response = await send(place, { method: "PUT", target, upload });
        if (upload.hangsUp !== true) assert.equal(response?.errorCode, code, response?.text);
        else assert.ok(response === undefined || response.status >= 400, response?.text);
      }
      assert.deepEqual(await backend.listObjects(bucket), before);
      const listed = await send(place, { method: "GET", target: parts });
      assert.equal(listed?.status, 200, listed?.text);
      assert.doesNotMatch(listed?.text ?? "", /<Part>/);
    });
  }
}

/** Sends one request of the user's; `undefined` where the client has hung up. */
async function send(
  { stack: { proxies, gateway }, transport }: { stack: Stack; transport: Transport },
  { method, target, upload }: { method: string; target: string; upload?: Upload },
): Promise<RawResponse | undefined> {
  const port = Number(new URL(proxies[transport].endpoint).port);
  const caCert = transport === "https" ? await Deno.readTextFile(gateway.authorityFile) : undefined;
  const { form = "UNSIGNED-PAYLOAD", headers = [], trailers, decodedLength = PLAIN.length } =
    upload ?? {};
  const isChunked = form.startsWith("STREAMING-");
  const date = new Date();
  const signed = signHeaders({
    method,
    target,
    headers: [
      ["host", `127.0.0.1:${port}`],
      ...(isChunked ? [["x-amz-decoded-content-length", String(decodedLength)] as const] : []),
      ...headers,
    ],
    ...USERS.alpha,
    date,
    payloadHash: form,
  });
  if (upload === undefined) {
    return await request({
      port,
      caCert,
      method,
      target,
      headers: signed.headers,
      body: undefined,
    });
  }
  const body = isChunked
    ? buildBody(upload, { date, trailers, signature: signed.signature })
    : PLAIN;
  const { cutAt = body.length, hangsUp = false } = upload;
  const sent = body.subarray(0, cutAt);
  if (!hangsUp) {
    return await request({ port, caCert, method, target, headers: signed.headers, body: sent });
  }
  using connection = await connectRaw({ port, caCert });
  const lines = [...signed.headers, ["content-length", String(body.length + 1)]]
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
  await connection.write(sent);
  return undefined;
}

function buildBody(
  { form, change, extra = "" }: Upload,
  { date, trailers, signature }: {
    date: Date;
    trailers: readonly Header[] | undefined;
    signature: string;
  },
): Uint8Array<ArrayBuffer> {
  const body = signChunks({
    secretKey: USERS.alpha.secretKey,
    date,
    chunks: CHUNKS,
    seedSignature: form.includes("UNSIGNED") ? undefined : signature,
    ...(trailers === undefined ? {} : { trailers }),
  });
  change?.(body);
  return joinBytes([formatChunkedBody(body), extra]);
}
