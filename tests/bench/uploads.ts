/**
 * Bodies of uploads, framed and signed beforehand into files, so that sending them costs the client nothing.
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";
import { HOST, USER } from "./signed_requests.ts";

/** `hex`: the body's SHA-256 is signed and passed on; `strict`: and checked by the proxy (`verify_content_integrity`). */
export type UploadForm = "hex" | "unsigned trailer" | "signed chunks" | "strict";

/** A file to send, and the headers to send it with. */
export interface Upload {
  readonly file: string;
  readonly headers: readonly Header[];
}

const MIB = 1 << 20;
/** What AWS's documents use. */
const CHUNK_BYTES = 64 * 1024;

/** Writes and signs a body of `mebibytes` for a PUT of `target`. */
export async function prepareUpload(
  { form, target, mebibytes }: { form: UploadForm; target: string; mebibytes: number },
  directory: string,
): Promise<Upload> {
  const plain = buildPlain(mebibytes);
  const file = `${directory}/upload`;
  const date = new Date();
  const secretKey = USER.secret_key;
  const sign = (payloadHash: string, headers: readonly Header[]): ReturnType<typeof signHeaders> =>
    signHeaders({
      method: "PUT",
      target,
      headers: [["Host", HOST], ...headers],
      accessKey: USER.access_key,
      secretKey,
      date,
      payloadHash,
    });
  if (form === "hex" || form === "strict") {
    await Deno.writeFile(file, plain);
    return { file, headers: sign(sha256(plain), []).headers };
  }
  const framing: Header[] = [
    ["content-encoding", "aws-chunked"],
    ["x-amz-decoded-content-length", String(plain.length)],
  ];
  const chunks = Array.from(
    { length: plain.length / CHUNK_BYTES },
    (_, index) => plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
  if (form === "signed chunks") {
    const { headers, signature } = sign("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", framing);
    const body = signChunks({ secretKey, date, chunks, seedSignature: signature });
    await Deno.writeFile(file, formatChunkedBody(body));
    return { file, headers };
  }
  const { headers } = sign("STREAMING-UNSIGNED-PAYLOAD-TRAILER", [
    ...framing,
    ["x-amz-trailer", "x-amz-checksum-crc32"],
  ]);
  const trailers: Header[] = [["x-amz-checksum-crc32", formatCrc32(plain)]];
  const body = signChunks({ secretKey, date, chunks, seedSignature: undefined, trailers });
  await Deno.writeFile(file, formatChunkedBody(body));
  return { file, headers };
}

/** Writes a body that needs no framing, for targets that know none. */
export async function preparePlain(mebibytes: number, directory: string): Promise<Upload> {
  const file = `${directory}/plain`;
  await Deno.writeFile(file, buildPlain(mebibytes));
  return { file, headers: [["Host", HOST]] };
}

/** Not all alike: each 4 KiB begins with its number. */
function buildPlain(mebibytes: number): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(mebibytes * MIB);
  const view = new DataView(plain.buffer);
  for (let at = 0; at < plain.length; at += 4096) view.setUint32(at, at);
  return plain;
}

function formatCrc32(bytes: Uint8Array): string {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString("base64");
}
