import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { beforeDeadline } from "../support/deadline.ts";
import { Gate } from "../support/gate.ts";
import { type ListenerName, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

interface BackendAnswer {
  readonly status: number;
  readonly headers?: readonly Header[];
  readonly body?: string;
}

function answering(
  listener: ListenerName,
  { status, headers = [], body = "" }: BackendAnswer,
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ status, headers: [...headers], body })] }),
  });
}

function errorDocument(code: string, message = ""): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>` +
    `<RequestId>tx-1</RequestId><HostId>MASTER at backend.example</HostId></Error>`;
}

testListeners(
  "R1 neither log nor error holds a secret, a whole expected signature or a presigned query",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    await proxy.send({ target: "/mine/k" });
    const key = { accessKey: "alice-key", secretKey: "a-guess-at-the-secret" };
    const refused = await proxy.send({
      method: "PUT",
      target: "/mine/k",
      key,
      body: "x",
      headers: [["x-amz-server-side-encryption-customer-key", "customer-key-value"]],
    });
    assert.equal(refused.errorCode, "SignatureDoesNotMatch");
    await proxy.sendPresigned({ target: "/mine/k", expires: 60 });
    await proxy.sendPresigned({
      target: "/mine/k",
      expires: 60,
      secretKey: "a-guess-at-the-secret",
    });
    const told = await proxy.readLog() + refused.text;
    assert.match(told, /canonical_request/);
    for (const secret of ["alice-secret", "master-secret", "a-guess-at", "customer-key-value"]) {
      assert.equal(told.includes(secret), false, secret);
    }
    assert.equal(/"path":"[^"]*X-Amz-/.test(told), false);
    assert.match(told, /"expected_signature_start":"[0-9a-f]{8}"/);
  },
);

testListeners("the response's request id is the log's", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const response = await proxy.send({ target: "/mine/k" });
  const id = response.header("x-amz-request-id");
  assert.match(id ?? "", /^[0-9A-F]{16}$/);
  assert.ok((await proxy.readLog()).includes(`"request_id":"${id}"`));
});

for (const code of ["SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed"]) {
  testListeners(`R3 a backend that answers ${code} is our own failure`, async (listener) => {
    await using proxy = await answering(listener, {
      status: 403,
      body: errorDocument(code, "MASTER is unknown"),
    });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [500, "InternalError"]);
    assert.equal(response.text.includes("MASTER"), false);
    assert.match(
      await proxy.readLog(),
      /"level":"error"[^\n]*the backend refuses the master credentials/,
    );
  });
}

testListeners(
  "R3 a backend's words and ids stay behind, and an empty message is filled in",
  async (listener) => {
    await using proxy = await answering(listener, {
      status: 404,
      headers: [["x-amz-request-id", "tx-1"], ["server", "Ceph"], ["x-rgw-quota", "1"]],
      body: errorDocument("NoSuchKey"),
    });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [404, "NoSuchKey"]);
    assert.match(response.text, /<Message>The specified key does not exist.<\/Message>/);
    assert.equal(/MASTER|backend\.example|tx-1/.test(response.text), false);
    assert.deepEqual([response.header("server"), response.header("x-rgw-quota")], [
      undefined,
      undefined,
    ]);
  },
);

testListeners("R4 a redirect is not followed", async (listener) => {
  for (const status of [301, 302, 307, 308]) {
    await using proxy = await answering(listener, {
      status,
      headers: [["location", "http://127.0.0.1:1/"]],
    });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"]);
    assert.equal(response.header("location"), undefined);
    assert.equal(proxy.backend.requests.length, 1);
  }
});

testListeners("a status that no answer of S3 has: BadGateway", async (listener) => {
  for (const status of [101, 205, 300, 600, 999]) {
    await using proxy = await answering(listener, { status });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"], `${status}`);
    const reason =
      /"reason":"(?:backend answered \d+|response_(?:switched_protocols|status_unknown))"/;
    assert.match(await proxy.readLog(), reason);
  }
});

testListeners(
  "the rest of an answer that is refused for its status is not waited for",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({
        send: ["HTTP/1.1 300 Multiple Choices\r\nContent-Length: 9\r\n\r\na", gate],
      }),
    });
    assert.equal((await proxy.send({ target: "/mine/k" })).status, 502);
    const [request] = proxy.backend.requests;
    assert.ok(request !== undefined);
    await beforeDeadline(request.connectionClosed, "the connection to the backend ends");
    gate.open();
  },
);

testListeners(
  "an upload that is answered without ETag is not stored: BadGateway",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"] }),
    });
    for (const target of ["/mine/k", "/mine/k?partNumber=1&uploadId=u"]) {
      const response = await proxy.send({ method: "PUT", target, body: "hello" });
      assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"]);
    }
    assert.equal((await proxy.send({ target: "/mine/k" })).text, "<html>");
  },
);

for (const [status, code] of [[404, "NoSuchUpload"], [200, "InternalError"]] as const) {
  testListeners(
    `a completion that fails where the parts are ${status}: ${code}`,
    async (listener) => {
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: ({ method }) => ({
          send: [
            method === "POST"
              ? formatResponse({ status: 500, body: errorDocument("InternalError") })
              : formatResponse({
                status,
                body: status === 404 ? errorDocument("NoSuchKey") : "<x/>",
              }),
          ],
        }),
      });
      const response = await proxy.send({
        method: "POST",
        target: "/mine/k?uploadId=u",
        body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
          "</CompleteMultipartUpload>",
      });
      assert.deepEqual([response.status, response.errorCode], [status === 404 ? 404 : 500, code]);
      assert.deepEqual(proxy.backend.requests.map(({ method, target }) => `${method} ${target}`), [
        "POST /mine/k?uploadId=u",
        "GET /mine/k?uploadId=u",
      ]);
    },
  );
}

testListeners("R5 response-* parameters hold no line end", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const target = "/mine/k?response-content-type=a%0D%0AX-Evil:%20y";
  proxy.assertRefused(await proxy.send({ target }), "InvalidArgument");
});

const HTML = "<html><body>slow down, MASTER</body></html>";
const TRANSLATED: readonly [status: number, shownStatus: number, code: string][] = [
  [429, 503, "SlowDown"],
  [503, 503, "SlowDown"],
  [502, 502, "BadGateway"],
  [504, 504, "GatewayTimeout"],
  [500, 500, "InternalError"],
];
for (const [status, shownStatus, code] of TRANSLATED) {
  testListeners(`R7 HTML with ${status} becomes ${code}`, async (listener) => {
    await using proxy = await answering(listener, {
      status,
      headers: [["content-type", "text/html"]],
      body: HTML,
    });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [shownStatus, code]);
    assert.equal(response.header("content-type"), "application/xml");
    assert.equal(response.header("retry-after"), code === "SlowDown" ? "2" : undefined);
    assert.equal(response.text.includes("MASTER"), false);
  });
}

testListeners("an error in a 200 is an error", async (listener) => {
  await using proxy = await answering(listener, {
    status: 200,
    body: errorDocument("InternalError"),
  });
  const response = await proxy.send({
    method: "PUT",
    target: "/mine/copy",
    headers: [["x-amz-copy-source", "mine/k"]],
  });
  assert.deepEqual([response.status, response.errorCode], [500, "InternalError"]);
});

testListeners(
  "an upload's beginning that is answered with an error in a 200 is an error",
  async (listener) => {
    const document = errorDocument("InternalError");
    await using proxy = await answering(listener, { status: 200, body: document });
    const response = await proxy.send({ method: "POST", target: "/mine/k?uploads" });
    assert.deepEqual([response.status, response.errorCode], [500, "InternalError"]);
    assert.doesNotMatch(response.text, /MASTER/);
  },
);

testListeners("a response whose length is none: BadGateway", async (listener) => {
  for (const length of ["5, 5", "18446744073709551615"]) {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`] }),
    });
    const { status } = await proxy.send({ method: "HEAD", target: "/mine/k" });
    assert.equal(status, 502);
  }
});

testListeners("owners are the user's", async (listener) => {
  const body = "<ListBucketResult><Contents><Key>k</Key><Owner><ID>master-id</ID>" +
    "<DisplayName>Master</DisplayName></Owner></Contents></ListBucketResult>";
  await using proxy = await answering(listener, { status: 200, headers: [["etag", '"x"']], body });
  const response = await proxy.send({ target: "/mine" });
  assert.match(response.text, /<Owner><ID>alice-key<\/ID><DisplayName>alice-key<\/DisplayName>/);
  assert.equal(/master/i.test(response.text), false);
  assert.equal(response.header("etag"), undefined);
  assert.equal(response.header("content-length"), String(response.body.length));
});

testListeners(
  "the owner in an ACL is the user, with a name for tools that read it",
  async (listener) => {
    const owner = "<ID>master-id</ID><DisplayName>Master</DisplayName>";
    const grantee = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
      `xsi:type="CanonicalUser">${owner}</Grantee>`;
    const body =
      `<AccessControlPolicy><Owner>${owner}</Owner><AccessControlList><Grant>${grantee}` +
      "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>";
    await using proxy = await answering(listener, { status: 200, body });
    const { text } = await proxy.send({ target: "/mine?acl" });
    const user = "<ID>alice-key</ID><DisplayName>alice-key</DisplayName>";
    assert.ok(text.includes(`<Owner>${user}</Owner>`), text);
    assert.doesNotMatch(text, /master/i);
  },
);

testListeners("owners are the user's however a list asks for them", async (listener) => {
  const body = "<ListBucketResult><Contents><Key>k</Key><Owner><ID>master-id</ID></Owner>" +
    "</Contents></ListBucketResult>";
  await using proxy = await answering(listener, { status: 200, body });
  for (const value of ["true", "True", "TRUE", "1", ""]) {
    const { text } = await proxy.send({ target: `/mine?list-type=2&fetch-owner=${value}` });
    assert.match(text, /<Owner><ID>alice-key<\/ID>/, value);
  }
});

testListeners("a document in another success than 200 is not passed on", async (listener) => {
  const owner = "<Owner><ID>MASTER</ID></Owner>";
  const requests = [
    { target: "/", body: `<ListAllMyBucketsResult>${owner}</ListAllMyBucketsResult>` },
    { target: "/mine", body: `<ListBucketResult>${owner}</ListBucketResult>` },
    { target: "/mine/k?acl", body: `<AccessControlPolicy>${owner}</AccessControlPolicy>` },
    {
      method: "POST",
      target: "/mine?delete",
      sent: "<Delete><Object><Key>k</Key></Object></Delete>",
      body: `<DeleteResult>${owner}</DeleteResult>`,
    },
  ];
  for (const status of [201, 202, 206]) {
    for (const { method = "GET", target, sent, body } of requests) {
      await using proxy = await answering(listener, { status, body });
      const response = await proxy.send({ method, target, ...(sent ? { body: sent } : {}) });
      assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"], target);
      assert.doesNotMatch(response.text, /MASTER/);
    }
  }
});

testListeners(
  "a key that XML cannot hold does not take the others from a list",
  async (listener) => {
    // As RGW writes it; whoever may put an object could else keep everybody from listing.
    const body = "<ListBucketResult><Contents><Key>a&#x01;b\u{ffff}</Key></Contents>" +
      "<Contents><Key>c</Key><Owner><ID>master-id</ID></Owner></Contents></ListBucketResult>";
    const bytes = Buffer.from(body).toString("latin1");
    await using proxy = await answering(listener, { status: 200, body: bytes });
    for (const target of ["/mine", "/mine?versions", "/mine?list-type=2&fetch-owner=true"]) {
      const { status, text } = await proxy.send({ target });
      assert.equal(status, 200, target);
      assert.deepEqual([...text.matchAll(/<Key>([^<]*)/g)].map(([, key]) => key), [
        "a&#x01;b\u{ffff}",
        "c",
      ]);
    }
  },
);

testListeners(
  "P7 a stored gzip object comes back as it is, whole, ranged and by HEAD",
  async (listener) => {
    const headers: Header[] = [["content-encoding", "gzip"], ["content-type", "text/plain"], [
      "etag",
      '"e"',
    ]];
    await using proxy = await answering(listener, {
      status: 200,
      headers,
      body: "\x1f\x8b not really",
    });
    const whole = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([...whole.body.subarray(0, 2)], [0x1f, 0x8b]);
    assert.equal(whole.body.length, 13);
    assert.deepEqual([whole.header("content-encoding"), whole.header("etag")], ["gzip", '"e"']);
    const ranged = await proxy.send({ target: "/mine/k", headers: [["range", "bytes=0-1"]] });
    assert.equal(ranged.header("content-encoding"), "gzip");
    assert.deepEqual(proxy.backend.requests.map((request) => request.header("accept-encoding")), [
      "identity",
      "identity",
    ]);
    assert.equal(proxy.backend.requests[1]?.header("range"), "bytes=0-1");
  },
);

testListeners("HEAD keeps its length and has no body, found or not", async (listener) => {
  await using found = await answering(listener, {
    status: 200,
    headers: [["content-length", "12345"]],
  });
  const head = await found.send({ method: "HEAD", target: "/mine/k" });
  assert.deepEqual([head.status, head.header("content-length"), head.body.length], [
    200,
    "12345",
    0,
  ]);
  await using missing = await answering(listener, { status: 404 });
  const none = await missing.send({ method: "HEAD", target: "/mine/k" });
  assert.deepEqual([none.status, none.body.length], [404, 0]);
});
