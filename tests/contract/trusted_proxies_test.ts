import assert from "node:assert/strict";
import { type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { Header } from "../support/signer.ts";

/** May come from one address only. */
const OFFICE: Key = { accessKey: "office-key", secretKey: "office-secret-of-the-tests" };
/** May come by TLS only. */
const SECURE: Key = { accessKey: "secure-key", secretKey: "secure-secret-of-the-tests" };

const USERS = [
  {
    access_key: OFFICE.accessKey,
    secret_key: OFFICE.secretKey,
    allowed_buckets: ["mine"],
    source_ips: ["192.0.2.7"],
  },
  {
    access_key: SECURE.accessKey,
    secret_key: SECURE.secretKey,
    policy: {
      Version: "2012-10-17",
      Statement: [{
        Effect: "Allow",
        Action: "s3:*",
        Resource: "*",
        Condition: { Bool: { "aws:SecureTransport": "true" } },
      }],
    },
  },
];

const CASES: readonly {
  readonly name: string;
  readonly trusted: readonly string[];
  readonly key: Key;
  readonly unsigned: readonly Header[];
  readonly status: number;
}[] = [
  {
    name: "Z18 nobody trusted: X-Forwarded-For is ignored",
    trusted: [],
    key: OFFICE,
    unsigned: [["X-Forwarded-For", "192.0.2.7"]],
    status: 403,
  },
  {
    name: "Z18 another peer trusted: X-Forwarded-For is ignored",
    trusted: ["10.0.0.0/8"],
    key: OFFICE,
    unsigned: [["X-Forwarded-For", "192.0.2.7"]],
    status: 403,
  },
  {
    name: "Z18 the peer trusted: what stands before its own word is ignored",
    trusted: ["127.0.0.0/8"],
    key: OFFICE,
    unsigned: [["X-Forwarded-For", "192.0.2.7, 198.51.100.1"]],
    status: 403,
  },
  {
    name: "Z18 the peer trusted: Forwarded and X-Real-IP are ignored",
    trusted: ["127.0.0.0/8"],
    key: OFFICE,
    unsigned: [["Forwarded", "for=192.0.2.7"], ["X-Real-IP", "192.0.2.7"]],
    status: 403,
  },
  {
    name: "the peer trusted: the client's address is the forwarded one",
    trusted: ["127.0.0.1"],
    key: OFFICE,
    unsigned: [["X-Forwarded-For", "198.51.100.1, 192.0.2.7"]],
    status: 200,
  },
  {
    name: "nobody trusted: X-Forwarded-Proto is ignored",
    trusted: [],
    key: SECURE,
    unsigned: [["X-Forwarded-Proto", "https"]],
    status: 403,
  },
  {
    name: "the peer trusted: aws:SecureTransport is X-Forwarded-Proto's",
    trusted: ["127.0.0.1"],
    key: SECURE,
    unsigned: [["X-Forwarded-Proto", "https"]],
    status: 200,
  },
];

for (const { name, trusted, key, unsigned, status } of CASES) {
  testListeners(name, async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { server: { trusted_proxies: trusted }, users: USERS },
    });
    const response = await proxy.send({ target: "/mine/k", key, unsigned });
    assert.equal(response.status, status, response.text);
    assert.equal(proxy.backend.requests.length, status === 200 ? 1 : 0);
  });
}

testListeners("a peer that is not trusted may still come by TLS itself", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    tls: true,
    settings: { users: USERS },
  });
  assert.equal((await proxy.send({ target: "/mine/k", key: SECURE })).status, 200);
});
