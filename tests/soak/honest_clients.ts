/**
 * Clients that do what clients do, and note whatever does not go as it should.
 * @module
 */

import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import type { Key } from "../support/proxy_under_test.ts";
import { type RawBody, type RawResponse, request } from "../support/raw_client.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";
import { objectBytes } from "./honest_objects.ts";

const BYTES_MAX = 300_000;
const TRAILER_FORM = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/** An honest user; the bucket is its own. */
export interface HonestUser {
  readonly key: Key;
  readonly bucket: string;
}

/** What became of their requests. */
export interface HonestReport {
  succeeded: number;
  slowestMs: number;
  readonly failures: string[];
}

type Send = (
  wanted: {
    method?: string;
    target: string;
    headers?: readonly Header[];
    body?: RawBody;
    payloadHash?: string;
  },
) => Promise<RawResponse>;

type Deed = (send: Send, bucket: string) => Promise<void>;

/** Does one thing after the other as `user` until `isOver`. */
export async function beHonest(
  { user, port, report, isOver }: {
    user: HonestUser;
    port: number;
    report: HonestReport;
    isOver: () => boolean;
  },
): Promise<void> {
  const send = createSend(user.key, port);
  for (let turn = 0; !isOver(); turn++) {
    const [name, deed] = DEEDS[turn % DEEDS.length] ?? ["nothing", () => Promise.resolve()];
    const startedMs = performance.now();
    try {
      await deed(send, user.bucket);
      report.succeeded++;
    } catch (error) {
      report.failures.push(`port ${port}, ${name}: ${String(error).slice(0, 300)}`);
    }
    report.slowestMs = Math.max(report.slowestMs, performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const DEEDS: readonly [name: string, deed: Deed][] = [
  ["GET", async (send, bucket) => {
    const length = Math.floor(Math.random() * BYTES_MAX);
    const response = await send({ target: `/${bucket}/object-${length}` });
    assertStatus(response, 200);
    assert.equal(sha256(response.body), sha256(objectBytes(length)));
  }],
  ["PUT", async (send, bucket) => {
    const body = objectBytes(Math.floor(Math.random() * BYTES_MAX));
    const headers = [["x-amz-checksum-crc32", formatCrc32(body)]] as const;
    assertStatus(await send({ method: "PUT", target: `/${bucket}/put`, headers, body }), 200);
  }],
  ["PUT in chunks", async (send, bucket) => {
    const plain = objectBytes(1 + Math.floor(Math.random() * BYTES_MAX));
    const body = formatChunkedBody(signChunks({
      secretKey: "",
      date: new Date(),
      chunks: [plain],
      seedSignature: undefined,
      trailers: [["x-amz-checksum-crc32", formatCrc32(plain)]],
    }));
    const headers = [
      ["x-amz-decoded-content-length", String(plain.length)],
      ["x-amz-trailer", "x-amz-checksum-crc32"],
    ] as const;
    const target = `/${bucket}/chunks`;
    assertStatus(
      await send({ method: "PUT", target, headers, body, payloadHash: TRAILER_FORM }),
      200,
    );
  }],
  [
    "HEAD",
    async (send, bucket) =>
      assertStatus(await send({ method: "HEAD", target: `/${bucket}/object-1` }), 200),
  ],
  ["list", async (send, bucket) => {
    const response = await send({ target: `/${bucket}` });
    assertStatus(response, 200);
    assert.doesNotMatch(response.text, /master/);
  }],
  ["DeleteObjects", async (send, bucket) => {
    const body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    assertStatus(await send({ method: "POST", target: `/${bucket}?delete`, body }), 200);
  }],
];

function createSend(key: Key, port: number): Send {
  return ({ method = "GET", target, headers = [], body, payloadHash = "UNSIGNED-PAYLOAD" }) => {
    const signed = signHeaders({
      method,
      target,
      headers: [["host", `127.0.0.1:${port}`], ...headers],
      ...key,
      date: new Date(),
      payloadHash,
    });
    return request({ port, method, target, headers: signed.headers, body });
  };
}

function assertStatus(response: RawResponse, status: number): void {
  assert.equal(response.status, status, response.text.slice(0, 200));
  assert.notEqual(response.bodyEnd, "broken");
}

function formatCrc32(bytes: Uint8Array): string {
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, crc32(bytes));
  return btoa(String.fromCharCode(...checksum));
}
