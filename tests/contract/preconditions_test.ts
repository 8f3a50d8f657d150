import assert from "node:assert/strict";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { type Answer, formatResponse, type RecordedRequest } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

const COPY = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";

/** What the backend saw, in one line each. */
function tell(proxy: ProxyUnderTest, names: readonly string[]): string[] {
  return proxy.backend.requests.map((request) =>
    [request.method, request.target, ...names.map((name) => request.header(name) ?? "-")].join(" ")
  );
}

/** A source that answers HEAD with `status`, GET with `code`, and can be copied whatever it answered. */
function source(status: number, code = ""): (request: RecordedRequest) => Answer {
  const missing = { status: 404, body: `<Error><Code>${code}</Code></Error>` };
  return ({ method }) => ({
    send: [
      formatResponse(
        method === "HEAD" ? { status } : method === "GET" ? missing : { status: 200, body: COPY },
      ),
    ],
  });
}

const TARGETS = ["/mine/copy", "/mine/copy?partNumber=1&uploadId=u"];
const IF_MATCH: Header = ["x-amz-copy-source-if-match", '"e"'];

for (
  const [status, shownStatus, code] of [
    [412, 412, "PreconditionFailed"],
    [304, 412, "PreconditionFailed"],
    [404, 404, "NoSuchKey"],
    [404, 404, "NoSuchBucket"],
    [404, 404, "NoSuchVersion"],
    [503, 503, "SlowDown"],
  ] as const
) {
  testListeners(`a source that answers ${status} is not copied: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond: source(status, code) });
    for (const target of TARGETS) {
      const headers: Header[] = [["x-amz-copy-source", "mine/k"], IF_MATCH];
      const response = await proxy.send({ method: "PUT", target, headers });
      assert.deepEqual([response.status, response.errorCode], [shownStatus, code]);
    }
    const looks = status === 404 ? ["HEAD /mine/k", "GET /mine/k"] : ["HEAD /mine/k"];
    assert.deepEqual(tell(proxy, []), [...looks, ...looks]);
  });
}

testListeners("a source is asked what the copy asks, and copied if it agrees", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond: source(200) });
  const response = await proxy.send({
    method: "PUT",
    target: "/mine/copy",
    headers: [
      ["x-amz-copy-source", "mine/a%20k?versionId=v1"],
      ["x-amz-copy-source-if-none-match", '"n"'],
      ["x-amz-copy-source-if-modified-since", "Mon, 01 Jan 2001 00:00:00 GMT"],
      ["x-amz-copy-source-if-unmodified-since", "Mon, 01 Jan 2035 00:00:00 GMT"],
      ["x-amz-copy-source-server-side-encryption-customer-key", "c2VjcmV0"],
      ["x-amz-meta-a", "1"],
      IF_MATCH,
    ],
  });
  assert.equal(response.status, 200);
  const names = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-meta-a",
    "x-amz-copy-source",
  ];
  assert.deepEqual(tell(proxy, names), [
    'HEAD /mine/a%20k?versionId=v1 "e" "n" Mon, 01 Jan 2001 00:00:00 GMT Mon, 01 Jan 2035 00:00:00 GMT c2VjcmV0 - -',
    "PUT /mine/copy - - - - - 1 /mine/a%20k?versionId=v1",
  ]);
});

testListeners(
  "a source without conditions is not asked, nor with a trusted backend",
  async (listener) => {
    const settings = { backend: { trust_preconditions: true } };
    await using trusting = await ProxyUnderTest.start({ listener, respond: source(412), settings });
    await using proxy = await ProxyUnderTest.start({ listener, respond: source(412) });
    const headers: Header[] = [["x-amz-copy-source", "mine/k"]];
    await proxy.send({ method: "PUT", target: "/mine/copy", headers });
    await trusting.send({ method: "PUT", target: "/mine/copy", headers: [...headers, IF_MATCH] });
    assert.deepEqual(tell(proxy, []), ["PUT /mine/copy"]);
    assert.deepEqual(tell(trusting, ["x-amz-copy-source-if-match"]), ['PUT /mine/copy "e"']);
  },
);

/** A backend with one object, that ignores If-Range, as RGW does. */
function withETag(eTag: string): (request: RecordedRequest) => Answer {
  return (request) => {
    const ifMatch = request.header("if-match");
    if (ifMatch !== undefined && ifMatch !== eTag) {
      return { send: [formatResponse({ status: 412 })] };
    }
    const isPart = request.header("range") !== undefined;
    return {
      send: [formatResponse({ status: isPart ? 206 : 200, body: isPart ? "lo" : "hello" })],
    };
  };
}

testListeners(
  "If-Range: the part of the object it names, or the whole of another",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond: withETag('"e"') });
    const read = async (...headers: Header[]): Promise<string> =>
      (await proxy.send({ target: "/mine/k", headers: [["range", "bytes=3-"], ...headers] })).text;
    assert.equal(await read(), "lo");
    assert.equal(await read(["if-range", '"e"']), "lo");
    assert.equal(await read(["if-range", '"other"']), "hello");
    assert.equal(await read(["if-range", 'W/"e"']), "hello");
    assert.equal(await read(["if-range", "Mon, 01 Jan 2001 00:00:00 GMT"]), "hello");
    assert.equal(await read(["if-range", '"other"'], ["if-match", '"e"']), "hello");
    assert.deepEqual(tell(proxy, ["range", "if-match", "if-range"]), [
      "GET /mine/k bytes=3- - -",
      'GET /mine/k bytes=3- "e" -',
      'GET /mine/k bytes=3- "other" -',
      "GET /mine/k - - -",
      "GET /mine/k - - -",
      "GET /mine/k - - -",
      'GET /mine/k - "e" -',
    ]);
  },
);

testListeners("a backend that answers the whole for a part: NotImplemented", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond: withETag("") });
  for (const method of ["GET", "HEAD"]) {
    const second = await proxy.send({ method, target: "/mine/k?partNumber=2" });
    assert.equal(second.status, 501, method);
    assert.equal((await proxy.send({ method, target: "/mine/k?partNumber=1" })).status, 200);
  }
});
