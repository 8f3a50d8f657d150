import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";

const TEAM: Key = { accessKey: "team-a-key", secretKey: "team-a-secret-of-the-tests" };
const WRITER: Key = { accessKey: "writer-key", secretKey: "writer-secret-of-the-tests" };
const SETTINGS = {
  users: [
    {
      name: "team-a",
      access_key: TEAM.accessKey,
      secret_key: TEAM.secretKey,
      grants: [{ access: "read-write", buckets: ["shared"], prefixes: ["${user}/"] }],
    },
    {
      name: "writer",
      access_key: WRITER.accessKey,
      secret_key: WRITER.secretKey,
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::shared/*" }],
      },
    },
  ],
};
const PARTS =
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>";

testListeners(
  "Z14 an upload of another prefix cannot be seen, added to, completed or aborted",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const upload = "/shared/team-b/k?uploadId=u";
    for (
      const request of [
        { target: "/shared?uploads" },
        { target: "/shared?uploads&prefix=team-b/" },
        { target: upload },
        { method: "PUT", target: `${upload}&partNumber=1`, body: "part" },
        { method: "POST", target: upload, body: PARTS },
        { method: "DELETE", target: upload },
        { method: "POST", target: "/shared/team-b/k?uploads" },
      ]
    ) proxy.assertRefused(await proxy.send({ ...request, key: TEAM }), "AccessDenied");
  },
);

testListeners("Z14 who may write may not list or abort without the action", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
  const upload = "/shared/k?uploadId=u";
  for (const request of [{ target: upload }, { method: "DELETE", target: upload }]) {
    proxy.assertRefused(await proxy.send({ ...request, key: WRITER }), "AccessDenied");
  }
  const { status } = await proxy.send({
    method: "PUT",
    target: `${upload}&partNumber=1`,
    body: "part",
    key: WRITER,
  });
  assert.equal(status, 200);
});

testListeners(
  "C2 DeleteObjects with a checksum and no Content-MD5 gets one for the backend",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const body = "<Delete><Object><Key>k</Key></Object></Delete>";
    const digest = (algorithm: string, text: string | Uint8Array): string =>
      createHash(algorithm).update(text).digest("base64");
    const target = "/mine?delete";
    const wrong = await proxy.send({
      method: "POST",
      target,
      headers: [["x-amz-checksum-sha256", digest("sha256", "other")]],
      body,
    });
    proxy.assertRefused(wrong, "BadDigest");
    await proxy.send({
      method: "POST",
      target,
      headers: [["x-amz-checksum-sha256", digest("sha256", body)]],
      body,
    });
    const [request] = proxy.backend.requests;
    assert.equal(await request?.bodyEnd, "complete");
    assert.equal(request?.header("content-md5"), digest("md5", request?.body ?? ""));
  },
);

testListeners("C6 /bucket and /bucket/ are the same", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (const target of ["/mine", "/mine/"]) await proxy.send({ method: "HEAD", target });
  const lines = proxy.backend.requests.map(({ startLine }) => startLine);
  assert.deepEqual(lines, ["HEAD /mine HTTP/1.1", "HEAD /mine HTTP/1.1"]);
});

testListeners("parts may be sent as ListParts has listed them", async (listener) => {
  const respond: Respond = ({ method }) => ({
    send: [
      formatResponse({ body: method === "POST" ? "<Result><ETag>e</ETag></Result>" : "" }),
    ],
  });
  await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
  const body = PARTS.replace(
    "</Part>",
    "<Size>5242880</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Part>",
  );
  const request = { method: "POST", target: "/shared/team-a/k?uploadId=u", key: TEAM };
  const { status, text } = await proxy.send({ ...request, body });
  assert.equal(status, 200, text);
  const seen = proxy.backend.requests.find(({ method }) => method === "POST");
  const told = new TextDecoder().decode(seen?.body);
  assert.match(told, /<Part><PartNumber>1<\/PartNumber><ETag>e<\/ETag><\/Part>/);
  assert.doesNotMatch(told, /Size|LastModified/);
  // S3 asks for it nowhere here; the document is in what is signed.
  assert.equal(seen?.header("content-md5"), undefined);
  assert.equal(
    seen?.header("x-amz-content-sha256"),
    createHash("sha256").update(told).digest("hex"),
  );
});
