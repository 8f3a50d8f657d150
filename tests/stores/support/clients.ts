/**
 * What clients do, on every store: boto3, aws-cli and minio-js.
 * @module
 */

import assert from "node:assert/strict";
import { Client as Minio } from "minio";
import { Buffer } from "node:buffer";
import { createChecksumHasher } from "../../../src/payload/checksum.ts";
import { type Capabilities, keepsParts } from "../../../src/stores/capabilities.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { readCommand } from "../../e2e/support/command.ts";
import { findPythonTools, type PythonTools } from "../../e2e/support/tools.ts";
import { TEST_CERTIFICATE } from "../../support/certificate.ts";
import { KEYS, type Scene } from "./scene.ts";

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: KEYS.alice.accessKey,
  AWS_SECRET_ACCESS_KEY: KEYS.alice.secretKey,
  AWS_DEFAULT_REGION: "us-east-1",
};

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

/** boto3, on both listeners. */
export async function testBoto3({ ports, name }: Scene): Promise<void> {
  const tools = await findTools();
  if (tools === undefined) return;
  const { keeps, checksums } = PRESETS[name];
  const yes = (is: boolean): string => is ? "yes" : "no";
  const known = [yes(keeps.includes("create.tags")), yes(checksums.includes("CRC32"))];
  const directory = await Deno.makeTempDir();
  for (const port of Object.values(ports)) {
    const args = ["-c", PYTHON, `http://127.0.0.1:${port}`, ...known, directory];
    await readCommand(tools.python, { args, env: ENVIRONMENT });
  }
  await Deno.remove(directory, { recursive: true });
}

/** aws-cli, plainly and over TLS, where its checksums come behind the body. */
export async function testAwsCli({ ports, tlsPort, name }: Scene): Promise<void> {
  const tools = await findTools();
  if (tools === undefined) return;
  const directory = await Deno.makeTempDir();
  await Deno.writeTextFile(`${directory}/ca.pem`, TEST_CERTIFICATE);
  await Deno.writeTextFile(`${directory}/little`, "little");
  await Deno.writeFile(`${directory}/big`, new Uint8Array(11 << 20).fill(7)); // two parts of aws-cli's
  const env = { ...ENVIRONMENT, AWS_CA_BUNDLE: `${directory}/ca.pem` };
  for (
    const [endpoint, comesBehind] of [
      [`http://127.0.0.1:${ports.serve}`, false],
      [`https://127.0.0.1:${tlsPort}`, true],
    ] as const
  ) {
    const run: Run = (...args) =>
      readCommand(tools.aws, { args: ["--endpoint-url", endpoint, ...args], env });
    await testTransfers(run, { directory, capabilities: PRESETS[name], comesBehind });
  }
  await Deno.remove(directory, { recursive: true });
}

async function findTools(): Promise<PythonTools | undefined> {
  const { value, missing } = await findPythonTools();
  if (missing !== undefined) console.error(`\n*** SKIPPED: boto3 and aws-cli: ${missing} ***\n`);
  return value;
}

/** Runs aws-cli. */
type Run = (...args: string[]) => Promise<string>;

/** Uploads, small and in parts, with the default checksum, which comes back where the store keeps it; and what else it does. */
async function testTransfers(
  run: Run,
  { directory, capabilities, comesBehind }: {
    directory: string;
    capabilities: Capabilities;
    comesBehind: boolean;
  },
): Promise<void> {
  const keeps = capabilities.checksums.length > 0;
  await run("s3", "mb", "s3://aws-list");
  for (
    const [file, isKept] of [
      ["little", keeps && (capabilities.checksum_trailers || !comesBehind)],
      ["big", keeps && keepsParts(capabilities)],
    ] as const
  ) {
    await run("s3", "cp", `${directory}/${file}`, `s3://aws-list/${file}`, "--quiet");
    const args = ["--bucket", "aws-list", "--key", file, "--checksum-mode", "ENABLED"];
    const head = await run("s3api", "head-object", ...args);
    verifyChecksum(head, { isKept, bytes: await Deno.readFile(`${directory}/${file}`) });
  }
  await run("s3", "cp", "s3://aws-list/big", `${directory}/back`, "--quiet");
  const [sent, back] = await Promise.all(
    ["big", "back"].map((file) => Deno.readFile(`${directory}/${file}`)),
  );
  assert.deepEqual(back, sent);
  await run("s3", "mv", "s3://aws-list/big", "s3://aws-list/moved", "--quiet");
  assert.match(await run("s3", "ls", "s3://aws-list"), / moved\n$/);
  await run("s3", "rb", "s3://aws-list", "--force");
}

/** aws-cli's `multipart_chunksize`. */
const PART_BYTES = 8 << 20;

/** Compares what head-object tells with the checksum of the whole object, or of its parts' checksums; or expects none. */
function verifyChecksum(
  head: string,
  { isKept, bytes }: { isKept: boolean; bytes: Uint8Array },
): void {
  const told: Record<string, string> = JSON.parse(head);
  const found = (["CRC32", "CRC64NVME"] as const).filter((name) => `Checksum${name}` in told);
  assert.equal(found.length, isKept ? 1 : 0, head);
  for (const name of found) {
    const whole = toBase64(digest(name, bytes));
    const parts = [bytes.subarray(0, PART_BYTES), bytes.subarray(PART_BYTES)];
    const ofParts = Buffer.concat(parts.map((part) => digest(name, part)));
    const composed = `${toBase64(digest(name, ofParts))}-${parts.length}`;
    const expected = told["ChecksumType"] === "COMPOSITE" ? composed : whole;
    assert.equal(told[`Checksum${name}`], expected, head);
  }
}

function digest(algorithm: "CRC32" | "CRC64NVME", bytes: Uint8Array): Uint8Array {
  const hasher = createChecksumHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** minio-js. */
export async function testMinioJs({ ports }: Scene): Promise<void> {
  const { accessKey, secretKey } = KEYS.alice;
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
