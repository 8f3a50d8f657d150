/**
 * What every client does in a bucket of its own.
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { presign } from "../../support/signer.ts";
import { readCommand } from "./command.ts";
import { curl } from "./curl.ts";
import {
  AWKWARD_KEYS,
  buildPayload,
  HUGE_SIZE,
  LARGE_SIZES,
  SMALL_SIZES,
  writeHugeFile,
} from "./payload.ts";
import type { Transport } from "./gateway.ts";
import { exists } from "./state.ts";
import { type Step, type Trip, writePayload } from "./trip.ts";

/** The list, in its order; later steps use what earlier ones stored. */
const JOURNEY: readonly Step[] = [
  ["makes a bucket, and lists no other than its own", makeBucket],
  ["stores and reads small objects", (trip) => storeAndRead(trip, SMALL_SIZES)],
  ["stores and reads large objects", (trip) => storeAndRead(trip, LARGE_SIZES)],
  ["stores 1 GiB", storeHuge],
  ["asks for an object's length", askForLength],
  ["reads a range", readRange],
  ["lists by prefix, flat and folded", listByPrefix],
  ["copies inside the store", copyObject],
  ["keeps awkward keys as they are", keepAwkwardKeys],
  ["makes URLs that curl reads from and writes to", usePresignedUrls],
  ["deletes many objects at once", deleteEverything],
  ["removes the bucket", removeBucket],
];

/** All of it over HTTPS; over HTTP all but the 1 GiB. */
export function listSteps(transport: Transport): readonly Step[] {
  return JOURNEY.filter(([, run]) => transport === "https" || run !== storeHuge);
}

async function makeBucket({ client, bucket }: Trip): Promise<void> {
  await client.makeBucket(bucket);
  const buckets = await client.listBuckets();
  assert.ok(buckets.includes(bucket), `${bucket} is among ${buckets}`);
  assert.deepEqual(buckets.filter((name) => !name.startsWith("e2e-alpha-")), []);
}

async function storeAndRead(trip: Trip, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) await putAndGet(trip, { key: `sizes/${size}`, size });
}

/** Compared without the client, some of which would hold all of it in memory. */
async function storeHuge({ access, client, bucket, stack }: Trip): Promise<void> {
  const file = `${stack.gateway.directory}/huge`;
  if (!await exists(file)) await writeHugeFile(file);
  const key = "sizes/huge";
  await client.put({ bucket, key }, file);
  assert.equal(await client.head({ bucket, key }), HUGE_SIZE);
  const { endpoint, accessKey, secretKey, authorityFile = "" } = access;
  const { target } = presign({
    method: "GET",
    target: `/${bucket}/${key}`,
    headers: [["host", new URL(endpoint).host]],
    accessKey,
    secretKey,
    date: new Date(),
    expires: 600,
  });
  const script = 'set -o pipefail; curl --fail --silent --cacert "$1" "$2" | cmp - "$3"';
  const args = ["-c", script, "bash", authorityFile, `${endpoint}${target}`, file];
  await readCommand("bash", { args, env: {} });
}

async function askForLength({ client, bucket }: Trip): Promise<void> {
  assert.equal(await client.head({ bucket, key: "sizes/65537" }), 65_537);
  assert.equal(await client.head({ bucket, key: "sizes/0" }), 0);
}

async function readRange({ client, bucket }: Trip): Promise<void> {
  const payload = buildPayload(65_537);
  for (const [first, last] of [[0, 0], [1000, 2999], [65_000, 65_536]] as const) {
    const bytes = await client.getRange({ bucket, key: "sizes/65537" }, { first, last });
    assertSame(bytes, payload.subarray(first, last + 1));
  }
}

async function listByPrefix(trip: Trip): Promise<void> {
  const { client, bucket } = trip;
  const keys = ["list/a", "list/sub/b", "list/sub/c"];
  for (const key of keys) await client.put({ bucket, key }, await writePayload(trip, 1));
  const flat = await client.list(bucket, { prefix: "list/", folded: false });
  assert.deepEqual([...flat.keys].toSorted(), keys);
  const folded = await client.list(bucket, { prefix: "list/", folded: true });
  assert.deepEqual(folded, { keys: ["list/a"], prefixes: ["list/sub/"] });
}

async function copyObject(trip: Trip): Promise<void> {
  const { client, bucket } = trip;
  const target = { bucket, key: "copies/a+b c.txt" };
  await client.copy({ bucket, key: "sizes/65537" }, target);
  await assertHolds(trip, { key: target.key, size: 65_537 });
}

async function keepAwkwardKeys(trip: Trip): Promise<void> {
  const { bucket, client, kind, stack } = trip;
  const keys = AWKWARD_KEYS.filter((key) => !kind.cannotName?.test(key));
  for (const [index, key] of keys.entries()) await putAndGet(trip, { key, size: 100 + index });
  const stored = await stack.backend.listObjects(bucket);
  const { keys: listed } = await client.list(bucket, { prefix: "", folded: false });
  for (const key of keys) {
    assert.ok(stored.some((line) => line.endsWith(`Z ${key}`)), `the store holds "${key}"`);
    assert.ok(listed.includes(key), `"${key}" is listed`);
  }
}

async function usePresignedUrls(trip: Trip): Promise<void> {
  const { access, bucket, client, kind } = trip;
  if (kind.presigns.includes("GET")) {
    const url = await client.presign({ bucket, key: "sizes/65537" }, "GET");
    const { status, body } = await curl(url, access);
    assert.equal(status, 200);
    assertSame(body, buildPayload(65_537));
  }
  if (kind.presigns.includes("PUT")) {
    const key = "presigned/ü+ .txt";
    const url = await client.presign({ bucket, key }, "PUT");
    const { status, body } = await curl(url, { ...access, upload: await writePayload(trip, 3000) });
    assert.equal(status, 200, new TextDecoder().decode(body));
    await assertHolds(trip, { key, size: 3000 });
  }
}

async function deleteEverything({ client, bucket, kind, stack }: Trip): Promise<void> {
  const { keys } = await client.list(bucket, { prefix: "", folded: false });
  assert.ok(keys.length > SMALL_SIZES.length);
  await client.deleteMany(bucket, keys);
  assert.deepEqual(await stack.backend.listObjects(bucket), [], kind.name);
}

async function removeBucket({ client, bucket }: Trip): Promise<void> {
  await client.removeBucket(bucket);
  assert.ok(!(await client.listBuckets()).includes(bucket));
}

interface Stored {
  readonly key: string;
  readonly size: number;
}

async function putAndGet(trip: Trip, stored: Stored): Promise<void> {
  const { client, bucket } = trip;
  await client.put({ bucket, key: stored.key }, await writePayload(trip, stored.size));
  await assertHolds(trip, stored);
}

async function assertHolds({ access, client, bucket }: Trip, { key, size }: Stored): Promise<void> {
  const file = `${access.directory}/downloaded`;
  await client.get({ bucket, key }, file);
  assertSame(await Deno.readFile(file), buildPayload(size));
  await Deno.remove(file);
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length);
  assert.ok(Buffer.from(actual.buffer, actual.byteOffset, actual.length).equals(expected));
}
