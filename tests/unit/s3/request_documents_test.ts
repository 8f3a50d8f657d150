import { formatDeleteRequest } from "../../../src/s3/delete_request.ts";
import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { formatCompletedParts, parseCompletedParts } from "../../../src/s3/completed_parts.ts";
import {
  formatLocationConstraint,
  parseDeleteRequest,
  parseLocationConstraint,
} from "../../../src/s3/request_documents.ts";
import { runWhole } from "../../../src/lib/turns.ts";
import { readXml } from "../../../src/s3/xml.ts";
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
  for (const versionId of [`${"v".repeat(31)}_x`, "a/b", "a..b"]) {
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
  const children = (count: number): string => `<x>${"<b/>".repeat(count - 1)}</x>`;
  const seen: string[] = [];
  const onChild = ({ name }: { name: string }): void => void seen.push(name);
  const most = `<a>${children(LIMITS.xmlChildElementsMax).repeat(3)}</a>`;
  runWhole(readXml(most, { onChild }));
  assert.deepEqual(seen, ["x", "x", "x"]);
  const more = `<a>${children(LIMITS.xmlChildElementsMax + 1)}</a>`;
  assertRefused(() => runWhole(readXml(more, { onChild })), "MalformedXML");
});

Deno.test("readXml() Z2 takes as many elements one by one as there may be", () => {
  const document = (count: number): string => `<a>${"<b/>".repeat(count - 1)}</a>`;
  let taken = 0;
  const onChild = (): void => void taken++;
  runWhole(readXml(document(LIMITS.xmlElementsMax), { onChild }));
  assert.equal(taken, LIMITS.xmlElementsMax - 1);
  const more = document(LIMITS.xmlElementsMax + 1);
  assertRefused(() => runWhole(readXml(more, { onChild })), "MalformedXML");
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

Deno.test("formatCompletedParts() writes numbers and bare ETags only", () => {
  const parts = parseCompletedParts(
    complete(PART.replace("</Part>", "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>")),
  );
  assert.deepEqual(parts.map(({ partNumber, eTag }) => [partNumber, eTag]), [[1, '"e"']]);
  assert.match(
    formatCompletedParts(parts),
    /<Part><PartNumber>1<\/PartNumber><ETag>e<\/ETag><\/Part><\/CompleteMultipartUpload>$/,
  );
});

Deno.test("formatCompletedParts() stays within what the backend reads at 10 000 parts", () => {
  const parts = Array.from({ length: LIMITS.partNumberMax }, (_, at) => ({
    partNumber: at + 1,
    eTag: `"${"e".repeat(32)}"`,
    checksum: undefined,
  }));
  assert.ok(formatCompletedParts(parts).length <= LIMITS.backendXmlBodyBytesMax);
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
