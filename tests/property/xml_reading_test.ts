/** Documents that are read here as another strict parser reads them, and none that it refuses. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { S3Error } from "../../src/s3/error.ts";
import { parseXml, type XmlElement } from "../../src/s3/xml.ts";
import { readWithSaxes } from "../support/saxes_tree.ts";

const RUNS = { numRuns: 3_000, verbose: 1 } as const;
const S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

const blank = fc.constantFrom("", "", " ", "\n", "\t", "\r\n", "\r", "  ");
/** Mostly what is right: of a document that is wrong everywhere nothing else is seen. */
function mostly<Value>(
  right: fc.Arbitrary<Value>,
  wrong: fc.Arbitrary<Value>,
): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

const name = mostly(
  fc.constantFrom("a", "b", "Key", "_x", "a-b.c1"),
  fc.constantFrom("p:a", "q:b", "a:b:c", "1a", "-a", ":a", "a:"),
);
const piece = mostly(
  fc.constantFrom(
    ...["a", "b", "c", " ", "]", ">", ";", "\n", "\t", "\r", "é", "😀"],
    ...["&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#65;", "&#x41;", "&#xe9;", "&#x10FFFF;"],
    ...["<![CDATA[a<&]]>", "<![CDATA[]]]]>", "<!-- c -->", "<!---->", "<?pi?>", "<?pi data?>"],
  ),
  fc.constantFrom(
    ...["\x01", "\ufffe", '"', "'", "&", "<"],
    ...["]]>", "&#X41;", "&#1;", "&#0;", "&#xD800;", "&#x110000;", "&nbsp;", "&#;", "&#x;", "&lt"],
    ...["<![CDATA[", "<!-- c -- c -->", "<!--->", "<?xml a?>", "<?p:i?>", "<?1?>", "<?pi"],
    "<!DOCTYPE a>",
  ),
);
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
const quoted = mostly(
  text.map((value) => `"${value.replaceAll(/["<]/g, "")}"`),
  fc.oneof(text.map((value) => `'${value.replaceAll("'", "")}'`), fc.constantFrom("a", '"', "")),
);
const attribute = mostly(
  fc.tuple(fc.constantFrom(" ", "\n"), name, blank, fc.constant("="), blank, quoted)
    .map((parts) => parts.join("")),
  fc.constantFrom(
    ` xmlns="${S3}"`,
    ` xmlns:p="${S3}"`,
    ` xmlns:q='${S3}'`,
    ' xmlns:p=""',
    ' xmlns=""',
    ' xmlns:xml="u"',
    ' xmlns:xmlns="u"',
    ' xmlns:r="http://www.w3.org/2000/xmlns/"',
    ' xmlns:xml="http://www.w3.org/XML/1998/namespace"',
    ' xml:lang="en"',
    'a="b"',
  ),
);

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.array(fc.oneof({ maxDepth: 4 }, text, tie("element")), { maxLength: 3 })
    .map((parts) => parts.join("")),
  element: fc.tuple(name, fc.array(attribute, { maxLength: 3 }), blank, tie("content")).chain((
    [name, attributes, blank, content],
  ) =>
    mostly(
      fc.constantFrom(
        `<${name}${attributes.join("")}${blank}>${content}</${name}${blank}>`,
        `<${name}${attributes.join("")}${blank}/>`,
        `<a xmlns:p="${S3}" xmlns:q="${S3}">${content}<p:b q:c=""/></a>`,
      ),
      fc.constantFrom(`<${name}>${content}</a>`, `<${name}>${content}`, `< a>${content}</a>`),
    )
  ),
}));
const prolog = mostly(
  fc.constantFrom(
    ...["", "\ufeff", " ", "<!-- c -->", "\n<?pi?>", '<?xml version="1.0"?>'],
    "<?xml version='1.0' encoding='UTF-8' standalone=\"yes\"?>\n",
  ),
  fc.constantFrom(
    ...["x", "&#32;", "<!DOCTYPE a>", '<?xml version="1.1"?>', '<?xml encoding="UTF-8"?>'],
    ...['<?xml version="1.0" standalone="on"?>', ' <?xml version="1.0"?>', "<?xmlx?>", "<?xml?>"],
    '<?xml version="1.0"encoding="UTF-8"?>',
  ),
);
const epilog = mostly(
  fc.constantFrom("", "\n", "<!-- c -->", "<?pi?>"),
  fc.constantFrom("x", "<b/>", "</a>", "&#10;"),
);
const document = fc.tuple(prolog, element, epilog).map((parts) => parts.join(""));

function tryParse(text: string): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch (error) {
    assert.ok(error instanceof S3Error && error.code === "MalformedXML", String(error));
    return undefined;
  }
}

Deno.test("parseXml() reads what saxes reads, as it does", () => {
  let taken = 0;
  fc.assert(
    fc.property(document, (text) => {
      const ours = tryParse(text);
      if (ours === undefined) return;
      taken++;
      assert.deepEqual(ours, readWithSaxes(text), JSON.stringify(text));
    }),
    RUNS,
  );
  assert.ok(taken > RUNS.numRuns / 4, `only ${taken} were taken`);
});

Deno.test("parseXml() refuses nothing that saxes takes", () => {
  fc.assert(
    fc.property(document, (text) => {
      if (tryParse(text) !== undefined) return;
      const theirs = readWithSaxes(text);
      assert.equal(theirs, undefined, JSON.stringify(text));
    }),
    RUNS,
  );
});

Deno.test("parseXml() never fails otherwise, whatever is changed", () => {
  fc.assert(
    fc.property(document, fc.nat(), fc.nat(), piece, (text, from, length, inserted) => {
      const at = from % (text.length + 1);
      const changed = text.slice(0, at) + inserted + text.slice(at + length % 4);
      const ours = tryParse(changed);
      if (ours !== undefined) {
        assert.deepEqual(ours, readWithSaxes(changed), JSON.stringify(changed));
      }
    }),
    RUNS,
  );
});
