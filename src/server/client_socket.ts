/**
 * A client's connection, in plain text or in TLS.
 * @module
 */

/** What an exchange with a client needs of its connection; a `Deno.Conn` has it. */
export interface ClientSocket {
  /** As that of `Deno.Conn`: the number of bytes, `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** As that of `Deno.Conn`: how many bytes were written; until then they are in use. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it at once, whatever the client does. What waits for it rejects. */
  close(): void;
  /** Where it is in TLS: resolves when both sides agree; rejects where they do not. */
  handshake?(): Promise<unknown>;
}
