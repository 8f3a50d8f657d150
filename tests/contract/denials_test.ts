/** What operators are told of refusals: every denial is a line of the log and a count, wherever it was decided. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { ALICE, EXPIRED, type Key, NOBODY, ProxyUnderTest } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

const BACKUP: Key = { accessKey: "backup-key", secretKey: "backup-secret-of-the-tests" };
const REMOTE: Key = { accessKey: "remote-key", secretKey: "remote-secret-of-the-tests" };
const LOGGER: Key = { accessKey: "logger-key", secretKey: "logger-secret-of-the-tests" };
const DISABLED: Key = { accessKey: "disabled-key", secretKey: "disabled-secret-of-the-tests" };

function start(): Promise<ProxyUnderTest> {
  const user = ({ accessKey, secretKey }: Key, rest: object): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    ...rest,
  });
  return ProxyUnderTest.start({
    settings: {
      metrics: { enabled: true, address: "127.0.0.1:0" },
      users: [
        user(BACKUP, {
          grants: [{
            access: "append-only",
            buckets: ["vault"],
            deletable_prefixes: ["locks/"],
          }],
        }),
        user(REMOTE, { allowed_buckets: ["mine"], source_ips: ["192.0.2.7"] }),
        user(LOGGER, {
          policy: {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: "s3:*", Resource: "*" },
              { Effect: "Deny", Action: "s3:PutBucketLogging", Resource: "arn:aws:s3:::victim" },
            ],
          },
        }),
        user(DISABLED, { allowed_buckets: ["mine"], enabled: false }),
      ],
    },
    respond: () => ({ send: [formatResponse({ body: "<DeleteResult/>" })] }),
  });
}

/** The fields of the one request that was logged. */
async function readLine(proxy: ProxyUnderTest): Promise<Record<string, unknown>> {
  const lines = (await proxy.readLog()).split("\n").filter((line) =>
    line.includes('"request completed"')
  );
  const [line = ""] = lines;
  assert.equal(lines.length, 1);
  return JSON.parse(line);
}

async function assertCount(proxy: ProxyUnderTest, series: string, count: number): Promise<void> {
  const { text } = await proxy.readAdmin("/metrics");
  const line = text.split("\n").find((line) => line.startsWith(`${series} `));
  assert.equal(line, `${series} ${count}`);
}

function deleteKeys(...keys: string[]): string {
  return `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")}</Delete>`;
}

Deno.test("a DeleteObjects of an append-only user is told as a denial, with how many keys", async () => {
  await using proxy = await start();
  const body = deleteKeys("data/1", "locks/1", "data/2");
  const request = { method: "POST", target: "/vault?delete", key: BACKUP, body };
  assert.equal((await proxy.send(request)).status, 200);
  const line = await readLine(proxy);
  assert.equal(line["decision"], "deny");
  assert.equal(line["reason"], "no_allow");
  assert.equal(line["keys_denied"], 2);
  assert.equal(line["action"], "s3:DeleteObject");
  assert.equal(line["resource"], "arn:aws:s3:::vault/data/1");
  await assertCount(proxy, `s3_proxy_rbac_denied_total{user="backup-key",bucket="vault"}`, 1);
});

Deno.test("a DeleteObjects of allowed keys only is told as allowed", async () => {
  await using proxy = await start();
  const body = deleteKeys("locks/1");
  const request = { method: "POST", target: "/vault?delete", key: BACKUP, body };
  assert.equal((await proxy.send(request)).status, 200);
  const line = await readLine(proxy);
  assert.equal(line["decision"], "allow");
  assert.equal(line["keys_denied"], undefined);
  assert.doesNotMatch((await proxy.readAdmin("/metrics")).text, /rbac_denied_total\{/);
});

Deno.test("a bucket that a document names without the right to is told as a denial", async () => {
  await using proxy = await start();
  const body = "<BucketLoggingStatus><LoggingEnabled><TargetBucket>victim</TargetBucket>" +
    "</LoggingEnabled></BucketLoggingStatus>";
  const request = { method: "PUT", target: "/mine?logging", key: LOGGER, body };
  assert.equal((await proxy.send(request)).errorCode, "AccessDenied");
  const line = await readLine(proxy);
  assert.deepEqual([line["decision"], line["reason"]], ["deny", "explicit_deny"]);
  assert.match(String(line["statement"]), /policy\.Statement\[1\]$/);
  const series = `s3_proxy_rbac_denied_total{user="${LOGGER.accessKey}",bucket="mine"}`;
  await assertCount(proxy, series, 1);
});

Deno.test("what block_public_access refuses is told as a denial", async () => {
  await using proxy = await start();
  const headers = [["x-amz-acl", "public-read"]] as const;
  const response = await proxy.send({ method: "PUT", target: "/mine/k", headers, body: "" });
  assert.equal(response.errorCode, "AccessDenied");
  const line = await readLine(proxy);
  assert.deepEqual([line["decision"], line["reason"]], ["deny", "block_public_access"]);
  const series = `s3_proxy_rbac_denied_total{user="${ALICE.accessKey}",bucket="mine"}`;
  await assertCount(proxy, series, 1);
});

/** What nobody denied, but S3 or this proxy does not have: target → level, status, reason. */
const UNKNOWN: readonly (readonly [target: string, told: readonly unknown[]])[] = [
  ["/mine/k?anything", ["info", 400, "The query parameter anything is not known."]],
  ["/mine?encryption", [
    "info",
    501,
    "GetBucketEncryption is not implemented by the storage backend.",
  ]],
];

for (const [target, told] of UNKNOWN) {
  Deno.test(`${target} is logged with the reason, as no failure`, async () => {
    await using proxy = await start();
    await proxy.send({ target });
    const line = await readLine(proxy);
    assert.deepEqual([line["level"], line["status"], line["reason"]], told);
  });
}

/** key → code → reason. */
const UNWELCOME: readonly (readonly [key: Key, code: string, reason: string])[] = [
  [REMOTE, "AccessDenied", "source_ip"],
  [EXPIRED, "InvalidAccessKeyId", "inactive_access_key"],
  [DISABLED, "InvalidAccessKeyId", "inactive_access_key"],
  [{ ...NOBODY, accessKey: "unheard-of" }, "InvalidAccessKeyId", "unknown_access_key"],
];

Deno.test("A7 Signature Version 2 is counted", async () => {
  await using proxy = await start();
  const target = "/mine/k?AWSAccessKeyId=a&Expires=1&Signature=c2ln&content-type=text%2Fplain";
  proxy.assertRefused(
    await proxy.sendRaw({ method: "PUT", target, headers: [["host", proxy.host]] }),
    "InvalidRequest",
  );
  await assertCount(proxy, `s3_proxy_auth_errors_total{reason="unsupported_algorithm"}`, 1);
});

for (const [key, code, reason] of UNWELCOME) {
  Deno.test(`Z18 ${key.accessKey} is refused and counted: ${reason}`, async () => {
    await using proxy = await start();
    proxy.assertRefused(await proxy.send({ target: "/mine/k", key }), code);
    const line = await readLine(proxy);
    assert.equal(line["reason"], reason);
    assert.equal(line["decision"], code === "AccessDenied" ? "deny" : undefined);
    await assertCount(proxy, `s3_proxy_auth_errors_total{reason="${reason}"}`, 1);
  });
}

Deno.test("a denial tells which right was missing, and on what", async () => {
  await using proxy = await start();
  const headers = [["x-amz-tagging", "a=1"]] as const;
  const target = "/vault/data/1";
  const request = { method: "PUT", target, key: BACKUP, headers, body: "b" };
  proxy.assertRefused(await proxy.send(request), "AccessDenied");
  const line = await readLine(proxy);
  assert.equal(line["access_key"], "backup-key");
  assert.equal(line["action"], "s3:PutObjectTagging");
  assert.equal(line["resource"], "arn:aws:s3:::vault/data/1");
});

Deno.test("a request that is not proven tells the access key it names, and no user", async () => {
  const unproven = [
    { ...BACKUP, secretKey: "another-secret-of-the-tests" },
    { ...BACKUP, accessKey: "unknown-key" },
    EXPIRED,
  ];
  for (const key of unproven) {
    await using proxy = await start();
    assert.equal((await proxy.send({ target: "/vault", key })).status, 403);
    const line = await readLine(proxy);
    assert.deepEqual([line["access_key"], line["user"]], [key.accessKey, undefined]);
  }
});

Deno.test("a denied listing tells the prefix it asked for", async () => {
  await using proxy = await start();
  const target = "/theirs?list-type=2&prefix=team-b%2F%C3%BC";
  proxy.assertRefused(await proxy.send({ target, key: BACKUP }), "AccessDenied");
  const line = await readLine(proxy);
  assert.deepEqual([line["action"], line["prefix"]], ["s3:ListBucket", "team-b/ü"]);
  assert.equal(line["path"], "/theirs");
});

Deno.test("a request's line tells what the client calls itself, in userAgentShownCharactersMax", async () => {
  const agent = "a".repeat(LIMITS.userAgentShownCharactersMax);
  for (const sent of [agent, `${agent}b`]) {
    await using proxy = await start();
    await proxy.send({ target: "/mine/k", headers: [["user-agent", sent]] });
    assert.equal((await readLine(proxy))["user_agent"], agent);
  }
});
