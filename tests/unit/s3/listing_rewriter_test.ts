import assert from "node:assert/strict";
import { concatBytes, decodeUtf8, encodeUtf8 } from "../../../src/lib/bytes.ts";
import { LIMITS } from "../../../src/limits.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { encodeListed, ListingRewriter } from "../../../src/s3/listing_rewriter.ts";

const OWNER = { id: "al&ice", displayName: "al&ice" };
const IDENTITY = "<ID>al&amp;ice</ID><DisplayName>al&amp;ice</DisplayName>";
const MASTER = "<ID>master</ID><DisplayName>Master</DisplayName>";

function rewrite(
  document: string,
  { pieceBytes = 1 << 20, parameters = {} }: {
    pieceBytes?: number;
    parameters?: Readonly<Record<string, string>>;
  } = {},
): string {
  const rewriter = new ListingRewriter({
    owner: OWNER,
    parameters: new Map(Object.entries(parameters)),
  });
  const bytes = encodeUtf8(document);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    parts.push(rewriter.push(bytes.subarray(at, at + pieceBytes)).slice());
  }
  rewriter.finish();
  return (decodeUtf8(concatBytes(parts)) ?? "?").replace(/^<\?.*?\?>/, "");
}

const OWNERS: readonly (readonly [name: string, given: string, expected: string])[] = [
  ["an owner", `<Owner>${MASTER}</Owner>`, `<Owner>${IDENTITY}</Owner>`],
  ["an initiator", `<Initiator>${MASTER}</Initiator>`, `<Initiator>${IDENTITY}</Initiator>`],
  ["one with empty elements", "<Owner><ID/><DisplayName/></Owner>", `<Owner>${IDENTITY}</Owner>`],
  ["one without a name", "<Owner><ID>master</ID></Owner>", "<Owner><ID>al&amp;ice</ID></Owner>"],
  ["one without anything", "<Owner/>", "<Owner/>"],
  ["CDATA", "<Owner><ID><![CDATA[master]]></ID></Owner>", "<Owner><ID>al&amp;ice</ID></Owner>"],
  ["white space", "<Owner>\n <ID>m</ID>\n</Owner>", "<Owner><ID>al&amp;ice</ID></Owner>"],
  [
    "anything else in an owner",
    "<Owner>master<Uid>master</Uid><X><ID>master</ID></X></Owner>",
    "<Owner></Owner>",
  ],
  [
    "a prefix",
    "<p:Owner><p:ID>master</p:ID></p:Owner>",
    "<p:Owner><ID>al&amp;ice</ID></p:Owner>",
  ],
];

for (const [name, given, expected] of OWNERS) {
  Deno.test(`ListingRewriter replaces ${name}`, () => {
    const document = (entry: string): string => `<L>${entry}<C><K>k</K>${entry}</C></L>`;
    for (const pieceBytes of [1, 7, 1 << 20]) {
      assert.equal(rewrite(document(given), { pieceBytes }), document(expected));
    }
  });
}

const ENTRY = "<Contents><Key>a%2Bb</Key></Contents>" +
  "<CommonPrefixes><Prefix>a%2B%2F</Prefix></CommonPrefixes>";
const URL_TYPE = "<EncodingType>url</EncodingType>";

Deno.test("ListingRewriter encodes what RGW leaves as it is", () => {
  const parameters = { "encoding-type": "url", prefix: "a+", delimiter: "/", marker: "a+\u0001<" };
  const given = `<L>${URL_TYPE}<Prefix>a+</Prefix><Delimiter>/</Delimiter>${ENTRY}` +
    "<Marker>a+&#x01;&lt;</Marker><NextMarker>a+b</NextMarker></L>";
  const expected = `<L>${URL_TYPE}${ENTRY}<Prefix>a%2B</Prefix><Delimiter>/</Delimiter>` +
    "<Marker>a%2B%01%3C</Marker><NextMarker>a%2Bb</NextMarker></L>";
  for (const pieceBytes of [1, 7, 1 << 20]) {
    assert.equal(rewrite(given, { pieceBytes, parameters }), expected);
  }
  // Where it was not asked to, nothing is touched, nor moved.
  assert.equal(rewrite(given), given);
});

Deno.test("ListingRewriter encodes nothing for a backend that does not", () => {
  const parameters = { "encoding-type": "url", prefix: "a+" };
  const given = "<L><Contents><Key>a+b</Key></Contents><Prefix>a+</Prefix>" +
    "<NextMarker>a+b&#x1;</NextMarker></L>";
  assert.equal(rewrite(given, { parameters }), given);
});

Deno.test("ListingRewriter encodes nothing twice for a backend that encodes it all", () => {
  const parameters = { "encoding-type": "url", prefix: "a+" };
  const given = "<L><Contents><Key>a%2Bb%2525</Key></Contents><Prefix>a%2B</Prefix>" +
    `<NextMarker>a%2Bb%2525</NextMarker>${URL_TYPE}</L>`;
  const [next = ""] = /<NextMarker>.*<\/NextMarker>/.exec(given) ?? [];
  assert.ok(rewrite(given, { parameters }).includes(next));
  assert.match(rewrite(given, { parameters }), /<Prefix>a%2B<\/Prefix>/);
  // Nor does the smaller of the last key and the last common prefix count, which may look the same.
  const two = "<L><Contents><Key>a%2520b</Key></Contents><CommonPrefixes><Prefix>a%20b</Prefix>" +
    `</CommonPrefixes><NextMarker>a%20b</NextMarker>${URL_TYPE}</L>`;
  assert.match(rewrite(two, { parameters }), /<NextMarker>a%2520b<\/NextMarker>/);
});

Deno.test("ListingRewriter holds texts up to a limit", () => {
  const parameters = { "encoding-type": "url" };
  const document = (bytes: number): string =>
    `<L><NextMarker>${"x".repeat(bytes)}</NextMarker></L>`;
  rewrite(document(LIMITS.xmlTextBytesMax), { parameters });
  assert.throws(
    () => rewrite(document(LIMITS.xmlTextBytesMax + 1), { parameters }),
    (error) => error instanceof S3Error && error.code === "BadGateway",
  );
});

Deno.test("ListingRewriter refuses a reference to nothing", () => {
  for (const text of ["&nbsp;", "&", "&#xd800;", "&#1114112;", "&#x110000;"]) {
    const document = `<L>${URL_TYPE}<NextMarker>${text}</NextMarker></L>`;
    const parameters = { "encoding-type": "url" };
    assert.throws(() => rewrite(document, { parameters }), S3Error, text);
  }
});

Deno.test("encodeListed() encodes as S3 does", () => {
  assert.equal(encodeListed("a/b c+ü\u0001~-_."), "a/b%20c%2B%C3%BC%01~-_.");
});
