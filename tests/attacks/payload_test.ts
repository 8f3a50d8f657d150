import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { type ChunkedBody, formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { type RawBody, type RawResponse } from "../support/raw_client.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";

const TARGET = "/mine/k";
const CHUNKS = ["first ", "middle ", "last"].map((text) => new TextEncoder().encode(text));
const PLAIN = "first middle last";
const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

function crc32Base64(text: string): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(text));
  return btoa(String.fromCharCode(...bytes));
}

interface Upload {
  readonly form: string;
  readonly headers?: readonly Header[];
  readonly trailers?: readonly Header[];
  /** Breaks the body before it is framed. */
  readonly change?: (body: ChunkedBody) => void;
  /** Breaks the framed bytes. */
  readonly cut?: (bytes: Uint8Array) => Uint8Array;
  readonly decodedLength?: string | undefined;
}

/** Sends an upload in chunks whose signature is right, and whose body is what `upload` makes of it. */
function sendChunks(proxy: ProxyUnderTest, upload: Upload): Promise<RawResponse> {
  const date = new Date();
  const { form, headers = [], trailers, decodedLength = String(PLAIN.length) } = upload;
  const signed = signHeaders({
    method: "PUT",
    target: TARGET,
    headers: [
      ["host", proxy.host],
      ["content-encoding", "aws-chunked,gzip"],
      ...(decodedLength === "" ? [] : [["x-amz-decoded-content-length", decodedLength] as const]),
      ...headers,
    ],
    ...ALICE,
    date,
    payloadHash: form,
  });
  const seedSignature = form.includes("UNSIGNED") ? undefined : signed.signature;
  const body = signChunks({
    secretKey: ALICE.secretKey,
    date,
    chunks: CHUNKS,
    seedSignature,
    ...(trailers === undefined ? {} : { trailers }),
  });
  upload.change?.(body);
  const bytes = formatChunkedBody(body);
  return proxy.sendRaw({
    method: "PUT",
    target: TARGET,
    headers: signed.headers,
    body: upload.cut?.(bytes) ?? bytes,
  });
}

const TRAILER: Pick<Upload, "headers" | "trailers"> = {
  headers: [["x-amz-trailer", "x-amz-checksum-crc32"]],
  trailers: [["x-amz-checksum-crc32", crc32Base64(PLAIN)]],
};

const ACCEPTED: readonly Upload[] = [
  { form: SIGNED },
  { form: `${SIGNED}-TRAILER`, ...TRAILER },
  { form: UNSIGNED_TRAILER, ...TRAILER },
];

for (const upload of ACCEPTED) {
  testListeners(`P7 ${upload.form} reaches the backend as plain bytes`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await sendChunks(proxy, upload);
    assert.equal(response.status, 200, response.text);
    const expected = upload.trailers?.[0]?.[1];
    assert.equal(response.header("x-amz-checksum-crc32"), expected);
    const [seen] = proxy.backend.requests;
    assert.equal(await seen?.bodyEnd, "complete");
    assert.equal(new TextDecoder().decode(seen?.body), PLAIN);
    assert.equal(seen?.header("content-length"), String(PLAIN.length));
    assert.equal(seen?.header("content-encoding"), "gzip");
    assert.equal(seen?.header("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    for (const name of ["x-amz-trailer", "x-amz-decoded-content-length", "x-amz-checksum-crc32"]) {
      assert.equal(seen?.header(name), undefined, name);
    }
  });
}

function flip(bytes: Uint8Array): void {
  bytes[0] = (bytes[0] ?? 0) ^ 1;
}

const BROKEN: readonly [name: string, upload: Upload, code: string][] = [
  ...[0, 1, 2].map((index): [string, Upload, string] => [
    `P2 a flipped byte in chunk ${index}`,
    {
      form: SIGNED,
      change: ({ chunks }) => {
        const data = chunks[index]?.data.slice() ?? new Uint8Array();
        flip(data);
        chunks.splice(index, 1, { ...chunks[index]!, data }); // there are three of them
      },
    },
    "SignatureDoesNotMatch",
  ]),
  ["P2 a flipped digit in the final chunk's signature", {
    form: SIGNED,
    change: ({ chunks }) => {
      const last = chunks.at(-1)!; // the closing chunk is always there
      last.extension = last.extension.replace(/.$/, (digit) => digit === "0" ? "1" : "0");
    },
  }, "SignatureDoesNotMatch"],
  ["P2 chunks swapped", {
    form: SIGNED,
    change: ({ chunks }) => chunks.unshift(...chunks.splice(1, 1)),
  }, "SignatureDoesNotMatch"],
  [
    "P2 a chunk dropped",
    { form: SIGNED, change: ({ chunks }) => void chunks.splice(1, 1) },
    "SignatureDoesNotMatch",
  ],
  [
    "P2 no final chunk",
    { form: SIGNED, change: ({ chunks }) => void chunks.pop() },
    "IncompleteBody",
  ],
  [
    "P2 bytes after the end",
    { form: SIGNED, cut: (bytes) => new Uint8Array([...bytes, 120]) },
    "IncompleteBody",
  ],
  ["P3 a decoded length too small", { form: SIGNED, decodedLength: "16" }, "IncompleteBody"],
  ["P3 a decoded length too large", { form: SIGNED, decodedLength: "18" }, "IncompleteBody"],
  ["P5 a wrong CRC32", {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    trailers: [["x-amz-checksum-crc32", "AAAAAA=="]],
  }, "BadDigest"],
  ["P5 another trailer than announced", {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    trailers: [["x-amz-checksum-sha1", "AAAA"]],
  }, "MalformedTrailerError"],
  ["P5 an ACL smuggled as a trailer", {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    trailers: [...TRAILER.trailers ?? [], ["x-amz-acl", "public-read"]],
  }, "MalformedTrailerError"],
  [
    "P5 announced and missing",
    { form: UNSIGNED_TRAILER, ...TRAILER, trailers: [] },
    "MalformedTrailerError",
  ],
];

for (const [name, upload, code] of BROKEN) {
  testListeners(`${name}: ${code}, and the backend has no whole body`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await sendChunks(proxy, upload);
    assert.equal(response.errorCode, code, response.text);
    for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
  });
}

/** Where a framed body can be cut in different ways; the decoder's own test cuts it at every byte. */
function findBoundaries(framed: Uint8Array): number[] {
  const text = new TextDecoder().decode(framed);
  const parts = text.split(/(?<=[;=\r\n])|(?=[;\r\n])/);
  let end = 0;
  const around = parts.map((part) => end += part.length).flatMap((at) => [at - 1, at, at + 1]);
  return [...new Set([0, 1, ...around])].filter((at) => at < framed.length);
}

testListeners("P2 an upload cut anywhere never completes", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const lengths = [0];
  let whole = 0;
  for (const length of lengths) {
    const response = await sendChunks(proxy, {
      form: SIGNED,
      cut: (bytes) => {
        if (whole === 0) lengths.push(...findBoundaries(bytes));
        whole = bytes.length;
        return bytes.slice(0, length);
      },
    });
    assert.ok(response.status >= 400, `cut at ${length} of ${whole}`);
  }
  assert.ok(lengths.includes(whole - 1) && lengths.length > 30);
  for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
});

const UNSENT: readonly [name: string, decodedLength: string, code: string][] = [
  ["absent", "", "MissingContentLength"],
  ["negative", "-1", "InvalidArgument"],
  ["over 2^53", "9007199254740993", "EntityTooLarge"],
  ["over 5 GiB", String(5 * 2 ** 30 + 1), "EntityTooLarge"],
];
for (const [name, decodedLength, code] of UNSENT) {
  testListeners(
    `P3 a decoded length ${name}: ${code}, before the backend hears of it`,
    async (listener) => {
      await using proxy = await ProxyUnderTest.start({ listener });
      proxy.assertRefused(await sendChunks(proxy, { form: SIGNED, decodedLength }), code);
    },
  );
}

function put(
  proxy: ProxyUnderTest,
  { headers, body, hash }: { headers?: readonly Header[]; body: RawBody; hash?: string },
): Promise<RawResponse> {
  return proxy.send({
    method: "PUT",
    target: TARGET,
    body,
    ...(headers === undefined ? {} : { headers }),
    ...(hash === undefined ? {} : { payloadHash: hash }),
  });
}

testListeners(
  "P1 strict mode: a body that is not what was signed never completes",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { security: { verify_content_integrity: true } },
    });
    const wrong = await put(proxy, { body: "hello", hash: sha256("HELLO") });
    assert.equal(wrong.errorCode, "XAmzContentSHA256Mismatch");
    for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
    assert.match(await proxy.readLog(), /security: a body is not what was signed/);
    const right = await put(proxy, { body: "hello", hash: sha256("hello") });
    assert.equal(right.status, 200);
    assert.equal(proxy.backend.requests.at(-1)?.header("x-amz-content-sha256"), sha256("hello"));
  },
);

testListeners("P10 a checksum header that is not the body's: BadDigest", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const headers: Header[] = [["x-amz-checksum-crc32", crc32Base64("HELLO")]];
  assert.equal((await put(proxy, { headers, body: "hello" })).errorCode, "BadDigest");
  for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
});

testListeners("an upload over max_streaming_upload_size: EntityTooLarge", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings: { security: { max_streaming_upload_size: PLAIN.length - 1 } },
  });
  proxy.assertRefused(await sendChunks(proxy, { form: SIGNED }), "EntityTooLarge");
});
