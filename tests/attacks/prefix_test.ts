/** A key with a prefix gets at nothing outside it, by whatever a listing, a key or a document says. */

import assert from "node:assert/strict";
import {
  ALICE,
  type Key,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";

const TEAM: Key = { accessKey: "team-a", secretKey: "team-a-secret-of-the-tests" };
const SETTINGS = {
  users: [{
    access_key: TEAM.accessKey,
    secret_key: TEAM.secretKey,
    grants: [{ access: "full", buckets: ["shared"], prefixes: ["${user}/"] }],
  }],
};
/** `?` and what makes each listing one. */
const LISTINGS = ["", "list-type=2&", "versions&", "uploads&"];

const LISTING_QUERIES: readonly [name: string, query: string, code: string][] = [
  ["no prefix", "", "AccessDenied"],
  ["an empty prefix", "prefix=", "AccessDenied"],
  ["a bare prefix", "prefix", "AccessDenied"],
  ["another prefix", "prefix=team-b/", "AccessDenied"],
  ["a shorter prefix", "prefix=team-a", "AccessDenied"],
  ["a prefix in capitals", "prefix=TEAM-A/", "AccessDenied"],
  ["a prefix encoded twice", "prefix=team-a%252F", "AccessDenied"],
  ["a prefix behind a slash", "prefix=/team-a/", "AccessDenied"],
  ["a prefix behind a space", "prefix=+team-a/", "AccessDenied"],
  ["a prefix in a pattern", "prefix=*", "AccessDenied"],
  ["two prefixes", "prefix=team-a/&prefix=team-b/", "InvalidArgument"],
  ["two prefixes, one encoded", "prefix=team-a/&%70refix=", "InvalidArgument"],
  ["a prefix in another case beside it", "prefix=team-a/&Prefix=", "InvalidArgument"],
  ["a delimiter instead", "delimiter=team-a/", "AccessDenied"],
  ["unordered", "prefix=team-a/&allow-unordered=true", "InvalidArgument"],
  ["invalid UTF-8", "prefix=team-a/%ff", "InvalidURI"],
];

for (const [name, query, code] of LISTING_QUERIES) {
  testListeners(`Z6 a listing with ${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    for (const listing of LISTINGS) {
      const target = `/shared?${listing}${query}`;
      proxy.assertRefused(await proxy.send({ target, key: TEAM }), code);
    }
  });
}

testListeners(
  "Z6 a marker or a token from elsewhere does not move the prefix",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const markers = [
      ["marker=team-b/"],
      ["list-type=2", "start-after=team-b/"],
      ["list-type=2", "continuation-token=team-b/"],
      ["versions", "key-marker=team-b/", "version-id-marker=v"],
      ["uploads", "key-marker=team-b/", "upload-id-marker=u"],
    ];
    for (const parameters of markers) {
      const query = parameters.join("&");
      proxy.assertRefused(
        await proxy.send({ target: `/shared?${query}`, key: TEAM }),
        "AccessDenied",
      );
      await proxy.send({ target: `/shared?prefix=team-a%2F&${query}`, key: TEAM });
      assert.match(proxy.backend.requests.at(-1)?.target ?? "", /[?&]prefix=team-a%2F(?:&|$)/);
      proxy.backend.requests.length = 0;
    }
  },
);

const REFUSED: readonly [name: string, request: SignedRequest, code: string][] = [
  ["a key before the prefix", { target: "/shared/team-a" }, "AccessDenied"],
  ["another key", { target: "/shared/team-b/k" }, "AccessDenied"],
  ["a key in capitals", { target: "/shared/TEAM-A/k" }, "AccessDenied"],
  ["a key behind a slash", { target: "/shared//team-a/k" }, "AccessDenied"],
  ["a key encoded twice", { target: "/shared/team-a%252Fk" }, "AccessDenied"],
  ["a key that climbs out", { target: "/shared/team-a/../../team-b/k" }, "InvalidURI"],
  ["a key that climbs out, encoded", { target: "/shared/team-a%2F%2e%2e%2F../k" }, "InvalidURI"],
  ["a key that climbs to the prefix", { target: "/shared/team-b/../team-a/k" }, "AccessDenied"],
  ["the bucket's ACL", { target: "/shared?acl" }, "AccessDenied"],
  ["the bucket's policy", { target: "/shared?policy" }, "AccessDenied"],
  ["the bucket's versioning", { method: "PUT", target: "/shared?versioning" }, "AccessDenied"],
  ["the bucket's end", { method: "DELETE", target: "/shared" }, "AccessDenied"],
  ["a tag elsewhere", { method: "PUT", target: "/shared/team-b/k?tagging" }, "AccessDenied"],
  ["a version elsewhere", { target: "/shared/team-b/k?versionId=v" }, "AccessDenied"],
  ...["/shared/team-a/k", "/shared/team-a/k?partNumber=1&uploadId=u"].map(
    (target): [string, SignedRequest, string] => [
      `a copy from elsewhere to ${target}`,
      { method: "PUT", target, headers: [["x-amz-copy-source", "shared/team-b/k"]] },
      "AccessDenied",
    ],
  ),
];

for (const [name, request, code] of REFUSED) {
  testListeners(`Z6 with a prefix, ${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    proxy.assertRefused(await proxy.send({ ...request, key: TEAM }), code);
  });
}

const PUBLIC: readonly SignedRequest[] = [
  ...["public-read", "public-read-write", "authenticated-read", "Public-Read", "anything"]
    .flatMap((acl): SignedRequest[] => [
      { method: "PUT", target: "/mine", headers: [["x-amz-acl", acl]] },
      { method: "PUT", target: "/mine?acl", headers: [["x-amz-acl", acl]] },
      { method: "PUT", target: "/mine/k?acl", headers: [["x-amz-acl", acl]] },
      { method: "POST", target: "/mine/k?uploads", headers: [["x-amz-acl", acl]] },
      { method: "PUT", target: `/mine/k?acl&X-Amz-Acl=${acl}` },
      {
        method: "PUT",
        target: "/mine/k",
        headers: [["x-amz-acl", acl], ["x-amz-copy-source", "mine/other"]],
      },
    ]),
  ...["full-control", "read", "read-acp", "write", "write-acp"].flatMap((grant) =>
    ["AllUsers", "AuthenticatedUsers"].map((group): SignedRequest => ({
      method: "PUT",
      target: `/mine/k?X-Amz-Grant-${grant}=` +
        encodeURIComponent(
          `id="${ALICE.accessKey}", uri="http://acs.amazonaws.com/groups/global/${group}"`,
        ),
      body: "x",
    }))
  ),
];

testListeners("an ACL that says nothing is no ACL to put", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (const target of ["/mine?acl", "/mine/k?acl", "/mine/k?acl&X-Amz-Acl="]) {
    for (const headers of [[], [["x-amz-acl", ""]]] as const) {
      if (headers.length > 0 && target.includes("X-Amz")) continue;
      const response = await proxy.send({ method: "PUT", target, headers });
      proxy.assertRefused(response, "MissingSecurityHeader");
    }
  }
});

testListeners(
  "Z9 whatever would be public is refused, with the setting's name",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const request of PUBLIC) {
      const response = await proxy.send(request);
      proxy.assertRefused(response, "AccessDenied");
      assert.match(response.text, /security\.block_public_access/, JSON.stringify(request));
    }
  },
);

testListeners(
  "Z12 HEAD on a foreign bucket is 403, with nothing of the backend's",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const target of ["/victim", "/missing-bucket", "/victim/k"]) {
      const { status, headers } = await proxy.send({ method: "HEAD", target });
      assert.equal(status, 403);
      assert.deepEqual(headers.filter(([name]) => /rgw|owner|region/i.test(name)), []);
    }
    assert.equal(proxy.backend.requests.length, 0);
  },
);
