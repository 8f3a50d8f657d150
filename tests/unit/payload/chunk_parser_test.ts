import assert from "node:assert/strict";
import {
  type ChunkedForm,
  type ChunkEvent,
  ChunkParser,
} from "../../../src/payload/chunk_parser.ts";
import { LIMITS } from "../../../src/limits.ts";
import { loadVectors } from "../../support/vectors.ts";
import { joinBytes } from "../../support/wire.ts";
import { cutAt, cutBytes } from "./sample_bodies.ts";

const SIGNATURE = "0123456789abcdef".repeat(4);
const SIGNED = `;chunk-signature=${SIGNATURE}`;
const TRAILER = "x-amz-checksum-crc32:AAAAAA==";
const TRAILER_SIGNATURE = `x-amz-trailer-signature:${SIGNATURE}`;

interface Refused {
  readonly name: string;
  readonly form: ChunkedForm;
  readonly text: string;
  readonly code?: string;
}

const UNSIGNED = "chunked_unsigned_trailer";

const REFUSED_SIZES = [
  "",
  " 1",
  "1 ",
  "+1",
  "-1",
  "0x1",
  "1.",
  "g",
  "1_0",
  "１",
  "\u00b9",
  "1;",
  "1;a=b",
  "1\t",
  "0".repeat(LIMITS.chunkSizeDigitsMax) + "1",
  "f".repeat(LIMITS.chunkSizeDigitsMax),
  "20000000000000",
  "1" + "0".repeat(400),
  `1${SIGNED}`,
];

const REFUSED_EXTENSIONS = [
  "",
  ";",
  ";chunk-signature=",
  `;chunk-signature=${SIGNATURE.slice(1)}`,
  `;chunk-signature=${SIGNATURE}0`,
  `;chunk-signature=${SIGNATURE.toUpperCase()}`,
  `;chunk-signature= ${SIGNATURE}`,
  `; chunk-signature=${SIGNATURE}`,
  ` ;chunk-signature=${SIGNATURE}`,
  `;Chunk-Signature=${SIGNATURE}`,
  `;chunk-signature="${SIGNATURE}"`,
  `${SIGNED};a=b`,
  `;a=b${SIGNED}`,
  `${SIGNED}${SIGNED}`,
  `${SIGNED} `,
  `;${"a".repeat(100_000)}`,
];

const REFUSED_TRAILERS = [
  "x-amz-checksum-crc32",
  ":AAAAAA==",
  "x-amz-checksum-crc32:",
  "x-amz-checksum-crc32: ",
  "x-amz-checksum -crc32:AAAAAA==",
  " x-amz-checksum-crc32:AAAAAA==",
  "x-amz-checksum-crc32:AAA\tAAA==",
  "x-amz-checksum-crc32:AAAA\0AA==",
  "x-amz-checksum-crc32:AAAA\rAA==",
  "x-amz-checksum-crc32:\xff",
  "x-amz-checksum-crc32:AAAAAA==\n\n",
  "x-amz-checksum-crc32:AAAAAA==\nx-amz-checksum-crc32:AAAAAA==",
];

const REFUSED: readonly Refused[] = [
  ...REFUSED_SIZES.map((size) => ({
    name: `the size "${size.slice(0, 20)}"`,
    form: UNSIGNED,
    text: `${size}\r\na\r\n0\r\n\r\n`,
  } as const)),
  ...REFUSED_EXTENSIONS.map((extension) => ({
    name: `the extension "${extension.slice(0, 24)}" of ${extension.length}`,
    form: "chunked_signed",
    text: `1${extension}\r\na\r\n0${SIGNED}\r\n\r\n`,
  } as const)),
  { name: "a header that ends in LF", form: UNSIGNED, text: "1\na\r\n0\r\n\r\n" },
  { name: "a header that ends in CR", form: UNSIGNED, text: "1\ra\r\n0\r\n\r\n" },
  { name: "a header that ends in CR CR LF", form: UNSIGNED, text: "1\r\r\na\r\n0\r\n\r\n" },
  { name: "a chunk longer than its size", form: UNSIGNED, text: "1\r\nab\r\n0\r\n\r\n" },
  { name: "a chunk shorter than its size", form: UNSIGNED, text: "3\r\na\r\n0\r\n\r\n" },
  { name: "a chunk that ends in LF", form: UNSIGNED, text: "1\r\na\n0\r\n\r\n" },
  { name: "an empty line before the first chunk", form: UNSIGNED, text: "\r\n0\r\n\r\n" },
  { name: "a byte after the end", form: UNSIGNED, text: "0\r\n\r\n0" },
  { name: "a line after the end", form: UNSIGNED, text: "0\r\n\r\n\r\n" },
  { name: "a second body", form: UNSIGNED, text: "0\r\n\r\n0\r\n\r\n" },
  {
    name: "a line without an end",
    form: UNSIGNED,
    text: "0".repeat(LIMITS.chunkHeaderBytesMax + 1),
  },
  ...REFUSED_TRAILERS.map((trailer) => ({
    name: `the trailer ${JSON.stringify(trailer)}`,
    form: UNSIGNED,
    text: `0\r\n${trailer}\r\n\r\n`,
    code: "MalformedTrailerError",
  } as const)),
  {
    name: "a trailer where the form has none",
    form: "chunked_signed",
    text: `0${SIGNED}\r\n${TRAILER}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "a closing chunk with data",
    form: UNSIGNED,
    text: "0\r\na\r\n\r\n",
    code: "MalformedTrailerError",
  },
  {
    name: "a missing trailer signature",
    form: "chunked_signed_trailer",
    text: `0${SIGNED}\r\n${TRAILER}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "a malformed trailer signature",
    form: "chunked_signed_trailer",
    text: `0${SIGNED}\r\n${TRAILER}\r\n${TRAILER_SIGNATURE.slice(0, -1)}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "a trailer after the trailer signature",
    form: "chunked_signed_trailer",
    text: `0${SIGNED}\r\n${TRAILER_SIGNATURE}\r\n${TRAILER}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "a second trailer signature",
    form: "chunked_signed_trailer",
    text: `0${SIGNED}\r\n${TRAILER_SIGNATURE}\r\n${TRAILER_SIGNATURE}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "one trailer too many",
    form: UNSIGNED,
    text: `0\r\n${"a:b\r\n".repeat(LIMITS.trailersMax + 1)}\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "one byte of trailers too many",
    form: UNSIGNED,
    text: `0\r\na:${"b".repeat(LIMITS.trailerBytesMax - 5)}\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    name: "a trailer without an end",
    form: UNSIGNED,
    text: `0\r\n${"a".repeat(LIMITS.trailerBytesMax + 1)}`,
    code: "MalformedTrailerError",
  },
];

for (const { name, form, text, code = "IncompleteBody" } of REFUSED) {
  Deno.test(`ChunkParser.push() refuses ${name}`, () => {
    const bytes = joinBytes([text]);
    for (const pieces of [[bytes], cutBytes(bytes)]) {
      const parser = new ChunkParser(form);
      assert.throws(() => parseAll(parser, pieces), { code });
    }
  });
}

for (const [before, after] of [["", " "], [" ", ""], ["", "\t"], [" \t", "\t "]] as const) {
  const trailer = `x-a${before}:${after}AA A==${after}`;
  Deno.test(`ChunkParser.push() takes the blanks of ${JSON.stringify(trailer)} for nothing`, () => {
    const bytes = joinBytes([`0\r\n${trailer}\r\n\r\n`]);
    for (const pieces of [[bytes], cutBytes(bytes)]) {
      const events = parseAll(new ChunkParser(UNSIGNED), pieces);
      const found = events.filter(({ kind }) => kind === "trailer");
      assert.deepEqual(found, [{ kind: "trailer", name: "x-a", value: "AA A==" }]);
    }
  });
}

Deno.test("ChunkParser.end() refuses a body that is cut anywhere", () => {
  const whole = `2${SIGNED}\r\nab\r\n0${SIGNED}\r\n${TRAILER}\r\n${TRAILER_SIGNATURE}\r\n\r\n`;
  for (let length = 0; length < whole.length; length++) {
    const parser = new ChunkParser("chunked_signed_trailer");
    parseAll(parser, [joinBytes([whole.slice(0, length)])]);
    assert.throws(() => parser.end(), { code: "IncompleteBody" }, `cut at ${length}`);
  }
});

Deno.test("ChunkParser.push() takes what every bound allows", () => {
  const size = "1".padStart(LIMITS.chunkSizeDigitsMax, "0");
  const trailers = "a:b\r\n".repeat(LIMITS.trailersMax - 1);
  const longest = LIMITS.trailerBytesMax - trailers.length - "c:\r\n\r\n".length;
  const text = `${size}\r\nx\r\n0\r\n${trailers}c:${"d".repeat(longest)}\r\n\r\n`;
  for (const pieces of [[joinBytes([text])], cutBytes(joinBytes([text]))]) {
    const parser = new ChunkParser(UNSIGNED);
    assert.equal(parseAll(parser, pieces).at(-1)?.kind, "done");
    parser.end();
  }
});

Deno.test("ChunkParser.push() yields every part of a signed body, as views of the input", () => {
  const bytes = joinBytes([
    `A${SIGNED}\r\n`,
    "0\r\n\r\n\r\n12\0\r\n",
    `0${SIGNED}\r\nX-Amz-Checksum-CRC32:AAAAAA==\r\n${TRAILER_SIGNATURE}\r\n\r\n`,
  ]);
  const parser = new ChunkParser("chunked_signed_trailer");
  const events = parseAll(parser, [bytes]);
  parser.end();
  assert.deepEqual(events, [
    { kind: "chunk_header", bytes: 10, signature: SIGNATURE },
    { kind: "data", data: joinBytes(["0\r\n\r\n\r\n12\0"]) },
    { kind: "chunk_end" },
    { kind: "chunk_header", bytes: 0, signature: SIGNATURE },
    { kind: "chunk_end" },
    { kind: "trailer", name: "x-amz-checksum-crc32", value: "AAAAAA==" },
    { kind: "trailer_signature", signature: SIGNATURE },
    { kind: "done" },
  ]);
  const [, data] = events;
  assert(data?.kind === "data");
  assert.equal(data.data.buffer, bytes.buffer);
});

Deno.test("ChunkParser.push() has no trailer signature where chunks are not signed", () => {
  const parser = new ChunkParser(UNSIGNED);
  assert.deepEqual(parseAll(parser, [joinBytes([`0\r\n${TRAILER_SIGNATURE}\r\n\r\n`])]).at(-2), {
    kind: "trailer",
    name: "x-amz-trailer-signature",
    value: SIGNATURE,
  });
});

Deno.test("ChunkParser.push() takes minio-go's trailer before a trailer signature", () => {
  const text = `0${SIGNED}\r\n${TRAILER}\n\r\n${TRAILER_SIGNATURE}\r\n\r\n`;
  const parser = new ChunkParser("chunked_signed_trailer");
  parseAll(parser, cutBytes(joinBytes([text])));
  parser.end();
});

const sdkBodies = await loadVectors<{ readonly name: string; readonly body: string }>(
  "payload/sdk_bodies.json",
);

for (const { name, body } of sdkBodies) {
  Deno.test(`ChunkParser.push() takes what ${name} sends, at every cut`, () => {
    const bytes = joinBytes([body]);
    const cuts = Array.from(bytes, (_, index) => cutAt(bytes, [index]));
    for (const pieces of [...cuts, cutBytes(bytes)]) {
      const parser = new ChunkParser(UNSIGNED);
      const events = parseAll(parser, pieces);
      parser.end();
      const data = events.flatMap((event) => event.kind === "data" ? [event.data] : []);
      assert.deepEqual(joinBytes(data), joinBytes(["hello world"]));
    }
  });
}

function parseAll(parser: ChunkParser, pieces: readonly Uint8Array[]): ChunkEvent[] {
  return pieces.flatMap((piece) => [...parser.push(piece)]);
}
