/**
 * A configuration of the command-line tools' tests.
 * @module
 */

import assert from "node:assert/strict";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";

/** Its lines are numbered in what the tools print. */
const TEXT =
  `master_credentials: {access_key: M, secret_key: master-secret-key, endpoint: "https://b"}
server: {virtual_host_domains: [s3.test]}
roles:
  reader: {grants: [{access: read-only, buckets: [shared]}], trust: [{issuer: "https://i.test", audience: a, subject: "job-*", claims: {env: [prod, test]}}, {users: [backup]}]}
users:
  - name: ci-writer
    keys:
      - {access_key: ci-old, secret_key: ci-old-secret-key, expires_at: 2030-01-01T00:00:00Z}
      - {access_key: ci-new, secret_key: ci-new-secret-key}
    allowed_buckets: ["ci-*"]
    roles: [reader]
    source_ips: [192.0.2.0/24]
  - name: backup
    access_key: backup-key
    secret_key: backup-secret-key
    grants:
      - access: append-only
        buckets: [backups]
        prefixes: ["\${user}/"]
        deletable_prefixes: ["\${user}/locks/"]
    policy:
      Version: "2012-10-17"
      Statement:
        - {Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::backups/secret/*"}
        - Effect: Allow
          Action: s3:GetBucketCORS
          Resource: "*"
          Condition: {Bool: {"aws:SecureTransport": "true"}}
  - {name: former, access_key: f, secret_key: former-secret-key, enabled: false, allowed_buckets: ["*"]}
  - {name: idle, expires_at: 2029-01-01T00:00:00Z, keys: [{access_key: i, secret_key: idle-secret-key, expires_at: 2028-01-01T00:00:00Z}]}
  - name: cdn
    access_key: c
    secret_key: cdn-secret-key-of-the-tests
    expires_at: 2030-01-01T00:00:00Z
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: "arn:aws:s3:::cdn/*"
          Condition: {StringEquals: {"s3:authType": REST-QUERY-STRING}}
identity_providers: [{issuer: "https://i.test"}]
`;

/** The one configuration. */
export const SAMPLE_CONFIG: Config = parseConfig(TEXT, {
  path: "c.yaml",
  environment: () => undefined,
  readSecretFile: () => assert.fail("no file is needed"),
}).config;

/** Before any of its keys expires. */
export const NOW = new Date("2026-06-01T12:00:00Z");
