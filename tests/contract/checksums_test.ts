/** Checksums on a store that keeps them, on the wire: what it is sent, and what who reads is told. */

import assert from "node:assert/strict";
import {
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
/** Of "hello". */
const CRC32 = "NhCmhg==";
const MODE: Header = ["x-amz-checksum-mode", "ENABLED"];

function start(listener: ListenerName, kind: string, respond?: Respond): Promise<ProxyUnderTest> {
  const settings = { backend: { kind } };
  return ProxyUnderTest.start({
    listener,
    settings,
    ...(respond === undefined ? {} : { respond }),
  });
}

function chunked(text: string, checksum = CRC32): SignedRequest {
  return {
    method: "PUT",
    target: "/mine/k",
    payloadHash: UNSIGNED_TRAILER,
    headers: [
      ["x-amz-trailer", "x-amz-checksum-crc32"],
      ["x-amz-decoded-content-length", String(text.length)],
    ],
    body: `${text.length.toString(16)}\r\n${text}\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`,
  };
}

testListeners("a checksum known before the body goes on as a header", async (listener) => {
  for (const [kind, expected] of [["minio", CRC32], ["ceph", undefined]] as const) {
    await using proxy = await start(listener, kind);
    const headers: Header[] = [["x-amz-checksum-crc32", CRC32]];
    const put = { method: "PUT", target: "/mine/k", headers, body: "hello" };
    const response = await proxy.send(put);
    assert.equal(response.header("x-amz-checksum-crc32"), CRC32);
    const [seen] = proxy.backend.requests;
    assert.equal(seen?.header("x-amz-checksum-crc32"), expected);
    assert.equal(new TextDecoder().decode(seen?.body), "hello");
    const wrong = await proxy.send({ ...put, body: "hallo" });
    assert.equal(wrong.errorCode, "BadDigest");
  }
});

testListeners("one that the store does not keep stays here", async (listener) => {
  const settings = { backend: { kind: "minio", capabilities: { checksums: ["SHA256"] } } };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  const headers: Header[] = [["x-amz-checksum-crc32", CRC32]];
  const plain: SignedRequest = { method: "PUT", target: "/mine/k", headers, body: "hello" };
  for (const request of [plain, chunked("hello")]) {
    assert.equal((await proxy.send(request)).header("x-amz-checksum-crc32"), CRC32);
    const seen = proxy.backend.requests.at(-1);
    assert.equal(seen?.header("x-amz-checksum-crc32"), undefined);
    assert.equal(new TextDecoder().decode(seen?.body), "hello");
  }
});

testListeners(
  "one behind the body goes on behind it, where the store takes it",
  async (listener) => {
    for (const [kind, isKept] of [["minio", true], ["rclone", false], ["ceph", false]] as const) {
      await using proxy = await start(listener, kind);
      const response = await proxy.send(chunked("hello"));
      assert.equal(response.header("x-amz-checksum-crc32"), CRC32);
      const [seen] = proxy.backend.requests;
      const body = new TextDecoder().decode(seen?.body);
      const sent = `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${CRC32}\r\n\r\n`;
      assert.equal(body, isKept ? sent : "hello");
      assert.equal(seen?.header("x-amz-trailer"), isKept ? "x-amz-checksum-crc32" : undefined);
      assert.equal(seen?.header("x-amz-decoded-content-length"), isKept ? "5" : undefined);
      assert.equal(seen?.header("content-length"), String(body.length));
      assert.equal(seen?.header("content-encoding"), undefined);
      const hash = seen?.header("x-amz-content-sha256");
      assert.equal(hash, isKept ? UNSIGNED_TRAILER : "UNSIGNED-PAYLOAD");
    }
  },
);

testListeners("P5 a wrong one never completes the body to the store", async (listener) => {
  await using proxy = await start(listener, "minio");
  const response = await proxy.send(chunked("hello", "AAAAAA=="));
  assert.equal(response.errorCode, "BadDigest");
  const [seen] = proxy.backend.requests;
  assert.ok(seen === undefined || await seen.bodyEnd !== "complete");
});

testListeners("an empty body's trailer goes on as a header", async (listener) => {
  await using proxy = await start(listener, "minio");
  const empty = { ...chunked(""), body: "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n" };
  assert.equal((await proxy.send(empty)).status, 200);
  assert.equal(proxy.backend.requests[0]?.header("x-amz-checksum-crc32"), "AAAAAA==");
});

testListeners(
  "what a client signed of a body goes to a store that holds it to that",
  async (listener) => {
    const signed = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // of "hello"
    for (const [kind, isPassed] of [["ceph", true], ["minio", true], ["garage", false]] as const) {
      await using proxy = await start(listener, kind);
      const put = { method: "PUT", target: "/mine/k", payloadHash: signed, body: "hello" };
      assert.equal((await proxy.send(put)).status, 200);
      const hash = proxy.backend.requests[0]?.header("x-amz-content-sha256");
      assert.equal(hash, isPassed ? signed : "UNSIGNED-PAYLOAD");
    }
  },
);

testListeners("who asks is told, of whole objects only", async (listener) => {
  const headers: Header[] = [
    ["x-amz-checksum-crc32", CRC32],
    ["x-amz-checksum-type", "FULL_OBJECT"],
  ];
  const respond: Respond = (request) => ({
    send: [
      formatResponse({
        status: request.header("range") === undefined ? 200 : 206,
        headers,
        body: request.method === "HEAD" ? "" : "hello",
      }),
    ],
  });
  for (const [kind, told] of [["minio", CRC32], ["ceph", undefined]] as const) {
    await using proxy = await start(listener, kind, respond);
    const read = { target: "/mine/k" };
    const asked = await proxy.send({ ...read, headers: [MODE] });
    assert.equal(asked.header("x-amz-checksum-crc32"), told);
    assert.equal(asked.header("x-amz-checksum-type"), told && "FULL_OBJECT");
    const sent = proxy.backend.requests[0]?.header("x-amz-checksum-mode");
    assert.equal(sent, told && "ENABLED");
    assert.equal((await proxy.send(read)).header("x-amz-checksum-crc32"), undefined);
    const part = await proxy.send({ ...read, headers: [MODE, ["range", "bytes=0-1"]] });
    assert.equal(part.header("x-amz-checksum-crc32"), undefined);
  }
});

testListeners("who writes is told its type, and a copy is asked for its own", async (listener) => {
  const type: Header = ["x-amz-checksum-type", "FULL_OBJECT"];
  const respond: Respond = () => ({
    send: [formatResponse({ headers: [type], body: "<CopyObjectResult/>" })],
  });
  for (const [kind, told] of [["minio", "FULL_OBJECT"], ["ceph", undefined]] as const) {
    await using proxy = await start(listener, kind, respond);
    const put = { method: "PUT", target: "/mine/k" };
    const headers: Header[] = [
      ["x-amz-copy-source", "mine/s"],
      ["x-amz-checksum-algorithm", "CRC32"],
    ];
    const written = await proxy.send({ ...put, body: "hello" });
    assert.equal(written.header("x-amz-checksum-type"), told);
    const copied = await proxy.send({ ...put, headers });
    assert.deepEqual([copied.status, copied.header("x-amz-checksum-type")], [200, undefined]);
    const asked = proxy.backend.requests[1]?.header("x-amz-checksum-algorithm");
    assert.equal(asked, told && "CRC32");
  }
});

testListeners("uploads in parts keep theirs, with their type", async (listener) => {
  const algorithm: Header[] = [
    ["x-amz-checksum-algorithm", "CRC32"],
    ["x-amz-checksum-type", "FULL_OBJECT"],
  ];
  const body = "<R><UploadId>u</UploadId><ETag>e</ETag></R>";
  // Of a store that takes an uploadId with any key: it is asked for those of this one.
  const uploads =
    "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId></Upload>" +
    "</ListMultipartUploadsResult>";
  const respond: Respond = ({ method }) => ({
    send: [
      formatResponse(
        method === "GET"
          ? { body: uploads }
          : method === "POST"
          ? { body, headers: algorithm }
          : {},
      ),
    ],
  });
  for (const [kind, isKept] of [["minio", true], ["s3proxy", false], ["ceph", false]] as const) {
    await using proxy = await start(listener, kind, respond);
    const create = { method: "POST", target: "/mine/k?uploads", headers: algorithm };
    const crc32: Header[] = [["x-amz-checksum-crc32", CRC32]];
    const part = { target: "/mine/k?partNumber=1&uploadId=u", headers: crc32, body: "hello" };
    const complete = {
      method: "POST",
      target: "/mine/k?uploadId=u",
      headers: [...crc32, ["x-amz-checksum-type", "FULL_OBJECT"] as const],
      body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag>" +
        `<ChecksumCRC32>${CRC32}</ChecksumCRC32></Part></CompleteMultipartUpload>`,
    };
    const begun = await proxy.send(create);
    assert.equal(begun.header("x-amz-checksum-algorithm"), isKept ? "CRC32" : undefined);
    assert.equal(begun.header("x-amz-checksum-type"), isKept ? "FULL_OBJECT" : undefined);
    for (const request of [{ method: "PUT", ...part }, complete]) {
      assert.equal((await proxy.send(request)).status, 200);
    }
    const [created, uploaded, completed] = proxy.backend.requests
      .filter(({ method }) => method !== "GET");
    assert.equal(created?.header("x-amz-checksum-algorithm"), isKept ? "CRC32" : undefined);
    assert.equal(created?.header("x-amz-checksum-type"), isKept ? "FULL_OBJECT" : undefined);
    assert.equal(uploaded?.header("x-amz-checksum-crc32"), isKept ? CRC32 : undefined);
    assert.equal(completed?.header("x-amz-checksum-crc32"), isKept ? CRC32 : undefined);
    const document = new TextDecoder().decode(completed?.body);
    assert.equal(document.includes(`<ChecksumCRC32>${CRC32}</ChecksumCRC32>`), isKept);
  }
});
