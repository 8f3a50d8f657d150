import { formatDeleteRequest } from "../../../src/s3/delete_request.ts";
import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { parseCompletedParts, rewriteCompletedParts } from "../../../src/s3/completed_parts.ts";
import {
  formatLocationConstraint,
  parseDeleteRequest,
  parseLocationConstraint,
} from "../../../src/s3/request_documents.ts";
import { runWhole } from "../../../src/lib/turns.ts";
import { readRecords, type XmlRecord } from "../../../src/s3/xml_records.ts";
import { assertRefused } from "./sample_request.ts";

type Refusals = readonly (readonly [problem: string, text: string, code?: S3ErrorCode])[];

const OBJECT = "<Object><Key>k</Key></Object>";
const PART = '<Part><PartNumber>1</PartNumber><ETag>"e"</ETag></Part>';

const DELETE_REFUSALS: Refusals = [
  ["nothing", ""],
  ["another root", "<delete/>"],
  ["no key", "<Delete/>"],
  ["Quiet alone", "<Delete><Quiet>true</Quiet></Delete>"],
  ["an unknown element", `<Delete>${OBJECT}<Force/></Delete>`],
  ["text between", `<Delete>x${OBJECT}</Delete>`],
  ["text in Object", "<Delete><Object>x<Key>k</Key></Object></Delete>"],
  ["an object without Key", "<Delete><Object><VersionId>1</VersionId></Object></Delete>"],
  ["two Keys", "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>"],
  [
    "two VersionIds",
    `<Delete>${object("<VersionId>1</VersionId><VersionId>2</VersionId>")}</Delete>`,
  ],
  [
    "an empty VersionId twice",
    `<Delete>${object("<VersionId/><VersionId/>")}</Delete>`,
  ],
  ["an unknown element in Object", `<Delete>${object("<Bucket>victim</Bucket>")}</Delete>`],
  ["a nested Object", `<Delete><Object>${OBJECT}</Object></Delete>`],
  ["an element in Key", "<Delete><Object><Key>a<b/></Key></Object></Delete>"],
  ["two Quiets", `<Delete>${OBJECT}<Quiet>true</Quiet><Quiet>true</Quiet></Delete>`],
  ["Quiet of yes", `<Delete>${OBJECT}<Quiet>yes</Quiet></Delete>`],
  ["an element in Quiet", `<Delete>${OBJECT}<Quiet>true<x/></Quiet></Delete>`],
  ["one key too many", `<Delete>${OBJECT.repeat(LIMITS.deleteObjectsKeysMax + 1)}</Delete>`],
  ["an empty Key", "<Delete><Object><Key/></Object></Delete>"],
  [
    "one key too many, though it is invalid",
    `<Delete>${OBJECT.repeat(LIMITS.deleteObjectsKeysMax)}<Object><Key>..</Key></Object></Delete>`,
  ],
  ["a condition on ETag", `<Delete>${object("<ETag>e</ETag>")}</Delete>`, "NotImplemented"],
  ["a condition on Size", `<Delete>${object("<Size>1</Size>")}</Delete>`, "NotImplemented"],
];

function object(more: string): string {
  return `<Object><Key>k</Key>${more}</Object>`;
}

Deno.test("parseDeleteRequest() Z2 takes a VersionId of another key for one that is not there", () => {
  for (const versionId of [`${"v".repeat(31)}_x`, "a/b", ".."]) {
    const text = `<Delete>${object(`<VersionId>${versionId}</VersionId>`)}</Delete>`;
    const { objects, invalid } = parseDeleteRequest(text);
    assert.deepEqual(objects, []);
    assert.deepEqual(invalid, [{ key: "k", versionId, code: "NoSuchVersion" }]);
  }
});

for (const [problem, text, code = "MalformedXML"] of DELETE_REFUSALS) {
  Deno.test(`parseDeleteRequest() Z2 rejects ${problem}`, () => {
    assertRefused(() => parseDeleteRequest(text), code);
  });
}

Deno.test("parseDeleteRequest() Z2 reads no further than one root, and one child, may go", () => {
  const rest = "<b>".repeat(3);
  assertRefused(() => parseDeleteRequest(`<Other>${rest}`), "MalformedXML");
  const fields = (count: number): string =>
    `<Delete><Object><Key>k</Key>${"<x/>".repeat(count)}</Object></Delete>`;
  for (const count of [LIMITS.xmlChildElementsMax - 2, LIMITS.xmlChildElementsMax]) {
    assertRefused(() => parseDeleteRequest(fields(count)), "MalformedXML");
  }
});

Deno.test("readRecords() Z2 takes as many fields, and elements, as there may be", () => {
  const read = (document: string): string[] => {
    const seen: string[] = [];
    const onRecord = ({ name, text, fields }: XmlRecord): void =>
      void seen.push(`${name}:${text}:${fields.length}`);
    runWhole(readRecords(document, { root: "a", onRecord }));
    return seen;
  };
  const record = (count: number): string => `<x>${"<b/>".repeat(count)}</x>`;
  const most = LIMITS.xmlChildElementsMax - 1;
  assert.deepEqual(read(`<a>${record(most).repeat(3)}</a>`), Array(3).fill(`x::${most}`));
  assertRefused(() => read(`<a>${record(most + 1)}</a>`), "MalformedXML");
  const elements = LIMITS.xmlElementsMax - 1;
  assert.equal(read(`<a>${"<b/>".repeat(elements)}</a>`).length, elements);
  assertRefused(() => read(`<a>${"<b/>".repeat(elements + 1)}</a>`), "MalformedXML");
});

Deno.test("readRecords() puts a text together, and refuses one that stands elsewhere", () => {
  const seen: XmlRecord[] = [];
  const read = (document: string): void =>
    runWhole(
      readRecords(document, { root: "a", onRecord: (record) => void seen.push(record) }),
    );
  read("<a> <x>1<!-- c -->2<b>3<![CDATA[<]]>&amp;</b> <c/></x>\n<y>é</y> </a>");
  assert.deepEqual(
    seen.map(({ name, text, fields }) => [name, text, fields.map(({ text }) => text)]),
    [["x", "12 ", ["3<&", ""]], ["y", "é", []]],
  );
  for (
    const document of [
      "<a>x</a>",
      "<a>x<b/></a>",
      "<a><b/>x</a>",
      "<b/>",
      "<a><b><c><d/></c></b></a>",
      "<a><b><c>x<d>y</d></c></b></a>",
      "<a><b></a>",
      '<a xmlns="u"/>',
      '<a><b xmlns="u"/></a>',
      '<p:a xmlns="u" xmlns:p="http://s3.amazonaws.com/doc/2006-03-01/"><b/></p:a>',
    ]
  ) {
    assertRefused(() => read(document), "MalformedXML");
  }
});

Deno.test("parseDeleteRequest() accepts as many keys as there may be", () => {
  const { objects, quiet } = parseDeleteRequest(
    `<Delete>${OBJECT.repeat(LIMITS.deleteObjectsKeysMax)}</Delete>`,
  );
  assert.equal(objects.length, 1000);
  assert.equal(quiet, false);
});

Deno.test("parseDeleteRequest() Z2 sets keys apart that no request could have", () => {
  const long = "k".repeat(LIMITS.keyBytesMax + 1);
  const { objects, invalid } = parseDeleteRequest(
    `<Delete><Object><Key>a/../b</Key><VersionId>1</VersionId></Object>${OBJECT}` +
      `<Object><Key>${long}</Key></Object></Delete>`,
  );
  assert.deepEqual(objects, [{ key: "k", versionId: undefined }]);
  assert.deepEqual(invalid, [
    { key: "a/../b", versionId: "1", code: "InvalidURI" },
    { key: long, versionId: undefined, code: "KeyTooLongError" },
  ]);
});

Deno.test("parseDeleteRequest() takes an empty VersionId for none", () => {
  const { objects } = parseDeleteRequest(`<Delete>${object("<VersionId></VersionId>")}</Delete>`);
  assert.deepEqual(objects, [{ key: "k", versionId: undefined }]);
});

for (
  const [text, expected] of [["true", true], ["True", true], ["1", true], ["false", false], [
    "FALSE",
    false,
  ], ["0", false]] as const
) {
  Deno.test(`parseDeleteRequest() reads Quiet of ${text}`, () => {
    const { quiet } = parseDeleteRequest(`<Delete>${OBJECT}<Quiet>${text}</Quiet></Delete>`);
    assert.equal(quiet, expected);
  });
}

Deno.test("formatDeleteRequest() writes what parseDeleteRequest() read", () => {
  const request = parseDeleteRequest(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Object><VersionId>v1</VersionId><Key> &lt;a&gt;&#13; </Key></Object>
      <Object><Key>é😀</Key></Object>
      <Quiet>true</Quiet>
    </Delete>`,
  );
  assert.deepEqual(request, {
    objects: [{ key: " <a>\r ", versionId: "v1" }, { key: "é😀", versionId: undefined }],
    invalid: [],
    quiet: true,
  });
  assert.deepEqual(parseDeleteRequest(formatDeleteRequest(request)), request);
});

const COMPLETE_REFUSALS: Refusals = [
  ["nothing", ""],
  ["another root", "<Complete/>"],
  ["no part", "<CompleteMultipartUpload/>"],
  ["an unknown element", complete(`${PART}<Other/>`)],
  ["text between", complete(`x${PART}`)],
  ["a part without ETag", complete("<Part><PartNumber>1</PartNumber></Part>")],
  ["a part without number", complete("<Part><ETag>e</ETag></Part>")],
  ["two numbers", complete(PART.replace("<ETag>", "<PartNumber>2</PartNumber><ETag>"))],
  ["part 0", complete(PART.replace("1", "0"))],
  ["part -1", complete(PART.replace("1", "-1"))],
  ["part 100000", complete(PART.replace("1", "100000"))],
  ["an unknown checksum", complete(PART.replace("</Part>", "<ChecksumMD4>x</ChecksumMD4></Part>"))],
  ["one part too many", complete(PART.repeat(LIMITS.partNumberMax + 1))],
];

function complete(parts: string): string {
  return `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
}

for (const [problem, text, code = "MalformedXML"] of COMPLETE_REFUSALS) {
  Deno.test(`parseCompletedParts() rejects ${problem}`, () => {
    assertRefused(() => parseCompletedParts(text), code);
  });
}

/** The document for the backend, as text. */
function rewrite(document: string, checksums: readonly string[] = []): string {
  return new TextDecoder().decode(runWhole(rewriteCompletedParts(document, { checksums })));
}

Deno.test("rewriteCompletedParts() writes numbers and bare ETags only", () => {
  const document = complete(
    PART.replace("</Part>", "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"),
  );
  const parts = parseCompletedParts(document);
  const [part] = parseCompletedParts(document.replace("<Part>", "<Part >"));
  assert.deepEqual(parts, [part]);
  const checksum = { name: "ChecksumCRC32", value: "AAAAAA==" };
  assert.deepEqual(part, { partNumber: 1, eTag: "e", checksum });
  assert.match(
    rewrite(document),
    /<Part><PartNumber>1<\/PartNumber><ETag>e<\/ETag><\/Part><\/CompleteMultipartUpload>$/,
  );
});

Deno.test("rewriteCompletedParts() reads 10 000 parts as clients write them, and fewer of others", () => {
  const { partNumberMax, oddPartsMax, partsResolvedBytesMax } = LIMITS;
  const full = PART.replace("</Part>", "<Size>1</Size><LastModified>n</LastModified></Part>");
  const quotes = ["&quot;", "&#34;", "&#x22;"].map((quote) => full.replaceAll('"', quote));
  for (const part of [PART, full, ` \n${full.replaceAll("><", "> <")}`, ...quotes]) {
    assert.equal(parseCompletedParts(complete(part.repeat(partNumberMax))).length, partNumberMax);
    assert.ok(rewrite(complete(part.repeat(partNumberMax))).length > partNumberMax);
  }
  const odd = PART.replace("<Part>", "<Part >");
  assert.equal(
    parseCompletedParts(complete(odd.repeat(oddPartsMax) + PART)).length,
    oddPartsMax + 1,
  );
  assertRefused(() => rewrite(complete(odd.repeat(oddPartsMax + 1))), "MalformedXML");

  const bytes = 1024;
  const resolved = PART.replace('"e"', "&#x65;" + "e".repeat(bytes - "&#x65;".length));
  const count = partsResolvedBytesMax / bytes;
  assert.equal(parseCompletedParts(complete(resolved.repeat(count))).length, count);
  assertRefused(() => rewrite(complete(resolved.repeat(count + 1))), "MalformedXML");
});

Deno.test("rewriteCompletedParts() stays within what the backend reads at 10 000 parts", () => {
  const part = (at: number): string =>
    `<Part><PartNumber>${at + 1}</PartNumber><ETag>"${"e".repeat(32)}"</ETag></Part>`;
  const parts = Array.from({ length: LIMITS.partNumberMax }, (_, at) => part(at)).join("");
  assert.ok(rewrite(complete(parts)).length <= LIMITS.backendXmlBodyBytesMax);
});

/** Parts as clients write them, and others that are nearly so. */
const PARTS_OF_CLIENTS: readonly string[] = [
  PART,
  "<Part><ETag>e-1</ETag><PartNumber>10000</PartNumber></Part>",
  "<Part><ETag>&quot;e&quot;</ETag><PartNumber>2</PartNumber></Part>",
  "<Part><ETag>&#34;e&#34;</ETag><PartNumber>2</PartNumber></Part>",
  "<Part><ETag>&#x22;e&#x22;</ETag><PartNumber>2</PartNumber></Part>",
  '<Part><ETag>&quot;e"</ETag><PartNumber>2</PartNumber></Part>',
  "<Part><ETag>&#34;e&quot;</ETag><PartNumber>2</PartNumber></Part>",
  '<Part><ETag>"e</ETag><PartNumber>2</PartNumber></Part>',
  '<Part><ETag>""</ETag><PartNumber>2</PartNumber></Part>',
  '<Part><ETag>"</ETag><PartNumber>2</PartNumber></Part>',
  '<Part><ETag>"""</ETag><PartNumber>2</PartNumber></Part>',
  '<Part><ETag> "e" </ETag><PartNumber>2</PartNumber></Part>',
  "<Part><ETag>é&#x26;]]</ETag><PartNumber>2</PartNumber></Part>",
  "<Part><ETag>a>b</ETag><PartNumber>2</PartNumber></Part>",
  `<Part><ETag>${"e".repeat(2000)}</ETag><PartNumber>2</PartNumber></Part>`,
  PART.replace("</Part>", "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"),
  PART.replace("</Part>", "<ChecksumSHA1>A</ChecksumSHA1><ChecksumCRC32>B</ChecksumCRC32></Part>"),
  PART.replace("<ETag>", "<ChecksumCRC32></ChecksumCRC32><ETag>"),
  PART.replace("<ETag>", "<ChecksumCRC32/><ETag>"),
  PART.replace("</Part>", "<Size>1</Size><LastModified>now</LastModified></Part>"),
  PART.replace("<ETag>", "<Size>1</Size><ChecksumSHA1>A</ChecksumSHA1><ChecksumCRC32/><ETag>"),
  "<Part>\n  <PartNumber>3</PartNumber>\r\n\t<ETag>e</ETag> <Size>1</Size>\n</Part>",
  "<Part> <Size>1</Size><ETag>e</ETag><ChecksumCRC32>B</ChecksumCRC32><PartNumber>3</PartNumber></Part>",
];

Deno.test("rewriteCompletedParts() writes a part the same, however it is written", () => {
  const checksums = ["CRC32"];
  for (const part of PARTS_OF_CLIENTS) {
    const asAny = part.replace("<Part>", "<Part >");
    const expected = rewrite(complete(asAny), checksums);
    assert.equal(rewrite(complete(part), checksums), expected, part);
    const both = complete(`\n${PART}${part}${asAny}${PART}`);
    const other = complete(`${PART.replace("<Part>", "<Part >")}${asAny}${asAny}${PART}`);
    assert.equal(rewrite(both, checksums), rewrite(other, checksums), part);
  }
});

const PARTS_REFUSED: readonly string[] = [
  ...["0", "01", "100000", "", "a", "-1", "+1", " 1", "1 "].map((number) =>
    PART.replace("1", number)
  ),
  "<Part></Part>",
  "<Part><ETag>e</ETag></Part>",
  "<Part><PartNumber>1</PartNumber></Part>",
  "<Part><PartNumber>1</PartNumber><ETag></ETag></Part>",
  "<Part><PartNumber>1</PartNumber><ETag>e</ETag><ETag>e</ETag></Part>",
  "<Part><PartNumber>1</PartNumber><PartNumber>1</PartNumber><ETag>e</ETag></Part>",
  "<Part><PartNumber>1</PartNumber><ETag>e</ETagg></Part>",
  "<Part><PartNumber>1</PartNumbers><ETag>e</ETag></Part>",
  PART.replace("</Part>", "<ChecksumMD4>A</ChecksumMD4></Part>"),
  PART.replace("</Part>", "<Checksum>A</Checksum></Part>"),
  PART.replace("</Part>", "<ChecksumCRC32>A</ChecksumCRC33></Part>"),
  PART.replace("</Part>", "<ChecksumCRC32>A</ChecksumCRC32></Part >x"),
  PART.replace("</Part>", "<ChecksumCRC32>A</ChecksumCRC32>".repeat(2) + "</Part>"),
  PART.replace("</Part>", "x</Part>"),
  PART.replace("</Part>", "<Size>1</Size><LastModified>n</LastModified><Size>1</Size></Part>"),
  PART.replace("</Part>", "<Size>1</Size ><Other>1</Other></Part>"),
  PART.replace("</Part>", "</Parts>"),
  PART.slice(0, -1),
];

Deno.test("rewriteCompletedParts() Z2 refuses a part that is none, wherever it stands", () => {
  for (const part of PARTS_REFUSED) {
    for (const parts of [part, PART + part, part + PART]) {
      assertRefused(() => rewrite(complete(parts)), "MalformedXML");
    }
  }
  const known = "<ChecksumCRC32>A</ChecksumCRC32></Part>";
  const unknown = "<ChecksumCRC99>A</ChecksumCRC99></Part>";
  for (const last of [known, unknown]) {
    const parts = [known, unknown, last].map((end) => PART.replace("</Part>", end)).join("");
    assertRefused(() => rewrite(complete(parts)), "MalformedXML");
  }
  const many = PART.repeat(LIMITS.partNumberMax + 1);
  assertRefused(() => rewrite(complete(many)), "MalformedXML");
  const mixed = PART.repeat(LIMITS.partNumberMax) + PART.replace("<Part>", "<Part >");
  assertRefused(() => rewrite(complete(mixed)), "MalformedXML");
});

Deno.test("rewriteCompletedParts() Z2 takes no part of another namespace", () => {
  for (
    const document of [
      `<p:CompleteMultipartUpload xmlns="u" xmlns:p="http://s3.amazonaws.com/doc/2006-03-01/">${PART}</p:CompleteMultipartUpload>`,
      `<CompleteMultipartUpload xmlns="u">${PART}</CompleteMultipartUpload>`,
    ]
  ) {
    assertRefused(() => rewrite(document), "MalformedXML");
  }
  const ours = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const document = complete(PART).replace("Upload>", `Upload ${ours}>`);
  assert.equal(rewrite(document), rewrite(complete(PART)));
});

const LOCATION_REFUSALS: Refusals = [
  ["another root", "<LocationConstraint>fsn1</LocationConstraint>"],
  ["an unknown element", configuration("<Region>fsn1</Region>")],
  ["two constraints", configuration("<LocationConstraint>a</LocationConstraint>".repeat(2))],
  ["an element within", configuration("<LocationConstraint>a<b/></LocationConstraint>")],
  ["text between", configuration("x")],
  [
    "a directory bucket",
    configuration("<Location><Type>AvailabilityZone</Type></Location>"),
    "NotImplemented",
  ],
  ["tags", configuration("<Tags><Tag/></Tags>"), "NotImplemented"],
];

function configuration(content: string): string {
  return `<CreateBucketConfiguration>${content}</CreateBucketConfiguration>`;
}

for (const [problem, text, code = "MalformedXML"] of LOCATION_REFUSALS) {
  Deno.test(`parseLocationConstraint() rejects ${problem}`, () => {
    assertRefused(() => parseLocationConstraint(text), code);
  });
}

for (
  const [text, expected] of [
    ["", undefined],
    [" \n", undefined],
    [configuration(""), undefined],
    [configuration("<LocationConstraint/>"), undefined],
    [configuration("<LocationConstraint>fsn1</LocationConstraint>"), "fsn1"],
    [formatLocationConstraint("fsn1"), "fsn1"],
  ] as const
) {
  Deno.test(`parseLocationConstraint() reads ${JSON.stringify(text)}`, () => {
    assert.equal(parseLocationConstraint(text), expected);
  });
}
