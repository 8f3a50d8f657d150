import assert from "node:assert/strict";
import {
  ALICE,
  EXPIRED,
  NOBODY,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { presign, signHeaders } from "../support/signer.ts";

const TARGET = "/mine/key";
const MINUTE_MS = 60_000;

function shifted(minutes: number): Date {
  return new Date(Date.now() + minutes * MINUTE_MS);
}

const GARBAGE = { ...ALICE, secretKey: "not-the-secret-of-alice" };

/** Requests signed in the header. */
const REFUSED: readonly [name: string, request: SignedRequest, code: string][] = [
  ...["PUT", "GET", "DELETE"].map((method): [string, SignedRequest, string] => [
    `A1 ${method} with a streaming hash and a garbage signature`,
    { method, target: TARGET, key: GARBAGE, payloadHash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" },
    "SignatureDoesNotMatch",
  ]),
  ["A1 a list with a streaming hash and a garbage signature", {
    target: "/mine?list-type=2",
    key: GARBAGE,
    payloadHash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  }, "SignatureDoesNotMatch"],
  ["A2 an unsigned trailer with a garbage signature", {
    method: "PUT",
    target: TARGET,
    key: GARBAGE,
    headers: [["x-amz-decoded-content-length", "3"]],
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    body: "3\r\nabc\r\n0\r\n\r\n",
  }, "SignatureDoesNotMatch"],
  ["A4 a streaming form on DELETE", {
    method: "DELETE",
    target: TARGET,
    payloadHash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  }, "InvalidRequest"],
  ["A4 a streaming form on ?delete", {
    method: "POST",
    target: "/mine?delete",
    payloadHash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    body: "x",
  }, "InvalidRequest"],
  ["A4 a streaming form on ?tagging", {
    method: "PUT",
    target: `${TARGET}?tagging`,
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    body: "x",
  }, "InvalidRequest"],
  [
    "A8 a scope of another service",
    { target: TARGET, service: "ec2" },
    "AuthorizationHeaderMalformed",
  ],
  ["A9 a date 16 minutes ago", { target: TARGET, date: shifted(-16) }, "RequestTimeTooSkewed"],
  ["A9 a date 16 minutes ahead", { target: TARGET, date: shifted(16) }, "RequestTimeTooSkewed"],
  ["A9 a date years ahead", { target: TARGET, date: shifted(5e6) }, "RequestTimeTooSkewed"],
  ["A12 a host that is not signed", {
    target: TARGET,
    signedHeaders: ["x-amz-content-sha256", "x-amz-date"],
  }, "AccessDenied"],
  ["A12 a signed header that is absent", {
    target: TARGET,
    signedHeaders: ["absent", "host", "x-amz-content-sha256", "x-amz-date"],
  }, "SignatureDoesNotMatch"],
  ["A12 signed headers out of order", {
    target: TARGET,
    signedHeaders: ["x-amz-date", "x-amz-content-sha256", "host"],
  }, "AuthorizationHeaderMalformed"],
  ["A12 a signed header twice", {
    target: TARGET,
    signedHeaders: ["host", "host", "x-amz-content-sha256", "x-amz-date"],
  }, "AuthorizationHeaderMalformed"],
  ...[
    "x-amz-meta-a",
    "x-amz-storage-class",
    "x-amz-user-agent",
  ].map((name): [string, SignedRequest, string] => [
    `A13 ${name} that is not signed`,
    {
      method: "PUT",
      target: TARGET,
      unsigned: [[name, "STANDARD"]],
      body: "x",
    },
    "AccessDenied",
  ]),
  ["A14 a signed header sent twice", {
    method: "PUT",
    target: TARGET,
    headers: [["x-amz-meta-a", "one"]],
    unsigned: [["X-Amz-Meta-A", "two"]],
    body: "x",
  }, "SignatureDoesNotMatch"],
  ["A18 a user without a rule", { target: TARGET, key: NOBODY }, "AccessDenied"],
  ["A18 a list of buckets by a user without a rule", { target: "/", key: NOBODY }, "AccessDenied"],
  ["A19 an expired user", { target: TARGET, key: EXPIRED }, "InvalidAccessKeyId"],
  [
    "an unknown access key",
    { target: TARGET, key: { ...ALICE, accessKey: "nobody-at-all" } },
    "InvalidAccessKeyId",
  ],
];

for (const [name, request, code] of REFUSED) {
  testListeners(`${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    proxy.assertRefused(await proxy.send(request), code);
  });
}

testListeners(
  "A3 a streaming hash with the credential in a garbage query: SignatureDoesNotMatch",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const headers = [["x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]] as const;
    const response = await proxy.sendPresigned({
      method: "PUT",
      target: TARGET,
      expires: 60,
      headers,
      payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      ...GARBAGE,
      body: "0\r\n\r\n",
    });
    proxy.assertRefused(response, "SignatureDoesNotMatch");
  },
);

testListeners("A5 a header beside a presigned query: InvalidArgument", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const host = ["host", proxy.host] as const;
  const input = { method: "GET", headers: [host], ...ALICE, date: new Date() };
  const { target } = presign({ ...input, target: TARGET, expires: 60 });
  const { headers } = signHeaders({ ...input, target, payloadHash: "UNSIGNED-PAYLOAD" });
  proxy.assertRefused(await proxy.sendRaw({ method: "GET", target, headers }), "InvalidArgument");
  const bearer = [host, ["Authorization", "Bearer token"] as const];
  const response = await proxy.sendRaw({ method: "GET", target, headers: bearer });
  proxy.assertRefused(response, "InvalidArgument");
});

const AUTHORIZATIONS: readonly [
  name: string,
  change: (authorization: string) => string,
  code: string,
][] = [
  ["A6 two, joined", (header) => `${header}, ${header}`, "AuthorizationHeaderMalformed"],
  ["A6 a field too many", (header) => `${header}, Extra=1`, "AuthorizationHeaderMalformed"],
  [
    "A6 a field too few",
    (header) => header.replace(/, Signature=.*/, ""),
    "AuthorizationHeaderMalformed",
  ],
  ["A6 six parts", (header) => header.replace("/s3/", "/s3/s3/"), "AuthorizationHeaderMalformed"],
  ["A6 four parts", (header) => header.replace("/s3/", "/"), "AuthorizationHeaderMalformed"],
  ["A7 lower case", (header) => header.toLowerCase(), "InvalidArgument"],
  ["A7 SigV4A", (header) => header.replace("HMAC-SHA256", "ECDSA-P256-SHA256"), "InvalidArgument"],
  ["A7 SigV2", () => "AWS alice-key:c2lnbmF0dXJl", "InvalidRequest"],
  [
    "A8 another terminator",
    (header) => header.replace("aws4_request", "aws5_request"),
    "AuthorizationHeaderMalformed",
  ],
  [
    "A8 another day",
    (header) => header.replace(/\/\d{8}\//, "/20200101/"),
    "AuthorizationHeaderMalformed",
  ],
  [
    "A12 nothing signed",
    (header) => header.replace(/SignedHeaders=[^,]*/, "SignedHeaders="),
    "AuthorizationHeaderMalformed",
  ],
  ["A15 nothing", () => "", "InvalidArgument"],
  ["A15 markup", () => "<script> alert(1)</script>", "InvalidArgument"],
];

for (const [name, change, code] of AUTHORIZATIONS) {
  testListeners(`${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const { headers } = signHeaders({
      method: "GET",
      target: TARGET,
      headers: [["host", proxy.host]],
      ...ALICE,
      date: new Date(),
    });
    const changed = headers.map(([header, value]) =>
      [header, header === "Authorization" ? change(value) : value] as const
    );
    const response = await proxy.sendRaw({ method: "GET", target: TARGET, headers: changed });
    proxy.assertRefused(response, code);
    assert.equal(response.text.includes("<script>"), false);
  });
}

for (const expires of [0, -1, 604_801, "NaN", "99999999999999999999"]) {
  testListeners(
    `A9 X-Amz-Expires of ${expires}: AuthorizationQueryParametersError`,
    async (listener) => {
      await using proxy = await ProxyUnderTest.start({ listener });
      const response = await proxy.sendPresigned({ target: TARGET, expires });
      proxy.assertRefused(response, "AuthorizationQueryParametersError");
    },
  );
}

testListeners(
  "A9 a presigned URL past its life, or from the future: AccessDenied",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const date of [shifted(-2), shifted(16)]) {
      proxy.assertRefused(
        await proxy.sendPresigned({ target: TARGET, expires: 60, date }),
        "AccessDenied",
      );
    }
  },
);

testListeners("A10 a presigned URL lives its whole life", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const late = [[3600, shifted(-30)], [604_800, shifted(-6 * 24 * 60)]] as const;
  for (const [expires, date] of late) {
    assert.equal((await proxy.sendPresigned({ target: TARGET, expires, date })).status, 200);
  }
  assert.equal(proxy.backend.requests.length, 2);
});

testListeners("A11 a presigned URL is for its method and its parameters only", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const headers = [["host", proxy.host]] as const;
  const { target } = presign({
    method: "GET",
    target: `${TARGET}?versionId=1`,
    headers,
    ...ALICE,
    date: new Date(),
    expires: 60,
  });
  const changed: [method: string, target: string, code: string][] = [
    ["DELETE", target, "SignatureDoesNotMatch"],
    ["GET", `${target}&response-content-type=text%2Fhtml`, "SignatureDoesNotMatch"],
    ["GET", target.replace("versionId=1&", ""), "SignatureDoesNotMatch"],
    ["GET", `${target}&versionId=1`, "InvalidArgument"],
    ["GET", `${target}&X-Amz-Expires=60`, "InvalidArgument"],
  ];
  for (const [method, target, code] of changed) {
    proxy.assertRefused(await proxy.sendRaw({ method, target, headers }), code);
  }
});

testListeners("A8 a presigned URL of another service", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const response = await proxy.sendPresigned({ target: TARGET, expires: 60, service: "ec2" });
  proxy.assertRefused(response, "AuthorizationQueryParametersError");
});

testListeners("A9 a date that is missing, empty or none: AccessDenied", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (const date of [undefined, "", "20240101", "20240101T000000", "20241301T000000Z", "now"]) {
    const { headers } = signHeaders({
      method: "GET",
      target: TARGET,
      headers: [["host", proxy.host], ["date", new Date().toUTCString()]],
      ...ALICE,
      date: new Date(),
      signedHeaders: ["host", "x-amz-content-sha256", "x-amz-date"],
    });
    const changed = headers.flatMap(([name, value]) =>
      name !== "x-amz-date"
        ? [[name, value] as const]
        : date === undefined
        ? []
        : [[name, date] as const]
    );
    const response = await proxy.sendRaw({ method: "GET", target: TARGET, headers: changed });
    proxy.assertRefused(response, "AccessDenied");
  }
});

testListeners("A11 a presigned URL without a header that it signs", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const host = ["host", proxy.host] as const;
  const { target } = presign({
    method: "PUT",
    target: TARGET,
    headers: [host, ["content-type", "text/plain"]],
    ...ALICE,
    date: new Date(),
    expires: 60,
  });
  for (const headers of [[host], [host, ["content-type", "text/html"] as const]]) {
    const response = await proxy.sendRaw({ method: "PUT", target, headers, body: "x" });
    proxy.assertRefused(response, "SignatureDoesNotMatch");
  }
});

testListeners("A13 an x-amz-* header beside a presigned URL: AccessDenied", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const host = ["host", proxy.host] as const;
  const input = { method: "PUT", target: TARGET, headers: [host], ...ALICE, date: new Date() };
  const { target } = presign({ ...input, expires: 60 });
  for (const name of ["x-amz-acl", "x-amz-tagging", "x-amz-meta-a", "x-amz-storage-class"]) {
    const headers = [host, [name, "private"] as const];
    const response = await proxy.sendRaw({ method: "PUT", target, headers, body: "x" });
    proxy.assertRefused(response, "AccessDenied");
  }
});

testListeners(
  "C3 headers that clients sign and others change are verified as sent",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const signed = [
      ["accept-encoding", "gzip, deflate, br"],
      ["accept-encoding", "identity"],
      ["amz-sdk-invocation-id", "1f1e"],
      ["amz-sdk-request", "attempt=1; max=3"],
      ["connection", "keep-alive"],
      ["content-length", "5"],
      ["expect", "100-continue"],
      ["te", "trailers"],
      ["user-agent", "aws-sdk-go-v2/1.30  (linux;  amd64)"],
    ] as const;
    for (const header of signed) {
      const response = await proxy.send({
        method: "PUT",
        target: TARGET,
        headers: [header],
        body: "hello",
      });
      assert.equal(response.status, 200, header[0]);
    }
    assert.equal(proxy.backend.requests.length, signed.length);
  },
);

const EXPECT = { method: "PUT", target: TARGET, body: "hello" } as const;

testListeners("C3 a signed expect that nginx took away was 100-continue", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const taken = await sendWithoutExpect(proxy, { signed: "100-continue" });
  assert.equal(taken.status, 200, taken.text);
  assert.equal(proxy.backend.requests[0]?.header("expect"), undefined);
  const presigned = await presignWithoutExpect(proxy, "100-continue");
  assert.equal(presigned.status, 200, presigned.text);
});

testListeners(
  "C3 no other value of expect, and no other header, may be missing",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const signed of ["", "100-Continue", "200-ok"]) {
      const response = await sendWithoutExpect(proxy, { signed });
      proxy.assertRefused(response, "SignatureDoesNotMatch");
      const presigned = await presignWithoutExpect(proxy, signed);
      proxy.assertRefused(presigned, "SignatureDoesNotMatch");
    }
    const sent = await sendWithoutExpect(proxy, {
      signed: "100-continue",
      beside: ["te", "trailers"],
    });
    proxy.assertRefused(sent, "SignatureDoesNotMatch");
    assert.match(sent.text, /<Message>The signed header &quot;te&quot; is not in the request.</);
  },
);

/** Signs with `expect` and, where it is given, another header, and sends without both. */
function sendWithoutExpect(
  proxy: ProxyUnderTest,
  { signed, beside }: { signed: string; beside?: readonly [name: string, value: string] },
): Promise<RawResponse> {
  const lost = [["expect", signed], ...beside === undefined ? [] : [beside]] as const;
  const { headers } = signHeaders({
    ...EXPECT,
    headers: [["host", proxy.host], ...lost],
    ...ALICE,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const kept = headers.filter(([name]) => !lost.some(([other]) => other === name));
  return proxy.sendRaw({ ...EXPECT, headers: kept });
}

function presignWithoutExpect(proxy: ProxyUnderTest, signed: string): Promise<RawResponse> {
  const host = ["host", proxy.host] as const;
  const headers = [host, ["expect", signed] as const];
  const { target } = presign({ ...EXPECT, headers, ...ALICE, date: new Date(), expires: 60 });
  return proxy.sendRaw({ ...EXPECT, target, headers: [host] });
}
