/** minio-js. See {@link https://github.com/minio/minio-js}. */

import { readFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Buffer } from "node:buffer";
import { Client as Minio, CopyDestinationOptions, CopySourceOptions } from "minio";
import {
  type Access,
  type ByteRange,
  type Client,
  type Listing,
  type ObjectName,
  type PresignedMethod,
  REGION,
} from "./support/client.ts";
import { testClient } from "./support/client_tests.ts";

/** Instead of minio's 64 MiB, so that 20 MB go in parts. */
const PART_BYTES = 5 << 20;
const PRESIGNED_SECONDS = 300;

class MinioJs implements Client {
  readonly #minio: Minio;
  readonly #agent: HttpAgent;

  constructor(access: Access, authority: string | undefined) {
    const { hostname, port } = new URL(access.endpoint);
    this.#agent = authority === undefined
      ? new HttpAgent({ keepAlive: true })
      : new HttpsAgent({ keepAlive: true, ca: authority });
    this.#minio = new Minio({
      endPoint: hostname,
      port: Number(port),
      useSSL: authority !== undefined,
      accessKey: access.accessKey,
      secretKey: access.secretKey,
      region: REGION,
      pathStyle: true,
      partSize: PART_BYTES,
      transportAgent: this.#agent,
    });
  }

  async listBuckets(): Promise<string[]> {
    return (await explain(this.#minio.listBuckets())).map(({ name }) => name);
  }

  async makeBucket(bucket: string): Promise<void> {
    await explain(this.#minio.makeBucket(bucket, REGION));
  }

  async removeBucket(bucket: string): Promise<void> {
    await explain(this.#minio.removeBucket(bucket));
  }

  async put({ bucket, key }: ObjectName, file: string): Promise<void> {
    await explain(this.#minio.fPutObject(bucket, key, file));
  }

  async get({ bucket, key }: ObjectName, file: string): Promise<void> {
    const body = await explain(this.#minio.getObject(bucket, key));
    await Deno.writeFile(file, Buffer.concat(await Array.fromAsync(body)));
  }

  async getRange({ bucket, key }: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    const length = last - first + 1;
    const body = await explain(this.#minio.getPartialObject(bucket, key, first, length));
    return Buffer.concat(await Array.fromAsync(body));
  }

  async head({ bucket, key }: ObjectName): Promise<number> {
    return (await explain(this.#minio.statObject(bucket, key))).size;
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const objects = this.#minio.listObjectsV2(bucket, prefix, !folded);
    const listing: { keys: string[]; prefixes: string[] } = { keys: [], prefixes: [] };
    for (const { name, prefix } of await explain(Array.fromAsync(objects))) {
      if (name !== undefined) listing.keys.push(name);
      if (prefix !== undefined) listing.prefixes.push(prefix);
    }
    return listing;
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    await explain(this.#minio.copyObject(
      new CopySourceOptions({ Bucket: source.bucket, Object: source.key }),
      new CopyDestinationOptions({ Bucket: target.bucket, Object: target.key }),
    ));
  }

  async deleteMany(bucket: string, keys: readonly string[]): Promise<void> {
    const answers = await explain(this.#minio.removeObjects(bucket, [...keys]));
    const errors = answers.filter((answer) => answer !== null && answer !== undefined);
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
  }

  async presign({ bucket, key }: ObjectName, method: PresignedMethod): Promise<string> {
    return method === "GET"
      ? await this.#minio.presignedGetObject(bucket, key, PRESIGNED_SECONDS)
      : await this.#minio.presignedPutObject(bucket, key, PRESIGNED_SECONDS);
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }
}

/** minio's messages lack the code. */
async function explain<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const code = "code" in cause ? cause.code : cause.name;
    throw new Error(`${code}: ${cause.message}`, { cause });
  }
}

testClient({
  name: "minio-js",
  missing: undefined,
  presigns: ["GET", "PUT"],
  create: async (access) =>
    new MinioJs(access, access.authorityFile && await readFile(access.authorityFile, "utf8")),
});
