import assert from "node:assert/strict";
import { encodeUtf8 } from "../../../src/lib/bytes.ts";
import { LIMITS } from "../../../src/limits.ts";
import { escapeText, formatDocument } from "../../../src/s3/xml.ts";
import { XmlWriter } from "../../../src/s3/xml_writer.ts";

const TEXTS = [
  "",
  "k",
  "é😀\u2028",
  "&<>\"'\r\n\t",
  "\x7f",
  "a\x01&",
  "\ufffe&\uffff",
  "\uf000&\ufb01",
  "&".repeat(LIMITS.documentPieceBytes),
  "é&😀".repeat(LIMITS.documentPieceBytes / 4),
  "k".repeat(LIMITS.documentPieceBytes + 1),
];

Deno.test("XmlWriter.appendText() writes what escapeText() writes", () => {
  for (const text of [...TEXTS, TEXTS.join("|")]) {
    const writer = new XmlWriter("A", { last: "<Z/>" });
    writer.append("<B>");
    writer.appendText(text);
    writer.append("é</B>");
    const expected = encodeUtf8(formatDocument("A", `<B>${escapeText(text)}é</B><Z/>`));
    assert.equal(writer.length, expected.length);
    assert.deepEqual(writer.finish(), expected, JSON.stringify(text.slice(0, 20)));
  }
});

Deno.test("XmlWriter.cut() forgets what came since", () => {
  const writer = new XmlWriter("A", { last: "<Z/>" });
  writer.append("<B/>");
  const { length } = writer;
  writer.appendText("&".repeat(LIMITS.documentPieceBytes));
  writer.cut(length);
  writer.append("<C/>");
  assert.deepEqual(writer.finish(), encodeUtf8(formatDocument("A", "<B/><C/><Z/>")));
});

Deno.test("XmlWriter.appendBytes() takes the part, and no more", () => {
  const writer = new XmlWriter("A");
  const bytes = encodeUtf8("0123456789".repeat(LIMITS.documentPieceBytes));
  writer.appendBytes({ bytes, from: 3, end: bytes.length - 2 });
  const expected = formatDocument("A", new TextDecoder().decode(bytes).slice(3, -2));
  assert.deepEqual(writer.finish(), encodeUtf8(expected));
});
