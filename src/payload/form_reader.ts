/**
 * Reads a form upload: its fields first, within bounds, because nobody is authenticated before them; then its file.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html}.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import { decodeUtf8 } from "../lib/bytes.ts";
import { STRANGERS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { FORM_FILE, FormFile } from "./form_file.ts";
import { FormParser, type FormPartHead, malformed } from "./form_parser.ts";
import { TimedReader } from "./timed_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A form whose file has not been read yet. */
export interface OpenForm {
  /** In lower case, each once, with its value; without those that S3 ignores (`x-ignore-*`). */
  readonly fields: ReadonlyMap<string, string>;
  /** The name that the file was sent with; empty for none. */
  readonly filename: string;
  readonly file: FormFile;
}

const IGNORED = /^x-ignore-/;
/** What ends a form behind its file, beside the boundary: CRLF and dashes around it, and another CRLF. */
const END_BYTES = "\r\n----\r\n".length;

/** What {@linkcode openForm} is told. */
export interface OpenFormOptions {
  readonly boundary: string;
  readonly bodyBytes: number | undefined;
  /** Ends the reading of the fields with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads the fields.
 * @throws {S3Error} `MalformedPOSTRequest`, `MaxPostPreDataLengthExceededError`,
 *   `IncorrectNumberOfFilesInPostRequest` where there is no file; `InvalidArgument` for a field given twice;
 *   `IncompleteBody`; `RequestTimeout` after {@linkcode LIMITS.formFieldsTimeoutMs}.
 */
export async function openForm(
  body: BodySource,
  { boundary, bodyBytes, signal }: OpenFormOptions,
): Promise<OpenForm> {
  using timed = new TimedReader(body, {
    timeoutMs: LIMITS.formFieldsTimeoutMs,
    user: STRANGERS,
    reason: "form_fields",
  });
  const { reader } = timed;
  const form = new FormFields(boundary);
  const giveUp = (): void => reader.cancel();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    for (let bytesBefore = 0;;) {
      const piece = await timed.read();
      signal?.throwIfAborted();
      if (piece === undefined) throw form.end();
      const found = form.push(piece);
      if (found !== undefined) {
        bytesBefore += found.dataAt;
        const bytes = bodyBytes === undefined
          ? undefined
          : bodyBytes - bytesBefore - END_BYTES - boundary.length;
        const rest = piece.subarray(found.dataAt);
        reader.expect(bytes ?? Infinity);
        const file = new FormFile(reader, { parser: form.parser, rest, bytes });
        return { fields: form.fields, filename: found.filename, file };
      }
      bytesBefore += piece.length;
      reader.free(piece);
    }
  } catch (error) {
    reader.discard();
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

/** The fields before the file. */
class FormFields {
  readonly fields = new Map<string, string>();
  readonly parser: FormParser;
  readonly #value = new Uint8Array(LIMITS.formFieldsBytesMax);
  #valueBytes = 0;
  #bytes = 0;
  #count = 0;
  #name = "";

  constructor(boundary: string) {
    this.parser = new FormParser(boundary);
  }

  /** The file's name, and where in `piece` its data begins, once its head has come. */
  push(piece: Bytes): { filename: string; dataAt: number } | undefined {
    for (const event of this.parser.push(piece)) {
      switch (event.kind) {
        case "part": {
          const { head: { name, filename }, dataAt } = event;
          if (name.toLowerCase() === FORM_FILE) return { filename, dataAt };
          this.#begin(event.head);
          break;
        }
        case "data":
          this.#countBytes(event.data.length);
          this.#value.set(event.data, this.#valueBytes);
          this.#valueBytes += event.data.length;
          break;
        case "part_end":
          this.#finish();
          break;
        case "end":
          throw new S3Error("IncorrectNumberOfFilesInPostRequest", { reason: "malformed_form" });
      }
    }
  }

  /** What is wrong with a body that has ended before its file. */
  end(): S3Error {
    return malformed("Ends before its file");
  }

  #begin({ name }: FormPartHead): void {
    if (++this.#count > LIMITS.formFieldsMax) throw tooLarge();
    this.#countBytes(name.length);
    this.#name = name.toLowerCase();
    this.#valueBytes = 0;
  }

  #finish(): void {
    const text = decodeUtf8(this.#value.subarray(0, this.#valueBytes));
    if (text === undefined) throw malformed("A field is not UTF-8");
    if (IGNORED.test(this.#name)) return;
    if (this.fields.has(this.#name)) {
      throw new S3Error("InvalidArgument", {
        message: "A form field is given more than once.",
        detail: { ArgumentName: this.#name },
        reason: "malformed_form",
      });
    }
    this.fields.set(this.#name, text);
  }

  #countBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > LIMITS.formFieldsBytesMax) throw tooLarge();
  }
}

function tooLarge(): S3Error {
  return new S3Error("MaxPostPreDataLengthExceededError", { reason: "malformed_form" });
}
