/**
 * What the tests store: sizes at the edges of what clients and proxy do, and keys with every
 * character that some client or server has once got wrong.
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Stored in one request by every client. */
export const SMALL_SIZES: readonly number[] = [0, 1, KIB, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1];

/** Stored in parts by the clients that do so on their own. */
export const LARGE_SIZES: readonly number[] = [5 * MIB + 1, 20 * MIB];

/** Stored over HTTPS only: the same code path as over HTTP, but for what SDKs do differently there. */
export const HUGE_SIZE = 1024 * MIB;

/** Legal S3 keys; those with dot segments are not here, as the proxy refuses them. */
export const AWKWARD_KEYS: readonly string[] = [
  "a space.txt",
  "plus+plus.txt",
  "colon:colon.txt",
  "(round)[square]{curly}.txt",
  "bang!quote'star*tilde~.txt",
  "percent%41%2Fpercent%.txt",
  "query?a=b&c=d#e;f,g@h$i.txt",
  "two//slashes.txt",
  "/leading.txt",
  "trailing/",
  "emoji 😀 ünïcödé/ファイル.txt",
  "k".repeat(KIB),
];

/** `size` bytes without a pattern, the same ones every time. */
export function buildPayload(size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = 0x9e3779b9 ^ size;
  for (let index = 0; index < words.length; index++) { // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** Makes a file of {@linkcode HUGE_SIZE}, no two MiB of which are the same. */
export async function writeHugeFile(path: string): Promise<void> {
  const block = buildPayload(MIB);
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let index = 0; index < HUGE_SIZE / MIB; index++) {
    new DataView(block.buffer).setUint32(0, index);
    await file.write(block);
  }
}

/** Names in a folder, and what is in the files. */
export type Folder = Readonly<Record<string, Uint8Array>>;

/** Makes a folder with a few files in it and below it. */
export async function writeFolder(path: string): Promise<Folder> {
  const files = {
    "empty.txt": buildPayload(0),
    "with space+plus.bin": buildPayload(3 * KIB),
    "below/large.bin": buildPayload(9 * MIB),
  };
  await Deno.mkdir(`${path}/below`, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${path}/${name}`, bytes);
  return files;
}

/** The files of these names in a folder. */
export async function readFolder(path: string, names: readonly string[]): Promise<Folder> {
  const entries = names.map(async (name) =>
    [name, await Deno.readFile(`${path}/${name}`)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
