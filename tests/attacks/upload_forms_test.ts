/**
 * The ways to sign and prove one body: what current clients send is taken, what contradicts itself is refused before
 * the backend hears of it.
 */

import assert from "node:assert/strict";
import { createChecksumHasher } from "../../src/payload/checksum.ts";
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
} from "../../src/s3/checksum_algorithm.ts";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { type Header, presign, sha256, signHeaders } from "../support/signer.ts";

const PLAIN = new TextEncoder().encode("first middle last");
const EMPTY = new Uint8Array();
const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const UNSIGNED = "UNSIGNED-PAYLOAD";

interface Upload {
  readonly form: string;
  readonly plain?: Uint8Array;
  readonly headers?: readonly Header[];
  readonly trailers?: readonly Header[];
  readonly target?: string;
  /** Sent by `Transfer-Encoding: chunked`, without a Content-Length. */
  readonly isChunked?: boolean;
  /** Where a presigned URL says what the form is. */
  readonly presigned?: "header" | "query";
}

function checksum(algorithm: ChecksumAlgorithm, bytes = PLAIN): Header {
  const hasher = createChecksumHasher(algorithm);
  hasher.update(bytes);
  return [checksumHeader(algorithm), btoa(String.fromCharCode(...hasher.digest()))];
}

function announce(algorithm: ChecksumAlgorithm): Header {
  return ["x-amz-trailer", checksumHeader(algorithm)];
}

const CRC32 = checksum("CRC32");
const TRAILER = { headers: [announce("CRC32")], trailers: [CRC32] };
const BOTH = { headers: [CRC32, announce("CRC32")], trailers: [CRC32] };
const EMPTY_TRAILER = {
  plain: EMPTY,
  headers: [announce("CRC32")],
  trailers: [checksum("CRC32", EMPTY)],
};

const TAKEN: Readonly<Record<string, Upload>> = {
  ...Object.fromEntries(CHECKSUM_ALGORITHMS.flatMap((algorithm): [string, Upload][] => {
    const value = checksum(algorithm);
    const named: Header = ["x-amz-sdk-checksum-algorithm", algorithm];
    const trailer = { headers: [announce(algorithm), named], trailers: [value] };
    return [
      [`${algorithm} in a header`, { form: UNSIGNED, headers: [value, named] }],
      [`${algorithm} in a header of signed chunks`, { form: SIGNED, headers: [value] }],
      [`${algorithm} in a trailer`, { form: UNSIGNED_TRAILER, ...trailer }],
      [`${algorithm} in a signed trailer`, { form: SIGNED_TRAILER, ...trailer }],
    ];
  })),
  "P6 signed chunks without Content-Length": { form: SIGNED, isChunked: true },
  "P6 a trailer without Content-Length": {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    isChunked: true,
  },
  "a presigned URL with signed chunks": { form: SIGNED, presigned: "header" },
  "a presigned URL with a trailer": { form: UNSIGNED_TRAILER, ...TRAILER, presigned: "header" },
  "a presigned URL that names its trailer": {
    form: UNSIGNED_TRAILER,
    ...TRAILER,
    presigned: "query",
  },
  "a part": { form: UNSIGNED_TRAILER, ...TRAILER, target: "/mine/k?partNumber=1&uploadId=u" },
  "a header's checksum that is announced as a trailer": {
    form: UNSIGNED,
    headers: [CRC32, announce("CRC32")],
  },
  "the same in signed chunks": { form: SIGNED, headers: [CRC32, announce("CRC32")] },
  "the same in all that the SDK for Java v2 sends over HTTP": {
    form: SIGNED,
    headers: [
      ["content-encoding", "aws-chunked"],
      ["expect", "100-continue"],
      ["x-amz-sdk-checksum-algorithm", "CRC32"],
      ...BOTH.headers,
    ],
  },
  "the same with its trailer": { form: UNSIGNED_TRAILER, ...BOTH },
  "the same with its signed trailer": { form: SIGNED_TRAILER, ...BOTH },
  "the same without a trailer": { form: UNSIGNED_TRAILER, headers: BOTH.headers, trailers: [] },
  "blanks around a trailer's colon": {
    form: UNSIGNED_TRAILER,
    headers: TRAILER.headers,
    trailers: [[`${CRC32[0]} \t`, ` ${CRC32[1]} \t`]],
  },
  "C7 an empty body": { form: UNSIGNED, plain: EMPTY },
  "C7 an empty body with its hash": { form: sha256(""), plain: EMPTY },
  "C7 an empty body in signed chunks": { form: SIGNED, plain: EMPTY },
  "C7 an empty body with a trailer": { form: UNSIGNED_TRAILER, ...EMPTY_TRAILER },
  "C7 an empty body with a signed trailer": { form: SIGNED_TRAILER, ...EMPTY_TRAILER },
  "C7 an empty body with a trailer, without Content-Length": {
    form: UNSIGNED_TRAILER,
    ...EMPTY_TRAILER,
    isChunked: true,
  },
  "C7 an empty body of the JavaScript SDK": {
    form: UNSIGNED,
    plain: EMPTY,
    headers: [["x-amz-sdk-checksum-algorithm", "CRC32"]],
  },
};

const REFUSED: Readonly<Record<string, readonly [code: string, upload: Upload]>> = {
  ...Object.fromEntries(CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const wrong = checksum(algorithm, EMPTY);
    const trailer = { headers: [announce(algorithm)], trailers: [wrong] };
    const empty = { form: UNSIGNED, plain: EMPTY, headers: [checksum(algorithm)] };
    return [
      [`P10 a wrong ${algorithm} header`, ["BadDigest", { form: UNSIGNED, headers: [wrong] }]],
      [`P10 a wrong ${algorithm} header, no body`, ["BadDigest", empty]],
      [`P5 a wrong ${algorithm} trailer`, ["BadDigest", { form: UNSIGNED_TRAILER, ...trailer }]],
      [`P5 a wrong ${algorithm}, signed`, ["BadDigest", { form: SIGNED_TRAILER, ...trailer }]],
    ] satisfies [string, readonly [string, Upload]][];
  })),
  "a checksum in a header, and another in a trailer": ["InvalidRequest", {
    form: UNSIGNED_TRAILER,
    headers: [CRC32, announce("SHA1")],
    trailers: [checksum("SHA1")],
  }],
  "P5 a trailer that says another value than the header": ["MalformedTrailerError", {
    form: UNSIGNED_TRAILER,
    headers: [CRC32, announce("CRC32")],
    trailers: [checksum("CRC32", EMPTY)],
  }],
  "P10 a wrong header of a trailer that is announced": ["BadDigest", {
    form: SIGNED,
    headers: [checksum("CRC32", EMPTY), announce("CRC32")],
  }],
  "P5 a blank within a trailer's name": ["MalformedTrailerError", {
    form: UNSIGNED_TRAILER,
    headers: [announce("CRC32")],
    trailers: [["x-amz-checksum -crc32", CRC32[1]]],
  }],
  "two checksums": ["InvalidRequest", { form: UNSIGNED, headers: [CRC32, checksum("SHA1")] }],
  "another algorithm than announced": ["InvalidRequest", {
    form: UNSIGNED,
    headers: [CRC32, ["x-amz-sdk-checksum-algorithm", "SHA256"]],
  }],
  "an algorithm without its checksum": ["InvalidRequest", {
    form: UNSIGNED,
    headers: [["x-amz-sdk-checksum-algorithm", "CRC32"]],
  }],
  "a checksum that is not known": ["NotImplemented", {
    form: UNSIGNED,
    headers: [["x-amz-checksum-xxhash32", "AAAAAA=="]],
  }],
  "a trailer of a plain body": ["MalformedTrailerError", {
    form: UNSIGNED,
    headers: [announce("CRC32")],
  }],
  "P5 not announced": ["MalformedTrailerError", { form: UNSIGNED_TRAILER, trailers: [CRC32] }],
  "P5 twice": ["MalformedTrailerError", {
    form: UNSIGNED_TRAILER,
    headers: [announce("CRC32")],
    trailers: [CRC32, CRC32],
  }],
  "a plain body without Content-Length": ["MissingContentLength", {
    form: sha256(PLAIN),
    isChunked: true,
  }],
  "P10 a presigned URL with a wrong checksum": ["BadDigest", {
    form: UNSIGNED,
    headers: [checksum("CRC32", EMPTY)],
    presigned: "header",
  }],
};

for (const [name, upload] of Object.entries(TAKEN)) {
  testListeners(`${name}: stored as it is`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await send(proxy, upload);
    assert.equal(response.status, 200, response.text);
    const { plain = PLAIN, headers = [], trailers = [] } = upload;
    const [proof] = [...headers, ...trailers].filter(([key]) => /^x-amz-checksum-/.test(key));
    if (proof !== undefined) {
      const [key, value] = proof.map((text) => text.trim());
      assert.equal(response.header(key ?? ""), value);
    }
    const [seen] = proxy.backend.requests;
    assert.equal(await seen?.bodyEnd, "complete");
    assert.deepEqual(seen?.body, plain);
    assert.equal(seen.header("content-length"), String(plain.length));
    for (const name of ["content-encoding", "transfer-encoding", "x-amz-trailer"]) {
      assert.equal(seen.header(name), undefined, name);
    }
  });
}

for (const [name, [code, upload]] of Object.entries(REFUSED)) {
  testListeners(`${name}: ${code}, and nothing whole at the backend`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await send(proxy, upload);
    assert.equal(response.errorCode, code, response.text);
    for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
  });
}

function send(proxy: ProxyUnderTest, upload: Upload): Promise<RawResponse> {
  const { form, plain = PLAIN, target = "/mine/k", trailers, isChunked = false } = upload;
  const isFramed = form.startsWith("STREAMING-");
  const length: Header[] = [["x-amz-decoded-content-length", String(plain.length)]];
  const named: Header[] = [["x-amz-content-sha256", form]];
  const headers: readonly Header[] = [
    ["host", proxy.host],
    ...(isFramed ? length : []),
    ...(upload.presigned === "header" ? named : []),
    ...upload.headers ?? [],
  ];
  const date = new Date();
  const input = { method: "PUT", headers, ...ALICE, date, payloadHash: form };
  const query = upload.presigned === "query" ? `?X-Amz-Content-Sha256=${form}` : "";
  const signed = upload.presigned === undefined
    ? { target, ...signHeaders({ ...input, target }) }
    : { headers, ...presign({ ...input, target: target + query, expires: 100 }) };
  const body = isFramed
    ? formatChunkedBody(signChunks({
      secretKey: ALICE.secretKey,
      date,
      chunks: plain.length === 0 ? [] : [plain.subarray(0, 6), plain.subarray(6)],
      seedSignature: form === UNSIGNED_TRAILER ? undefined : signed.signature,
      ...(trailers === undefined ? {} : { trailers }),
    }))
    : plain;
  return proxy.sendRaw({
    method: "PUT",
    target: signed.target,
    headers: signed.headers,
    body: isChunked ? { chunks: [body] } : body,
  });
}
