import assert from "node:assert/strict";
import { loadConfig } from "../../../src/config/load.ts";
import { readBounded } from "../../../src/config/read_file.ts";
import { LIMITS } from "../../../src/limits.ts";

const FILE = new URL("../../vectors/iam/operations.txt", import.meta.url).pathname;

Deno.test("readBounded() reads a file of several pieces and of its bound, and none of a byte more", async () => {
  const { size } = await Deno.stat(FILE);
  assert.deepEqual(new Uint8Array(readBounded(FILE, size)), await Deno.readFile(FILE));
  assert.throws(() => readBounded(FILE, size - 1), RangeError);
});

Deno.test("loadConfig() refuses a file without an end", async () => {
  await assert.rejects(loadConfig("/dev/zero"), {
    name: "ConfigError",
    message: `/dev/zero: cannot be read: it has over ${LIMITS.configFileBytesMax} bytes`,
  });
});
