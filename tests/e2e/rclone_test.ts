/** rclone's S3 backend. See {@link https://rclone.org/s3/}. */

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
import { readCommand, runCommand } from "./support/command.ts";
import { writeFolder } from "./support/payload.ts";
import { findProgram } from "./support/tools.ts";
import type { Trip } from "./support/trip.ts";

/** Instead of rclone's 200 MiB, so that 20 MB go in parts. */
const MULTIPART = ["--s3-upload-cutoff", "6Mi", "--s3-chunk-size", "5Mi"];

class Rclone implements Client {
  readonly #env: Readonly<Record<string, string>>;

  constructor(access: Access) {
    this.#env = {
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_E2E_TYPE: "s3",
      RCLONE_CONFIG_E2E_PROVIDER: "Other",
      RCLONE_CONFIG_E2E_ACCESS_KEY_ID: access.accessKey,
      RCLONE_CONFIG_E2E_SECRET_ACCESS_KEY: access.secretKey,
      RCLONE_CONFIG_E2E_ENDPOINT: access.endpoint,
      RCLONE_CONFIG_E2E_REGION: REGION,
      ...(access.authorityFile === undefined ? {} : { RCLONE_CA_CERT: access.authorityFile }),
    };
  }

  async listBuckets(): Promise<string[]> {
    return (await this.#list("e2e:", [])).map(({ Path }) => Path);
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#run("mkdir", [`e2e:${bucket}`]);
  }

  async removeBucket(bucket: string): Promise<void> {
    await this.#run("rmdir", [`e2e:${bucket}`]);
  }

  async put(object: ObjectName, file: string): Promise<void> {
    await this.#run("copyto", [...MULTIPART, file, formatRemote(object)]);
  }

  async get(object: ObjectName, file: string): Promise<void> {
    await this.#run("copyto", [formatRemote(object), file]);
  }

  async getRange(object: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    const range = ["--offset", String(first), "--count", String(last - first + 1)];
    const args = ["cat", ...range, formatRemote(object)];
    return await runCommand("rclone", { args, env: this.#env });
  }

  async head(object: ObjectName): Promise<number> {
    return JSON.parse(await this.#run("lsjson", ["--stat", formatRemote(object)])).Size;
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const entries = await this.#list(`e2e:${bucket}/${prefix}`, folded ? [] : ["--recursive"]);
    const [files, folders] = [false, true].map((isFolder) =>
      entries.filter(({ IsDir }) => IsDir === isFolder).map(({ Path }) => `${prefix}${Path}`)
    );
    return {
      keys: files ?? [],
      prefixes: folded ? (folders ?? []).map((folder) => `${folder}/`) : [],
    };
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    await this.#run("copyto", [formatRemote(source), formatRemote(target)]);
  }

  async deleteMany(bucket: string): Promise<void> {
    await this.#run("delete", [`e2e:${bucket}`]);
  }

  async presign(object: ObjectName): Promise<string> {
    return (await this.#run("link", ["--expire", "5m", formatRemote(object)])).trim();
  }

  /** Makes `remote` the same as the folder, and lets rclone compare the two. */
  async syncAndCheck(folder: string, remote: string): Promise<void> {
    await this.#run("sync", [folder, `e2e:${remote}`]);
    await this.#run("check", ["--download", folder, `e2e:${remote}`]);
  }

  async close(): Promise<void> {}

  async #list(remote: string, options: readonly string[]): Promise<Entry[]> {
    return JSON.parse(await this.#run("lsjson", [...options, remote]));
  }

  async #run(command: string, args: readonly string[]): Promise<string> {
    return await readCommand("rclone", { args: [command, ...args], env: this.#env });
  }
}

/** What `rclone lsjson` says of a file or folder. */
interface Entry {
  readonly Path: string;
  readonly IsDir: boolean;
}

function formatRemote({ bucket, key }: ObjectName): string {
  return `e2e:${bucket}/${key}`;
}

const { missing } = await findProgram("rclone");

testClient({
  name: "rclone",
  missing,
  presigns: ["GET"],
  cannotName: /^\/|\/\/|\/$/, // it takes keys for paths of files
  create: (access) => Promise.resolve(new Rclone(access)),
}, [{ name: "syncs and checks", run: syncAndCheck }]);

async function syncAndCheck({ client, bucket, access, stack }: Trip): Promise<void> {
  assert.ok(client instanceof Rclone);
  const folder = `${access.directory}/folder`;
  const files = await writeFolder(folder);
  await client.makeBucket(bucket);
  await client.syncAndCheck(folder, `${bucket}/synced`);
  assert.equal((await stack.backend.listObjects(bucket)).length, Object.keys(files).length);
  await client.deleteMany(bucket);
  await client.removeBucket(bucket);
}
