import assert from "node:assert/strict";
import {
  buildLocationConstraint,
  completeUploadResult,
  readErrorDocument,
  replaceOwners,
} from "../../../src/s3/response_documents.ts";
import { childOf, formatXml, parseXml, textOf, type XmlElement } from "../../../src/s3/xml.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const ALICE = { id: "alice-id", displayName: "alice" };
const MASTER = "<ID>master-7</ID><DisplayName>Master</DisplayName>";

for (
  const [document, text] of [
    ["a listing", `<L><Contents><Key>k</Key><Owner>${MASTER}</Owner></Contents></L>`],
    [
      "versions",
      `<L><Version><Owner>${MASTER}</Owner></Version><DeleteMarker><Owner>${MASTER}</Owner></DeleteMarker></L>`,
    ],
    ["uploads", `<L><Upload><Initiator>${MASTER}</Initiator><Owner>${MASTER}</Owner></Upload></L>`],
    ["parts", `<L><Initiator>${MASTER}</Initiator><Owner>${MASTER}</Owner><Part/></L>`],
    [
      "an ACL",
      `<A><Owner>${MASTER}</Owner><AccessControlList><Grant>` +
      `<Grantee xmlns:x="u" x:type="CanonicalUser">${MASTER}</Grantee>` +
      "</Grant></AccessControlList></A>",
    ],
  ] as const
) {
  Deno.test(`replaceOwners() R3 leaves nothing of the master in ${document}`, () => {
    const written = formatXml(
      replaceOwners(parseXml(text), { owner: ALICE, masterAccessKeyId: "MASTERKEY" }),
    );
    assert.ok(!/master/i.test(written), written);
    assert.ok(written.includes("<ID>alice-id</ID><DisplayName>alice</DisplayName>"));
  });
}

Deno.test("replaceOwners() R3 replaces each id where a document has no owner, and the master's key", () => {
  const grantee = "<Grantee><ID>7</ID><DisplayName>root</DisplayName></Grantee>";
  const byKey = `<A><Owner>${MASTER}</Owner><Grantee><ID>MASTERKEY</ID></Grantee></A>`;
  for (const text of [`<A>${grantee}</A>`, `<A><Owner><ID/></Owner>${grantee}</A>`, byKey]) {
    const written = formatXml(
      replaceOwners(parseXml(text), { owner: ALICE, masterAccessKeyId: "MASTERKEY" }),
    );
    assert.ok(!/MASTERKEY|root|>7</.test(written), written);
  }
});

Deno.test("replaceOwners() leaves other grantees, names and attributes alone", () => {
  const text =
    `<A><Owner>${MASTER}</Owner><Grantee xmlns:x="u" x:type="Group"><URI>u</URI></Grantee>` +
    "<Grantee><ID>bob</ID></Grantee><Key>Owner master-7</Key></A>";
  const written = formatXml(
    replaceOwners(parseXml(text), { owner: ALICE, masterAccessKeyId: "MASTERKEY" }),
  );
  assert.ok(written.includes('<Grantee xmlns:x="u" x:type="Group"><URI>u</URI></Grantee>'));
  assert.ok(written.includes("<ID>bob</ID>"));
  assert.ok(written.includes("<Key>Owner master-7</Key>"));
});

Deno.test("buildLocationConstraint() is empty for us-east-1 only", () => {
  assert.equal(textOf(buildLocationConstraint("us-east-1")), "");
  assert.equal(textOf(buildLocationConstraint("fsn1")), "fsn1");
  assert.equal(buildLocationConstraint("fsn1").attributes.get("xmlns"), NAMESPACE);
});

Deno.test("completeUploadResult() fills in what RGW leaves out", () => {
  const root = parseXml("<R><Location>backend/b/k</Location><Bucket>b</Bucket><ETag></ETag></R>");
  const changed = completeUploadResult(root, { location: "https://proxy/b/k", eTag: '"e-2"' });
  assert.equal(textOf(childOf(changed, "Location")), "https://proxy/b/k");
  assert.equal(textOf(childOf(changed, "ETag")), '"e-2"');
  assert.equal(textOf(childOf(changed, "Bucket")), "b");
});

Deno.test("completeUploadResult() keeps an ETag that is there, in quotes", () => {
  for (const text of ["here-2", '"here-2"']) {
    const root = parseXml(`<R><ETag>${text}</ETag></R>`);
    const changed = completeUploadResult(root, { location: "x", eTag: '"other"' });
    assert.equal(textOf(childOf(changed, "ETag")), '"here-2"');
  }
});

Deno.test("readErrorDocument() reads errors only", () => {
  assert.equal(readErrorDocument(parseXml("<Fault><Code>A</Code></Fault>")), undefined);
  assert.deepEqual(readErrorDocument(parseXml("<Error><Code>A</Code></Error>")), {
    code: "A",
    message: "",
  });
});

Deno.test("replaceOwners() copies nothing of what it leaves as it is", () => {
  const other = "<Grant><Grantee><ID>other</ID></Grantee><Permission>READ</Permission></Grant>";
  const own = other.replace("other", "master");
  const root = parseXml(`<A><Owner><ID>master</ID></Owner><L>${other}${own}</L></A>`);
  const changed = replaceOwners(root, {
    owner: { id: "user", displayName: "user" },
    masterAccessKeyId: "key",
  });
  const grants = ({ children }: XmlElement): XmlElement["children"] =>
    childOf({ ...root, children }, "L")?.children ?? [];
  assert.equal(grants(changed)[0], grants(root)[0]);
  assert.match(formatXml(changed), /<ID>other<\/ID>.*<ID>user<\/ID>/);
  assert.doesNotMatch(formatXml(changed), /master/);
});
