import assert from "node:assert/strict";
import { parseAmzDate } from "../../../src/sigv4/amz_date.ts";
import { buildCanonicalRequest } from "../../../src/sigv4/canonical_request.ts";
import { buildCredentialScope } from "../../../src/sigv4/credential_scope.ts";
import { parseSignatureClaim } from "../../../src/sigv4/parse_claim.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";
import { deriveSigningKey } from "../../../src/sigv4/signing_key.ts";
import { buildStringToSign } from "../../../src/sigv4/string_to_sign.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { loadVectors, type SigV4Example } from "../../support/vectors.ts";
import { assertRejected, parseSample, type SampleRequest } from "../s3/sample_request.ts";
import { SIGNED_AT, verifySample } from "./sample_signature.ts";

const AMZ_DATE = parseAmzDate("20130524T000000Z")?.amzDate;
const EXAMPLES = await loadVectors<SigV4Example>("sigv4/s3_examples.json");

for (const example of EXAMPLES) {
  const { name, canonicalRequest, stringToSign, signature, secretKey } = example;

  Deno.test(`buildCanonicalRequest() matches AWS example ${name}`, () => {
    const request = parseSample(buildSample(example));
    const claim = parseSignatureClaim(request);
    assert.equal(
      buildCanonicalRequest({ ...claim, ...request, headers: request.sentHeaders }),
      canonicalRequest,
    );
  });

  Deno.test(`buildStringToSign() matches AWS example ${name}`, () => {
    assert.ok(AMZ_DATE);
    const scope = buildCredentialScope(AMZ_DATE, "us-east-1");
    assert.equal(
      buildStringToSign({ amzDate: AMZ_DATE, scope, canonicalRequest }),
      stringToSign,
    );
  });

  Deno.test(`SigningKey.sign() matches AWS example ${name}`, () => {
    assert.ok(AMZ_DATE);
    const scope = buildCredentialScope(AMZ_DATE, "us-east-1");
    const key = deriveSigningKey(new SecretAccessKey(secretKey), scope);
    assert.equal(key.sign(stringToSign), signature);
  });

  Deno.test(`verifySignature() accepts AWS example ${name}`, async () => {
    const { identity, mechanism, seed } = await verifySample(buildSample(example));
    assert.equal(identity, "alice");
    assert.equal(mechanism, example.authentication === "header" ? "header" : "presigned");
    assert.equal(seed?.signature, signature);
    assert.equal(seed?.amzDate, "20130524T000000Z");
    assert.equal(seed?.credentialScope, "20130524/us-east-1/s3/aws4_request");
  });

  for (const { part, change, code } of listChanges(example)) {
    Deno.test(`verifySignature() refuses AWS example ${name} with another ${part}`, async () => {
      await assertRejected(verifySample(change), code);
    });
  }
}

Deno.test("AWS examples are all dated alike", () => {
  for (const { request } of EXAMPLES) {
    assert.ok(JSON.stringify(request).includes("20130524T000000Z"));
  }
  assert.equal(SIGNED_AT.toISOString(), "2013-05-24T00:00:00.000Z");
});

interface Change {
  readonly part: string;
  readonly change: SampleRequest;
  readonly code: S3ErrorCode;
}

/** One byte flipped in each signed part. */
function* listChanges(example: SigV4Example): Generator<Change> {
  const sample = buildSample(example);
  const { method, target, headers } = sample;
  const mismatch = "SignatureDoesNotMatch";
  // HEAD for GET keeps the operation's parameters; DELETE has other operations of the same shape.
  const otherMethod = method === "PUT" || target.includes("lifecycle") ? "DELETE" : "HEAD";
  if (!target.includes("prefix")) {
    yield { part: "method", change: { ...sample, method: otherMethod }, code: mismatch };
  }
  if (target.startsWith("/test")) {
    const renamed = target.replace("/test", "/tesu");
    yield { part: "path", change: { ...sample, target: renamed }, code: mismatch };
  }
  for (const [index, [name, value]] of headers.entries()) {
    if (name === "Authorization") continue;
    const flipped = headers.with(index, [name, flip(value)]);
    yield { part: name, change: { ...sample, headers: flipped }, code: codeOfHeader(name) };
  }
  if (example.authentication === "header") yield* listAuthorizationChanges(sample);
  else yield* listQueryChanges(sample);
  if (target.includes("max-keys")) {
    for (const [from, to] of [["max-keys=2", "max-keys=3"], ["prefix=J", "prefix=K"]] as const) {
      yield { part: from, change: { ...sample, target: target.replace(from, to) }, code: mismatch };
    }
    const renamed = target.replace("prefix=", "marker=");
    yield { part: "query name", change: { ...sample, target: renamed }, code: mismatch };
    const removed = target.replace("&prefix=J", "");
    yield { part: "query length", change: { ...sample, target: removed }, code: mismatch };
  }
}

function codeOfHeader(name: string): S3ErrorCode {
  switch (name) {
    case "x-amz-date":
      return "AuthorizationHeaderMalformed"; // another day than the scope's
    default:
      return "SignatureDoesNotMatch";
  }
}

/** One byte changed so that the value keeps its form: a bucket, a day, a digit of a digest. */
function flip(value: string): string {
  if (/^\d{8}T/.test(value)) return value.replace("24T", "25T");
  if (value.startsWith("examplebucket")) return value.replace("e", "f");
  return value.replace(/.$/, (character) => character === "0" ? "1" : "0");
}

function* listAuthorizationChanges(
  sample: ReturnType<typeof buildSample>,
): Generator<Change> {
  const table: readonly [part: string, from: RegExp, to: string, code: S3ErrorCode][] = [
    ["access key", /Credential=A/, "Credential=B", "InvalidAccessKeyId"],
    ["scope date", /20130524\//, "20130525/", "AuthorizationHeaderMalformed"],
    ["scope region", /us-east-1/, "us-east-2", "SignatureDoesNotMatch"],
    ["scope service", /\/s3\//, "/s4/", "AuthorizationHeaderMalformed"],
    ["scope terminator", /aws4_request/, "aws4_requesu", "AuthorizationHeaderMalformed"],
    ["algorithm", /SHA256/, "SHA257", "InvalidArgument"],
    ["signed header", /;x-amz-date/, ";x-amz-datf", "AccessDenied"],
    ["signature start", /Signature=./, "Signature=0", "SignatureDoesNotMatch"],
    ["signature end", /.$/, "0", "SignatureDoesNotMatch"],
  ];
  for (const [part, from, to, code] of table) {
    const headers = sample.headers.map(([name, value]): [string, string] =>
      name === "Authorization" ? [name, value.replace(from, to)] : [name, value]
    );
    yield { part, change: { ...sample, headers }, code };
  }
}

function* listQueryChanges(sample: ReturnType<typeof buildSample>): Generator<Change> {
  const malformed = "AuthorizationQueryParametersError";
  const table: readonly [part: string, from: string, to: string, code: S3ErrorCode][] = [
    ["access key", "Credential=A", "Credential=B", "InvalidAccessKeyId"],
    ["scope date", "%2F20130524", "%2F20130525", malformed],
    ["scope region", "us-east-1", "us-east-2", "SignatureDoesNotMatch"],
    ["scope service", "%2Fs3%2F", "%2Fs4%2F", malformed],
    ["scope terminator", "aws4_request", "aws4_requesu", malformed],
    ["algorithm", "SHA256", "SHA257", malformed],
    ["second", "000000Z", "000001Z", "SignatureDoesNotMatch"],
    ["life", "Expires=86400", "Expires=86401", "SignatureDoesNotMatch"],
    ["signed header", "SignedHeaders=host", "SignedHeaders=hosu", "AccessDenied"],
    ["signature start", "Signature=a", "Signature=b", "SignatureDoesNotMatch"],
    ["signature end", "d404", "d405", "SignatureDoesNotMatch"],
    ["parameter name", "X-Amz-Expires", "X-Amz-Expiret", "NotImplemented"],
    ["letter case", "X-Amz-Signature", "x-amz-signature", "NotImplemented"],
  ];
  for (const [part, from, to, code] of table) {
    yield { part, change: { ...sample, target: sample.target.replace(from, to) }, code };
  }
}

function buildSample(
  { request }: SigV4Example,
): Required<Pick<SampleRequest, "method" | "target" | "headers">> {
  return { method: request.method, target: request.target, headers: request.headers };
}
