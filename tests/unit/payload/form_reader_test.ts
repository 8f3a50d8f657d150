import assert from "node:assert/strict";
import type { ByteSource } from "../../../src/lib/byte_source.ts";
import { LIMITS } from "../../../src/limits.ts";
import { type OpenForm, openForm } from "../../../src/payload/form_reader.ts";
import { BOUNDARY, formatPart } from "../../support/form_builder.ts";
import { joinBytes } from "../../support/wire.ts";
import { cutBytes, streamOf } from "./sample_bodies.ts";

const FILE = formatPart("file", { value: "data", filename: "a.txt" });
const END = `--${BOUNDARY}--\r\n`;

function open(...pieces: readonly (string | Uint8Array)[]): Promise<OpenForm> {
  const body = joinBytes(pieces);
  const options = { boundary: BOUNDARY, bodyBytes: body.length };
  return openForm(streamOf([body.slice()]), options);
}

Deno.test("openForm() reads fields byte by byte, and tells the file's length", async () => {
  const body = joinBytes([formatPart("Key", { value: "k" }), FILE, END]);
  const pieces = cutBytes(body).filter(({ length }) => length > 0);
  const form = await openForm(streamOf(pieces), { boundary: BOUNDARY, bodyBytes: body.length });
  assert.deepEqual([...form.fields], [["key", "k"]]);
  assert.equal(form.filename, "a.txt");
  assert.equal(form.file.bytesIfLast, 4);
  assert.equal(new TextDecoder().decode(await form.file.readWhole()), "data");
});

Deno.test("openForm() takes fields up to their bounds, and not one past them", async () => {
  const value = (bytes: number): Uint8Array => formatPart("a", { value: "x".repeat(bytes) });
  const many = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, index) => formatPart(`f${index}`, { value: "" }));
  await open(value(LIMITS.formFieldsBytesMax - 1), FILE, END);
  await open(...many(LIMITS.formFieldsMax), FILE, END);
  const code = "MaxPostPreDataLengthExceededError";
  await assert.rejects(open(value(LIMITS.formFieldsBytesMax), FILE, END), { code });
  await assert.rejects(open(...many(LIMITS.formFieldsMax + 1), FILE, END), { code });
});

for (
  const [name, pieces, code] of [
    [
      "a field given twice",
      [formatPart("a", { value: "" }), formatPart("A", { value: "" }), FILE],
      "InvalidArgument",
    ],
    [
      "a field that is not UTF-8",
      [formatPart("a", { value: Uint8Array.of(0xff) }), FILE],
      "MalformedPOSTRequest",
    ],
    ["no file", [formatPart("a", { value: "" }), END], "IncorrectNumberOfFilesInPostRequest"],
    ["no end", [formatPart("a", { value: "" })], "MalformedPOSTRequest"],
  ] as const
) {
  Deno.test(`openForm() refuses ${name}: ${code}`, async () => {
    await assert.rejects(open(...pieces), { code });
  });
}

Deno.test("openForm() waits for fields for a while only", async () => {
  const cancelled = Promise.withResolvers<number>();
  const body: ByteSource = { read: () => cancelled.promise, cancel: () => cancelled.resolve(0) };
  const original = globalThis.setTimeout;
  let fire: (() => void) | undefined;
  const isOurs = (delay: unknown): boolean => delay === LIMITS.formFieldsTimeoutMs;
  globalThis.setTimeout = ((callback: () => void, delay?: number) => {
    if (!isOurs(delay)) return original(callback, delay);
    fire = callback;
    return original(() => {}, 0);
  }) as typeof setTimeout; // the same, but for one delay
  try {
    const opened = openForm(body, { boundary: BOUNDARY, bodyBytes: 100 });
    fire?.();
    await assert.rejects(opened, { code: "RequestTimeout" });
  } finally {
    globalThis.setTimeout = original;
  }
});
