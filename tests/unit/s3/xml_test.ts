import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  buildElement,
  buildRoot,
  childOf,
  childrenOf,
  escapeXml,
  formatXml,
  parseBackendDocument,
  parseXml,
  textOf,
} from "../../../src/s3/xml.ts";
import { assertRefused } from "./sample_request.ts";

const BOMB =
  `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>`;

function nest(levels: number): string {
  return "<a>".repeat(levels) + "</a>".repeat(levels);
}

function listAttributes(count: number): string {
  return Array.from({ length: count }, (_, at) => `a${at}=""`).join(" ");
}

for (
  const [problem, text] of [
    ["nothing", ""],
    ["white space", " \n"],
    ["words", "Delete"],
    ["JSON", '{"Delete": {}}'],
    ["an open element", "<a>"],
    ["crossed elements", "<a><b></a></b>"],
    ["two roots", "<a/><b/>"],
    ["text after the root", "<a/>b"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute without quotes", "<a b=1/>"],
    ["Z2 a doctype", "<!DOCTYPE a><a/>"],
    ["Z2 an external doctype", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ["Z2 an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ["Z2 an entity bomb", BOMB],
    ["Z2 an undeclared entity", "<a>&bomb;</a>"],
    ["Z2 another namespace than S3's", '<Delete xmlns="http://example.com/"/>'],
    ["Z2 another namespace inside", '<Delete><Object xmlns="urn:other"/></Delete>'],
    ["Z2 a prefix of another namespace", '<Delete xmlns:o="urn:other"><o:Object/></Delete>'],
    ["a bare ampersand", "<a>a & b</a>"],
    ["a reference to NUL", "<a>&#0;</a>"],
    ["a reference to a surrogate", "<a>&#xD800;</a>"],
    ["a control character", "<a>\x01</a>"],
    ["a reference to a control character", "<a>&#x01;</a>"],
    ["an undeclared prefix", "<x:a/>"],
    ["an attribute twice by namespace", '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>'],
    ["Z2 a level too many", nest(LIMITS.xmlDepthMax + 1)],
    ["Z2 an element too many", `<a>${"<b/>".repeat(LIMITS.xmlTreeElementsMax)}</a>`],
    ["Z2 a text too long", `<a>${"x".repeat(LIMITS.xmlTextCharactersMax + 1)}</a>`],
    ["Z2 an attribute too long", `<a b="${"x".repeat(LIMITS.xmlTextCharactersMax + 1)}"/>`],
    ["Z2 a section too long", `<a><![CDATA[${"x".repeat(LIMITS.xmlTextCharactersMax + 1)}]]></a>`],
    ["Z2 a comment too many", `<a>${"<!---->".repeat(LIMITS.xmlAsidesMax + 1)}</a>`],
    ["Z2 a section too many", `<a>${"<![CDATA[x]]>".repeat(LIMITS.xmlSectionsMax + 1)}</a>`],
    ["a lone surrogate", "<a>\ud800</a>"],
    ["a name outside ASCII", "<é/>"],
    ["Z2 an attribute too many", `<a ${listAttributes(LIMITS.xmlAttributesMax + 1)}/>`],
    ["a control character of XML 1.1", '<?xml version="1.1"?><a>&#1;</a>'],
  ] as const
) {
  Deno.test(`parseXml() rejects ${problem}`, () => {
    assertRefused(() => parseXml(text), "MalformedXML");
  });
}

Deno.test("parseXml() accepts as many levels, elements and attributes as there may be", () => {
  assert.equal(parseXml(nest(LIMITS.xmlDepthMax)).name, "a");
  const { children } = parseXml(`<a>${"<b/>".repeat(LIMITS.xmlTreeElementsMax - 1)}</a>`);
  assert.equal(children.length, LIMITS.xmlTreeElementsMax - 1);
  const listed = parseBackendDocument(`<a>${"<b/>".repeat(LIMITS.xmlTreeElementsMax)}</a>`);
  assert.equal(listed.children.length, LIMITS.xmlTreeElementsMax, "a list may have more");
  const longest = "x".repeat(LIMITS.xmlTextCharactersMax);
  assert.equal(textOf(parseXml(`<a b="${longest}">${longest}</a>`)), longest);
  assert.equal(parseXml(`<a>${"<!---->".repeat(LIMITS.xmlAsidesMax)}</a>`).children.length, 0);
  const sections = `<a>${"<![CDATA[x]]>".repeat(LIMITS.xmlSectionsMax)}</a>`;
  assert.equal(textOf(parseXml(sections)).length, LIMITS.xmlSectionsMax);
  assert.equal(textOf(parseBackendDocument(`<a>${longest}x</a>`)), `${longest}x`);
  const { attributes } = parseXml(`<a ${listAttributes(LIMITS.xmlAttributesMax)}/>`);
  assert.equal(attributes.size, LIMITS.xmlAttributesMax);
});

Deno.test("parseXml() reads text around comments, references and CDATA as one", () => {
  const root = parseXml("<?xml version='1.0'?><a>x<!-- no -->&lt;&#65;<![CDATA[<&]]><?pi y?>z</a>");
  assert.equal(textOf(root), "x<A<&z");
});

Deno.test("parseXml() reads names without their prefix", () => {
  const root = parseXml(
    '<s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><s:Quiet/></s:Delete>',
  );
  assert.equal(root.name, "Delete");
  assert.equal(childOf(root, "Quiet")?.name, "Quiet");
});

Deno.test("childrenOf() leaves white space out", () => {
  assert.deepEqual(childrenOf(parseXml("<a>\n <b/>\n <c/>\n</a>")).map(({ name }) => name), [
    "b",
    "c",
  ]);
});

Deno.test("formatXml() writes what parseXml() reads", () => {
  const value = " &<>\"'\r\n\t]]>é😀 ";
  const text = formatXml(buildRoot("A", [buildElement("B", value), undefined]));
  assert.equal(textOf(childOf(parseXml(text), "B")), value);
  assert.match(
    text,
    /^<\?xml version="1.0" encoding="UTF-8"\?><A xmlns="http:\/\/s3\.amazonaws\.com\/doc\/2006-03-01\/"><B>/,
  );
});

Deno.test("parseXml() reads no character from a processing instruction", () => {
  assert.equal(textOf(parseXml("<a>x<?unfit-character 1?>y</a>")), "xy");
});

Deno.test("parseBackendDocument() reads keys that XML cannot hold, and formatXml() writes them", () => {
  const root = parseBackendDocument("<a>x&#x01;y&#x1F;&#xb;\x02\ufffe\u2028&#x0d;&#x9;</a>");
  assert.equal(textOf(root), "x\x01y\x1f\x0b\x02\ufffe\u2028\r\t");
  assert.match(
    formatXml(root),
    /<a>x&#x1;y&#x1f;&#xb;&#x2;&#xfffe;\u2028&#13;&#9;<\/a>$/,
  );
});

for (
  const text of ["<a>&#x00;</a>", "<a>\0</a>", "<a>&#xD800;</a>", '<a b="&#x1;"/>', "<a>&#x01</a>"]
) {
  Deno.test(`parseBackendDocument() rejects ${JSON.stringify(text)}`, () => {
    assertRefused(() => parseBackendDocument(text), "MalformedXML");
  });
}

Deno.test("escapeXml() leaves no markup, no line end, and nothing XML cannot hold", () => {
  assert.equal(
    escapeXml(`<a b="1" c='2'>&\r\n\t`),
    "&lt;a b=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&#13;&#10;&#9;",
  );
  assert.equal(escapeXml("a\0b\x1b\ufffe"), "a\ufffdb\ufffd\ufffd");
});
