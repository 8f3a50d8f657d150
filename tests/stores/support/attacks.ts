/**
 * Attacks on a real store through the proxy: no answer shows what is denied, and what is there stays as it is.
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/clock.ts";
import { ProbeStore } from "../../../src/probe/probe_store.ts";
import { buildForm } from "../../support/form_builder.ts";
import { type RawResponse, request } from "../../support/raw_client.ts";
import { type Header, signHeaders } from "../../support/signer.ts";
import {
  type Attack,
  ATTACKS,
  COPIES,
  FORM_KEYS,
  OBJECTS,
  PART_ETAG,
  UPLOAD_ID,
  UPLOADING,
} from "./attack_cases.ts";
import { KEYS, type LISTENERS, type Scene } from "./scene.ts";

const PART = "CONTENT of a part";
const BUCKETS = ["mine", "victim", "hollow"];

/** The upload that is under way. */
interface Upload {
  readonly uploadId: string;
  readonly eTag: string;
}

/** Sends all of them by one listener, and looks at the store. */
export async function testAttacks(
  { ports, options, name, keys }: Scene,
  listener: typeof LISTENERS[number],
): Promise<void> {
  const port = ports[listener];
  const store = new ProbeStore(options, { bucket: "mine", name: "unused" });
  const upload = await prepare(store);
  const withIds = (text: string): string =>
    text.replace(UPLOAD_ID, encodeURIComponent(upload.uploadId)).replace(PART_ETAG, upload.eTag);
  for (const { target, body, ...attack } of ATTACKS) {
    const sent = { ...attack, target: withIds(target) };
    const response = await send(port, body === undefined ? sent : { ...sent, body: withIds(body) });
    judge(response, { attack: { ...attack, target }, keys, told: name });
  }
  for (const [user, key] of FORM_KEYS) {
    const form = buildForm({
      bucket: "mine",
      key: KEYS[user],
      date: systemClock(),
      fields: { key },
      file: "OVERWRITTEN",
    });
    const headers: Header[] = [["host", `127.0.0.1:${port}`], ...form.headers];
    const sent = { port, method: "POST", target: "/mine", headers, body: form.body };
    const attack: Attack = { user, method: "POST form", target: key };
    const expected = /^\/|\\/.test(key) ? "odd" : "refused";
    judge(await request(sent), { attack: { ...attack, expected }, keys, told: name });
  }
  await testCompletion(port);
  await testPartCopies(port, { keys, name });
  await verifyUntouched(store, upload);
  await store.clean();
}

async function prepare(store: ProbeStore): Promise<Upload> {
  for (const bucket of BUCKETS) await store.makeBucket(bucket);
  for (const object of OBJECTS) {
    const [bucket = "", ...key] = object.split("/");
    await store.put(key.join("/"), { bucket, body: `CONTENT of ${object}` });
  }
  const { bucket, key } = UPLOADING;
  const uploadId = await store.begin(key, { bucket });
  const query = { partNumber: "1", uploadId };
  const part = await store.send("PUT", { bucket, key, query, body: PART });
  return { uploadId, eTag: (part.headers.get("etag") ?? "").replaceAll('"', "") };
}

function send(
  port: number,
  { user, method, target, headers = [], body }: Attack,
): Promise<RawResponse> {
  const signed = signHeaders({
    method,
    target,
    headers: [["host", `127.0.0.1:${port}`], ...headers],
    ...KEYS[user],
    date: systemClock(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const sent = { port, method, target, headers: [...signed.headers] };
  return request(body === undefined ? sent : { ...sent, body });
}

function judge(
  { status, text }: RawResponse,
  { attack, keys, told }: { attack: Attack; keys: "exact" | "folded"; told: string },
): void {
  const { user, method, target, headers = [], expected = "refused" } = attack;
  const where = `${told}: ${user} ${method} ${target} ${headers}: ${status} ${text}`;
  assert.ok(!text.includes("CONTENT of"), where);
  if (method === "GET" && user === "dave") assert.doesNotMatch(text, /<Key>(?!team\/)/, where);
  const isRefused = expected === "refused" || expected === "odd" && keys === "folded";
  if (isRefused) assert.ok(status >= 400, where);
}

/** What may only be created is not overwritten by an upload in parts. */
async function testCompletion(port: number): Promise<void> {
  const user = "erin";
  const target = "/mine/log/1";
  const begun = await send(port, { user, method: "POST", target: `${target}?uploads` });
  const uploadId = /<UploadId>([^<]*)/.exec(begun.text)?.[1];
  if (uploadId === undefined) return assert.equal(begun.status, 403);
  const query = `?uploadId=${encodeURIComponent(uploadId)}`;
  const partTarget = `${target}${query}&partNumber=1`;
  const part = await send(port, { user, method: "PUT", target: partTarget, body: "OVERWRITTEN" });
  const eTag = (part.header("etag") ?? "").replaceAll('"', "");
  const body =
    `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${eTag}</ETag></Part>` +
    "</CompleteMultipartUpload>";
  const done = await send(port, { user, method: "POST", target: target + query, body });
  assert.equal(done.status, 403, done.text);
  await send(port, { user: "alice", method: "DELETE", target: target + query });
}

/** Every source of a copy, as that of a part. */
async function testPartCopies(
  port: number,
  { keys, name: told }: Pick<Scene, "keys" | "name">,
): Promise<void> {
  for (const [user, target] of [["carol", "/mine/part"], ["dave", "/mine/team/part"]] as const) {
    const begun = await send(port, { user, method: "POST", target: `${target}?uploads` });
    const uploadId = /<UploadId>([^<]*)/.exec(begun.text)?.[1];
    assert.ok(uploadId !== undefined, begun.text);
    const query = `?uploadId=${encodeURIComponent(uploadId)}`;
    for (const copy of COPIES) {
      if (copy.user !== user) continue;
      const attack = { ...copy, target: `${target}${query}&partNumber=1` };
      judge(await send(port, attack), { attack, keys, told });
    }
    await send(port, { user, method: "DELETE", target: target + query });
  }
}

async function verifyUntouched(store: ProbeStore, { uploadId }: Upload): Promise<void> {
  for (const object of OBJECTS) {
    const [bucket = "", ...key] = object.split("/");
    assert.equal(await store.read(key.join("/"), { bucket }), `CONTENT of ${object}`, object);
  }
  for (const key of ["stolen", "team/stolen", "public"]) {
    assert.equal(await store.read(key, { bucket: "mine" }), undefined, key);
  }
  const { bucket, key } = UPLOADING;
  assert.equal(await store.read(key, { bucket }), undefined, "the upload was completed");
  const { text = "" } = await store.send("GET", { bucket, key, query: { uploadId } });
  assert.match(text, /<PartNumber>1</, "the upload is gone");
  assert.ok(text.includes(`<Size>${PART.length}<`), text);
  for (const name of BUCKETS) {
    assert.equal((await store.send("HEAD", { bucket: name })).status, 200, name);
  }
}
