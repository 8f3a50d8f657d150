/** The AWS SDK for JavaScript v3. See {@link https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/}. */

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Readable } from "node:stream";
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
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
import { buildPayload } from "./support/payload.ts";
import type { Trip } from "./support/trip.ts";

/** The SDK knows more kinds, but computes only these without packages of their own. */
const CHECKSUM_ALGORITHMS = [
  ChecksumAlgorithm.CRC32,
  ChecksumAlgorithm.CRC32C,
  ChecksumAlgorithm.CRC64NVME,
  ChecksumAlgorithm.SHA1,
  ChecksumAlgorithm.SHA256,
];
const PART_BYTES = 5 << 20;
const PRESIGNED_SECONDS = 300;

class AwsSdk implements Client {
  readonly s3: S3Client;
  readonly #agents: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };

  constructor(access: Access, authority: string | undefined) {
    const tls = authority === undefined ? {} : { ca: authority };
    this.#agents = {
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true, ...tls }),
    };
    this.s3 = new S3Client({
      endpoint: access.endpoint,
      forcePathStyle: true,
      region: REGION,
      credentials: { accessKeyId: access.accessKey, secretAccessKey: access.secretKey },
      requestHandler: this.#agents,
    });
  }

  async listBuckets(): Promise<string[]> {
    const { Buckets = [] } = await this.#explain(this.s3.send(new ListBucketsCommand({})));
    return Buckets.map(({ Name = "" }) => Name);
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#explain(this.s3.send(new CreateBucketCommand({ Bucket: bucket })));
  }

  async removeBucket(bucket: string): Promise<void> {
    await this.#explain(this.s3.send(new DeleteBucketCommand({ Bucket: bucket })));
  }

  async put({ bucket, key }: ObjectName, file: string): Promise<void> {
    const input = { Bucket: bucket, Key: key };
    if ((await Deno.stat(file)).size <= PART_BYTES) {
      const Body = await Deno.readFile(file);
      await this.#explain(this.s3.send(new PutObjectCommand({ ...input, Body })));
    } else {
      const params = { ...input, Body: createReadStream(file) };
      await this.#explain(new Upload({ client: this.s3, params, partSize: PART_BYTES }).done());
    }
  }

  async get(object: ObjectName, file: string): Promise<void> {
    await writeFile(file, await this.#read(object));
  }

  async getRange(object: ObjectName, { first, last }: ByteRange): Promise<Uint8Array> {
    return await this.#read(object, `bytes=${first}-${last}`);
  }

  async head({ bucket, key }: ObjectName): Promise<number> {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    return (await this.#explain(this.s3.send(command))).ContentLength ?? -1;
  }

  async list(
    bucket: string,
    { prefix, folded }: { prefix: string; folded: boolean },
  ): Promise<Listing> {
    const listing: { keys: string[]; prefixes: string[] } = { keys: [], prefixes: [] };
    const fold = folded ? { Delimiter: "/" } : {};
    const input = { Bucket: bucket, Prefix: prefix, ...fold };
    const pages = Array.fromAsync(paginateListObjectsV2({ client: this.s3 }, input));
    for (const { Contents = [], CommonPrefixes = [] } of await this.#explain(pages)) {
      listing.keys.push(...Contents.map(({ Key = "" }) => Key));
      listing.prefixes.push(...CommonPrefixes.map(({ Prefix = "" }) => Prefix));
    }
    return listing;
  }

  async copy(source: ObjectName, target: ObjectName): Promise<void> {
    await this.#explain(this.s3.send(
      new CopyObjectCommand({
        Bucket: target.bucket,
        Key: target.key,
        CopySource: `${source.bucket}/${encodeURIComponent(source.key)}`,
      }),
    ));
  }

  async deleteMany(bucket: string, keys: readonly string[]): Promise<void> {
    const Delete = { Objects: keys.map((Key) => ({ Key })) };
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete });
    const { Errors = [] } = await this.#explain(this.s3.send(command));
    if (Errors.length > 0) throw new Error(JSON.stringify(Errors));
  }

  async presign({ bucket, key }: ObjectName, method: PresignedMethod): Promise<string> {
    const input = { Bucket: bucket, Key: key };
    const options = { expiresIn: PRESIGNED_SECONDS };
    return method === "GET"
      ? await getSignedUrl(this.s3, new GetObjectCommand(input), options)
      : await getSignedUrl(this.s3, new PutObjectCommand(input), options);
  }

  close(): Promise<void> {
    this.s3.destroy();
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
    return Promise.resolve();
  }

  async #read({ bucket, key }: ObjectName, range?: string): Promise<Uint8Array> {
    const Range = range === undefined ? {} : { Range: range };
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...Range });
    const { Body } = await this.#explain(this.s3.send(command));
    return await Body?.transformToByteArray() ?? new Uint8Array();
  }

  /** The SDK's messages lack the code, and after a HEAD the status. */
  async #explain<Value>(answer: Promise<Value>): Promise<Value> {
    try {
      return await answer;
    } catch (cause) {
      const { name, message, $metadata } = cause as S3Failure; // what the SDK throws
      const status = $metadata?.httpStatusCode ?? "";
      throw new Error(`${name}: ${message} ${status}`, { cause });
    }
  }
}

/** What the SDK's errors hold. */
interface S3Failure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

async function createClient(access: Access): Promise<AwsSdk> {
  const { authorityFile } = access;
  return new AwsSdk(access, authorityFile && await Deno.readTextFile(authorityFile));
}

/** Runs `run` on a client and a bucket of its own. */
async function withBucket(
  trip: Trip,
  run: (s3: S3Client, bucket: string) => Promise<void>,
): Promise<void> {
  const { access, bucket, client } = trip;
  const sdk = await createClient(access);
  await client.makeBucket(bucket);
  try {
    await run(sdk.s3, bucket);
    const { keys } = await client.list(bucket, { prefix: "", folded: false });
    await client.deleteMany(bucket, keys);
    await client.removeBucket(bucket);
  } finally {
    await sdk.close();
  }
}

async function sendEveryChecksum(trip: Trip): Promise<void> {
  await withBucket(trip, async (s3, bucket) => {
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      for (const size of [0, 1, 65_537]) {
        const Body = buildPayload(size);
        const input = { Bucket: bucket, Key: `${algorithm}-${size}` };
        const ChecksumAlgorithm = algorithm;
        await s3.send(new PutObjectCommand({ ...input, Body, ChecksumAlgorithm }));
        const stored = await s3.send(new GetObjectCommand(input));
        assert.deepEqual(await stored.Body?.transformToByteArray(), Body, input.Key);
      }
    }
  });
}

async function uploadUnknownLength(trip: Trip): Promise<void> {
  await withBucket(trip, async (s3, bucket) => {
    for (const size of [1, PART_BYTES + 1, 12 << 20]) {
      const payload = buildPayload(size);
      const Body = Readable.from(cut(payload));
      const input = { Bucket: bucket, Key: `stream-${size}` };
      await new Upload({ client: s3, params: { ...input, Body } }).done();
      const stored = await s3.send(new GetObjectCommand(input));
      const bytes = await stored.Body?.transformToByteArray();
      assert.equal(bytes?.length, size);
      assert.deepEqual(bytes, payload);
    }
  });
}

function* cut(payload: Uint8Array): Generator<Uint8Array> {
  const pieceBytes = 100_000;
  for (let at = 0; at < payload.length; at += pieceBytes) {
    yield payload.subarray(at, at + pieceBytes);
  }
}

testClient({
  name: "aws-sdk-js",
  missing: undefined,
  presigns: ["GET", "PUT"],
  create: createClient,
}, [
  { name: "sends checksums of every kind", run: sendEveryChecksum },
  { name: "uploads streams of unknown length", run: uploadUnknownLength },
]);
