/** Stored files, names and metadata that would like to run as the console: none does. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { closePage, findBrowser, waitForView } from "../e2e/support/browser.ts";
import {
  type ConsoleStage,
  openFolder,
  PEOPLE,
  signIn,
  startConsoleStage,
} from "../e2e/support/console_stage.ts";
import { TRANSPORTS } from "../e2e/support/gateway.ts";
import { type Header, signHeaders, uriEncode } from "../support/signer.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: hostile objects in the console: ${missing} ***\n`);

const MARK = "ran-in-the-console";
const SCRIPT = `<script>document.title = "${MARK}"</script>`;
const IMAGE = `<img src=x onerror="document.title='${MARK}'">`;
const SVG =
  `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='${MARK}'">${SCRIPT}</svg>`;

/** Name, content type, content. */
const OBJECTS: readonly (readonly [key: string, type: string, content: string])[] = [
  [`${IMAGE}.txt`, "text/plain", "by name"],
  ["page.html", "text/html", `<!doctype html>${SCRIPT}${IMAGE}`],
  ["drawing.svg", "image/svg+xml", SVG],
  ["picture.png", "text/html", `<!doctype html>${SCRIPT}`],
  ["paper.pdf", "text/html", `<!doctype html>${SCRIPT}`],
  ["film.mp4", "text/html", `<!doctype html>${SCRIPT}`],
  ["data.bin", `text/html"><script>alert(1)</script>`, SCRIPT],
  ["javascript:alert(1)", "text/plain", "a scheme"],
  ["right\u202egnp.exe", "text/plain", "turned around"],
];

for (const transport of TRANSPORTS) {
  Deno.test({
    name:
      `the console over ${transport} runs no object: by key, metadata, content type, user agent`,
    ignore,
    fn: async (test) => {
      await using stage = await startConsoleStage({ name: "hostile", transport, executable });
      for (const [key, type, content] of OBJECTS) await put(stage, { key, type, content });
      await test.step("in the lists and sheets", () => opensAll(stage));
      await test.step("in the admins' views", () => showsRequests(stage));
      await test.step("in a frame of another site", () => isNotFramed(stage));
    },
  });
}

async function put(
  { gateway, proxy, bucket }: ConsoleStage,
  { key, type, content }: { key: string; type: string; content: string },
): Promise<void> {
  const target = `/${bucket}/${uriEncode(key)}`;
  const host: Header = ["host", new URL(proxy.endpoint).host];
  const { headers } = signHeaders({
    method: "PUT",
    target,
    headers: [host, ["x-amz-meta-note", IMAGE], ["content-type", type]],
    ...PEOPLE.admin,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const sent = headers.filter((header) => header !== host).map(([name, value]) =>
    [name, value] as [string, string]
  );
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(gateway.authorityFile)],
  });
  const response = await fetch(`${proxy.endpoint}${target}`, {
    client,
    method: "PUT",
    headers: [...sent, ["user-agent", IMAGE]],
    body: content,
  });
  assert.equal(response.status, 200, await response.text());
}

async function opensAll(stage: ConsoleStage): Promise<void> {
  const opened = await signIn(stage, { person: "admin" });
  const { page, mistakes } = opened;
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => dialogs.push(dialog.message()));
  for (const [key] of OBJECTS) {
    await openFolder(page, { bucket: stage.bucket });
    const shown = key.replace("\u202e", "\\u202e");
    await page.getByRole("button", { name: shown, exact: true }).click();
    await page.getByRole("heading", { name: "Metadata" }).waitFor();
    await page.getByText(IMAGE, { exact: true }).first().waitFor(); // the note, as letters
    await page.waitForTimeout(500);
    await isUnharmed(page);
    for (const frame of page.frames().slice(1)) {
      const url = frame.url();
      assert.ok(
        url.startsWith(stage.proxy.endpoint) || /^(about|chrome-error|chrome-extension):/.test(url),
        url,
      );
    }
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  }
  assert.deepEqual(dialogs, []);
  await closePage({ ...opened, mistakes: mistakes.filter((mistake) => !/pdf/i.test(mistake)) });
}

async function showsRequests(stage: ConsoleStage): Promise<void> {
  const opened = await signIn(stage, { person: "admin" });
  const { page } = opened;
  for (const view of ["requests", "live", "users"]) {
    await page.evaluate(`location.hash = "#/${view}"`);
    await waitForView(page);
    await isUnharmed(page);
  }
  await page.evaluate(`location.hash = ${JSON.stringify(`#/why?id=${encodeURIComponent(IMAGE)}`)}`);
  await waitForView(page);
  await isUnharmed(page);
  await closePage(opened);
}

async function isUnharmed(page: Page): Promise<void> {
  assert.match(await page.title(), / · s3-proxy console$/);
  assert.equal(await page.locator("main script, dialog script, [onerror], [onload]").count(), 0);
}

async function isNotFramed({ browser, origin }: ConsoleStage): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(`<iframe src="${origin}"></iframe>`, {
        headers: { "content-type": "text/html" },
      }),
  );
  const { page, context } = await browser.open();
  await page.goto(`http://127.0.0.1:${server.addr.port}/`);
  await page.waitForTimeout(500);
  const framed = page.frames().at(1);
  assert.equal(await framed?.getByLabel("Access key").count(), 0);
  await context.close();
  await server.shutdown();
}
