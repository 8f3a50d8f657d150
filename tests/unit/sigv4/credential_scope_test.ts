import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parseAmzDate } from "../../../src/sigv4/amz_date.ts";
import { buildCredentialScope, parseCredential } from "../../../src/sigv4/credential_scope.ts";

const LONGEST_ID = "A".repeat(LIMITS.accessKeyIdCharactersMax);

for (
  const [problem, text, expected] of [
    ["nothing", "", /mal-formed/],
    ["four parts", "AKID/20130524/us-east-1/s3", /mal-formed/],
    ["six parts", "AKID/20130524/us-east-1/s3/aws4_request/", /mal-formed/],
    ["a slash in the access key", "AK/ID/20130524/us-east-1/s3/aws4_request", /mal-formed/],
    ["no access key", "/20130524/us-east-1/s3/aws4_request", /access key/],
    ["markup as access key", "<b>/20130524/us-east-1/s3/aws4_request", /access key/],
    ["a long access key", `${LONGEST_ID}A/20130524/us-east-1/s3/aws4_request`, /access key/],
    ["a short date", "AKID/2013052/us-east-1/s3/aws4_request", /date/],
    ["a date with its hour", "AKID/20130524T00/us-east-1/s3/aws4_request", /date/],
    ["no region", "AKID/20130524//s3/aws4_request", /region/],
    ["a region with a space", "AKID/20130524/us east/s3/aws4_request", /region/],
    ["a long region", `AKID/20130524/${"r".repeat(65)}/s3/aws4_request`, /region/],
    ["A8 another service", "AKID/20130524/us-east-1/sts/aws4_request", /service/],
    ["A8 a capital service", "AKID/20130524/us-east-1/S3/aws4_request", /service/],
    ["A8 no service", "AKID/20130524/us-east-1//aws4_request", /service/],
    ["A8 another terminator", "AKID/20130524/us-east-1/s3/aws5_request", /terminal/],
  ] as const
) {
  Deno.test(`parseCredential() rejects ${problem}`, () => {
    const credential = parseCredential(text, "s3");
    assert.ok("problem" in credential);
    assert.match(credential.problem, expected);
  });
}

for (const region of ["us-east-1", "fsn1", "auto", "r".repeat(64)]) {
  Deno.test(`parseCredential() accepts any region, such as ${region}`, () => {
    assert.deepEqual(parseCredential(`${LONGEST_ID}/20130524/${region}/s3/aws4_request`, "s3"), {
      accessKeyId: LONGEST_ID,
      scope: {
        date: "20130524",
        region,
        service: "s3",
        text: `20130524/${region}/s3/aws4_request`,
      },
    });
  });
}

Deno.test("buildCredentialScope() writes what is signed, for each day and region anew", () => {
  for (const day of ["20130524", "20130524", "20130525", "20130524"]) {
    const amzDate = parseAmzDate(`${day}T010203Z`)?.amzDate;
    assert.ok(amzDate);
    for (const region of ["fsn1", "nbg1", "fsn1"]) {
      const { text, ...parts } = buildCredentialScope(amzDate, region);
      assert.deepEqual(parts, { date: day, region, service: "s3" });
      assert.equal(text, `${day}/${region}/s3/aws4_request`);
    }
  }
});

Deno.test("parseCredential() remembers no credential for another text or service, and nothing that is wrong", () => {
  const good = "AKID/20130524/us-east-1/s3/aws4_request";
  for (let times = 0; times < 2; times++) {
    const credential = parseCredential(good, "s3");
    assert.ok(!("problem" in credential));
    assert.equal(credential.accessKeyId, "AKID");
    assert.equal(credential.scope.text, "20130524/us-east-1/s3/aws4_request");
    assert.ok("problem" in parseCredential(good, "sts"));
    for (const wrong of [`${good}/`, good.replace("AKID", ""), good.slice(1, -1)]) {
      assert.ok("problem" in parseCredential(wrong, "s3"), wrong);
    }
    const other = parseCredential(good.replace("AKID", "AKIE"), "s3");
    assert.ok(!("problem" in other));
    assert.equal(other.accessKeyId, "AKIE");
  }
});
