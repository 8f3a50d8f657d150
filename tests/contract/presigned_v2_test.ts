/** Presigned URLs of Signature Version 2: taken where the configuration says so, for one object, within their life. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ALICE, EXPIRED, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { answerLikeS3 } from "../support/s3_answers.ts";
import type { Header } from "../support/signer.ts";

const SETTINGS = { security: { presigned_v2: true } };

/** What is signed, in base64; `signed` is CanonicalizedAmzHeaders and CanonicalizedResource, `lines` Content-MD5 and Content-Type. */
function sign(
  { method = "GET", signed, key = ALICE, expires, lines = ["", ""] }: {
    method?: string;
    signed: string;
    key?: typeof ALICE;
    expires: number;
    lines?: readonly string[];
  },
): string {
  const text = [method, ...lines, expires, signed].join("\n");
  return createHmac("sha1", key.secretKey).update(text).digest("base64");
}

/** A URL as botocore makes it; `signed` is CanonicalizedResource. */
function presign(
  { signed = "/mine/k", key = ALICE, expires = now() + 60, ...others }: {
    method?: string;
    signed?: string;
    key?: typeof ALICE;
    expires?: number;
    /** Content-MD5 and Content-Type. */
    lines?: readonly string[];
  } = {},
): string {
  const signature = encodeURIComponent(sign({ signed, key, expires, ...others }));
  return `AWSAccessKeyId=${key.accessKey}&Signature=${signature}&Expires=${expires}`;
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

/** A URL as a program makes it by default in us-east-1. */
interface ClientUrl {
  readonly method?: string;
  /** Default: the proxy's own. */
  readonly host?: string;
  readonly path: string;
  readonly signed: string;
  readonly lines?: readonly string[];
  /** The query, where `S` stands for the signature and `E` for the time. */
  readonly query: string;
  /** When boto3 1.44.8 made one with ALICE's keys, for a time long gone or to come, and the signature it had. */
  readonly recorded?: readonly [expires: number, signature: string];
  /** What the backend is asked for, and the headers that it sees. */
  readonly seen: readonly [target: string, headers?: Readonly<Record<string, string>>];
}

const ID = `AWSAccessKeyId=${ALICE.accessKey}`;
const KEY = "a%20b/%C3%BC%2B~%281%29.txt";
const SHOWN = "attachment%3B%20filename%3D%22a%20b.txt%22";
const UNESCAPED = 'response-content-disposition=attachment; filename="a b.txt"';
const MADE = 1795975376;

const CLIENT_URLS: Readonly<Record<string, ClientUrl>> = {
  "boto3's get_object": {
    path: `/mine/${KEY}`,
    signed: `/mine/${KEY}`,
    query: `${ID}&Signature=S&Expires=E`,
    recorded: [MADE, "g5DiIVeMByRhlqFxAuOzqeJVK24="],
    seen: [`/mine/${KEY}`],
  },
  "boto3's get_object of a version, with another name": {
    path: "/mine/k",
    signed: `/mine/k?${UNESCAPED}&response-content-type=text/plain&versionId=v1`,
    query: `versionId=v1&response-content-disposition=${SHOWN}&response-content-type=text%2Fplain` +
      `&${ID}&Signature=S&Expires=E`,
    recorded: [MADE, "Y0Gc1xtm/ve8uKOOLmrgw5exAi0="],
    seen: [
      `/mine/k?response-content-disposition=${SHOWN}&response-content-type=text%2Fplain&versionId=v1`,
    ],
  },
  "boto3's head_object": {
    method: "HEAD",
    path: "/mine/k",
    signed: "/mine/k",
    query: `${ID}&Signature=S&Expires=E`,
    recorded: [MADE, "hW2WpGuCT8wdMwmfqr/M5cmOvdQ="],
    seen: ["/mine/k"],
  },
  "boto3's put_object": {
    method: "PUT",
    path: "/mine/k",
    signed: "/mine/k",
    query: `${ID}&Signature=S&Expires=E`,
    recorded: [MADE, "r2SQZDv3nA2+eAXWq4PIqyONft4="],
    seen: ["/mine/k"],
  },
  "boto3's put_object with what else it may have": {
    method: "PUT",
    path: "/mine/k",
    lines: ["", "text/plain"],
    signed: "x-amz-acl:private\nx-amz-meta-a:1\n/mine/k",
    query: `${ID}&Signature=S&content-type=text%2Fplain&x-amz-meta-a=1&x-amz-acl=private&Expires=E`,
    recorded: [MADE, "Ey52iIbLCuZem1SXfczUGVBNhLA="],
    seen: ["/mine/k", { "content-type": "text/plain", "x-amz-meta-a": "1" }],
  },
  "boto3's get_object, the bucket in the host": {
    host: "mine.s3.test",
    path: "/a%20b/k",
    signed: "/mine/a%20b/k",
    query: `${ID}&Signature=S&Expires=E`,
    recorded: [1795978916, "GEVSK2fNzybCQJMlzugsIu3eHok="],
    seen: ["/mine/a%20b/k"],
  },
  "s3cmd's signurl": {
    path: `/mine/${KEY}`,
    signed: `/mine/${KEY}`,
    query: `${ID}&Expires=E&Signature=S`,
    seen: [`/mine/${KEY}`],
  },
  "s3cmd's signurl, with its default host_bucket": {
    host: "mine.s3.test",
    path: `/${KEY}`,
    signed: `/mine/${KEY}`,
    query: `${ID}&Expires=E&Signature=S`,
    seen: [`/mine/${KEY}`],
  },
  "s3cmd's signurl with --content-disposition and --content-type": {
    path: "/mine/k",
    signed: `/mine/k?${UNESCAPED}&response-content-type=text/plain`,
    query: `${ID}&Expires=E&Signature=S&response-content-disposition=${SHOWN}` +
      "&response-content-type=text%2Fplain",
    seen: [
      `/mine/k?response-content-disposition=${SHOWN}&response-content-type=text%2Fplain`,
    ],
  },
};

for (const [name, url] of Object.entries(CLIENT_URLS)) {
  const { method = "GET", path, query, seen: [target, headers = {}], recorded } = url;

  testListeners(`${name}: taken, for nothing but what it says`, async (listener) => {
    if (recorded !== undefined) {
      const [expires, signature] = recorded;
      assert.equal(sign({ ...url, expires }), signature);
    }
    const respond: Respond = (request) => ({ send: [formatResponse(answerLikeS3(request))] });
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
    const expires = now() + 60;
    const signature = encodeURIComponent(sign({ ...url, expires }));
    const link = `?${query.replace("=E", `=${expires}`).replace("=S", `=${signature}`)}`;
    const ask = (path: string): ReturnType<typeof proxy.sendRaw> =>
      proxy.sendRaw({
        method,
        target: path + link,
        headers: [["host", url.host ?? proxy.host]],
        body: method === "PUT" ? "a" : undefined,
      });
    const other = await ask(`${path}2`);
    assert.equal(other.status, 403, other.text);
    assert.deepEqual(proxy.backend.requests.map(({ startLine }) => startLine), []);
    const { status, text } = await ask(path);
    assert.equal(status, 200, text);
    const [seen] = proxy.backend.requests;
    const [asked, parameters = ""] = seen?.target.split("?") ?? [];
    assert.equal([asked, parameters.split("&").sort().join("&")].filter(Boolean).join("?"), target);
    for (const [header, value] of Object.entries(headers)) {
      assert.equal(seen?.header(header), value, header);
    }
  });
}

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

testListeners(
  "a parameter inside another one's value is none that was signed",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const others = ["versionId=v1", "partNumber=2", "response-expires=0"];
    for (const other of others) {
      const type = `text/plain&${other}`;
      const signed = presign({ signed: `/mine/k?response-content-type=${type}` });
      const target = `/mine/k?response-content-type=${encodeURIComponent(type)}&${signed}`;
      proxy.assertRefused(
        await proxy.sendRaw({ method: "GET", target, headers: [["host", proxy.host]] }),
        "InvalidArgument",
      );
    }
    const name = "attachment; filename=a&b=c.txt";
    const signed = presign({ signed: `/mine/k?response-content-disposition=${name}` });
    const target = `/mine/k?response-content-disposition=${encodeURIComponent(name)}&${signed}`;
    assert.equal((await send(proxy, { target })).status, 200);
  },
);
