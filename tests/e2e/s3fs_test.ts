/** A bucket mounted as a folder, by s3fs with its defaults. See {@link https://github.com/s3fs-fuse/s3fs-fuse}. */

import assert from "node:assert/strict";
import { readCommand } from "./support/command.ts";
import { type Transport, TRANSPORTS } from "./support/gateway.ts";
import { buildPayload, readFolder, writeFolder } from "./support/payload.ts";
import { USERS } from "./support/proxy_child.ts";
import { openAccess, useStack } from "./support/stack.ts";
import { exists } from "./support/state.ts";
import { findProgram, type Tool } from "./support/tools.ts";

/** `CAP_SYS_ADMIN`, in `CapEff` of `/proc/self/status`. */
const MAY_MOUNT = 1n << 21n;
/** Above 25 MB s3fs uploads in parts, and copies in parts, too. */
const LARGE = 30_000_000;

const { missing } = await findS3fs();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: s3fs: ${missing} ***\n`);
const stack = useStack({ name: "s3fs", ignore });

for (const transport of TRANSPORTS) {
  Deno.test({
    name: `s3fs mounts a bucket over ${transport}: writes, reads, changes, moves and deletes`,
    ignore,
    fn: () => workInFolder(transport),
  });
}

async function findS3fs(): Promise<Tool<string>> {
  if (!await exists("/dev/fuse")) return { missing: "there is no /dev/fuse" };
  const [, mask = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(
    await Deno.readTextFile("/proc/self/status"),
  ) ?? [];
  if ((BigInt(`0x${mask}`) & MAY_MOUNT) === 0n) {
    return { missing: "mounting is not permitted here" };
  }
  return await findProgram("s3fs");
}

async function workInFolder(transport: Transport): Promise<void> {
  const { backend } = stack();
  const bucket = `e2e-alpha-s3fs-${transport}`;
  await backend.makeBucket(bucket);
  await using mounted = await mount(bucket, transport);
  const { folder } = mounted;

  const files = await writeFolder(`${folder}/folder`);
  assert.deepEqual(await readFolder(`${folder}/folder`, Object.keys(files)), files);

  const large = buildPayload(LARGE);
  await Deno.writeFile(`${folder}/large`, large);
  await Deno.rename(`${folder}/large`, `${folder}/folder/moved`);
  assert.deepEqual(await Deno.readFile(`${folder}/folder/moved`), large);
  assert.ok(!await exists(`${folder}/large`));

  const note = `${folder}/ünïcödé note %41+.txt`;
  await Deno.writeTextFile(note, "one\n", { mode: 0o640 });
  await Deno.writeTextFile(note, "two\n", { append: true });
  await Deno.utime(note, 0, 1_000_000_000);
  const { mode, mtime } = await Deno.stat(note);
  assert.equal(await Deno.readTextFile(note), "one\ntwo\n");
  assert.deepEqual([(mode ?? 0) & 0o777, mtime?.getTime()], [0o640, 1_000_000_000_000]);

  await Deno.rename(`${folder}/folder`, `${folder}/renamed`);
  assert.deepEqual(await readFolder(`${folder}/renamed`, Object.keys(files)), files);
  const keys = (await backend.listObjects(bucket)).map((line) =>
    line.split(" ").slice(3).join(" ")
  );
  assert.ok(keys.includes("renamed/moved"), keys.join("\n"));
  assert.ok(keys.includes("ünïcödé note %41+.txt"), keys.join("\n"));
  await Deno.remove(`${folder}/renamed`, { recursive: true });
  await Deno.remove(note);
  assert.deepEqual(await backend.listObjects(bucket), []);
}

async function mount(
  bucket: string,
  transport: Transport,
): Promise<AsyncDisposable & { readonly folder: string }> {
  const access = await openAccess(stack(), { user: USERS.alpha, transport });
  const folder = `${access.directory}/mounted`;
  const password = `${access.directory}/password`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(password, `${access.accessKey}:${access.secretKey}\n`, { mode: 0o600 });
  const options = `passwd_file=${password},url=${access.endpoint},use_path_request_style`;
  const { authorityFile } = access;
  await readCommand("s3fs", {
    args: [bucket, folder, "-o", options],
    env: authorityFile === undefined ? {} : { CURL_CA_BUNDLE: authorityFile },
  });
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await readCommand("umount", { args: [folder] });
    },
  };
}
