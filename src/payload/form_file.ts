/**
 * The file of a form upload, as a body of its own.
 * @module
 */

import type { BodyReader } from "../lib/body_reader.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { FormParser } from "./form_parser.ts";
import { bodyUnreadable } from "./timed_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Name of the part that is the file; the fields before it count, those behind it do not. */
export const FORM_FILE = "file";

/** The file of a form: its bytes, and a failure where the form does not end as it should. */
export class FormFile implements ByteSource {
  /** Of the file, if the form ends behind it as browsers' do; `undefined` where the body's length is not known. */
  readonly bytesIfLast: number | undefined;
  readonly #reader: BodyReader;
  readonly #parser: FormParser;
  /** Views of pieces, to be read; the piece itself is freed with its last one. */
  #pending: Uint8Array[] = [];
  #piece: Bytes | undefined;
  #rest: Bytes | undefined;
  #bytes = 0;
  #hasEnded = false;
  #isStrict = false;
  #failure: unknown;
  #isDiscarded = false;
  #reading = Promise.resolve();

  constructor(
    reader: BodyReader,
    { parser, rest, bytes }: { parser: FormParser; rest: Bytes; bytes: number | undefined },
  ) {
    this.#reader = reader;
    this.#parser = parser;
    this.#rest = rest;
    this.bytesIfLast = bytes;
  }

  /** Whether all that is left of the form may be held in memory; where its length is not known that is found out. */
  get isShort(): boolean {
    return this.bytesIfLast === undefined || this.bytesIfLast <= LIMITS.formHeldBytesMax;
  }

  /**
   * Reads the whole file, however the form goes on behind it; through `source`, which reads this one. Default: directly.
   * @throws {S3Error} `MissingContentLength` above {@linkcode LIMITS.formHeldBytesMax} where no length was sent; those of
   *   {@linkcode read}.
   */
  async readWhole(source: ByteSource = this): Promise<Bytes> {
    let bytes = new Uint8Array(Math.max(0, this.bytesIfLast ?? LIMITS.documentPieceBytes) + 1);
    let length = 0;
    for (let read; (read = await source.read(bytes.subarray(length))) > 0;) {
      length += read;
      if (length > LIMITS.formHeldBytesMax) {
        this.discard();
        throw new S3Error("MissingContentLength");
      }
      if (length === bytes.length) {
        const grown = new Uint8Array(2 * length);
        grown.set(bytes);
        bytes = grown;
      }
    }
    return bytes.slice(0, length);
  }

  /** From here on the form has to end directly behind the file: a file of another length than {@linkcode bytesIfLast} fails. */
  expectLast(): void {
    this.#isStrict = true;
  }

  /** @throws {S3Error} `MalformedPOSTRequest`, `IncorrectNumberOfFilesInPostRequest`, `IncompleteBody`. */
  async read(into: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      while (this.#pending.length === 0) {
        if (!await this.#pull()) return 0;
      }
    } catch (error) {
      this.#failure = error instanceof S3Error ? error : bodyUnreadable(error);
      this.#pending = [];
      this.discard();
      throw this.#failure;
    }
    const [first, ...others] = this.#pending;
    if (first === undefined) return 0;
    const taken = first.subarray(0, into.length);
    into.set(taken);
    this.#pending = taken.length < first.length
      ? [first.subarray(taken.length), ...others]
      : others;
    return taken.length;
  }

  cancel(reason?: unknown): void {
    this.#pending = [];
    this.#reader.cancel(reason);
  }

  /** Throws away what the client still sends, for a while: nothing is to be read of the file any more. */
  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#failure ??= new Error("The form was thrown away");
    // Its body has one reader, which waits for a read before the next.
    void this.#reader.discard(this.#reading);
  }

  async #read(): Promise<Bytes | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reading = promise;
    try {
      return await this.#reader.read();
    } finally {
      resolve();
    }
  }

  /** Takes one piece of the body; `false` at its end. */
  async #pull(): Promise<boolean> {
    if (this.#piece !== undefined) this.#reader.free(this.#piece);
    const piece = this.#piece = this.#rest ?? await this.#read();
    this.#rest = undefined;
    if (piece === undefined) {
      this.#parser.end();
      return false;
    }
    for (const event of this.#parser.push(piece)) {
      switch (event.kind) {
        case "data":
          if (this.#hasEnded) break;
          this.#pending.push(event.data);
          this.#bytes += event.data.length;
          if (this.#isStrict && this.#bytes > (this.bytesIfLast ?? 0)) throw notLast();
          break;
        case "part_end":
          this.#hasEnded = true;
          if (this.#isStrict && this.#bytes !== this.bytesIfLast) throw notLast();
          break;
        case "part":
          if (event.head.name.toLowerCase() === FORM_FILE) {
            throw new S3Error("IncorrectNumberOfFilesInPostRequest", { reason: "malformed_form" });
          }
          if (this.#isStrict) throw notLast();
      }
    }
    return true;
  }
}

/** The backend was promised a length that follows from the form's usual end. */
function notLast(): S3Error {
  return new S3Error("MalformedPOSTRequest", {
    message:
      "The file of a form this long has to be its last field, and the form to end in its boundary, two dashes and a line break.",
    reason: "malformed_form",
  });
}
