/**
 * The memory of the proxy is the same whatever an object's size: a large one goes through it in every
 * form,
 * and its resident memory stays near what it was when idle.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Header, presign, signHeaders } from "../support/signer.ts";
import { readCommand } from "./support/command.ts";
import { curl } from "./support/curl.ts";
import { TRANSPORTS } from "./support/gateway.ts";
import { buildPayload } from "./support/payload.ts";
import { USERS } from "./support/proxy_child.ts";
import { readResidentMemory, watchPeak } from "./support/resident_memory.ts";
import { useStack } from "./support/stack.ts";

const MIB = 1 << 20;
/** `deno task test:e2e:all` sends 5 GiB, the most that S3 takes at once. */
const LARGE_MIB = Number(Deno.env.get("LARGE_MIB") ?? 1024);
/** What a decoded upload is compared with: it too needs its buffers, but no more for more bytes. */
const SMALL_MIB = 50;
const GROWTH_MIB_MAX = 64;
const WARM_UP_REQUESTS = 20;
const BUCKET = "e2e-alpha-memory";
const TARGET = `/${BUCKET}/object`;
const { accessKey, secretKey } = USERS.alpha;

/** Where transfers go, and what a GET has to bring. */
interface Place {
  readonly endpoint: string;
  /** Of the proxy. */
  readonly pid: number;
  readonly authorityFile: string;
}

/** An object's bytes, plain and framed as aws-chunked, and their SHA-256. */
interface Payload {
  readonly plain: string;
  readonly framed: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** One way to send or fetch an object: the arguments that curl gets. */
type BuildTransfer = (place: Place, payload: Payload) => string[];

/** The gateway's store is memory too: more than 1 GiB is only sent in the form that costs the proxy most. */
const PLAIN_TRANSFERS: Readonly<Record<string, BuildTransfer>> = LARGE_MIB > 1024 ? {} : {
  "PUT by presigned URL": buildPresignedPut,
  "GET by presigned URL": buildPresignedGet,
  "PUT signed with its SHA-256": buildSignedPut,
};

// One thread: of several, a request would fill the heap of any, and the next one that of another.
const stack = useStack({ name: "memory", settings: { server: { workers: 1 } } });

for (const transport of TRANSPORTS) {
  Deno.test(`${LARGE_MIB} MiB over ${transport} cost the proxy under ${GROWTH_MIB_MAX} MiB`, async (test) => {
    const { gateway, proxies, backend } = stack();
    const { authorityFile } = gateway;
    const place = { ...proxies[transport], authorityFile };
    const directory = await Deno.makeTempDir({ dir: gateway.directory });
    const large = await writePayload(`${directory}/large`, LARGE_MIB);
    const small = await writePayload(`${directory}/small`, SMALL_MIB);
    await backend.makeBucket(BUCKET);
    await warmUp(place, directory);

    const idle = (await readResidentMemory(place.pid)).now;
    for (const [name, build] of Object.entries(PLAIN_TRANSFERS)) {
      await test.step(name, async () => {
        const peak = await measure(place, { payload: large, build });
        await report(`${name} over ${transport}`, { pid: place.pid, idle, peak });
        assert.ok(peak < idle + GROWTH_MIB_MAX);
      });
    }
    const name = "PUT in chunks with a trailing CRC32";
    await test.step(name, async () => {
      const smallPeak = await measure(place, { payload: small, build: buildChunkedPut });
      const peak = await measure(place, { payload: large, build: buildChunkedPut });
      await report(`${name} over ${transport}`, { pid: place.pid, idle, smallPeak, peak });
      assert.ok(peak < smallPeak + GROWTH_MIB_MAX);
      await measure(place, { payload: large, build: buildPresignedGet });
    });
    await Deno.remove(directory, { recursive: true });
  });
}

/** Transfers an object, checks the answer, and tells the most that the proxy held meanwhile. */
async function measure(
  place: Place,
  { payload, build }: { payload: Payload; build: BuildTransfer },
): Promise<number> {
  const args = build(place, payload);
  // HTTP/1.1, as the SDKs do.
  const script =
    'set -o pipefail; curl --http1.1 --fail-with-body --silent --show-error "$@" | sha256sum';
  return await watchPeak(place.pid, async () => {
    const sha256 = await readCommand("bash", {
      args: ["-c", script, "bash", "--cacert", place.authorityFile, ...args],
      env: {},
    });
    if (build === buildPresignedGet) assert.equal(sha256.split(" ")[0], payload.sha256);
  });
}

async function report(
  name: string,
  { pid, ...figures }: { pid: number } & Record<string, number>,
): Promise<void> {
  const { now, highWater } = await readResidentMemory(pid);
  const all = { ...figures, after: now, VmHWM: highWater };
  const text = Object.entries(all).map(([label, mib]) => `${label} ${mib.toFixed(1)}`).join(", ");
  console.log(`resident memory, MiB: ${name}: ${text}`);
}

function buildPresignedPut({ endpoint }: Place, { plain }: Payload): string[] {
  return ["--upload-file", plain, presignUrl(endpoint, { method: "PUT" })];
}

function buildPresignedGet({ endpoint }: Place): string[] {
  return [presignUrl(endpoint, { method: "GET" })];
}

function buildSignedPut({ endpoint }: Place, { plain, sha256 }: Payload): string[] {
  return signUpload(endpoint, { file: plain, headers: [["x-amz-content-sha256", sha256]] });
}

function buildChunkedPut({ endpoint }: Place, { framed, bytes }: Payload): string[] {
  const headers: Header[] = [
    ["x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"],
    ["x-amz-decoded-content-length", String(bytes)],
    ["x-amz-trailer", "x-amz-checksum-crc32"],
    ["content-encoding", "aws-chunked"],
  ];
  return signUpload(endpoint, { file: framed, headers });
}

function presignUrl(
  endpoint: string,
  { method, target = TARGET }: { method: string; target?: string },
): string {
  const headers: Header[] = [["host", new URL(endpoint).host]];
  const date = new Date();
  const input = { method, target, headers, accessKey, secretKey, date, expires: 3600 };
  return `${endpoint}${presign(input).target}`;
}

function signUpload(
  endpoint: string,
  { file, headers }: { file: string; headers: readonly Header[] },
): string[] {
  const { headers: signed } = signHeaders({
    method: "PUT",
    target: TARGET,
    headers: [["host", new URL(endpoint).host], ...headers],
    accessKey,
    secretKey,
    date: new Date(),
  });
  const options = signed.flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  return [...options, "--upload-file", file, `${endpoint}${TARGET}`];
}

/** Small requests, until what is only made once has been made. */
async function warmUp({ endpoint, authorityFile }: Place, directory: string): Promise<void> {
  const upload = `${directory}/tiny`;
  await Deno.writeFile(upload, buildPayload(1000));
  const target = `/${BUCKET}/tiny`;
  for (let count = 0; count < WARM_UP_REQUESTS; count++) {
    const put = presignUrl(endpoint, { method: "PUT", target });
    assert.equal((await curl(put, { authorityFile, directory, upload })).status, 200);
    const get = presignUrl(endpoint, { method: "GET", target });
    assert.equal((await curl(get, { authorityFile, directory })).status, 200);
  }
}

/** Sparse files: every MiB begins with its number, the rest is zero. */
async function writePayload(path: string, mebibytes: number): Promise<Payload> {
  const [plain, framed] = [`${path}.plain`, `${path}.framed`];
  using plainFile = await Deno.open(plain, { write: true, create: true });
  using framedFile = await Deno.open(framed, { write: true, create: true });
  const frame = Buffer.from(`${MIB.toString(16)}\r\n`);
  const end = Buffer.from("\r\n");
  const sha256 = createHash("sha256");
  const block = Buffer.alloc(MIB);
  let checksum = 0;
  for (let index = 0; index < mebibytes; index++) {
    block.writeUInt32BE(index);
    sha256.update(block);
    checksum = crc32(block, checksum);
    const start = block.subarray(0, 4);
    await writeSparse(plainFile, { start, length: MIB });
    await writeSparse(framedFile, {
      start: Buffer.concat([frame, start]),
      length: frame.length + MIB,
    });
    await framedFile.write(end);
  }
  const bytes = mebibytes * MIB;
  await plainFile.truncate(bytes);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(checksum);
  const trailer = `0\r\nx-amz-checksum-crc32:${crc.toString("base64")}\r\n\r\n`;
  await framedFile.write(Buffer.from(trailer));
  return { plain, framed, bytes, sha256: sha256.digest("hex") };
}

/** Writes `start`, and moves on to `length` behind where it began. */
async function writeSparse(
  file: Deno.FsFile,
  { start, length }: { start: Uint8Array; length: number },
): Promise<void> {
  await file.write(start);
  await file.seek(length - start.length, Deno.SeekMode.Current);
}
