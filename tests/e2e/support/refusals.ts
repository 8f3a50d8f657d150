/**
 * What every client tries in a bucket that belongs to others, and must not achieve.
 * @module
 */

import assert from "node:assert/strict";
import type { PresignedMethod } from "./client.ts";
import { curl } from "./curl.ts";
import { USERS } from "./proxy_child.ts";
import { openAccess } from "./stack.ts";
import { type Step, type Trip, writePayload } from "./trip.ts";

const KEY = "kept.txt";
const BODY = "belongs to somebody else";
/** Too long to be sent before the refusal arrives; too short for parts. */
const LONG_BYTES = 4 << 20;
/** Long enough for parts. */
const PARTED_BYTES = 20 << 20;
/** How clients word it; for a HEAD they know the status only. */
const REFUSED = /AccessDenied|Access Denied|Forbidden|\b403\b/;

/** The attempts; before and after each, the store is the same. */
export const REFUSALS: readonly Step[] = [
  ["does not see the bucket", doesNotSee],
  ["may not store, nor overwrite", refused(store)],
  ["may not store a long body", refused(storeLong)],
  ["may not store in parts", refused(storeInParts)],
  ["may not read", refused(read)],
  ["may not read a range", refused(readRange)],
  ["may not ask for an object's length", refused(askForLength)],
  ["may not list", refused(list)],
  ["may not copy from it", refused(copyFrom)],
  ["may not copy into it", refused(copyInto)],
  ["may not delete many objects", refused(deleteMany)],
  ["may not remove the bucket", refused(removeBucket)],
  ["may not make another", refused(makeBucket)],
  ["makes URLs that are worth nothing", presign],
  ["without any right, sees and may do nothing", asNobody],
];

/** The bucket that belongs to others. */
export function foreignBucket({ bucket }: Trip): string {
  return bucket.replace("e2e-alpha-", "e2e-foreign-");
}

/** Makes the bucket that belongs to others, with an object in it, and one of the user's own. */
export async function prepareRefusals(trip: Trip): Promise<void> {
  const { backend } = trip.stack;
  for (const bucket of [foreignBucket(trip), trip.bucket]) {
    await backend.makeBucket(bucket);
    await backend.put({ bucket, key: KEY }, BODY);
  }
}

function refused(attempt: (trip: Trip) => Promise<unknown>): Step[1] {
  return (trip) => unchanged(trip, () => assert.rejects(() => attempt(trip), REFUSED));
}

/** Runs `action` and shows that the store is as it was. */
async function unchanged(trip: Trip, action: () => Promise<void>): Promise<void> {
  const before = await look(trip);
  await action();
  assert.deepEqual(await look(trip), before);
}

async function look(trip: Trip): Promise<unknown> {
  const { backend } = trip.stack;
  const foreign = foreignBucket(trip);
  return {
    buckets: (await backend.listBuckets()).filter((bucket) => bucket.startsWith(foreign)),
    foreign: await backend.listObjects(foreign),
    own: await backend.listObjects(trip.bucket),
  };
}

async function doesNotSee(trip: Trip): Promise<void> {
  assert.ok(!(await trip.client.listBuckets()).includes(foreignBucket(trip)));
}

async function listBuckets(trip: Trip): Promise<void> {
  await trip.client.listBuckets();
}

async function store(trip: Trip): Promise<void> {
  await trip.client.put({ bucket: foreignBucket(trip), key: KEY }, await writePayload(trip, 10));
}

async function storeLong(trip: Trip): Promise<void> {
  const file = await writePayload(trip, LONG_BYTES);
  await trip.client.put({ bucket: foreignBucket(trip), key: "long" }, file);
}

async function storeInParts(trip: Trip): Promise<void> {
  const file = await writePayload(trip, PARTED_BYTES);
  await trip.client.put({ bucket: foreignBucket(trip), key: "large" }, file);
}

async function read(trip: Trip): Promise<void> {
  const file = `${trip.access.directory}/stolen`;
  await trip.client.get({ bucket: foreignBucket(trip), key: KEY }, file);
}

async function readRange(trip: Trip): Promise<void> {
  await trip.client.getRange({ bucket: foreignBucket(trip), key: KEY }, { first: 1, last: 5 });
}

async function askForLength(trip: Trip): Promise<void> {
  await trip.client.head({ bucket: foreignBucket(trip), key: KEY });
}

async function list(trip: Trip): Promise<void> {
  await trip.client.list(foreignBucket(trip), { prefix: "", folded: false });
}

async function copyFrom(trip: Trip): Promise<void> {
  const source = { bucket: foreignBucket(trip), key: KEY };
  await trip.client.copy(source, { bucket: trip.bucket, key: "stolen.txt" });
}

async function copyInto(trip: Trip): Promise<void> {
  const source = { bucket: trip.bucket, key: KEY };
  await trip.client.copy(source, { bucket: foreignBucket(trip), key: "planted.txt" });
}

async function deleteMany(trip: Trip): Promise<void> {
  await trip.client.deleteMany(foreignBucket(trip), [KEY, "other.txt"]);
}

async function removeBucket(trip: Trip): Promise<void> {
  await trip.client.removeBucket(foreignBucket(trip));
}

async function makeBucket(trip: Trip): Promise<void> {
  await trip.client.makeBucket(`${foreignBucket(trip)}-2`);
}

async function presign(trip: Trip): Promise<void> {
  const { kind, access } = trip;
  const uploads = { GET: undefined, PUT: await writePayload(trip, 10) } satisfies Record<
    PresignedMethod,
    unknown
  >;
  for (const method of kind.presigns) {
    const url = await makeUrl(trip, method);
    if (url === undefined) continue;
    const upload = uploads[method];
    await unchanged(trip, async () => {
      const { status, body } = await curl(url, {
        ...access,
        ...(upload === undefined ? {} : { upload }),
      });
      assert.equal(status, 403);
      assert.match(new TextDecoder().decode(body), /<Code>AccessDenied<\/Code>/);
    });
  }
}

/** `undefined` where the client asks for the object first, and is refused. */
async function makeUrl(trip: Trip, method: PresignedMethod): Promise<string | undefined> {
  try {
    return await trip.client.presign({ bucket: foreignBucket(trip), key: KEY }, method);
  } catch (error) {
    assert.match(String(error), REFUSED);
  }
}

async function asNobody(trip: Trip): Promise<void> {
  const { kind, stack, transport } = trip;
  const access = await openAccess(stack, { user: USERS.nobody, transport });
  const client = await kind.create(access);
  try {
    for (const attempt of [listBuckets, store, read, list]) {
      await refused(attempt)({ ...trip, client });
    }
  } finally {
    await client.close();
  }
}
