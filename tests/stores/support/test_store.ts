/**
 * What is tested on every store: its preset is what the probe measures, clients do their list, and no attack crosses a Deny
 * or changes an object.
 * @module
 */

import assert from "node:assert/strict";
import { Client as Minio } from "minio";
import { parseConfig } from "../../../src/config/load.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { configureLogging } from "../../../src/observability/log.ts";
import { compareFacts, probeStore } from "../../../src/probe/probe.ts";
import { ProbeStore } from "../../../src/probe/probe_store.ts";
import { readCheckOptions } from "../../../src/server/backend_watch.ts";
import type { RunningProxy } from "../../../src/server/running_proxy.ts";
import { startProxy } from "../../../src/server/start_proxy.ts";
import { MEASURED_ON, PRESETS } from "../../../src/stores/presets.ts";
import { readCommand } from "../../e2e/support/command.ts";
import { findPythonTools } from "../../e2e/support/tools.ts";
import { request } from "../../support/raw_client.ts";
import { type Header, signHeaders } from "../../support/signer.ts";
import { MASTER, type RunningStore, startStore, type StoreName } from "./start_store.ts";

const ALICE = { accessKey: "alice-key-of-tests", secretKey: "alice-secret-of-the-tests" };
/** May do everything but touch `releases/`, `secret` and `victim`. */
const CAROL = { accessKey: "carol-key-of-tests", secretKey: "carol-secret-of-the-tests" };
const DENIED = ["*/releases/*", "*/secret", "victim", "victim/*"];
const CERTIFICATES = { server: undefined, client: undefined, authorities: [] };
const LISTENERS = ["serve", "hardened"] as const;

/** A store, and the proxy in front of it, once on each listener. */
interface Scene extends AsyncDisposable {
  readonly store: RunningStore;
  readonly ports: Readonly<Record<typeof LISTENERS[number], number>>;
  readonly options: ReturnType<typeof readCheckOptions>;
}

/** Registers the tests of one store; they are skipped, loudly, where it cannot be had. */
export function testStore(name: StoreName): void {
  let scene: Scene | undefined;
  Deno.test(`${name} (${MEASURED_ON[name]})`, async (step) => {
    const tool = await startStore(name);
    if (tool.value === undefined) {
      console.error(`\n*** SKIPPED: ${name} cannot be had: ${tool.missing} ***\n`);
      return;
    }
    scene = await openScene(name, tool.value);
    await using opened = scene;
    await step.step("the probe measures its preset", () => testProbe(name, opened));
    await step.step("boto3 and aws-cli do their list", () => testPython(name, opened));
    await step.step("minio-js does its list", () => testMinioJs(opened));
    for (const listener of LISTENERS) {
      await step.step(`no attack crosses a Deny [${listener}]`, () => {
        return testAttacks(opened, { listener, name });
      });
    }
  });
}

async function openScene(kind: StoreName, store: RunningStore): Promise<Scene> {
  const allow = { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::*" };
  const resources = DENIED.map((resource) => `arn:aws:s3:::${resource}`);
  const deny = { Effect: "Deny", Action: "s3:*", Resource: resources };
  const policy = { Version: "2012-10-17", Statement: [allow, deny] };
  const read = (listener: string): ReturnType<typeof parseConfig>["config"] => {
    const data = {
      master_credentials: {
        access_key: MASTER.accessKey,
        secret_key: MASTER.secretKey,
        endpoint: store.endpoint,
      },
      server: { listen_addr: "127.0.0.1:0", listener, workers: 1 },
      backend: { kind },
      users: [
        { access_key: ALICE.accessKey, secret_key: ALICE.secretKey, allowed_buckets: ["*"] },
        { access_key: CAROL.accessKey, secret_key: CAROL.secretKey, policy },
      ],
    };
    const place = { path: kind, environment: () => undefined, readSecretFile: () => "" };
    return parseConfig(JSON.stringify(data), place).config;
  };
  const logger = configureLogging({ level: "error", format: "text" });
  const proxies: RunningProxy[] = [];
  for (const listener of LISTENERS) {
    proxies.push(await startProxy(read(listener), { certificates: CERTIFICATES, logger }));
  }
  const [serve, hardened] = proxies.map(({ port }) => port);
  const complete = { config: read("serve"), certificates: CERTIFICATES };
  return {
    store,
    ports: { serve: serve ?? 0, hardened: hardened ?? 0 },
    options: readCheckOptions(complete, { buckets: undefined }),
    [Symbol.asyncDispose]: async () => {
      for (const proxy of proxies) await proxy.stop();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A newer store that does more, or less, fails this, and says which fact. */
async function testProbe(name: StoreName, { options }: Scene): Promise<void> {
  const probe = await probeStore({ ...options, bucket: undefined, name: "s3-proxy-probe-tests" });
  assert.deepEqual([probe.failures, probe.left], [[], []]);
  // What Ceph tells of encryption depends on its configuration, so that its preset does without.
  const differing = compareFacts(PRESETS[name], probe)
    .filter(({ name, verdict }) =>
      verdict === "trusts" || verdict === "gives" && name !== "encryption_told"
    )
    .map(({ name, configured, measured }) => `${name}: ${configured}, but measured: ${measured}`);
  assert.deepEqual(differing, []);
}

/** Bucket, objects small, empty and in parts, with tags where they are kept, listing, copy, checksum, deletion. */
const PYTHON = `
import boto3, os, sys
from botocore.config import Config
from boto3.s3.transfer import TransferConfig
endpoint, tags, checksums, directory = sys.argv[1:5]
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))
bucket = "boto3-list"
s3.create_bucket(Bucket=bucket)
data = os.urandom(11 * 1024 * 1024)
open(directory + "/big", "wb").write(data)
extra = {"Tagging": "a=1"} if tags == "yes" else {}
s3.upload_file(directory + "/big", bucket, "dir/big", ExtraArgs=extra,
    Config=TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20))
assert s3.get_object(Bucket=bucket, Key="dir/big")["Body"].read() == data
if extra: assert s3.get_object_tagging(Bucket=bucket, Key="dir/big")["TagSet"] == [{"Key": "a", "Value": "1"}]
s3.put_object(Bucket=bucket, Key="dir/small +\\u00e9", Body=b"small")
s3.put_object(Bucket=bucket, Key="empty", Body=b"")
head = s3.head_object(Bucket=bucket, Key="dir/small +\\u00e9", ChecksumMode="ENABLED")
assert ("ChecksumCRC32" in head) == (checksums == "yes"), head
assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["dir/big", "dir/small +\\u00e9", "empty"]
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "dir/small +\\u00e9"})
assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"small"
try: s3.put_object(Bucket=bucket, Key="copy", Body=b"x", IfNoneMatch="*"); raise SystemExit("not held")
except s3.exceptions.ClientError as error: assert error.response["Error"]["Code"] == "PreconditionFailed", error
s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in ["dir/big", "dir/small +\\u00e9", "copy", "empty"]]})
assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
s3.delete_bucket(Bucket=bucket)
`;

async function testPython(name: StoreName, { ports }: Scene): Promise<void> {
  const tool = await findPythonTools();
  if (tool.value === undefined) {
    console.error(`\n*** SKIPPED: boto3 and aws-cli: ${tool.missing} ***\n`);
    return;
  }
  const { python, aws } = tool.value;
  const directory = await Deno.makeTempDir();
  const { keeps, checksums } = PRESETS[name];
  const yes = (is: boolean): string => is ? "yes" : "no";
  const env = {
    AWS_ACCESS_KEY_ID: ALICE.accessKey,
    AWS_SECRET_ACCESS_KEY: ALICE.secretKey,
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const known = [yes(keeps.includes("create.tags")), yes(checksums.includes("CRC32"))];
  for (const port of Object.values(ports)) {
    const endpoint = `http://127.0.0.1:${port}`;
    await readCommand(python, { args: ["-c", PYTHON, endpoint, ...known, directory], env });
    const run = (...args: string[]): Promise<string> =>
      readCommand(aws, { args: ["--endpoint-url", endpoint, ...args], env });
    await run("s3", "mb", "s3://aws-list");
    await run("s3", "cp", `${directory}/big`, "s3://aws-list/big", "--quiet");
    await run("s3", "cp", "s3://aws-list/big", `${directory}/back`, "--quiet");
    const [sent, back] = await Promise.all(
      ["big", "back"].map((file) => Deno.readFile(`${directory}/${file}`)),
    );
    assert.deepEqual(back, sent);
    await run("s3", "mv", "s3://aws-list/big", "s3://aws-list/moved", "--quiet");
    assert.match(await run("s3", "ls", "s3://aws-list"), / moved\n$/);
    await run("s3", "rb", "s3://aws-list", "--force");
  }
  await Deno.remove(directory, { recursive: true });
}

async function testMinioJs({ ports }: Scene): Promise<void> {
  const { accessKey, secretKey } = ALICE;
  for (const port of Object.values(ports)) {
    const region = "us-east-1";
    const client = new Minio({
      endPoint: "127.0.0.1",
      port,
      useSSL: false,
      accessKey,
      secretKey,
      region,
    });
    await client.makeBucket("minio-list", region);
    await client.putObject("minio-list", "a/b", "content", undefined, {
      "X-Amz-Meta-Color": "red",
    });
    const { metaData } = await client.statObject("minio-list", "a/b");
    assert.equal(metaData["color"], "red");
    const read = await client.getObject("minio-list", "a/b");
    let text = "";
    for await (const piece of read) text += String(piece);
    assert.equal(text, "content");
    await client.removeObject("minio-list", "a/b");
    await client.removeBucket("minio-list");
  }
}

/** Method, target, and further headers; `mine` and `victim` are there, with objects of known content. */
const ATTACKS: readonly (readonly [method: string, target: string, ...headers: Header[]])[] = [
  ["PUT", "/mine/releases/x"],
  ["PUT", "/mine//releases/x"],
  ["PUT", "/mine/releases//x"],
  ["PUT", "/mine///releases/x"],
  ["PUT", "/mine/releases%5Cx"],
  ["PUT", "/mine/./releases/x"],
  ["PUT", "/mine/a/../releases/x"],
  ["PUT", "/mine/secret/"],
  ["PUT", "/mine//secret"],
  ["DELETE", "/mine//releases/x"],
  ["DELETE", "/mine/releases//x"],
  ["DELETE", "/mine/a/../releases/x"],
  ["DELETE", "/mine/secret/"],
  ["DELETE", "/mine//secret"],
  ["DELETE", "/victim/k"],
  ["PUT", "/mine/../victim/k"],
  ["PUT", "/mine/%2e%2e/victim/k"],
  ["DELETE", "/victim?cors"],
  ["DELETE", "/victim"],
  ["PUT", "/victim/k", ["x-amz-copy-source", "mine/free"]],
  ["PUT", "/victim/k?tagging"],
  ["POST", "/victim?delete"],
  ["DELETE", "/victim/k?versionId=null"],
];
const READS: readonly (readonly [method: string, target: string, ...headers: Header[]])[] = [
  ["GET", "/mine//releases/x"],
  ["GET", "/mine/releases//x"],
  ["GET", "/mine/a/../releases/x"],
  ["GET", "/mine/secret/"],
  ["GET", "/mine//secret"],
  ["GET", "/victim/k"],
  ["GET", "/victim?versions"],
  ["GET", "/mine/releases/x?versionId=null"],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "mine//releases/x"]],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "mine/releases//x"]],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "mine/secret/"]],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "victim/k"]],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "/victim/k?versionId=null"]],
  ["PUT", "/mine/stolen", ["x-amz-copy-source", "mine/free%3FversionId%3Dnull"]],
];

async function testAttacks(
  { ports, options }: Scene,
  { listener, name }: { listener: typeof LISTENERS[number]; name: StoreName },
): Promise<void> {
  const port = ports[listener];
  const store = new ProbeStore(options, { bucket: "mine", name: "unused" });
  const objects = ["mine/releases/x", "mine/secret", "mine/free", "victim/k"];
  for (const bucket of ["mine", "victim"]) await store.makeBucket(bucket);
  for (const object of objects) {
    const [bucket = "", ...key] = object.split("/");
    await store.put(key.join("/"), { bucket, body: `CONTENT of ${object}` });
  }
  for (const [method, target, ...headers] of [...ATTACKS, ...READS]) {
    const all: Header[] = [["host", `127.0.0.1:${port}`], ...headers];
    const hasBody = method === "PUT" && headers.length === 0 || method === "POST";
    const body = target.endsWith("delete")
      ? "<Delete><Object><Key>k</Key></Object></Delete>"
      : hasBody
      ? "OVERWRITTEN"
      : undefined;
    const signed = signHeaders({
      method,
      target,
      headers: all,
      ...CAROL,
      date: systemClock(),
      payloadHash: "UNSIGNED-PAYLOAD",
    });
    const told = `${name} ${method} ${target} ${headers}`;
    const sent = { port, method, target, headers: [...signed.headers] };
    const response = await request(body === undefined ? sent : { ...sent, body });
    const isExact = PRESETS[name].keys === "exact" && target.startsWith("/mine/");
    assert.ok(!response.text.includes("CONTENT of"), told);
    // Where they are keys of their own, they may be written, read and removed; all else is refused.
    if (!isExact && !target.includes("stolen")) assert.ok(response.status >= 400, told);
  }
  for (const object of objects) {
    const [bucket = "", ...key] = object.split("/");
    assert.equal(await store.read(key.join("/"), { bucket }), `CONTENT of ${object}`, object);
  }
  const stolen = await store.read("stolen", { bucket: "mine" });
  assert.ok(stolen === undefined || !stolen.includes("CONTENT"), stolen);
  await store.clean();
}
