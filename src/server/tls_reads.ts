/**
 * Bounds on what TLS sockets of `node:https` read. Deno 2.9.6 has none: a paused one is read on, so that whatever the
 * backend does not take is held here, and one that flows is read up to 2 MB at a time, which are there three times, as
 * they came, decrypted, and parsed. There is no way to them but through internals; without these nothing is bounded,
 * which the tests show.
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { LIMITS } from "../limits.ts";
import { freePiece } from "./request_body.ts";

/** What Deno has in a `TLSSocket`, and no type tells of. */
interface TlsInternals {
  /** The connection below. */
  readonly _parent?: { readonly _handle?: { readStop(): void; readStart(): void } | null };
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
  /** `onread` of `node:net`: where to read to, and what to do with it. */
  [option: symbol]: unknown;
}

/** Every socket's: what was read is taken out of it before anything else is read. */
const piece = new Uint8Array(LIMITS.tlsReadBytesMax);

/** Has `socket`, of which nothing was read yet, read in pieces, and only while it flows. */
export function boundTlsReads(socket: Socket): void {
  // No type has them.
  const internals = socket as Socket & TlsInternals;
  const { _parent: parent, _handle: handle } = internals;
  socket.on("pause", () => parent?._handle?.readStop());
  socket.on("resume", () => parent?._handle?.readStart());
  const [buffer, callback] = ["kBuffer", "kBufferCb"].map((name) =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
  );
  if (buffer === undefined || callback === undefined) return;
  handle?.useUserBuffer?.(piece);
  internals[buffer] = piece;
  internals[callback] = (length: number) => socket.push(Buffer.from(piece.slice(0, length).buffer));
  // The parser, which has had it by then, copies what it hands on.
  socket.on("data", freePiece);
}
