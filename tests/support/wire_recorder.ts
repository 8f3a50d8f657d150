/**
 * Keeps what the tests' client sends, where somebody asks for it: `deno task soak` sends it again.
 * @module
 */

/** The folder for it. */
export const RECORDING_VARIABLE = "RECORD_WIRE";

/** Of one connection: longer bodies are not what makes an attack. */
const BYTES_MAX = 256 * 1024;

const directory = Deno.env.get(RECORDING_VARIABLE);

/** Notes what one connection sends; nothing, where nobody asked. */
export class WireRecorder {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** `piece` was sent. */
  sent(piece: Uint8Array): void {
    if (directory === undefined || this.#bytes >= BYTES_MAX) return;
    this.#bytes += piece.length;
    this.#pieces.push(piece.slice());
  }

  /** The connection has ended. */
  ended(): void {
    if (directory === undefined || this.#bytes === 0) return;
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#bytes = 0;
    Deno.writeFileSync(`${directory}/${crypto.randomUUID()}`, bytes.subarray(0, BYTES_MAX));
  }
}
