/**
 * A document of the backend, read whole within a bound.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { concatBytes, decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendResponse } from "./backend_response.ts";

/**
 * The text of `upstream`'s body.
 * @throws {S3Error} `BadGateway` for what is not UTF-8, breaks off, or passes `bytesMax`; `GatewayTimeout` after
 *   {@linkcode LIMITS.documentTimeoutMs}.
 */
export async function readText(upstream: BackendResponse, bytesMax: number): Promise<string> {
  const text = decodeUtf8(concatBytes(await readBounded(upstream, bytesMax)));
  if (text === undefined) throw new S3Error("BadGateway", { reason: "response_not_utf8" });
  return text;
}

async function readBounded(upstream: BackendResponse, bytesMax: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const bytesExpected = Math.min(bytesMax, LIMITS.responseDocumentPieceBytes);
  const reader = upstream.body === null ? undefined : new BodyReader(upstream.body, bytesExpected);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    reader?.cancel();
  }, LIMITS.documentTimeoutMs);
  try {
    for (let length = 0;;) {
      const part = await reader?.read();
      if (timedOut) throw new S3Error("GatewayTimeout", { reason: "response_stalled" });
      if (part === undefined) return parts;
      length += part.length;
      if (length > bytesMax) throw new S3Error("BadGateway", { reason: "response_too_large" });
      parts.push(part);
    }
  } catch (cause) {
    reader?.cancel();
    throw cause instanceof S3Error ? cause : new S3Error("BadGateway", { cause });
  } finally {
    clearTimeout(timer);
  }
}
