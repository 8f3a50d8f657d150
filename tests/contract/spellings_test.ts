/** What clients send beside the API's letter: S3 ignores it, so it is signed, taken and not forwarded. */

import assert from "node:assert/strict";
import { answerLikeS3 } from "../support/s3_answers.ts";
import { LIMITS } from "../../src/limits.ts";
import { ADMIN, ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import type { SignedRequest } from "../support/proxy_under_test.ts";

const LIST = "<ListBucketResult><Name>mine</Name></ListBucketResult>";
const BUCKETS = "<ListAllMyBucketsResult><Buckets><Bucket><Name>mine</Name></Bucket></Buckets>" +
  "</ListAllMyBucketsResult>";
const EXPIRES = "<LifecycleConfiguration><Rule><Expiration><Days>1</Days></Expiration></Rule>" +
  "</LifecycleConfiguration>";
const MOVES = "<LifecycleConfiguration><Rule><NoncurrentVersionTransition/></Rule>" +
  "</LifecycleConfiguration>";
const MINIMUM = "x-amz-transition-default-minimum-object-size";
const OWNERSHIP = "x-amz-object-ownership";

const respond: Respond = ({ method, target }) => {
  const isList = method === "GET" && /^\/mine(?:\?|$)/.test(target);
  const isXml = isList || method === "POST";
  const setting = answerLikeS3({ method, target }).body;
  const body = setting || (target === "/" ? BUCKETS : isXml ? LIST : "");
  return { send: [formatResponse({ body: method === "HEAD" ? "" : body })] };
};

const LISTED = "/mine?list-type=2&marker=a&fetch-owner=true&version-id-marker=v&max-uploads=1";

/** name → request → the names of headers that the backend must not see. */
const TAKEN: readonly (readonly [name: string, request: SignedRequest, hidden: string[]])[] = [
  ...["GET", "HEAD", "DELETE", "PUT"].map((method): [string, SignedRequest, string[]] => [
    `x-amz-api-version, of the SDK for C++, on ${method}`,
    { method, target: "/mine/k", headers: [["x-amz-api-version", "2006-03-01"]], body: "" },
    ["x-amz-api-version"],
  ]),
  ["an empty x-amz-tagging, of Velero", {
    method: "PUT",
    target: "/mine/k",
    headers: [["x-amz-tagging", ""]],
    body: "a",
  }, ["x-amz-tagging"]],
  ["an empty x-amz-acl, of aws-cli", {
    method: "PUT",
    target: "/mine/k",
    headers: [["x-amz-acl", ""]],
    body: "a",
  }, ["x-amz-acl"]],
  ["an empty x-amz-acl in the query", { method: "PUT", target: "/mine/k?x-amz-acl=", body: "a" }, [
    "x-amz-acl",
  ]],
  ["parameters of one's own", { target: "/mine/k?x-user=1&X-Trace-Id=a&x-id=GetObject" }, []],
  ["what other lists take", { target: LISTED }, []],
  ["an owner that is the user", {
    target: "/mine/k",
    headers: [["x-amz-expected-bucket-owner", ALICE.accessKey]],
  }, ["x-amz-expected-bucket-owner"]],
  ["an empty lifecycle header", {
    method: "PUT",
    target: "/mine?lifecycle",
    headers: [[MINIMUM, ""]],
    body: MOVES,
  }, [MINIMUM]],
  ["Terraform's lifecycle", {
    method: "PUT",
    target: "/mine?lifecycle",
    headers: [[MINIMUM, "varies_by_storage_class"]],
    body: EXPIRES,
  }, [MINIMUM]],
  ["a bucket whose owner owns its objects", {
    method: "PUT",
    target: "/mine",
    headers: [[OWNERSHIP, "BucketOwnerEnforced"]],
  }, [OWNERSHIP]],
  ["a bucket whose owner is given its objects", {
    method: "PUT",
    target: "/mine",
    headers: [[OWNERSHIP, "BucketOwnerPreferred"]],
  }, [OWNERSHIP]],
  ...[
    "https://s3.amazonaws.com/doc/2006-03-01/",
    "http://s3.amazonaws.com/doc/2006-03-01",
    "https://doc.s3.amazonaws.com/2006-03-01",
  ].map((namespace): [string, SignedRequest, string[]] => [
    `a document in ${namespace}`,
    {
      method: "PUT",
      target: "/mine?lifecycle",
      headers: [[MINIMUM, "varies_by_storage_class"]], // so that the proxy reads the document
      body: EXPIRES.replace(">", ` xmlns="${namespace}">`),
    },
    [],
  ]),
];

for (const [name, request, hidden] of TAKEN) {
  testListeners(`${name}: taken, and not forwarded`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    const response = await proxy.send(request);
    assert.ok(response.status < 300, `${response.status} ${response.text}`);
    const [seen, ...others] = proxy.backend.requests;
    assert.ok(seen !== undefined && others.length === 0);
    for (const header of hidden) assert.equal(seen.header(header), undefined, header);
    assert.doesNotMatch(seen.target, /[?&](?:x-|marker|version-id-marker|max-uploads)/i);
  });
}

/** name → request → code → what its message names. */
const REFUSED: readonly (readonly [string, SignedRequest, code: string, named: string])[] = [
  [
    "another owner",
    {
      target: "/mine/k",
      headers: [["x-amz-expected-bucket-owner", "111122223333"]],
    },
    "AccessDenied",
    "x-amz-expected-bucket-owner",
  ],
  [
    "another owner of a copy's source",
    {
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-copy-source", "mine/s"], ["x-amz-source-expected-bucket-owner", "1"]],
    },
    "AccessDenied",
    "x-amz-source-expected-bucket-owner",
  ],
  [
    "a lifecycle that moves objects",
    {
      method: "PUT",
      target: "/mine?lifecycle",
      headers: [[MINIMUM, "all_storage_classes_128K"]],
      body: MOVES,
    },
    "NotImplemented",
    MINIMUM,
  ],
  [
    "a minimum that is none",
    {
      method: "PUT",
      target: "/mine?lifecycle",
      headers: [[MINIMUM, "1"]],
      body: EXPIRES,
    },
    "InvalidArgument",
    MINIMUM,
  ],
  [
    "objects that belong to who writes them",
    {
      method: "PUT",
      target: "/mine",
      headers: [[OWNERSHIP, "ObjectWriter"]],
    },
    "NotImplemented",
    `${OWNERSHIP}: ObjectWriter`,
  ],
  [
    "an ownership that is none",
    {
      method: "PUT",
      target: "/mine",
      headers: [[OWNERSHIP, "bucketownerenforced"]],
    },
    "InvalidArgument",
    OWNERSHIP,
  ],
  [
    "a header that asks for what is not done",
    {
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-write-offset-bytes", "0"]],
      body: "a",
    },
    "NotImplemented",
    "x-amz-write-offset-bytes",
  ],
  [
    "an element that asks for it",
    {
      method: "PUT",
      target: "/mine",
      body: "<CreateBucketConfiguration><Location/></CreateBucketConfiguration>",
    },
    "NotImplemented",
    "Location",
  ],
  [
    "a subresource that is not forwarded",
    { target: "/mine?encryption" },
    "NotImplemented",
    "GetBucketEncryption",
  ],
  ["a parameter that no operation has", { target: "/mine/k?foo=1" }, "InvalidArgument", "foo"],
  [
    "a parameter of another operation",
    { method: "PUT", target: "/mine/k?versionId=v" },
    "InvalidArgument",
    "versionId",
  ],
  [
    "a parameter without its value",
    { target: "/mine/k?partNumber=0" },
    "InvalidArgument",
    "Part number",
  ],
  [
    "a parameter given twice",
    { target: "/mine/k?versionId=a&versionId=b" },
    "InvalidArgument",
    "versionId",
  ],
  ["two subresources", { target: "/mine/k?acl&tagging" }, "InvalidArgument", "tagging"],
  [
    "a number of buckets that is none",
    { target: "/?max-buckets=0" },
    "InvalidArgument",
    "max-buckets",
  ],
];

for (const [name, request, code, named] of REFUSED) {
  testListeners(`${name}: ${code}, and its message and the log name it`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    const response = await proxy.send(request);
    proxy.assertRefused(response, code);
    const message = /<Message>([^<]*)/.exec(response.text)?.[1] ?? "";
    assert.ok(message.includes(named), message);
    await proxy.stop();
    const { reason } = readLine(await proxy.readLog());
    if (code === "AccessDenied") assert.equal(reason, "expected_bucket_owner");
    else assert.ok(String(reason).includes(named), String(reason));
  });
}

testListeners("object ownership is not known while ACLs may publish", async (listener) => {
  const settings = { security: { block_public_access: false } };
  await using proxy = await ProxyUnderTest.start({ listener, respond, settings });
  const headers = [[OWNERSHIP, "BucketOwnerEnforced"]] as const;
  const response = await proxy.send({ method: "PUT", target: "/mine", headers });
  proxy.assertRefused(response, "NotImplemented");
  assert.match(response.text, /x-amz-object-ownership.*block_public_access/);
});

testListeners("a lifecycle is answered with what S3 says beside it", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const put = { method: "PUT", target: "/mine?lifecycle", body: EXPIRES };
  const varies = [[MINIMUM, "varies_by_storage_class"]] as const;
  assert.equal((await proxy.send({ ...put, headers: varies })).header(MINIMUM), varies[0][1]);
  assert.equal((await proxy.send(put)).header(MINIMUM), "all_storage_classes_128K");
  const read = await proxy.send({ target: "/mine?lifecycle" });
  assert.equal(read.header(MINIMUM), "all_storage_classes_128K");
});

testListeners(
  "the log has parameters of one's own, in customShownCharactersMax",
  async (listener) => {
    const most = "v".repeat(LIMITS.customShownCharactersMax - "x-user=&x-n=1".length);
    for (const [sent, shown] of [["1", "1"], ["12", "1"]]) {
      await using proxy = await ProxyUnderTest.start({ listener, respond });
      await proxy.send({ target: `/mine/k?x-user=${most}&x-id=GetObject&x-n=${sent}` });
      await proxy.stop();
      const line = readLine(await proxy.readLog());
      assert.equal(line["custom"], `x-user=${most}&x-n=${shown}`);
      assert.equal(line["path"], "/mine/k");
    }
  },
);

testListeners(
  "a presigned link with parameters of one's own is signed over them",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    const link = { target: "/mine/k", expires: 60, extraQuery: { "x-user": "a b" } };
    assert.equal((await proxy.sendPresigned(link)).status, 200);
    const { target } = proxy.backend.requests[0] ?? assert.fail();
    assert.equal(target, "/mine/k");
  },
);

testListeners("x-amz-content-sha256 need not be among SignedHeaders", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const signedHeaders = ["host", "x-amz-date"];
  const request = { target: "/mine/k", signedHeaders };
  assert.equal((await proxy.send(request)).status, 200);
  // What it says is signed all the same: it is the canonical request's last line.
  const changed = await proxy.send({
    ...request,
    headers: [["x-amz-content-sha256", "UNSIGNED-PAYLOAD"]],
    payloadHash: "0".repeat(64),
  });
  assert.equal(changed.errorCode, "SignatureDoesNotMatch");
  assert.equal(proxy.backend.requests.length, 1);
});

for (
  const [method, target] of [
    ["GET", "/mine/k"],
    ["DELETE", "/mine/k"],
    ["POST", "/mine/k?uploads"],
    ["DELETE", "/mine"],
    ["GET", "/"],
  ] as const
) {
  testListeners(`an empty body in chunks on ${method} ${target} is none`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    const response = await proxy.send({ method, target, key: ADMIN, body: { chunks: [] } });
    assert.ok(response.status < 300, `${response.status} ${response.text}`);
    const [seen] = proxy.backend.requests;
    assert.equal(seen?.header("transfer-encoding"), undefined);
    assert.equal(seen?.bodyBytes, 0);
  });
}

testListeners("an empty body whose end comes after its head is none", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  // Once another request has come and gone, this one's head has been read: on `serve`, reading into one byte hung then.
  const chunks = (async function* (): AsyncGenerator<Uint8Array> {
    await proxy.send({ target: "/mine/k" });
    yield* [];
  })();
  const late = { method: "POST", target: "/mine/k?uploads", body: { chunks } };
  assert.equal((await proxy.send(late)).status, 200);
});

testListeners(
  "a first byte in chunks is refused where there is to be no body",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    for (const [method, target] of [["DELETE", "/mine/k"], ["POST", "/mine/k?uploads"]] as const) {
      const body = { chunks: [new TextEncoder().encode("a")] };
      proxy.assertRefused(await proxy.send({ method, target, body }), "InvalidRequest");
    }
  },
);

testListeners(
  "the empty region, for which the SDK for Java v1 may sign, is refused by its name",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    const response = await proxy.send({ target: "/mine/k", region: "" });
    proxy.assertRefused(response, "AuthorizationHeaderMalformed");
    assert.equal(response.status, 400);
    assert.match(response.text, /<Message>[^<]*region/);
  },
);

testListeners("ListBuckets takes all its parameters", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const target = "/?bucket-region=us-east-1&max-buckets=5&prefix=m&continuation-token=";
  const { status, text } = await proxy.send({ target });
  assert.equal(status, 200, text);
  assert.match(text, /<Name>mine<\/Name><BucketRegion>us-east-1</);
  const elsewhere = await proxy.send({ target: "/?bucket-region=eu-west-1" });
  assert.doesNotMatch(elsewhere.text, /<Name>/);
});

/** The last request's line of the log. */
function readLine(log: string): Record<string, unknown> {
  const lines = log.split("\n").filter((line) => line.includes('"request completed"'));
  return JSON.parse(lines.at(-1) ?? assert.fail("no line"));
}
