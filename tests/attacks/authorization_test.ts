import assert from "node:assert/strict";
import {
  ADMIN,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

function copyFrom(source: string, target = "/mine/copy"): SignedRequest {
  return { method: "PUT", target, headers: [["x-amz-copy-source", source]] };
}

function logInto(bucket: string): SignedRequest {
  const body = "<BucketLoggingStatus><LoggingEnabled>" +
    `<TargetBucket>${bucket}</TargetBucket></LoggingEnabled></BucketLoggingStatus>`;
  return { method: "PUT", target: "/mine?logging", body };
}

function replicateInto(bucket: string, role = ""): SignedRequest {
  const body = `<ReplicationConfiguration><Role>${role}</Role><Rule><Destination>` +
    `<Bucket>${bucket}</Bucket></Destination></Rule></ReplicationConfiguration>`;
  return { method: "PUT", target: "/mine?replication", body };
}

const PART = "/mine/copy?partNumber=1&uploadId=u";

const REFUSED: readonly [name: string, request: SignedRequest, code: string][] = [
  ...["victim/k", "/victim/k", "victim%2Fk", "/victim/k?versionId=1", "%76ictim/k"].flatMap(
    (source): [string, SignedRequest, string][] => [
      [`Z1 CopyObject from ${source}`, copyFrom(source), "AccessDenied"],
      [`Z1 UploadPartCopy from ${source}`, copyFrom(source, PART), "AccessDenied"],
    ],
  ),
  ["Z1 a copy source of upper case", copyFrom("VICTIM/k"), "InvalidBucketName"],
  ["Z1 a copy source encoded twice", copyFrom("victim%252Fk"), "InvalidArgument"],
  [
    "Z1 a copy source whose key looks like one with a version",
    copyFrom("mine/k%3FversionId%3Dv"),
    "NotImplemented",
  ],
  ["Z1 a copy source that climbs", copyFrom("mine/../victim/k"), "InvalidURI"],
  ["Z1 a copy source that climbs, encoded", copyFrom("mine/%2e%2e/victim/k"), "InvalidURI"],
  ["Z1 a copy source with an empty bucket", copyFrom("//victim/k"), "InvalidArgument"],
  ["Z1 a copy source of a tenant", copyFrom("tenant:mine/k"), "InvalidArgument"],
  [
    "Z1 an access point",
    copyFrom("arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/k"),
    "InvalidArgument",
  ],
  ["Z1 an empty copy source", copyFrom(""), "InvalidArgument"],
  ["Z1 a bucket alone as copy source", copyFrom("mine"), "InvalidArgument"],
  ["Z1 CopyObject of a range", {
    method: "PUT",
    target: "/mine/copy",
    headers: [["x-amz-copy-source", "mine/k"], ["x-amz-copy-source-range", "bytes=0-2"]],
  }, "InvalidArgument"],
  ["Z1 UploadPartCopy of a key with %", copyFrom("mine/a%2525b", PART), "NotImplemented"],
  ...["a%3Fversion%3DV", "a%3Fversion", "a%3fVERSION%3Dnull"].map(
    (key): [string, SignedRequest, string] => [
      `Z1 UploadPartCopy of ${key}`,
      copyFrom(`mine/${key}`, PART),
      "NotImplemented",
    ],
  ),
  ...["GET", "DELETE"].map((method): [string, SignedRequest, string] => [
    `Z1 a copy source on ${method}`,
    { ...copyFrom("mine/k"), method },
    "InvalidArgument",
  ]),
  ["Z3 a path that climbs", { target: "/mine/../victim/k" }, "InvalidURI"],
  ["Z3 a path that climbs, encoded", { target: "/mine/%2e%2e/victim/k" }, "InvalidURI"],
  ["Z3 a slash inside the bucket", { target: "/mine%2Fk" }, "InvalidBucketName"],
  ["Z3 an empty bucket", { target: "//victim/k" }, "InvalidURI"],
  ["Z3 dot segments that climb out", { target: "/mine/a/./../../k" }, "InvalidURI"],
  ["Z3 a backslash", { target: "/mine\\..\\victim" }, "InvalidURI"],
  ["Z3 NUL", { target: "/mine/k%00" }, "InvalidURI"],
  ["Z3 an invalid percent", { target: "/mine/%zz" }, "InvalidURI"],
  ["Z3 invalid UTF-8", { target: "/mine/%ff" }, "InvalidURI"],
  ["Z8 an unknown subresource", { target: "/mine?anything" }, "InvalidArgument"],
  ["Z8 a subresource in the wrong case", { target: "/mine?ACL" }, "InvalidArgument"],
  ["Z8 two subresources", { target: "/mine?acl&policy" }, "InvalidArgument"],
  ["Z8 a subresource twice", { target: "/mine?acl&acl" }, "InvalidArgument"],
  [
    "Z8 a subresource RGW would ignore",
    { method: "DELETE", target: "/mine?encryption" },
    "NotImplemented",
  ],
  [
    "Z8 an object's subresource RGW would ignore",
    { target: "/mine/k?torrent" },
    "NotImplemented",
  ],
  ["Z9 a public ACL", {
    method: "PUT",
    target: "/mine/k",
    headers: [["x-amz-acl", "public-read"]],
    body: "x",
  }, "AccessDenied"],
  ["Z9 a public ACL in the query", {
    method: "PUT",
    target: "/mine/k?x-amz-acl=public-read",
    body: "x",
  }, "AccessDenied"],
  ["Z9 a grant to everybody", {
    method: "PUT",
    target: "/mine/k",
    headers: [["x-amz-grant-read", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"']],
    body: "x",
  }, "AccessDenied"],
  ["Z9 an ACL document for everybody", {
    method: "PUT",
    target: "/mine/k?acl",
    body: "<AccessControlPolicy><AccessControlList><Grant><Grantee><URI>" +
      "http://acs.amazonaws.com/groups/global/AuthenticatedUsers</URI></Grantee>" +
      "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
  }, "AccessDenied"],
  ["Z9 a bucket policy", { method: "PUT", target: "/mine?policy", body: "{}" }, "AccessDenied"],
  ["Z9 a website", { method: "PUT", target: "/mine?website", body: "<x/>" }, "AccessDenied"],
  ...["GET", "DELETE"].flatMap((method): [string, SignedRequest, string][] => [
    [
      `Z14 ${method} of an upload that RGW takes for another key's`,
      { method, target: "/mine/k?uploadId=x.2~id" },
      "NoSuchUpload",
    ],
    [
      `Z11 ${method} of a version that RGW takes for another key's`,
      { method, target: `/mine/k?versionId=${"v".repeat(31)}_x` },
      "NoSuchVersion",
    ],
  ]),
  ...["victim", " victim "].flatMap((name): [string, SignedRequest, string][] => [
    [`Z12 logs into ${JSON.stringify(name)}`, logInto(name), "AccessDenied"],
    [`Z12 replicas into ${JSON.stringify(name)}`, replicateInto(name), "AccessDenied"],
  ]),
  ["Z12 replicas into a foreign ARN", replicateInto("arn:aws:s3:::victim"), "AccessDenied"],
  [
    "Z12 replicas into a foreign target of MinIO",
    replicateInto("arn:minio:replication:us-east-1:b1c2:victim"),
    "AccessDenied",
  ],
  [
    "Z12 replicas into a foreign target of MinIO, by the role",
    replicateInto("mine", "arn:minio:replication::b1c2:victim"),
    "AccessDenied",
  ],
  [
    "Z12 replicas into another service's ARN",
    replicateInto("arn:minio:lambda::b1c2:mine"),
    "InvalidBucketName",
  ],
  ["Z12 replicas into what is no bucket", replicateInto("x:y/z"), "InvalidBucketName"],
  ["Z12 logs into two buckets", logInto("mine</TargetBucket><TargetBucket>victim"), "AccessDenied"],
  [
    "Z9 logs that everybody may read",
    logInto(
      "mine</TargetBucket><TargetGrants><Grant><Grantee><URI>" +
        "http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee></Grant></TargetGrants><TargetBucket>mine",
    ),
    "AccessDenied",
  ],
  ["Z12 a foreign bucket", { target: "/victim" }, "AccessDenied"],
  ["Z13 making a foreign bucket", { method: "PUT", target: "/victim" }, "AccessDenied"],
  ["Z13 deleting a foreign bucket", { method: "DELETE", target: "/victim" }, "AccessDenied"],
  ["Z15 no form", { method: "POST", target: "/mine" }, "PreconditionFailed"],
  [
    "Z20 CreateTopic",
    { method: "POST", target: "/", key: ADMIN, body: "Action=CreateTopic" },
    "MethodNotAllowed",
  ],
  ["Z20 PUT at service level", { method: "PUT", target: "/", key: ADMIN }, "MethodNotAllowed"],
  ["Z20 the admin API", { target: "/admin/user", key: ADMIN }, "InvalidBucketName"],
  ["Z20 Swift", { target: "/swift/v1", key: ADMIN }, "InvalidBucketName"],
  ["Z20 X-Auth-Token", { target: "/mine/k", headers: [["X-Auth-Token", "t"]] }, "NotImplemented"],
  ["Z20 a header of RGW", { target: "/mine/k", headers: [["x-rgw-quota", "1"]] }, "NotImplemented"],
  ["Z20 a parameter of RGW", { target: "/mine/k?rgwx-stat=true" }, "InvalidArgument"],
  [
    "Z20 append",
    { method: "PUT", target: "/mine/k?append&position=0", body: "x" },
    "InvalidArgument",
  ],
  ["Z20 torrent", { target: "/mine/k?torrent" }, "NotImplemented"],
];

for (const [name, request, code] of REFUSED) {
  testListeners(`${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    proxy.assertRefused(await proxy.send(request), code);
  });
}

testListeners(
  "Z2 DeleteObjects with a doctype, an entity bomb, a doubled element, 1001 keys: MalformedXML",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const key = "<Object><Key>k</Key></Object>";
    const documents = [
      `<!DOCTYPE x [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>`,
      "<Delete><Object><Key>k</Key><Key>l</Key></Object></Delete>",
      `<Delete>${key.repeat(1001)}</Delete>`,
      "<Delete></Delete>",
      `<Delete>${key}</Delete><x/>`,
      `<Delete>${key}<Unknown/></Delete>`,
    ];
    for (const body of documents) {
      const response = await proxy.send({ method: "POST", target: "/mine?delete", body });
      proxy.assertRefused(response, "MalformedXML");
    }
  },
);

testListeners("Z2 DeleteObjects of foreign keys is refused key by key", async (listener) => {
  const user = { accessKey: "mine-key", secretKey: "mine-secret-of-the-tests" };
  const grants = [{ buckets: ["victim"], access: "read-write", prefixes: ["own/"] }];
  const users = [{ access_key: user.accessKey, secret_key: user.secretKey, grants }];
  await using proxy = await ProxyUnderTest.start({ listener, settings: { users } });
  const body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object></Delete>";
  const response = await proxy.send({ method: "POST", target: "/victim?delete", key: user, body });
  assert.equal(response.status, 200);
  const keys = [...response.text.matchAll(/<Key>([^<]*)<\/Key><Code>AccessDenied<\/Code>/g)];
  assert.deepEqual(keys.map(([, key]) => key), ["a", "b&amp;c"]);
  assert.equal(proxy.backend.requests.length, 0);
});

testListeners(
  "Z10 DeleteObjects does not bypass a retention without the right",
  async (listener) => {
    const vault = { accessKey: "vault-key", secretKey: "vault-secret-of-the-tests" };
    const policy = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:*", Resource: "*" },
        { Effect: "Deny", Action: "s3:BypassGovernanceRetention", Resource: "*" },
      ],
    };
    const users = [{ access_key: vault.accessKey, secret_key: vault.secretKey, policy }];
    await using proxy = await ProxyUnderTest.start({ listener, settings: { users } });
    const body = "<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>";
    const header = ["x-amz-bypass-governance-retention", "true"] as const;
    for (
      const asked of [
        { target: "/mine?delete", headers: [header] },
        { target: `/mine?delete&${header.join("=")}` },
      ]
    ) {
      const response = await proxy.send({ ...asked, method: "POST", key: vault, body });
      proxy.assertRefused(response, "AccessDenied");
    }
  },
);

testListeners("Z3, Z4 what is signed is what is forwarded", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const targets = [
    "/mine/a+b",
    "/mine/%252e",
    "/mine/a%20b",
    "/mine//k",
    "/mine/;x",
    "/mine/%F0%9F%98%80",
  ];
  for (const target of targets) {
    assert.equal((await proxy.send({ target })).status, 200, target);
  }
  assert.deepEqual(proxy.backend.requests.map(({ target }) => target), [
    "/mine/a%2Bb",
    "/mine/%252e",
    "/mine/a%20b",
    "/mine//k",
    "/mine/%3Bx",
    "/mine/%F0%9F%98%80",
  ]);
});

testListeners("logs and replicas go into buckets of one's own", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (
    const request of [
      logInto("app-logs"),
      replicateInto("arn:aws:s3:::app-copy", "arn:aws:iam::123456789012:role/replication"),
      replicateInto("arn:minio:replication:us-east-1:b1c2:app-copy"),
    ]
  ) {
    assert.equal((await proxy.send(request)).status, 200);
    const sent = proxy.backend.requests.at(-1);
    assert.equal(await sent?.bodyEnd, "complete");
    assert.match(new TextDecoder().decode(sent?.body), /app-/);
  }
});

testListeners("Z7 the bucket is the host's, whatever the path says", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const send = async (host: string): Promise<Awaited<ReturnType<typeof proxy.sendRaw>>> => {
    const target = "/victim/k";
    const { headers } = signHeaders({
      method: "GET",
      target,
      headers: [["host", host], ["x-forwarded-host", "victim.s3.test"]],
      accessKey: "alice-key",
      secretKey: "alice-secret-of-the-tests",
      date: new Date(),
      payloadHash: "UNSIGNED-PAYLOAD",
    });
    return await proxy.sendRaw({ method: "GET", target, headers });
  };
  proxy.assertRefused(await send("victim.s3.test"), "AccessDenied");
  proxy.assertRefused(await send("s3.test"), "AccessDenied");
  proxy.assertRefused(await send("unknown.example"), "AccessDenied");
  for (const host of ["mine.s3.test", "mine.s3.test:8080", "MINE.s3.test", "mine.s3.test."]) {
    assert.equal((await send(host)).status, 200, host);
  }
  assert.deepEqual(
    new Set(proxy.backend.requests.map(({ target }) => target)),
    new Set(["/mine/victim/k"]),
  );
});

testListeners("Z7 two authorities are one too many", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const absolute = await proxy.sendRaw({
    method: "GET",
    target: "http://other.example/mine/k",
    headers: [["host", proxy.host]],
  });
  proxy.assertRefused(absolute, "InvalidRequest");
});

testListeners("Z12 ListBuckets shows a user its own, with their dates", async (listener) => {
  const bucket = (name: string): string =>
    `<Bucket><Name>${name}</Name><CreationDate>2020-01-02T03:04:05.000Z</CreationDate></Bucket>`;
  const body =
    `<ListAllMyBucketsResult><Owner><ID>master-id</ID><DisplayName>Master</DisplayName></Owner>` +
    `<Buckets>${
      ["app-one", "mine", "victim"].map(bucket).join("")
    }</Buckets></ListAllMyBucketsResult>`;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ status: 200, headers: [], body })] }),
  });
  const own = await proxy.send({ target: "/" });
  assert.deepEqual([...own.text.matchAll(/<Name>([^<]*)/g)].map(([, name]) => name), [
    "app-one",
    "mine",
  ]);
  assert.match(own.text, /<CreationDate>2020-01-02T03:04:05.000Z</);
  assert.equal(/master/i.test(own.text), false);
  const all = await proxy.send({ target: "/", key: ADMIN });
  assert.equal([...all.text.matchAll(/<Name>/g)].length, 3);
});

testListeners("Z16 nobody is anonymous, but a health check and a preflight", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const headers = [["host", proxy.host]] as const;
  for (const target of ["/mine/k", "/mine", "/?x-id=ListBuckets", "/mine/k?acl"]) {
    proxy.assertRefused(await proxy.sendRaw({ method: "GET", target, headers }), "AccessDenied");
  }
  const hosted = [["host", "mine.s3.test"]] as const;
  proxy.assertRefused(
    await proxy.sendRaw({ method: "GET", target: "/", headers: hosted }),
    "AccessDenied",
  );
  assert.equal((await proxy.sendRaw({ method: "GET", target: "/", headers })).text, "ok");
  assert.equal((await proxy.sendRaw({ method: "HEAD", target: "/", headers })).status, 200);
  const preflight = await proxy.sendRaw({
    method: "OPTIONS",
    target: "/mine/k",
    headers: [...headers, ["origin", "https://x.example"], [
      "access-control-request-method",
      "GET",
    ]],
  });
  assert.equal(preflight.errorCode, "AccessForbidden");
  // The bucket's own rules are asked for, and nothing else.
  const seen = proxy.backend.requests.map(({ startLine }) => startLine);
  assert.deepEqual(seen, ["GET /mine?cors= HTTP/1.1"]);
});
