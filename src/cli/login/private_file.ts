/**
 * Files that only their owner reads, changed in one step: whoever reads one at that moment sees the old or the new one.
 * @module
 */

import { dirname } from "node:path";
import { LIMITS } from "../../limits.ts";
import { readBounded } from "../../config/read_file.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Its text; empty where there is none. */
export function readPrivateFile(path: string): string {
  try {
    return readBounded(path, LIMITS.privateFileBytesMax).toString("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** Writes it, and the folders that it is in. A link is followed: the file behind it is changed. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await makeFolder(path);
  const target = await Deno.realPath(path).catch(() => path);
  const fresh = `${target}.new`;
  await Deno.writeTextFile(fresh, text, { mode: FILE_MODE });
  await Deno.rename(fresh, target);
}

/** Runs `act` while no other process does so with the same path. */
export async function whileLocked<Value>(
  path: string,
  act: () => Promise<Value>,
): Promise<Value> {
  await makeFolder(path);
  using file = await Deno.open(path, { create: true, write: true, mode: FILE_MODE });
  await file.lock(true); // which ends with the process
  return await act();
}

async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
}
