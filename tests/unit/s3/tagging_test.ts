import assert from "node:assert/strict";
import { formatTags, parseTagging } from "../../../src/s3/tagging.ts";

const TAG = "<Tag><Key>a b</Key><Value>1&amp;2</Value></Tag>";

function document(set: string): string {
  return `<Tagging><TagSet>${set}</TagSet></Tagging>`;
}

Deno.test("parseTagging() reads tags, which formatTags() writes as a header", () => {
  assert.deepEqual(parseTagging(document("")), []);
  const tags = parseTagging(document(`${TAG} <Tag><Value/><Key>é=</Key></Tag>`));
  assert.deepEqual(tags, [["a b", "1&2"], ["é=", ""]]);
  assert.equal(formatTags(tags), "a%20b=1%262&%C3%A9%3D=");
});

for (
  const [name, text, code] of [
    ["no XML", "a=b", "MalformedXML"],
    ["another root", `<Tags><TagSet>${TAG}</TagSet></Tags>`, "MalformedXML"],
    ["no set", "<Tagging/>", "MalformedXML"],
    ["two sets", `<Tagging><TagSet/><TagSet/></Tagging>`, "MalformedXML"],
    ["something else in a set", document("<Key>a</Key>"), "MalformedXML"],
    ["a tag without a value", document("<Tag><Key>a</Key></Tag>"), "MalformedXML"],
    ["a tag of two keys", document("<Tag><Key>a</Key><Key>b</Key></Tag>"), "MalformedXML"],
    ["a key given twice", document(TAG + TAG), "InvalidArgument"],
  ] as const
) {
  Deno.test(`parseTagging() refuses ${name}`, () => {
    assert.throws(() => parseTagging(text), { code });
  });
}
