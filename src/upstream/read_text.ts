/**
 * A document of the backend, read whole within a bound.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { ByteBuffer } from "../lib/byte_buffer.ts";
import { decodeUtf8 } from "../lib/bytes.ts";
import { STRANGERS, THREAD_READS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendResponse } from "./backend_response.ts";

/**
 * The text of `upstream`'s body. What is longer than a piece is read at the thread's pace.
 * @throws {S3Error} `BadGateway` for what is not UTF-8, breaks off, or passes `bytesMax`, unread where it says so; `GatewayTimeout` after
 *   {@linkcode LIMITS.documentTimeoutMs}.
 */
export async function readText(upstream: BackendResponse, bytesMax: number): Promise<string> {
  const bytes = await readBytes(upstream, bytesMax);
  const text = decodeUtf8(bytes);
  bytes.buffer.transfer(0); // V8 lets 64 MiB of such memory pile up before it collects
  if (text === undefined) throw new S3Error("BadGateway", { reason: "response_not_utf8" });
  return text;
}

/** The same as bytes, whose memory is the caller's to give back. @throws {S3Error} as {@linkcode readText}, whatever they are. */
export async function readBytes(
  upstream: BackendResponse,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts = new ByteBuffer(LIMITS.documentPieceBytes);
  const bytesExpected = Math.min(bytesMax, LIMITS.responseDocumentPieceBytes);
  const reader = upstream.body === null ? undefined : new BodyReader(upstream.body, bytesExpected);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    reader?.cancel();
  }, LIMITS.documentTimeoutMs);
  try {
    if (Number(upstream.headers.get("content-length")) > bytesMax) throw tooLarge();
    for (;;) {
      const part = await reader?.read();
      if (timedOut) throw new S3Error("GatewayTimeout", { reason: "response_stalled" });
      if (part === undefined) return parts.take();
      if (parts.length + part.length > bytesMax) throw tooLarge();
      // Whose document fits into a piece, as nearly all do, waits in no line.
      if (parts.length > 0) await THREAD_READS.take(STRANGERS, { bytes: part.length });
      parts.append(part);
      reader?.free(part);
    }
  } catch (cause) {
    parts.free();
    reader?.cancel();
    throw cause instanceof S3Error ? cause : new S3Error("BadGateway", { cause });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(): S3Error {
  return new S3Error("BadGateway", { reason: "response_too_large" });
}
