/** The AWS command line. See {@link https://docs.aws.amazon.com/cli/latest/reference/s3/}. */

import assert from "node:assert/strict";
import { buildAwsEnvironment } from "./support/aws_environment.ts";
import type { Access, ByteRange, Client, Listing, ObjectName } from "./support/client.ts";
import { testClient } from "./support/client_tests.ts";
import { readCommand } from "./support/command.ts";
import { readFolder, writeFolder } from "./support/payload.ts";
import { findPythonTools } from "./support/tools.ts";
import type { Trip } from "./support/trip.ts";

/** From here on `aws s3 cp` works in parts: its default. */
const MULTIPART_BYTES_MIN = 8 << 20;

class AwsCli implements Client {
  readonly #program: string;
  readonly #access: Access;
  readonly #env: Readonly<Record<string, string>>;

  constructor(program: string, access: Access) {
    this.#program = program;
    this.#access = access;
    this.#env = buildAwsEnvironment(access);
  }

  async listBuckets(): Promise<string[]> {
    return JSON.parse(await this.#api("list-buckets", ["--query", "Buckets[].Name"]));
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#run("s3", ["mb", `s3://${bucket}`]);
  }

  async removeBucket(bucket: string): Promise<void> {
    await this.#run("s3", ["rb", `s3://${bucket}`]);
  }

  async put({ bucket, key }: ObjectName, file: string): Promise<void> {
    if ((await Deno.stat(file)).size < MULTIPART_BYTES_MIN) {
      await this.#api("put-object", ["--bucket", bucket, "--key", key, "--body", file]);
    } else {
      await this.#run("s3", ["cp", "--no-progress", file, `s3://${bucket}/${key}`]);
    }
  }

  async get({ bucket, key }: ObjectName, file: string): Promise<void> {
    await this.#api("get-object", ["--bucket", bucket, "--key", key, file]);
  }

  async getRange({ bucket, key }: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    const file = `${this.#access.directory}/range`;
    const range = ["--range", `bytes=${first}-${last}`];
    await this.#api("get-object", ["--bucket", bucket, "--key", key, ...range, file]);
    return await Deno.readFile(file);
  }

  async head({ bucket, key }: ObjectName): Promise<number> {
    const args = ["--bucket", bucket, "--key", key, "--query", "ContentLength"];
    return Number(await this.#api("head-object", args));
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const fold = folded ? ["--delimiter", "/"] : [];
    const args = ["--bucket", bucket, "--prefix", prefix, ...fold];
    const answer = JSON.parse(await this.#api("list-objects-v2", args) || "{}");
    return {
      keys: (answer.Contents ?? []).map(({ Key }: { Key: string }) => Key),
      prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }: { Prefix: string }) => Prefix),
    };
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    const [from, to] = [source, target].map(({ bucket, key }) => `s3://${bucket}/${key}`);
    await this.#run("s3", ["cp", `${from}`, `${to}`]);
  }

  async deleteMany(bucket: string, keys: readonly string[]): Promise<void> {
    const list = JSON.stringify({ Objects: keys.map((Key) => ({ Key })) });
    const output = await this.#api("delete-objects", ["--bucket", bucket, "--delete", list]);
    const { Errors: errors = [] } = JSON.parse(output || "{}");
    if (errors.length > 0) throw new Error(output);
  }

  async presign({ bucket, key }: ObjectName): Promise<string> {
    // In us-east-1, and there only, it still signs URLs with SigV2 unless told otherwise.
    const config = `${this.#access.directory}/config`;
    await Deno.writeTextFile(config, "[default]\ns3 =\n  signature_version = s3v4\n");
    const args = ["s3", "presign", `s3://${bucket}/${key}`];
    const env = { ...this.#env, AWS_CONFIG_FILE: config };
    return (await readCommand(this.#program, { args, env })).trim();
  }

  /** `aws s3` with these arguments, whatever they are. */
  async runS3(args: readonly string[]): Promise<string> {
    return await this.#run("s3", args);
  }

  async close(): Promise<void> {}

  #api(operation: string, args: readonly string[]): Promise<string> {
    return this.#run("s3api", [operation, "--output", "json", ...args]);
  }

  async #run(command: string, args: readonly string[]): Promise<string> {
    return await readCommand(this.#program, { args: [command, ...args], env: this.#env });
  }
}

const { value: tools, missing } = await findPythonTools();

testClient({
  name: "aws-cli",
  missing,
  presigns: ["GET"],
  create: (access) => Promise.resolve(new AwsCli(tools?.aws ?? "aws", access)),
}, [{ name: "syncs and moves", run: syncAndMove }]);

async function syncAndMove({ client, bucket, access, stack }: Trip): Promise<void> {
  assert.ok(client instanceof AwsCli);
  const [from, to] = [`${access.directory}/from`, `${access.directory}/to`];
  const files = await writeFolder(from);
  await client.makeBucket(bucket);
  await client.runS3(["sync", from, `s3://${bucket}/synced`]);
  await client.runS3(["mv", "--recursive", `s3://${bucket}/synced`, `s3://${bucket}/moved`]);
  await client.runS3(["sync", `s3://${bucket}/moved`, to]);
  assert.deepEqual(await readFolder(to, Object.keys(files)), files);
  assert.equal((await stack.backend.listObjects(bucket)).length, Object.keys(files).length);
  await client.runS3(["rb", "--force", `s3://${bucket}`]);
}
