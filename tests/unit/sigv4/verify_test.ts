import assert from "node:assert/strict";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import type { SignatureTrace } from "../../../src/sigv4/verify.ts";
import type { Header } from "../../support/signer.ts";
import { assertRejected } from "../s3/sample_request.ts";
import {
  ACCESS_KEY,
  presignSample,
  SECRET_KEY,
  SIGNED_AT,
  signSample,
  verifySample,
} from "./sample_signature.ts";

const DAY_SECONDS = 86_400;
const PROXY: Header = ["Host", "proxy.example"];

Deno.test("verifySignature() Z16 refuses a request without credentials", async () => {
  const error = await assertRejected(verifySample({ headers: [PROXY] }), "AccessDenied");
  assert.equal(error.reason, "missing_credentials");
});

Deno.test("verifySignature() A18 refuses an unknown access key", async () => {
  const error = await assertRejected(
    verifySample(signSample({ accessKey: "AKIDNOBODY" })),
    "InvalidAccessKeyId",
  );
  assert.deepEqual(error.detail, { AWSAccessKeyId: "AKIDNOBODY" });
});

Deno.test("verifySignature() refuses another secret", async () => {
  await assertRejected(
    verifySample(signSample({ secretKey: `${SECRET_KEY}x` })),
    "SignatureDoesNotMatch",
  );
});

for (
  const [mechanism, header] of [
    ["SigV4", signSample().headers.at(-1)?.[1] ?? ""],
    ["a foreign token", "Bearer abc"],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`verifySignature() A5 refuses a presigned query beside ${mechanism}`, async () => {
    const { target, headers } = presignSample();
    const both = { target, headers: [...headers, ["Authorization", header] as const] };
    await assertRejected(verifySample(both), "InvalidArgument");
  });
}

for (
  const [form, target, headers] of [
    ["header", "/bucket/key", [PROXY, ["Authorization", "AWS AKID:c2lnbmF0dXJl"]]],
    ["query", "/bucket/key?AWSAccessKeyId=AKID&Expires=1&Signature=c2ln", [PROXY]],
    [
      "query, with what boto3 signs",
      "/bucket/key?AWSAccessKeyId=AKID&Expires=1&Signature=c2ln&content-type=text%2Fplain&x-amz-meta-a=b",
      [PROXY, ["x-amz-meta-a", "b"]],
    ],
  ] as const
) {
  Deno.test(`verifySignature() A7 refuses SigV2 in the ${form} and names SigV4`, async () => {
    const error = await assertRejected(verifySample({ target, headers }), "InvalidRequest");
    assert.match(error.message, /AWS4-HMAC-SHA256/);
  });
}

Deno.test("verifySignature() refuses a session token in a spelling of its own, or where none is signed", async () => {
  const misspelt = presignSample({ extraQuery: { "x-amz-security-token": "token" } });
  await assertRejected(verifySample(misspelt), "InvalidToken");
  const inHeader = presignSample({ headers: [["x-amz-security-token", "token"]] });
  await assertRejected(verifySample(inHeader), "InvalidToken");
});

for (const [seconds, isIn] of [[900, true], [901, false], [-900, true], [-901, false]] as const) {
  Deno.test(`verifySignature() A9 ${isIn ? "accepts" : "refuses"} an age of ${seconds} s`, async () => {
    const verification = verifySample(signSample(), { ageSeconds: seconds });
    if (isIn) await verification;
    else await assertRejected(verification, "RequestTimeTooSkewed");
  });
}

Deno.test("verifySignature() A9 refuses the year 9999 and tells both times", async () => {
  const date = new Date("9999-12-31T23:59:59Z");
  const error = await assertRejected(verifySample(signSample({ date })), "RequestTimeTooSkewed");
  assert.deepEqual(error.detail, {
    RequestTime: "99991231T235959Z",
    ServerTime: SIGNED_AT.toISOString(),
    MaxAllowedSkewMilliseconds: "900000",
  });
});

for (
  const [name, expires, ageSeconds, isIn] of [
    ["A10 an hour's URL after 30 minutes", 3600, 1800, true],
    ["A10 a week's URL after 6 days", 7 * DAY_SECONDS, 6 * DAY_SECONDS, true],
    ["A10 a week's URL in its last second", 7 * DAY_SECONDS, 7 * DAY_SECONDS, true],
    ["A9 an hour's URL a second too late", 3600, 3601, false],
    ["A9 a week's URL a second too late", 7 * DAY_SECONDS, 7 * DAY_SECONDS + 1, false],
    ["a URL dated within the skew", 3600, -900, true],
    ["A9 a URL dated beyond the skew", 3600, -901, false],
  ] as const
) {
  Deno.test(`verifySignature() ${isIn ? "accepts" : "refuses"} ${name}`, async () => {
    const verification = verifySample(presignSample({ expires }), { ageSeconds });
    if (isIn) assert.equal((await verification).mechanism, "presigned");
    else await assertRejected(verification, "AccessDenied");
  });
}

for (const expires of ["0", "-1", "604801", "NaN", "9".repeat(40)]) {
  Deno.test(`verifySignature() A9 refuses a signed X-Amz-Expires of ${expires}`, async () => {
    await assertRejected(
      verifySample(presignSample({ expires })),
      "AuthorizationQueryParametersError",
    );
  });
}

const presigned = presignSample({ target: "/bucket/key?versionId=1" });
for (
  const [change, sample, code] of [
    ["another method", { ...presigned, method: "DELETE" }, "SignatureDoesNotMatch"],
    ["an added parameter", added("partNumber=1"), "SignatureDoesNotMatch"],
    ["an added ignored parameter", added("x-id=GetObject"), "SignatureDoesNotMatch"],
    ["an added hoisted header", added("x-amz-tagging=a"), "SignatureDoesNotMatch"],
    ["a removed parameter", replaced("versionId=1&", ""), "SignatureDoesNotMatch"],
    ["a changed parameter", replaced("versionId=1", "versionId=2"), "SignatureDoesNotMatch"],
    ["a doubled parameter", added("versionId=1"), "InvalidArgument"],
    ["a doubled signature", added(`X-Amz-Signature=${"0".repeat(64)}`), "InvalidArgument"],
    ["an unsigned x-amz-* header", withHeader("x-amz-acl", "private"), "AccessDenied"],
    [
      "an unsigned payload hash",
      withHeader("x-amz-content-sha256", "0".repeat(64)),
      "SignatureDoesNotMatch",
    ],
  ] as const satisfies readonly (readonly [string, object, S3ErrorCode])[]
) {
  Deno.test(`verifySignature() A11 refuses a presigned URL with ${change}`, async () => {
    await assertRejected(verifySample(sample), code);
  });
}

function added(parameter: string): typeof presigned {
  return { ...presigned, target: `${presigned.target}&${parameter}` };
}

function replaced(from: string, to: string): typeof presigned {
  return { ...presigned, target: presigned.target.replace(from, to) };
}

function withHeader(...header: Header): typeof presigned {
  return { ...presigned, headers: [...presigned.headers, header] };
}

Deno.test("verifySignature() A11 accepts a query in another order, as it is signed sorted", async () => {
  const [path, query = ""] = presigned.target.split("?");
  const target = `${path}?${query.split("&").reverse().join("&")}`;
  await verifySample({ ...presigned, target });
});

Deno.test("verifySignature() A11 refuses a signed header that is missing", async () => {
  const { method, target } = presignSample({ headers: [["content-md5", "x"]] });
  await assertRejected(verifySample({ method, target, headers: [PROXY] }), "SignatureDoesNotMatch");
});

for (
  const name of [
    "x-amz-acl",
    "x-amz-tagging",
    "x-amz-grant-read",
    "x-amz-meta-owner",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-object-lock-mode",
    "x-amz-website-redirect-location",
  ]
) {
  for (const sign of [signSample, presignSample]) {
    Deno.test(`verifySignature() A13 refuses an unsigned ${name}: ${sign.name}()`, async () => {
      const { method, target, headers } = sign({ method: "PUT" });
      const sample = { method, target, headers: [...headers, [name, "value"] as const] };
      const error = await assertRejected(verifySample(sample), "AccessDenied");
      assert.deepEqual(error.detail, { HeadersNotSigned: name });
    });
  }
}

Deno.test("verifySignature() A13 refuses an unsigned x-amz-copy-source", async () => {
  const { headers, ...sample } = signSample({ method: "PUT" });
  const source: Header = ["x-amz-copy-source", "/other/key"];
  await assertRejected(verifySample({ ...sample, headers: [...headers, source] }), "AccessDenied");
});

Deno.test("verifySignature() A13 does not ask for content-type to be signed", async () => {
  const { headers, ...sample } = signSample({ method: "PUT" });
  await verifySample({ ...sample, headers: [...headers, ["Content-Type", "text/plain"]] });
});

Deno.test("verifySignature() A12 refuses a host that is not signed", async () => {
  const signedHeaders = ["x-amz-content-sha256", "x-amz-date"];
  const error = await assertRejected(verifySample(signSample({ signedHeaders })), "AccessDenied");
  assert.deepEqual(error.detail, { HeadersNotSigned: "host" });
});

for (const name of ["x-amz-meta-a", "X-Amz-Meta-A"]) {
  Deno.test(`verifySignature() A14 refuses a signed header sent again as ${name}`, async () => {
    const signed = signSample({ method: "PUT", headers: [["x-amz-meta-a", "1"]] });
    const headers = [...signed.headers, [name, "2"] as const];
    await assertRejected(verifySample({ ...signed, headers }), "SignatureDoesNotMatch");
  });
}

Deno.test("verifySignature() accepts spaces that signing trims and folds", async () => {
  await verifySample(signSample({ method: "PUT", headers: [["x-amz-meta-a", "  a   b "]] }));
});

Deno.test("verifySignature() folds long runs of blanks without searching them again and again", async () => {
  const value = `a${" ".repeat(60_000)}b`;
  const sample = signSample({ method: "PUT", headers: [["x", value]] });
  // Minutes, where every blank of a run begins a search of its own.
  for (let count = 0; count < 100; count++) await verifySample(sample);
});

for (
  const [scheme, sent, signed] of [
    ["https", "proxy.example", "proxy.example:443"],
    ["https", "proxy.example:443", "proxy.example"],
    ["http", "proxy.example", "proxy.example:80"],
    ["http", "proxy.example:80", "proxy.example"],
    ["http", "[::1]", "[::1]:80"],
    ["http", "proxy.example:8080", "proxy.example:8080"],
  ] as const
) {
  Deno.test(`verifySignature() C4 accepts Host ${sent} signed as ${signed} on ${scheme}`, async () => {
    const { headers, ...sample } = signSample({ host: signed });
    const hosted = headers.filter(([name]) => name.toLowerCase() !== "host");
    await verifySample({ ...sample, scheme, headers: [["host", sent], ...hosted] });
  });
}

for (
  const [sent, signed] of [
    ["proxy.example:8080", "proxy.example"],
    ["proxy.example", "proxy.example:8080"],
    ["proxy.example", "proxy.example:443"],
    ["other.example", "proxy.example"],
  ] as const
) {
  Deno.test(`verifySignature() C4 refuses Host ${sent} signed as ${signed} on http`, async () => {
    const { headers, ...sample } = signSample({ host: signed });
    const hosted = headers.filter(([name]) => name.toLowerCase() !== "host");
    await assertRejected(
      verifySample({ ...sample, headers: [["host", sent], ...hosted] }),
      "SignatureDoesNotMatch",
    );
  });
}

for (const region of ["us-east-1", "fsn1", "auto"]) {
  Deno.test(`verifySignature() A8 accepts region ${region} where none is pinned`, async () => {
    await verifySample(signSample({ region }));
  });
}

for (
  const [sign, code] of [
    [signSample, "AuthorizationHeaderMalformed"],
    [presignSample, "AuthorizationQueryParametersError"],
  ] as const
) {
  Deno.test(`verifySignature() A8 holds a pinned region: ${sign.name}()`, async () => {
    await verifySample(sign({ region: "fsn1" }), { region: "fsn1" });
    const other = verifySample(sign({ region: "us-east-1" }), { region: "fsn1" });
    const error = await assertRejected(other, code);
    assert.deepEqual(error.detail, { Region: "fsn1" });
  });
}

Deno.test("verifySignature() refuses an x-amz-content-sha256 of no known form", async () => {
  await assertRejected(verifySample(signSample({ payloadHash: "whatever" })), "InvalidArgument");
});

Deno.test("verifySignature() R1 tells neither trace nor client the expected signature", async () => {
  const signed = signSample({ headers: [["x-amz-server-side-encryption-customer-key", "a2V5"]] });
  const expected = /Signature=(.{64})/.exec(signed.headers.at(-1)?.[1] ?? "")?.[1] ?? "";
  const wrong = "0".repeat(64);
  const traces: SignatureTrace[] = [];
  const error = await assertRejected(
    verifySample(withSignature(signed, wrong), { trace: (trace) => traces.push(trace) }),
    "SignatureDoesNotMatch",
  );
  const [trace] = traces;
  assert.ok(trace);
  assert.equal(traces.length, 1);
  assert.equal(trace.expectedSignatureStart, expected.slice(0, 8));
  assert.equal(trace.providedSignature, wrong);
  assert.equal(error.detail["AWSAccessKeyId"], ACCESS_KEY);
  assert.equal(error.detail["SignatureProvided"], wrong);
  assert.equal(error.detail["CanonicalRequest"], trace.canonicalRequest);
  assert.equal(error.detail["StringToSign"], trace.stringToSign);
  assert.match(error.detail["StringToSignBytes"] ?? "", /^41 57 53 34 2d [0-9a-f ]+$/);
  const told = JSON.stringify([trace, error.detail, error.message]);
  assert.ok(!told.includes(expected.slice(0, 9)));
  assert.ok(!told.includes("a2V5"));
  assert.ok(!told.includes(SECRET_KEY));
});

function withSignature(
  signed: ReturnType<typeof signSample>,
  signature: string,
): ReturnType<typeof signSample> {
  const headers = signed.headers.map(([name, value]): Header => [
    name,
    name === "Authorization" ? value.replace(/Signature=.*/, `Signature=${signature}`) : value,
  ]);
  return { ...signed, headers };
}
