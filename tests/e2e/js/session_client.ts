/**
 * The AWS SDK for JavaScript v3 as a client with a web identity: a command a line on stdin, an answer a line on stdout, both
 * JSON. Everything but the path style comes from the environment.
 * @module
 */

import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { fromTokenFile } from "@aws-sdk/credential-provider-web-identity";

const s3 = new S3Client({ credentials: fromTokenFile(), forcePathStyle: true });

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ value: await run(JSON.parse(line)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}

async function run(
  { command, bucket: Bucket, key: Key, file }: Record<string, string>,
): Promise<void> {
  const object = { Bucket, Key };
  if (command === "put") {
    const { size: ContentLength } = await Deno.stat(file ?? "");
    const Body = createReadStream(file ?? "");
    await s3.send(new PutObjectCommand({ ...object, Body, ContentLength }));
  } else {
    const { Body } = await s3.send(new GetObjectCommand(object));
    await writeFile(file ?? "", await Body?.transformToByteArray() ?? "");
  }
}
