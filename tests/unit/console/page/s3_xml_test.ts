import assert from "node:assert/strict";
import { childrenOf, parseXml, textOf } from "../../../../src/console/page/s3_xml.js";

Deno.test("parseXml() refuses what is not whole, nested wrongly, declared or deep", () => {
  const refused = [
    "",
    "text",
    "<a>",
    "<a></b>",
    "<a><b></a></b>",
    "</a>",
    "<a",
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "<a><![CDATA[x]]></a>",
    `${"<a>".repeat(40)}${"</a>".repeat(40)}`,
  ];
  for (const text of refused) assert.throws(() => parseXml(text), SyntaxError, text);
});

Deno.test("parseXml() reads elements, text and references, and no markup in them", () => {
  const root = parseXml(
    '<?xml version="1.0"?>\n<s3:Error xmlns="x"><Key>&lt;img src=x&gt;&amp;lt;&#10;&#x1F600;&bogus;</Key><Empty/>' +
      "<Key>second</Key></s3:Error>",
  );
  assert.equal(root.name, "Error");
  assert.equal(textOf(root, "Key"), "<img src=x>&lt;\n\u{1F600}&bogus;");
  assert.equal(textOf(root, "Empty"), "");
  assert.equal(textOf(root, "Missing"), "");
  assert.deepEqual(childrenOf(root, "Key").map(({ text }) => text).at(1), "second");
});

Deno.test("parseXml() leaves a reference beyond Unicode as it is", () => {
  assert.equal(parseXml("<a>&#x110000;</a>").text, "&#x110000;");
});
