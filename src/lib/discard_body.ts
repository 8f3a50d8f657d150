/**
 * What a client still sends of a body that nobody wants any more.
 * @module
 */

import { LIMITS } from "../limits.ts";

/**
 * Reads on and throws away, for a while and never for ever: a client that is answered while it sends
 * would otherwise meet a closed stream before it has read the answer (HTTP/2's RST_STREAM, TCP's RST),
 * and try again. nginx calls this a lingering close.
 * Ends at the body's end, after {@linkcode LIMITS.discardedBodyBytesMax} or
 * {@linkcode LIMITS.discardedBodyTimeoutMs}. Never rejects; need not be awaited.
 */
export async function discardBody(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const cancel = (): void => void reader.cancel().catch(() => {});
  const timer = setTimeout(cancel, LIMITS.discardedBodyTimeoutMs);
  try {
    for (let bytes = 0; bytes <= LIMITS.discardedBodyBytesMax;) {
      const { value } = await reader.read();
      if (value === undefined) return;
      bytes += value.length;
    }
    cancel();
  } catch {
    // The client has gone, which is what cancelling is for.
  } finally {
    clearTimeout(timer);
  }
}
