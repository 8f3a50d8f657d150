import assert from "node:assert/strict";
import {
  type FoundObject,
  parseWriteCondition,
  verifyWriteCondition,
} from "../../../src/s3/write_condition.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { assertRefused, parseSample, SAMPLE_RULES } from "./sample_request.ts";

const capabilities = PRESETS.ceph;
const PUT = { name: "PutObject", method: "PUT", capabilities } as const;
const PRECONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
const ABSENT: FoundObject = { isThere: false };
const THERE: FoundObject = { isThere: true, eTag: "e" };
const HIDDEN: FoundObject = { isThere: true, eTag: undefined };

for (
  const [name, method] of [
    ["UploadPart", "PUT"],
    ["DeleteObject", "DELETE"],
    ["DeleteObjects", "POST"],
    ["PutObjectTagging", "PUT"],
  ] as const
) {
  for (const header of PRECONDITIONS) {
    Deno.test(`parseWriteCondition() refuses ${header} on ${name}`, () => {
      const refused = assertRefused(
        () => parseWriteCondition(new Map([[header, "*"]]), { name, method, capabilities }),
        "NotImplemented",
      );
      assert.deepEqual(refused.detail, { Header: header });
      assert.ok(refused.message.includes(header) && refused.message.includes(name));
    });
  }
}

for (const [name, method] of [["PutObject", "PUT"], ["CopyObject", "PUT"]] as const) {
  for (const header of ["if-modified-since", "if-unmodified-since"]) {
    Deno.test(`parseWriteCondition() refuses ${header} on ${name}`, () => {
      const date = new Map([[header, "Mon, 01 Jan 2035 00:00:00 GMT"], ["if-match", "*"]]);
      assertRefused(
        () => parseWriteCondition(date, { name, method, capabilities }),
        "NotImplemented",
      );
    });
  }
}

for (
  const text of [
    "",
    'W/"e"',
    '"e", "f"',
    '"e","f"',
    "e,f",
    '"e',
    'e"',
    '""',
    '"*", "e"',
    '"e\u00e9"',
    '"e f"',
    `"${"e".repeat(256)}"`,
  ]
) {
  for (const header of ["if-match", "if-none-match"]) {
    Deno.test(`parseWriteCondition() refuses ${header} of ${text.slice(0, 20)}`, () => {
      const refused = assertRefused(
        () => parseWriteCondition(new Map([[header, text]]), PUT),
        "InvalidArgument",
      );
      assert.deepEqual(refused.detail, { ArgumentName: header });
    });
  }
}

for (const name of ["PutObject", "CopyObject", "CompleteMultipartUpload"] as const) {
  Deno.test(`parseWriteCondition() reads what ${name} can be asked`, () => {
    const read = (text: string): string | undefined =>
      parseWriteCondition(new Map([["if-match", text]]), { name, method: "PUT", capabilities })
        ?.ifMatch;
    const long = "e".repeat(255);
    assert.deepEqual(['"e-1"', "e-1", "*", `"${long}"`].map(read), ["e-1", "e-1", "*", long]);
  });
}

Deno.test("parseWriteCondition() leaves reads to the backend", () => {
  const headers = new Map(PRECONDITIONS.map((header) => [header, 'W/"e"']));
  for (const [name, method] of [["GetObject", "GET"], ["HeadObject", "HEAD"]] as const) {
    assert.equal(parseWriteCondition(headers, { name, method, capabilities }), undefined);
  }
  assert.equal(parseWriteCondition(new Map(), PUT), undefined);
});

Deno.test("parseS3Request() refuses preconditions unless the backend is trusted with them", () => {
  const sample = { method: "DELETE", headers: [["If-Match", '"a"']] } as const;
  assertRefused(() => parseSample(sample), "NotImplemented");
  const trusting = { ...SAMPLE_RULES, capabilities: PRESETS.aws };
  assert.equal(parseSample(sample, trusting).writeCondition, undefined);
  // No store is known to hold an ETag's If-None-Match on a write.
  const headers = new Map([["if-none-match", '"e"'], ["if-match", '"e"']]);
  const trusted = { ...PUT, capabilities: PRESETS.aws };
  assert.deepEqual(parseWriteCondition(headers, trusted), { ifMatch: "e", ifNoneMatch: "e" });
  headers.set("if-none-match", "*");
  assert.equal(parseWriteCondition(headers, trusted), undefined);
  assert.notEqual(parseWriteCondition(headers, { ...trusted, name: "CopyObject" }), undefined);
});

// RFC 9110 §13.1, and S3's 404 for an ETag of what is not there.
for (
  const [ifMatch, ifNoneMatch, found, outcome] of [
    ["e", undefined, THERE, "holds"],
    ["*", undefined, THERE, "holds"],
    ["*", undefined, HIDDEN, "holds"],
    ["f", undefined, THERE, "PreconditionFailed"],
    ["", undefined, THERE, "PreconditionFailed"],
    ["e", undefined, HIDDEN, "PreconditionFailed"],
    ["e", undefined, ABSENT, "NoSuchKey"],
    ["*", undefined, ABSENT, "PreconditionFailed"],
    [undefined, "*", ABSENT, "holds"],
    [undefined, "e", ABSENT, "holds"],
    [undefined, "f", THERE, "holds"],
    [undefined, "e", THERE, "PreconditionFailed"],
    [undefined, "*", THERE, "PreconditionFailed"],
    [undefined, "e", HIDDEN, "PreconditionFailed"],
    ["e", "f", THERE, "holds"],
    ["e", "e", THERE, "PreconditionFailed"],
    ["f", "f", THERE, "PreconditionFailed"],
    [undefined, undefined, THERE, "holds"],
  ] as const
) {
  Deno.test(`verifyWriteCondition() of ${ifMatch}, ${ifNoneMatch} and ${JSON.stringify(found)}: ${outcome}`, () => {
    const verify = (): void => verifyWriteCondition({ ifMatch, ifNoneMatch }, found);
    if (outcome === "holds") verify();
    else assertRefused(verify, outcome);
  });
}
