import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";

const TLS = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
const AUTHORITIES = [TEST_CERTIFICATE];
const TARGET = "/mine/k";

testListeners("a backend whose authority is not trusted: ServiceUnavailable", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, backend: { tls: TLS } });
  const response = await proxy.send({ target: TARGET });
  assert.equal(response.status, 503);
  proxy.assertRefused(response, "ServiceUnavailable");
});

testListeners("a backend with a private authority", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    backend: { tls: TLS },
    certificates: { authorities: AUTHORITIES },
  });
  assert.equal((await proxy.send({ target: TARGET })).status, 200);
  const body = "x".repeat(100_000);
  assert.equal((await proxy.send({ method: "PUT", target: TARGET, body })).status, 200);
  assert.equal(proxy.backend.requests[1]?.bodyBytes, body.length);
});

testListeners("a backend that wants a client certificate", async (listener) => {
  const methods: (string | undefined)[] = [];
  const server = createServer(
    { ...TLS, ca: AUTHORITIES, requestCert: true, rejectUnauthorized: true },
    ({ method }, response) => {
      methods.push(method);
      response.end();
    },
  );
  server.on("tlsClientError", () => {}); // the one without a certificate
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const settings = {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: `https://127.0.0.1:${address.port}`,
    },
  };
  {
    const certificates = { authorities: AUTHORITIES };
    await using proxy = await ProxyUnderTest.start({ listener, settings, certificates });
    const refused = await proxy.send({ target: TARGET });
    assert.deepEqual([refused.status, refused.errorCode], [502, "BadGateway"]);
    assert.deepEqual(methods, []);
  }
  {
    const certificates = { authorities: AUTHORITIES, client: TLS };
    await using proxy = await ProxyUnderTest.start({ listener, settings, certificates });
    assert.equal((await proxy.send({ target: TARGET })).status, 200);
    assert.deepEqual(methods, ["GET"]);
  }
  const closed = once(server, "close");
  server.close();
  await closed;
});
