/** Uploads of the console through a connection that breaks, and after a reload. */

import assert from "node:assert/strict";
import { BreakingRelay } from "../e2e/support/breaking_relay.ts";
import { closePage, findBrowser } from "../e2e/support/browser.ts";
import {
  chooseFor,
  enterKeys,
  openFolder,
  PEOPLE,
  signIn,
  startConsoleStage,
} from "../e2e/support/console_stage.ts";
import { TRANSPORTS } from "../e2e/support/gateway.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: the console's uploads: ${missing} ***\n`);

const MIB = 1 << 20;
const FILE_BYTES = 200 * MIB;
const PART_BYTES = 8 * MIB;
const UPLOAD_TIMEOUT_MS = 240_000;

for (const transport of TRANSPORTS) {
  Deno.test({
    name:
      `the console over ${transport} uploads 200 MiB through a connection that breaks twice, and again after a reload`,
    ignore,
    fn: async (test) => {
      using relay = new BreakingRelay({ breakAtBytes: [60 * MIB, 140 * MIB] });
      await using stage = await startConsoleStage({
        name: "uploads",
        transport,
        executable,
        console: { s3_url: `${transport}://127.0.0.1:${relay.port}` },
      });
      const { backend, bucket, gateway, proxy } = stage;
      relay.target = Number(new URL(proxy.endpoint).port);
      const file = `${gateway.directory}/large.bin`;
      await writeFile(file);

      await test.step("through two breaks", async () => {
        const opened = await signIn(stage, { person: "admin" });
        const { page } = opened;
        await openFolder(page, { bucket });
        await chooseFor(page, { button: "Upload files", paths: file });
        await page.getByText("1 of 1 done").first().waitFor({ timeout: UPLOAD_TIMEOUT_MS });
        assert.equal(relay.broken, 2);
        const [line = ""] = await backend.listObjects(bucket);
        assert.match(line, new RegExp(` ${FILE_BYTES} .* large\\.bin$`));
        assert.equal(await backend.digest({ bucket, key: "large.bin" }), await digestFile(file));
        await closePage(opened);
      });

      await test.step("after a reload, with the same file chosen again", async () => {
        const opened = await signIn(stage, { person: "admin" });
        const { page } = opened;
        const prefix = "again/";
        await openFolder(page, { bucket, prefix });
        await chooseFor(page, { button: "Upload files", paths: file });
        const before = relay.sentBytes;
        while (relay.sentBytes - before < 80 * MIB) await page.waitForTimeout(50);
        await page.getByRole("button", { name: "Pause large.bin" }).click();
        await page.getByText("paused at").waitFor();
        await page.reload();
        await enterKeys(page, PEOPLE.admin);
        await page.getByRole("link", { name: "My access" }).waitFor();
        await openFolder(page, { bucket, prefix });
        await page.getByText("Unfinished uploads: 1").click();
        const start = relay.sentBytes;
        await chooseFor(page, { button: "Resume…", paths: file });
        await page.getByText("1 of 1 done").first().waitFor({ timeout: UPLOAD_TIMEOUT_MS });
        const sent = relay.sentBytes - start;
        assert.ok(sent < FILE_BYTES - 4 * PART_BYTES, `${sent} bytes were sent again`);
        await page.getByText(/were there/).waitFor();
        assert.equal(
          await backend.digest({ bucket, key: `${prefix}large.bin` }),
          await digestFile(file),
        );
        await closePage(opened);
      });
    },
  });
}

/** Parts that differ, so that none can stand for another. */
async function writeFile(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const block = new Uint8Array(MIB);
  for (let number = 0; number < FILE_BYTES / MIB; number++) {
    block.fill(number % 251);
    block[0] = number >> 8;
    await file.write(block);
  }
}

async function digestFile(path: string): Promise<string> {
  return await digestBytes(await Deno.readFile(path));
}

async function digestBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
