import assert from "node:assert/strict";
import { type Certificates, loadCertificates } from "../../../src/config/certificates.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { ConfigError, type Source } from "../../../src/config/problem.ts";
import {
  RENEWED_PRIVATE_KEY,
  TEST_CERTIFICATE,
  TEST_PRIVATE_KEY,
} from "../../support/certificate.ts";

/** What a configuration with these files gives. */
function load(files: Readonly<Record<string, string>>): Certificates {
  const { config } = parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-this-test",
        endpoint: "https://backend.example.com",
      },
      server: { tls: { cert_file: "tls.crt", key_file: "tls.key" } },
      backend: { ca_file: "ca.crt" },
      users: [],
    }),
    {
      path: "config.yaml",
      environment: () => undefined,
      readSecretFile: () => assert.fail("no secret is in a file"),
    },
  );
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error("no"), { code: "ENOENT" });
    return text;
  };
  const place: Source = {
    path: "config.yaml",
    locate: () => ({ line: 7, column: 9 }),
    isCutByComment: () => false,
  };
  return loadCertificates(config, { readFile, place, hideValues: (message) => message });
}

const GOOD = {
  "tls.crt": TEST_CERTIFICATE,
  "tls.key": TEST_PRIVATE_KEY,
  "ca.crt": TEST_CERTIFICATE,
};
/** Of X.509 version 1, with the same key. */
const VERSION_1 = `-----BEGIN CERTIFICATE-----
MIIBJTCBywIUaJVBrBTIrbSv2nQL3YX52TI+r2QwCgYIKoZIzj0EAwIwFDESMBAG
A1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjIwMTUxMFoYDzIxMjYxMTAyMjAxNTEw
WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATdnFQdBnoQjzll47rKeh+SwcYxDTp0svuutfSf3zBJRt27a+KOGB9V36CfnWyl
cFvfyp4QPQFeKKQ4Qb4Fx+ZlMAoGCCqGSM49BAMCA0kAMEYCIQD1E/xhtbDkF2Sa
mkXqcNNuM1OrYmeImTm50mGbitxz0gIhALbFpOtQL2N3Pj1M2/kQxP94vrSnt3Y/
K59Kk9ipXFiD
-----END CERTIFICATE-----
`;
const GARBAGE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const REFUSED: Readonly<Record<string, readonly [files: Record<string, string>, message: string]>> =
  {
    "a certificate that is none": [
      { "tls.crt": GARBAGE },
      "config.yaml:7:9: server.tls.cert_file: tls.crt: is not a PEM file of certificates",
    ],
    "a chain whose second certificate is none": [
      { "tls.crt": `${TEST_CERTIFICATE}${GARBAGE}` },
      "config.yaml:7:9: server.tls.cert_file: tls.crt: is not a PEM file of certificates",
    ],
    "an authority that is empty": [
      { "ca.crt": "" },
      "config.yaml:7:9: backend.ca_file: ca.crt: is not a PEM file of certificates",
    ],
    "a key that is none": [
      { "tls.key": TEST_PRIVATE_KEY.replace(/\n.*\n/, "\nAAAA\n") },
      "config.yaml:7:9: server.tls.key_file: tls.key: is not a PEM file of a private key without a password",
    ],
    "a certificate of a kind that the runtime's TLS refuses": [
      { "tls.crt": VERSION_1 },
      "config.yaml:7:9: server.tls.cert_file: tls.crt: cannot be used: " +
      "invalid peer certificate: Other(OtherError(UnsupportedCertVersion))",
    ],
    "the key of another certificate": [
      { "tls.key": RENEWED_PRIVATE_KEY },
      "config.yaml:7:9: server.tls.key_file: tls.key: is not the private key of tls.crt",
    ],
  };

for (const [name, [files, message]] of Object.entries(REFUSED)) {
  Deno.test(`loadCertificates() refuses ${name}, and does not quote it`, () => {
    assert.throws(
      () => load({ ...GOOD, ...files }),
      (error) => error instanceof ConfigError && error.message === message,
    );
  });
}

Deno.test("loadCertificates() tells all that is wrong", () => {
  assert.throws(() => load({ "tls.key": "none" }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems, [
      "config.yaml:7:9: server.tls.cert_file: tls.crt: cannot be read: there is no such file",
      "config.yaml:7:9: server.tls.key_file: tls.key: is not a PEM file of a private key without a password",
      "config.yaml:7:9: backend.ca_file: ca.crt: cannot be read: there is no such file",
    ]);
    return true;
  });
});

Deno.test("loadCertificates() reads chains and their keys", () => {
  const chain = TEST_CERTIFICATE + TEST_CERTIFICATE;
  assert.deepEqual(load({ ...GOOD, "ca.crt": chain }), {
    server: { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY },
    client: undefined,
    console: undefined,
    authorities: [chain],
    identityFiles: new Map(),
  });
});
