/** GetObjectAttributes is answered from a HEAD, with the rights that S3 wants. */

import assert from "node:assert/strict";
import { ALICE, type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";

const READER: Key = { accessKey: "reader-key", secretKey: "reader-secret-of-the-tests" };
const ALL = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";
const MODIFIED: Header = ["Last-Modified", "Mon, 05 Jan 2026 00:00:00 GMT"];

function ask(
  proxy: ProxyUnderTest,
  { asked = ALL, target = "/mine/k?attributes", headers = [], ...rest }: {
    asked?: string;
    target?: string;
    headers?: readonly Header[];
    key?: Key;
  } = {},
): Promise<RawResponse> {
  const all = asked === "" ? headers : [["x-amz-object-attributes", asked] as const, ...headers];
  return proxy.send({ target, headers: all, ...rest });
}

function start(
  listener: "serve" | "hardened",
  { headers = [], status = 200, actions = [] }: {
    headers?: readonly Header[];
    status?: number;
    actions?: readonly string[];
  } = {},
): Promise<ProxyUnderTest> {
  const policy = {
    Statement: [{ Effect: "Allow", Action: actions, Resource: "arn:aws:s3:::mine/*" }],
  };
  const users = [{ access_key: READER.accessKey, secret_key: READER.secretKey, policy }];
  return ProxyUnderTest.start({
    listener,
    respond: () => ({
      send: [formatResponse({ status, headers: [...headers, ["Content-Length", "7"]] })],
    }),
    ...(actions.length === 0 ? {} : { settings: { users } }),
  });
}

const ANSWERS:
  readonly (readonly [name: string, headers: readonly Header[], asked: string, inner: string])[] = [
    [
      "an object",
      [["ETag", '"abc"']],
      ALL,
      "<ETag>abc</ETag><StorageClass>STANDARD</StorageClass><ObjectSize>7</ObjectSize>",
    ],
    [
      "one of parts",
      [["ETag", '"abc-12"'], ["x-amz-storage-class", "COLD"]],
      ALL,
      "<ETag>abc-12</ETag><ObjectParts><PartsCount>12</PartsCount></ObjectParts><StorageClass>COLD</StorageClass><ObjectSize>7</ObjectSize>",
    ],
    [
      "a stored checksum",
      [["ETag", '"abc"'], ["x-amz-checksum-crc32", "AAAAAA=="], [
        "x-amz-checksum-type",
        "FULL_OBJECT",
      ]],
      "Checksum",
      "<Checksum><ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>",
    ],
    [
      "two attributes",
      [["ETag", '"abc"']],
      "ObjectSize, ETag",
      "<ETag>abc</ETag><ObjectSize>7</ObjectSize>",
    ],
  ];

for (const [name, headers, asked, inner] of ANSWERS) {
  testListeners(`GetObjectAttributes of ${name}`, async (listener) => {
    await using proxy = await start(listener, {
      headers: [...headers, MODIFIED, ["x-amz-version-id", "v1"], ["x-amz-meta-a", "1"]],
    });
    const response = await ask(proxy, { asked });
    assert.equal(response.status, 200, response.text);
    const root = "GetObjectAttributesOutput";
    assert.equal(
      response.text.replace(/^<\?[^>]*>\s*/, ""),
      `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`,
    );
    assert.equal(response.header("last-modified"), MODIFIED[1]);
    assert.equal(response.header("x-amz-version-id"), "v1");
    assert.equal(response.header("x-amz-meta-a"), undefined);
    assert.equal(response.header("etag"), undefined);
    const [seen, ...others] = proxy.backend.requests;
    assert.deepEqual(others, []);
    assert.equal(seen?.startLine, "HEAD /mine/k HTTP/1.1");
    assert.equal(seen?.header("x-amz-checksum-mode"), "ENABLED");
    assert.equal(seen?.header("x-amz-object-attributes"), undefined);
  });
}

testListeners(
  "GetObjectAttributes of a version, and of an object encrypted with a client's key",
  async (listener) => {
    await using proxy = await start(listener);
    const algorithm = ["x-amz-server-side-encryption-customer-algorithm", "AES256"] as const;
    const response = await ask(proxy, {
      target: "/mine/k?attributes&versionId=v2",
      headers: [algorithm],
    });
    assert.equal(response.status, 200, response.text);
    const [seen] = proxy.backend.requests;
    assert.equal(seen?.startLine, "HEAD /mine/k?versionId=v2 HTTP/1.1");
    assert.equal(seen?.header(algorithm[0]), "AES256");
  },
);

for (const code of ["NoSuchKey", "NoSuchBucket", "NoSuchVersion"]) {
  testListeners(`GetObjectAttributes of nothing: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) => ({
        send: [
          method === "HEAD"
            ? formatResponse({ status: 404, headers: [["Content-Length", "7"]] })
            : formatResponse({ status: 404, body: `<Error><Code>${code}</Code></Error>` }),
        ],
      }),
    });
    const response = await ask(proxy, { target: "/mine/k?attributes&versionId=v2" });
    assert.deepEqual([response.status, response.errorCode], [404, code]);
    const seen = proxy.backend.requests.map((request) =>
      [request.method, request.target, request.header("range")].join(" ")
    );
    assert.deepEqual(seen, ["HEAD /mine/k?versionId=v2 ", "GET /mine/k?versionId=v2 bytes=0-0"]);
  });
}

testListeners(
  "GetObjectAttributes of what has come in the meantime: NoSuchKey",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) => ({
        send: [method === "HEAD" ? formatResponse({ status: 404 }) : formatResponse({ body: "x" })],
      }),
    });
    assert.equal((await ask(proxy)).errorCode, "NoSuchKey");
  },
);

testListeners("GetObjectAttributes of a backend that is too busy: SlowDown", async (listener) => {
  for (const status of [429, 503]) {
    await using proxy = await start(listener, { status });
    const response = await ask(proxy);
    assert.deepEqual([response.status, response.errorCode], [503, "SlowDown"]);
  }
});

for (
  const [name, asked, headers] of [
    ["an unknown one", "ETag,Owner", []],
    ["an empty one", "ETag,,ObjectSize", []],
    ["a page that is no number", "ETag", [["x-amz-max-parts", "-1"]]],
    ["a marker that is no number", "ETag", [["x-amz-part-number-marker", "x"]]],
  ] as const
) {
  testListeners(`GetObjectAttributes refuses ${name}`, async (listener) => {
    await using proxy = await start(listener);
    proxy.assertRefused(await ask(proxy, { asked, headers }), "InvalidArgument");
  });
}

const VERSION = "/mine/k?attributes&versionId=v1";

for (
  const [actions, target, isAllowed] of [
    [["s3:GetObject", "s3:GetObjectAttributes"], "/mine/k?attributes", true],
    [["s3:GetObjectVersion", "s3:GetObjectVersionAttributes"], VERSION, true],
    [["s3:GetObject"], "/mine/k?attributes", false],
    [["s3:GetObjectAttributes"], "/mine/k?attributes", false],
    [["s3:GetObject", "s3:GetObjectAttributes"], VERSION, false],
    [["s3:GetObject", "s3:GetObjectVersionAttributes"], VERSION, false],
  ] as const
) {
  testListeners(
    `${target} with ${actions.join(" and ")}: ${isAllowed ? "" : "not "}allowed`,
    async (listener) => {
      await using proxy = await start(listener, { actions });
      const response = await ask(proxy, { target, key: READER });
      if (isAllowed) assert.equal(response.status, 200, response.text);
      else proxy.assertRefused(response, "AccessDenied");
    },
  );
}

testListeners(
  "attributes on lines of their own, as aws-sdk-go sends them, are one list",
  async (listener) => {
    await using proxy = await start(listener, { headers: [["ETag", '"abc"']] });
    const name = "x-amz-object-attributes";
    const send = (signed: string, lines: readonly string[]): Promise<RawResponse> => {
      const { headers } = signHeaders({
        method: "GET",
        target: "/mine/k?attributes",
        headers: [["host", proxy.host], [name, signed]],
        ...ALICE,
        date: new Date(),
      });
      return proxy.sendRaw({
        method: "GET",
        target: "/mine/k?attributes",
        headers: [
          ...headers.filter(([other]) => other !== name),
          ...lines.map((line) => [name, line] as const),
        ],
      });
    };
    for (const signed of ["ETag,ObjectSize", "ETag, ObjectSize"]) {
      const { text } = await send(signed, ["ETag", "ObjectSize"]);
      assert.match(text, /<ETag>abc<\/ETag><ObjectSize>7</);
    }
    for (const lines of [["ETag", "Checksum"], ["ObjectSize", "ETag"], ["ETag"]]) {
      assert.equal((await send("ETag,ObjectSize", lines)).errorCode, "SignatureDoesNotMatch");
    }
    assert.equal(proxy.backend.requests.length, 2);
  },
);

testListeners("no attributes: InvalidRequest", async (listener) => {
  await using proxy = await start(listener);
  for (const asked of ["", " ", ","]) {
    const response = await ask(proxy, { asked });
    proxy.assertRefused(response, "InvalidRequest");
    assert.match(response.text, /is either missing or empty</);
  }
});
