/**
 * A million requests on one connection, sixteen at a time: what the last ones cost beside the first ones, and what the
 * program holds afterwards. Run it with `deno task bench:one`; three to ten minutes. Exit status: 1 where the connection ended.
 * @module
 */

import { decodeLatin1, encodeUtf8 } from "../../src/lib/bytes.ts";
import { formatRequestHead } from "../support/raw_client.ts";
import { BUCKET, makeDirectory, smallObject, startBackend } from "./backend.ts";
import { readCpuSeconds, readResidentMebibytes } from "./process_usage.ts";
import { signRequest } from "./signed_requests.ts";
import { HARDENED, startTarget, TARGETS } from "./targets.ts";

const REQUESTS = 1_000_000;
const PARTS = 10;
/** Sent together: far fewer than a client may. */
const TOGETHER = 16;

await using stack = new AsyncDisposableStack();
const directory = await makeDirectory();
stack.defer(() => Deno.remove(directory, { recursive: true }));
const backend = stack.use(await startBackend(directory));
const target = TARGETS.find(({ name }) => name === HARDENED);
if (target === undefined) throw new Error("There is no such target");
const { pid, port } = stack.use(await startTarget(target, { directory, backend }));
using connection = await Deno.connect({ hostname: "127.0.0.1", port });
connection.setNoDelay();

// Behind an answer to HEAD comes nothing: its end is the head's.
const path = `/${BUCKET}/${smallObject(0, 0).key}`;
const HEAD_END = "\r\n\r\n";
const answers = new Uint8Array(TOGETHER * 1024);
console.log("| requests | CPU µs/req | MiB resident |\n| --- | --- | --- |");
for (let part = 1; part <= PARTS; part++) {
  // A signature is good for a quarter of an hour.
  const { headers } = signRequest({ method: "HEAD", target: path }, "header");
  const asked = { method: "HEAD", target: path, port, headers: Object.entries(headers) };
  const heads = encodeUtf8(formatRequestHead(asked).repeat(TOGETHER));
  const before = await readCpuSeconds(pid);
  for (let count = 0; count < REQUESTS / PARTS; count += TOGETHER) await ask(heads);
  const microseconds = (await readCpuSeconds(pid) - before) / (REQUESTS / PARTS) * 1e6;
  const resident = await readResidentMebibytes(pid);
  console.log(
    `| ${part * REQUESTS / PARTS} | ${microseconds.toFixed(0)} | ${resident.toFixed(0)} |`,
  );
}

async function ask(heads: Uint8Array): Promise<void> {
  for (let at = 0; at < heads.length;) at += await connection.write(heads.subarray(at));
  for (let length = 0, text = ""; text.split(HEAD_END).length <= TOGETHER;) {
    const read = await connection.read(answers.subarray(length));
    if (read === null) throw new Error("The connection has ended");
    length += read;
    text = decodeLatin1(answers, { start: 0, end: length });
    if (!text.startsWith("HTTP/1.1 200 ")) throw new Error(text);
  }
}
