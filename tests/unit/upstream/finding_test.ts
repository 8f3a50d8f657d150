import assert from "node:assert/strict";
import { S3Error } from "../../../src/s3/error.ts";
import { explainFailure, explainRefusal } from "../../../src/upstream/finding.ts";

/** What Deno 2.9.6 says → subject, setting, and what the operator is told to do. */
const FAILURES:
  readonly (readonly [said: string, subject: string, setting: string, advice: RegExp])[] = [
    [
      "failed to lookup address information: Name or service not known",
      "name",
      "master_credentials.endpoint",
      /correct it, or this machine's DNS/,
    ],
    [
      "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
      "TLS",
      "backend.ca_file",
      /basicConstraints=CA:FALSE and a subjectAltName, see docs\/recipes\/private_ca\.md/,
    ],
    [
      "invalid peer certificate: UnknownIssuer",
      "TLS",
      "backend.ca_file",
      /name that authority's PEM/,
    ],
    [
      'invalid peer certificate: certificate not valid for name "localhost"; certificate is only valid for DnsName("o")',
      "TLS",
      "master_credentials.endpoint",
      /is for another name.*DnsName\("o"\)/,
    ],
    [
      "invalid peer certificate: certificate expired: verification time 1796 (UNIX)",
      "TLS",
      "master_credentials.endpoint",
      /renew it there/,
    ],
    [
      "received fatal alert: CertificateRequired",
      "TLS",
      "backend.client_cert_file",
      /set client_cert_file and client_key_file/,
    ],
    [
      "received corrupt message of type InvalidContentType",
      "TLS",
      "master_credentials.endpoint",
      /write http:\/\//,
    ],
    [
      "Connection refused (os error 111)",
      "address",
      "master_credentials.endpoint",
      /correct host and port, or start the backend/,
    ],
  ];

for (const [said, subject, setting, advice] of FAILURES) {
  Deno.test(`explainFailure() knows "${said}", also inside of what fetch says`, () => {
    const inner = new Error(said);
    const ofFetch = new TypeError("fetch failed", {
      cause: new Error(`error sending request: client error (Connect): ${said}`),
    });
    for (const error of [inner, ofFetch, new S3Error("ServiceUnavailable", { cause: inner })]) {
      const finding = explainFailure(error);
      assert.deepEqual([finding?.level, finding?.subject, finding?.setting], [
        "error",
        subject,
        setting,
      ]);
      assert.match(finding?.message ?? "", advice);
      assert.ok(finding?.message.includes(said), "what was said stands behind it");
    }
  });
}

Deno.test("explainFailure() says nothing of what it does not know", () => {
  for (const error of [new Error("connection reset"), "text", undefined, new S3Error("SlowDown")]) {
    assert.equal(explainFailure(error), undefined);
  }
});

Deno.test("explainRefusal() names the setting for each code that refuses a signature", () => {
  const settings = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "AuthorizationHeaderMalformed",
  ].map((code) => explainRefusal(code)?.setting);
  assert.deepEqual(settings, [
    "master_credentials.access_key",
    "master_credentials.secret_key",
    undefined,
    "master_credentials.region",
  ]);
  assert.equal(explainRefusal("AccessDenied"), undefined);
});
