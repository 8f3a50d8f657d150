import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { concatBytes, decodeUtf8, encodeUtf8 } from "../../../src/lib/bytes.ts";
import { LIMITS } from "../../../src/limits.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { XmlScanner } from "../../../src/s3/xml_scanner.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Copies `document`, cut at `cuts`, and tells what was heard; `<no>` and what is in it is left out. */
function scan(document: string | Uint8Array, cuts: readonly number[] = []): {
  text: string;
  heard: string[];
} {
  const bytes = typeof document === "string" ? encodeUtf8(document) : document;
  const heard: string[] = [];
  let hidden = 0;
  const scanner = new XmlScanner({
    open: (name) => {
      heard.push(`<${name}>`);
      if (name === "no") hidden++;
      return hidden === 0;
    },
    text: (piece) => {
      const text = Buffer.from(piece).toString("latin1"); // a character may be cut
      if (heard.at(-1)?.startsWith("<") === false) heard.push(`${heard.pop()}${text}`);
      else heard.push(text);
      return hidden === 0;
    },
    close: (name) => {
      heard.push(`</${name}>`);
      if (name === "here") scanner.insert(encodeUtf8("INSERTED"));
      if (name !== "no") return hidden === 0;
      hidden--;
      return false;
    },
  });
  const parts: Uint8Array[] = [];
  const ends = [...new Set([...cuts, bytes.length])].sort((left, right) => left - right);
  let from = 0;
  for (const to of ends) {
    parts.push(scanner.push(bytes.subarray(from, to)).slice());
    from = to;
  }
  scanner.finish();
  return { text: decodeUtf8(concatBytes(parts)) ?? "?", heard };
}

function assertRefused(document: string | Uint8Array, name: string): void {
  assert.throws(
    () => scan(document),
    (error) => error instanceof S3Error && error.code === "BadGateway",
    name,
  );
}

const DOCUMENT = '\ufeff<?xml version="1.0"  encoding="utf-8"?>\n<!-- a <b> --> ' +
  `<s3:List xmlns:s3='urn:x>y' b = "/">\n <no x="'>">gone<here/> and gone</no><a>1 &amp; ü</a >` +
  "<c/><d /><e><![CDATA[<&]]]]></e><?stop?><here></here><here/>\u0001&#x1;</s3:List>\n<!-- -->";

const COPIED = `${DECLARATION}<s3:List xmlns:s3='urn:x>y' b = "/">\n <a>1 &amp; ü</a >` +
  "<c/><d /><e>&lt;&amp;]]</e><here>INSERTED</here><here>INSERTED</here>\u0001&#x1;</s3:List>";

Deno.test("XmlScanner copies what is not left out, cut anywhere", () => {
  const { text, heard } = scan(DOCUMENT);
  // What is inserted where nothing goes on is inserted all the same: a listener knows where it is.
  assert.equal(text, COPIED.replace(" <a>", " INSERTED<a>"));
  assert.deepEqual(heard.slice(0, 6), ["<List>", "\n ", "<no>", "gone", "<here>", "</here>"]);
  for (let cut = 0; cut < encodeUtf8(DOCUMENT).length; cut++) {
    assert.deepEqual(scan(DOCUMENT, [cut]), { text, heard }, `cut at ${cut}`);
  }
  const everywhere = Array.from({ length: encodeUtf8(DOCUMENT).length }, (_, at) => at);
  assert.deepEqual(scan(DOCUMENT, everywhere), { text, heard });
});

const MALFORMED: readonly (readonly [name: string, document: string])[] = [
  ["nothing", ""],
  ["no document", "Service Unavailable"],
  ["an open tag", "<a><b></b>"],
  ["half a tag", "<a></a"],
  ["tags in the wrong order", "<a><b></a></b>"],
  ["a longer end tag", "<a></ab>"],
  ["an end tag alone", "</a>"],
  ["two roots", "<a></a><b></b>"],
  ["text behind its root", "<a></a>x"],
  ["text before its root", "x<a></a>"],
  ["CDATA beside its root", "<![CDATA[x]]><a></a>"],
  ["a doctype", "<!DOCTYPE a><a></a>"],
  ["a tag in a tag", "<a <b></b>"],
  ["a tag without a name", "<a>< b></b></a>"],
  ["a name with an equals sign", "<a=b></a=b>"],
  ["another encoding", '<?xml version="1.0" encoding="UTF-16"?><a></a>'],
];

for (const [name, document] of MALFORMED) {
  Deno.test(`XmlScanner refuses ${name}`, () => assertRefused(document, name));
}

Deno.test("XmlScanner refuses a document in UTF-16, which would hide an owner", () => {
  const bytes = new Uint8Array(Buffer.from("\ufeff<a><Owner></Owner></a>", "utf16le"));
  assertRefused(bytes, "UTF-16");
});

Deno.test("XmlScanner takes markup and depth up to their limits", () => {
  const tag = (bytes: number): string => `<a b="${"x".repeat(bytes - 8)}">`;
  assert.match(scan(`${tag(LIMITS.xmlMarkupBytesMax)}</a>`).text, /xx"><\/a>$/);
  const endless = tag(LIMITS.xmlMarkupBytesMax + 2).slice(0, -1);
  assert.throws(() => scan(endless), S3Error);
  const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
  scan(nested(LIMITS.xmlDepthMax));
  assertRefused(nested(LIMITS.xmlDepthMax + 1), "depth");
});

Deno.test("XmlScanner reads more names than it remembers", () => {
  const names = Array.from({ length: LIMITS.xmlNamesKeptMax + 5 }, (_, at) => `n${at}`);
  const document = `<a>${names.map((name) => `<${name}></${name}>`).join("").repeat(2)}</a>`;
  assert.equal(scan(document).text, DECLARATION + document);
});

Deno.test("XmlScanner passes a text longer than its window", () => {
  const document = `<a>${"&#x1;".repeat(LIMITS.xmlWindowBytes)}</a>`;
  assert.equal(scan(document, [1, 70_000]).text, DECLARATION + document);
});
