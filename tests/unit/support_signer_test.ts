import assert from "node:assert/strict";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { canonicalUri, type Header, presign, signHeaders } from "../support/signer.ts";
import { loadVectors, type SigV4ChunkedExample, type SigV4Example } from "../support/vectors.ts";

const DATE = new Date("2013-05-24T00:00:00Z");

for (const example of await loadVectors<SigV4Example>("sigv4/s3_examples.json")) {
  Deno.test(`signer reproduces AWS example ${example.name}`, () => {
    const signed = example.authentication === "header"
      ? signHeaders({ ...signingInput(example), target: example.request.target })
      : presign({ ...signingInput(example), target: "/test.txt", expires: 86400 });
    assert.equal(signed.canonicalRequest, example.canonicalRequest);
    assert.equal(signed.stringToSign, example.stringToSign);
    assert.equal(signed.signature, example.signature);
    if ("target" in signed) assert.equal(signed.target, example.request.target);
  });
}

for (const example of await loadVectors<SigV4ChunkedExample>("sigv4/s3_chunked_examples.json")) {
  Deno.test(`signChunks() reproduces AWS example ${example.name}`, () => {
    const input = { ...signingInput(example), target: example.request.target };
    const { signature, canonicalRequest } = signHeaders(input);
    assert.equal(canonicalRequest, example.canonicalRequest);
    assert.equal(signature, example.signature);

    const body = signChunks({
      ...input,
      seedSignature: signature,
      chunks: example.chunks.slice(0, -1).map(({ fill, bytes }) =>
        new TextEncoder().encode(fill.repeat(bytes))
      ),
      ...(example.trailers.length > 0 && { trailers: example.trailers.slice(0, -1) }),
    });
    assert.deepEqual(
      body.chunks.map(({ extension }) => extension),
      example.chunks.map((chunk) => `;chunk-signature=${chunk.signature}`),
    );
    assert.deepEqual(body.trailers ?? [], example.trailers);

    const contentLength = example.request.headers.find(([name]) => name === "Content-Length")?.[1];
    if (contentLength !== undefined) {
      assert.equal(formatChunkedBody(body).length, Number(contentLength));
    }
  });
}

Deno.test("signChunks() leaves unsigned chunks bare", () => {
  const body = signChunks({
    secretKey: "unused",
    date: DATE,
    seedSignature: undefined,
    chunks: [new TextEncoder().encode("hello, chunked!")],
    trailers: [["x-amz-checksum-crc32", "AAAAAA=="]],
  });
  assert.equal(
    new TextDecoder().decode(formatChunkedBody(body)),
    "f\r\nhello, chunked!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
  );
});

Deno.test("canonicalUri() decodes once and encodes every reserved character but the slash", () => {
  assert.equal(
    canonicalUri("/b/a+b%20c//%2F%e2%82%ac*'()~%zz"),
    "/b/a%2Bb%20c//%2F%E2%82%AC%2A%27%28%29~%25zz",
  );
});

function signingInput(
  { request, accessKey, secretKey }: Omit<SigV4Example, "authentication">,
): { method: string; headers: Header[]; accessKey: string; secretKey: string; date: Date } {
  const headers = request.headers.filter(([name]) => name !== "Authorization");
  return { method: request.method, headers, accessKey, secretKey, date: DATE };
}
