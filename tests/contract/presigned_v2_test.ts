/** Presigned URLs of Signature Version 2: taken where the configuration says so, for one object, within their life. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ALICE, EXPIRED, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { answerLikeS3 } from "../support/s3_answers.ts";
import type { Header } from "../support/signer.ts";

const SETTINGS = { security: { presigned_v2: true } };

/** A URL as botocore makes it; `signed` is CanonicalizedResource. */
function presign(
  { method = "GET", signed = "/mine/k", key = ALICE, expires = now() + 60, lines = ["", ""] }: {
    method?: string;
    signed?: string;
    key?: typeof ALICE;
    expires?: number;
    /** Content-MD5 and Content-Type. */
    lines?: readonly string[];
  } = {},
): string {
  const text = [method, ...lines, expires, signed].join("\n");
  const signature = createHmac("sha1", key.secretKey).update(text).digest("base64");
  return `AWSAccessKeyId=${key.accessKey}&Signature=${
    encodeURIComponent(signature)
  }&Expires=${expires}`;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

async function send(
  proxy: ProxyUnderTest,
  { method = "GET", target, headers = [], body }: {
    method?: string;
    target: string;
    headers?: readonly Header[];
    body?: string;
  },
): Promise<{ status: number; code: string | undefined; text: string }> {
  const { status, errorCode: code, text } = await proxy.sendRaw({
    method,
    target,
    headers: [["host", proxy.host], ...headers],
    body,
  });
  return { status, code, text };
}

testListeners("GET, HEAD and PUT of an object by Signature Version 2", async (listener) => {
  const respond: Respond = (request) => ({ send: [formatResponse(answerLikeS3(request))] });
  await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
  for (const method of ["GET", "HEAD"]) {
    const target = `/mine/k?${presign({ method })}`;
    assert.equal((await send(proxy, { method, target })).status, 200);
  }
  const typed = { method: "PUT", lines: ["", "text/plain"] };
  const put = { method: "PUT", body: "a", headers: [["content-type", "text/plain"]] } as const;
  assert.equal((await send(proxy, { ...put, target: `/mine/k?${presign(typed)}` })).status, 200);
  const hoisted = `/mine/k?${presign(typed)}&content-type=text%2Fplain`;
  assert.equal((await send(proxy, { method: "PUT", body: "a", target: hoisted })).status, 200);
  const versioned = presign({ signed: "/mine/k?versionId=v" });
  assert.equal((await send(proxy, { target: `/mine/k?versionId=v&${versioned}` })).status, 200);
  assert.deepEqual(
    proxy.backend.requests.map(({ method, target, header }, at) => [
      method,
      target,
      header.call(proxy.backend.requests[at], "content-type"),
    ]),
    [
      ["GET", "/mine/k", undefined],
      ["HEAD", "/mine/k", undefined],
      ["PUT", "/mine/k", "text/plain"],
      ["PUT", "/mine/k", "text/plain"],
      ["GET", "/mine/k?versionId=v", undefined],
    ],
  );
});

testListeners(
  "a URL of Signature Version 2 is for what it says, and no longer than it says",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const link = presign();
    for (
      const [target, code, method, headers] of [
        [`/mine/other?${link}`, "SignatureDoesNotMatch"],
        [`/mine/k?versionId=v&${link}`, "SignatureDoesNotMatch"],
        [`/mine/k?response-content-type=a&${link}`, "SignatureDoesNotMatch"],
        [`/mine/k?${link}`, "SignatureDoesNotMatch", "PUT"],
        [`/mine/k?${link}`, "SignatureDoesNotMatch", "GET", [["x-amz-meta-a", "1"]]],
        [`/mine/k?${link}&x-amz-acl=private`, "SignatureDoesNotMatch"],
        [`/mine/k?${link}&x-user=1`, "InvalidArgument"],
        [
          `/mine/k?${link.replace(/Expires=\d+/, `Expires=${now() + 90}`)}`,
          "SignatureDoesNotMatch",
        ],
        [`/mine/k?${presign({ expires: now() - 2 })}`, "AccessDenied"],
        [`/mine/k?${presign({ expires: now() + 8 * 86400 })}`, "AccessDenied"],
        [`/mine/k?${presign({ key: EXPIRED })}`, "InvalidAccessKeyId"],
        [`/mine/k?${presign({ key: { ...ALICE, secretKey: "x" } })}`, "SignatureDoesNotMatch"],
        [`/mine?${presign({ signed: "/mine" })}`, "InvalidRequest"],
        [`/mine/k?${presign({ method: "DELETE" })}`, "InvalidRequest", "DELETE"],
        [`/victim/k?${presign({ signed: "/victim/k" })}`, "AccessDenied"],
      ] as const
    ) {
      const body = method === "PUT" ? { body: "a" } : {};
      const request = { target, method: method ?? "GET", headers: headers ?? [], ...body };
      const answer = await send(proxy, request);
      assert.equal(answer.code, code, `${request.method} ${target}: ${answer.text}`);
    }
    assert.deepEqual(proxy.backend.requests, []);
  },
);

testListeners(
  "without the setting, a URL of Signature Version 2 is told what to do",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const answer = await send(proxy, { target: `/mine/k?${presign()}` });
    assert.equal(answer.code, "InvalidRequest");
    for (
      const word of [
        "AWS4-HMAC-SHA256",
        "s3v4",
        "django-storages",
        "s3fs",
        "aws configure",
        "security.presigned_v2",
      ]
    ) {
      assert.ok(answer.text.includes(word), word);
    }
    assert.deepEqual(proxy.backend.requests, []);
  },
);
