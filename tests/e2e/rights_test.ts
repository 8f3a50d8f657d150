/**
 * Rights as people use them, by the tools they use, on the real gateway: append-only backups, a prefix
 * of its own, three users who see three lists, and a page that uploads from a browser.
 */

import assert from "node:assert/strict";
import { type RawResponse, request } from "../support/raw_client.ts";
import { type Header, presign } from "../support/signer.ts";
import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { type Access, REGION } from "./support/client.ts";
import { CommandError, readCommand } from "./support/command.ts";
import { type Transport, TRANSPORTS } from "./support/gateway.ts";
import { readFolder, writeFolder } from "./support/payload.ts";
import { type User, USERS } from "./support/proxy_child.ts";
import { sendSigned, type SignedRequest } from "./support/signed_request.ts";
import { openAccess, type Stack, useStack } from "./support/stack.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

const ORIGIN = "https://app.example.com";

function describeUser(name: string): User {
  return { accessKey: `${name}-key`, secretKey: `${name}-secret-of-the-tests`, allowedBuckets: [] };
}

const BACKUP = describeUser("backup-agent");
const PRUNER = describeUser("backup-pruner");
const TEAM = describeUser("team-a");
const READER = describeUser("reader");
const VERSIONED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

function configureUser({ accessKey, secretKey }: User, grants: readonly object[]): object {
  const name = accessKey.replace(/-key$/, "");
  return { name, access_key: accessKey, secret_key: secretKey, grants };
}

const stack = useStack({
  name: "rights",
  settings: {
    users: [
      configureUser(BACKUP, [
        { access: "append-only", buckets: ["e2e-backup-*"], deletable_prefixes: ["locks/"] },
      ]),
      configureUser(PRUNER, [{ access: "read-write", buckets: ["e2e-backup-*"] }]),
      configureUser(TEAM, [
        { access: "read-write", buckets: ["e2e-shared-*"], prefixes: ["${user}/"] },
      ]),
      configureUser(READER, [
        { access: "full", buckets: ["e2e-alpha-ids"], prefixes: ["${user}"] },
      ]),
    ],
    cors: [{
      buckets: ["e2e-alpha-*"],
      allowed_origins: [ORIGIN],
      allowed_methods: ["PUT"],
      allowed_headers: ["content-type"],
      expose_headers: ["ETag"],
      max_age_seconds: 600,
    }],
  },
});

const restic = await findProgram("restic");

Deno.test({
  name: "restic with an append-only key backs up and restores, and destroys nothing",
  ignore: isMissing("restic", restic.missing),
  fn: backUp,
});

async function backUp(): Promise<void> {
  const { backend } = stack();
  const transport = "https"; // one is enough: restic tries for a minute before it gives up
  const bucket = "e2e-backup-restic";
  await backend.makeBucket(bucket);
  const agent = await openRestic(stack(), { user: BACKUP, transport, bucket });
  const pruner = await openRestic(stack(), { user: PRUNER, transport, bucket });
  const folder = `${agent.directory}/folder`;
  const files = await writeFolder(folder);
  await agent.run("init");
  await agent.run("backup", folder);
  await Deno.writeTextFile(`${folder}/added.txt`, "added");
  await agent.run("backup", folder);
  const kept = await listKept();
  assert.ok(kept.some((line) => line.includes("snapshots/")));

  await assert.rejects(agent.run("forget", "--keep-last", "1", "--prune"), CommandError);
  assert.deepEqual(await listKept(), kept);
  await assert.rejects(agent.run("init"), CommandError);
  assert.deepEqual(await listKept(), kept);

  await agent.run("restore", "latest", "--target", `${agent.directory}/restored`);
  const restored = `${agent.directory}/restored${folder}`;
  assert.deepEqual(await readFolder(restored, Object.keys(files)), files);
  await pruner.run("check", "--read-data");
  await pruner.run("forget", "--keep-last", "1", "--prune");
  assert.notDeepEqual(await listKept(), kept);

  /** Everything but the locks, which come and go. */
  async function listKept(): Promise<string[]> {
    return (await backend.listObjects(bucket)).filter((line) => !line.includes(" locks/"));
  }
}

async function openRestic(
  stack: Stack,
  { user, transport, bucket }: { user: User; transport: Transport; bucket: string },
): Promise<{ directory: string; run: (...args: string[]) => Promise<string> }> {
  const access = await openAccess(stack, { user, transport });
  const trust = access.authorityFile === undefined ? [] : ["--cacert", access.authorityFile];
  return {
    directory: access.directory,
    run: (...args) =>
      readCommand("restic", {
        args: [...trust, "--no-cache", ...args],
        env: {
          AWS_ACCESS_KEY_ID: user.accessKey,
          AWS_SECRET_ACCESS_KEY: user.secretKey,
          AWS_DEFAULT_REGION: REGION,
          RESTIC_REPOSITORY: `s3:${access.endpoint}/${bucket}`,
          RESTIC_PASSWORD: "password-of-the-tests",
          TMPDIR: access.directory,
        },
      }),
  };
}

const rclone = await findProgram("rclone");

Deno.test({
  name: "Z6 rclone stays under the prefix of its user",
  ignore: isMissing("rclone", rclone.missing),
  async fn(): Promise<void> {
    const { backend } = stack();
    const bucket = "e2e-shared-rclone";
    await backend.makeBucket(bucket);
    await backend.put({ bucket, key: "team-b/secret.txt" }, "theirs");
    const access = await openAccess(stack(), { user: TEAM, transport: "https" });
    const folder = `${access.directory}/folder`;
    await writeFolder(folder);
    await runRclone(access, "sync", folder, `e2e:${bucket}/team-a`);
    await runRclone(access, "check", "--download", folder, `e2e:${bucket}/team-a`);
    const kept = await backend.listObjects(bucket);
    for (
      const args of [
        ["lsf", `e2e:${bucket}`],
        ["lsf", `e2e:${bucket}/team-b`],
        ["cat", `e2e:${bucket}/team-b/secret.txt`],
        ["deletefile", `e2e:${bucket}/team-b/secret.txt`],
        ["copyto", `${folder}/empty.txt`, `e2e:${bucket}/team-b/new.txt`],
        ["copyto", `e2e:${bucket}/team-b/secret.txt`, `e2e:${bucket}/team-a/stolen.txt`],
      ]
    ) {
      await assert.rejects(runRclone(access, ...args), CommandError, args.join(" "));
    }
    assert.deepEqual(await backend.listObjects(bucket), kept);
  },
});

async function runRclone(access: Access, ...args: readonly string[]): Promise<string> {
  return await readCommand("rclone", {
    args: [...args, "--retries", "1", "--low-level-retries", "1"],
    env: {
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_E2E_TYPE: "s3",
      RCLONE_CONFIG_E2E_PROVIDER: "Other",
      RCLONE_CONFIG_E2E_ACCESS_KEY_ID: access.accessKey,
      RCLONE_CONFIG_E2E_SECRET_ACCESS_KEY: access.secretKey,
      RCLONE_CONFIG_E2E_ENDPOINT: access.endpoint,
      RCLONE_CONFIG_E2E_REGION: REGION,
      // It may not make buckets, and need not.
      RCLONE_CONFIG_E2E_NO_CHECK_BUCKET: "true",
      RCLONE_CA_CERT: access.authorityFile ?? "",
    },
  });
}

const python = await findPythonTools();

Deno.test({
  name: "Z12 aws s3 ls shows three users three lists",
  ignore: isMissing("aws-cli", python.missing),
  async fn(): Promise<void> {
    const { backend } = stack();
    const buckets = ["e2e-alpha-lists", "e2e-shared-lists", "e2e-backup-lists"];
    for (const bucket of buckets) await backend.makeBucket(bucket);
    const list = async (user: User): Promise<string[]> => {
      const access = await openAccess(stack(), { user, transport: "https" });
      const env = buildAwsEnvironment(access);
      const text = await readCommand(python.value?.aws ?? "", { args: ["s3", "ls"], env });
      const names = text.trim().split("\n").map((line) => line.split(" ").at(-1) ?? "");
      return names.filter((name) => name.endsWith("-lists"));
    };
    assert.deepEqual(await list(USERS.admin), buckets.toSorted());
    assert.deepEqual(await list(USERS.alpha), ["e2e-alpha-lists"]);
    assert.deepEqual(await list(TEAM), ["e2e-shared-lists"]);
    // Who has no rule at all may not even ask.
    await assert.rejects(list(USERS.nobody), CommandError);
  },
});

Deno.test("an append-only key does not overwrite in a bucket with versions, where If-None-Match is not heeded", async () => {
  const { backend, proxies: { http } } = stack();
  const bucket = "e2e-backup-versions";
  await backend.makeBucket(bucket);
  const port = Number(new URL(http.endpoint).port);
  const send = (user: User, input: Omit<SignedRequest, "port" | "user">): Promise<RawResponse> =>
    sendSigned({ port, user, ...input });
  const target = `/${bucket}/data/1`;
  await send(USERS.admin, { method: "PUT", target: `/${bucket}?versioning`, body: VERSIONED });
  assert.equal((await send(BACKUP, { method: "PUT", target, body: "backup" })).status, 200);
  const copied: readonly Header[] = [["x-amz-copy-source", `${bucket}/data/1`]];
  for (
    const request of [
      { method: "PUT", target, body: "ransom" },
      { method: "PUT", target, headers: copied },
    ]
  ) {
    assert.equal((await send(BACKUP, request)).errorCode, "AccessDenied");
  }
  const create: readonly Header[] = [["if-none-match", "*"]];
  const conditional = { method: "PUT", target, headers: create, body: "another" };
  assert.equal((await send(USERS.admin, conditional)).status, 412);
  const stubborn = { method: "PUT", target, headers: [...copied, ...create] };
  assert.equal((await send(BACKUP, stubborn)).errorCode, "PreconditionFailed");
  for (const deleted of [target, `${target}?versionId=null`]) {
    assert.equal((await send(BACKUP, { method: "DELETE", target: deleted })).status, 403);
  }
  assert.equal((await send(BACKUP, { method: "GET", target })).text, "backup");
});

Deno.test("Z11, Z14 ids that the gateway reads as another key's versions and uploads are refused", async () => {
  const { backend, proxies: { http } } = stack();
  const bucket = "e2e-alpha-ids";
  await backend.makeBucket(bucket);
  const port = Number(new URL(http.endpoint).port);
  const send = (user: User, input: Omit<SignedRequest, "port" | "user">): Promise<RawResponse> =>
    sendSigned({ port, user, ...input });
  await send(USERS.alpha, { method: "PUT", target: `/${bucket}?versioning`, body: VERSIONED });
  const put = await send(USERS.alpha, {
    method: "PUT",
    target: `/${bucket}/secret_reader`,
    body: "theirs",
  });
  const version = put.header("x-amz-version-id");
  const created = await send(USERS.alpha, {
    method: "POST",
    target: `/${bucket}/reader.secret?uploads`,
  });
  const upload = /<UploadId>([^<]+)/.exec(created.text)?.[1];
  assert.ok(version !== undefined && upload !== undefined);
  // What the proxy expects of version ids: names.ts.
  assert.match(version, /^[^_]{31}$/);
  assert.match(upload, /^2~[^.]+$/);

  const asVersion = `/${bucket}/reader?versionId=${version}_secret`;
  const asUpload = `/${bucket}/reader?uploadId=secret.${upload}`;
  for (const target of [asVersion, asUpload]) {
    for (const method of ["GET", "DELETE"]) {
      const { status, text } = await send(READER, { method, target });
      assert.equal(status, 404, `${method} ${target}: ${text}`);
    }
  }
  const theirs = `/${bucket}/secret_reader?versionId=${version}`;
  assert.equal((await send(READER, { method: "GET", target: theirs })).status, 403);
  assert.equal((await send(USERS.alpha, { method: "GET", target: theirs })).text, "theirs");
  const parts = `/${bucket}/reader.secret?uploadId=${upload}`;
  assert.equal((await send(USERS.alpha, { method: "GET", target: parts })).status, 200);
});

for (const transport of TRANSPORTS) {
  Deno.test(`a page uploads as a browser does, preflight and presigned PUT, over ${transport}`, async () => {
    const { gateway, proxies, backend } = stack();
    const bucket = `e2e-alpha-browser-${transport}`;
    await backend.makeBucket(bucket);
    const { endpoint } = proxies[transport];
    const host: Header = ["host", new URL(endpoint).host];
    const { target } = presign({
      method: "PUT",
      target: `/${bucket}/upload.txt`,
      headers: [host],
      ...USERS.alpha,
      date: new Date(),
      expires: 60,
    });
    const caCert = await Deno.readTextFile(gateway.authorityFile);
    const send = (
      method: string,
      headers: readonly Header[],
      body?: string,
    ): Promise<RawResponse> =>
      request({
        port: Number(new URL(endpoint).port),
        ...(transport === "https" ? { caCert } : {}),
        method,
        target,
        headers: [host, ...headers],
        body,
      });
    const wanted: Header = ["access-control-request-method", "PUT"];
    const foreign = await send("OPTIONS", [["origin", "https://evil.example.com"], wanted]);
    assert.equal(foreign.status, 403);
    const preflight = await send("OPTIONS", [
      ["origin", ORIGIN],
      wanted,
      ["access-control-request-headers", "content-type"],
    ]);
    assert.equal(preflight.status, 200);
    assert.equal(preflight.header("access-control-allow-origin"), ORIGIN);
    assert.equal(preflight.header("access-control-allow-methods"), "PUT");
    assert.equal(preflight.header("access-control-max-age"), "600");

    const page: readonly Header[] = [["origin", ORIGIN], ["content-type", "text/plain"]];
    const put = await send("PUT", page, "from a page");
    assert.equal(put.status, 200, put.text);
    assert.equal(put.header("access-control-allow-origin"), ORIGIN);
    assert.equal(put.header("access-control-expose-headers"), "ETag");
    const [object = ""] = await backend.listObjects(bucket);
    assert.match(object, / 11 \S+ upload\.txt$/);
  });
}

function isMissing(name: string, missing: string | undefined): boolean {
  if (missing !== undefined) console.error(`\n*** SKIPPED: ${name}: ${missing} ***\n`);
  return missing !== undefined;
}
