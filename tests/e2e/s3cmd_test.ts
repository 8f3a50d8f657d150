/** s3cmd. See {@link https://s3tools.org/usage}. */

import assert from "node:assert/strict";
import {
  type Access,
  type ByteRange,
  type Client,
  type Listing,
  type ObjectName,
  REGION,
} from "./support/client.ts";
import { testClient } from "./support/client_tests.ts";
import { readCommand } from "./support/command.ts";
import { readFolder, writeFolder } from "./support/payload.ts";
import { findProgram } from "./support/tools.ts";
import type { Trip } from "./support/trip.ts";

class S3cmd implements Client {
  readonly #options: readonly string[];
  readonly #access: Access;

  constructor(access: Access) {
    const { host, protocol } = new URL(access.endpoint);
    this.#access = access;
    this.#options = [
      "--config=/dev/null",
      `--access_key=${access.accessKey}`,
      `--secret_key=${access.secretKey}`,
      `--host=${host}`,
      `--host-bucket=${host}`, // path-style
      `--region=${REGION}`,
      protocol === "https:" ? "--ssl" : "--no-ssl",
      ...(access.authorityFile === undefined ? [] : [`--ca-certs=${access.authorityFile}`]),
      "--no-progress",
    ];
  }

  async listBuckets(): Promise<string[]> {
    return matches(await this.#run(["ls"]), /s3:\/\/(\S+)$/gm);
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#run(["mb", `s3://${bucket}`]);
  }

  async removeBucket(bucket: string): Promise<void> {
    await this.#run(["rb", `s3://${bucket}`]);
  }

  async put(object: ObjectName, file: string): Promise<void> {
    await this.#run(["put", file, formatUri(object)]);
  }

  async get(object: ObjectName, file: string): Promise<void> {
    await this.#run(["get", formatUri(object), file]);
  }

  /** s3cmd knows ranges only as the rest of a file that has begun. */
  async getRange(object: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    const file = `${this.#access.directory}/range`;
    await Deno.writeFile(file, new Uint8Array(first));
    await this.#run(["get", "--continue", formatUri(object), file]);
    return (await Deno.readFile(file)).subarray(first, last + 1);
  }

  async head(object: ObjectName): Promise<number> {
    const [size] = matches(await this.#run(["info", formatUri(object)]), /File size:\s*(\d+)/g);
    return Number(size);
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const output = await this.#run([
      "ls",
      ...(folded ? [] : ["--recursive"]),
      `s3://${bucket}/${prefix}`,
    ]);
    const names = new RegExp(`^(.*?) s3://${bucket}/(.*)$`, "gm");
    const entries = Array.from(output.matchAll(names), ([, facts = "", key = ""]) => ({
      key,
      isPrefix: facts.trim() === "DIR",
    }));
    return {
      keys: entries.filter(({ isPrefix }) => !isPrefix).map(({ key }) => key),
      prefixes: entries.filter(({ isPrefix }) => isPrefix).map(({ key }) => key),
    };
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    await this.#run(["cp", formatUri(source), formatUri(target)]);
  }

  async deleteMany(bucket: string): Promise<void> {
    await this.#run(["del", "--recursive", "--force", `s3://${bucket}`]);
  }

  presign(): Promise<string> {
    return Promise.reject(new Error("s3cmd signs URLs with SigV2 only"));
  }

  /** `s3cmd sync`, in either direction. */
  async sync(from: string, to: string): Promise<void> {
    await this.#run(["sync", from, to]);
  }

  async close(): Promise<void> {}

  async #run(args: readonly string[]): Promise<string> {
    return await readCommand("s3cmd", { args: [...this.#options, ...args], env: {} });
  }
}

function formatUri({ bucket, key }: ObjectName): string {
  return `s3://${bucket}/${key}`;
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, match]) => match ?? "");
}

const { missing } = await findProgram("s3cmd");

testClient({
  name: "s3cmd",
  missing,
  presigns: [],
  cannotName: /\/$/, // it reads nothing that looks like a folder
  create: (access) => Promise.resolve(new S3cmd(access)),
}, [{ name: "syncs", run: sync }]);

async function sync({ client, bucket, access }: Trip): Promise<void> {
  assert.ok(client instanceof S3cmd);
  const [from, to] = [`${access.directory}/from`, `${access.directory}/to`];
  const files = await writeFolder(from);
  await client.makeBucket(bucket);
  await client.sync(`${from}/`, `s3://${bucket}/synced/`);
  await client.sync(`s3://${bucket}/synced/`, `${to}/`);
  assert.deepEqual(await readFolder(to, Object.keys(files)), files);
  await client.deleteMany(bucket);
  await client.removeBucket(bucket);
}
