/** Objects in the console, over HTTPS and with two workers: previews, versions, what is dropped, and what is watched. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { closePage, findBrowser, waitUntil } from "./support/browser.ts";
import {
  type ConsoleStage,
  openFolder,
  signIn,
  startConsoleStage,
} from "./support/console_stage.ts";
import { makePng, makeWav, PDF, recordWebm } from "./support/media_files.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: objects in the console in a browser: ${missing} ***\n`);

const FILES = 60;
/** That all of them are one worker's is as likely as 20 coins that show the same side. */
const REQUESTS = 20;

Deno.test({
  name: "the console over https with two workers: previews, versions, drops, live, a reload",
  ignore,
  fn: async (test) => {
    await using stage = await startConsoleStage({
      name: "objects",
      transport: "https",
      executable,
      server: { workers: 2 },
    });
    await test.step("media, texts and a PDF are shown", () => showsMedia(stage));
    await test.step("versions are shown, restored and deleted", () => keepsVersions(stage));
    await test.step("what is dropped goes up, and the place is kept", () => takesDrops(stage));
    await test.step("both workers' requests are told, until it is forbidden", () => tells(stage));
  },
});

/** The sheet of an object. */
async function openObject(page: Page, name: string): Promise<ReturnType<Page["getByRole"]>> {
  await page.getByRole("button", { name, exact: true }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("heading", { name: "Properties" }).waitFor();
  return sheet;
}

async function showsMedia(stage: ConsoleStage): Promise<void> {
  const { backend, bucket, proxy } = stage;
  const opened = await signIn(stage, { person: "reader" });
  const { page } = opened;
  await backend.put({ bucket, key: "media/a.png" }, makePng({ width: 3, height: 2 }));
  await backend.put({ bucket, key: "media/b.wav" }, makeWav({ seconds: 2 }));
  await backend.put({ bucket, key: "media/c.webm" }, await recordWebm(page));
  await backend.put({ bucket, key: "media/d.pdf" }, PDF);
  await backend.put({ bucket, key: "media/e.csv" }, "name,size\n<b>,1\n");
  await backend.put({ bucket, key: "media/f.html" }, "<h1>by letters</h1>");
  await backend.put({ bucket, key: "media/g.svg" }, "<svg><text>by letters</text></svg>");
  await openFolder(page, { bucket, prefix: "media/" });
  for (
    const [name, isShown] of [
      ["a.png", 'document.querySelector("dialog img")?.naturalWidth === 3'],
      ["b.wav", 'Math.round(document.querySelector("dialog audio")?.duration) === 2'],
      ["c.webm", 'document.querySelector("dialog video")?.videoWidth === 64'],
      ["d.pdf", 'document.querySelector("dialog iframe") !== null'],
      ["e.csv", 'document.querySelector("dialog pre")?.textContent === "name,size\\n<b>,1\\n"'],
      ["f.html", 'document.querySelector("dialog pre")?.textContent.startsWith("<h1>")'],
      ["g.svg", 'document.querySelector("dialog pre")?.textContent.startsWith("<svg>")'],
    ] as const
  ) {
    const sheet = await openObject(page, name);
    await waitUntil(page, isShown);
    for (const media of await sheet.locator("img, audio, video, iframe").all()) {
      assert.ok((await media.getAttribute("src"))?.startsWith(`${proxy.endpoint}/`), name);
    }
    await sheet.getByRole("button", { name: "Close" }).click();
  }
  await closePage(opened);
}

async function keepsVersions(stage: ConsoleStage): Promise<void> {
  const { backend } = stage;
  const bucket = `${stage.bucket}-versions`;
  const key = "kept.txt";
  await backend.makeBucket(bucket);
  await backend.keepVersions(bucket);
  await backend.put({ bucket, key }, "the first\n");
  const opened = await signIn(stage, { person: "admin" });
  const { page } = opened;
  await openFolder(page, { bucket });
  const present = await openObject(page, key);
  await present.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Delete this?").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await page.getByText("1 object is deleted").waitFor();
  await page.getByText("Nothing is here yet").waitFor();
  assert.match((await backend.listVersions(bucket))[0] ?? "", / deleted$/);

  await page.getByLabel("Show what is deleted").check();
  await page.getByRole("gridcell").getByText("deleted", { exact: true }).waitFor();
  await page.getByRole("button", { name: key, exact: true }).click();
  let sheet = page.getByRole("dialog");
  await sheet.getByText("This object is deleted").waitFor();
  assert.equal(await sheet.getByRole("button", { name: "Share" }).isVisible(), false);
  await sheet.getByRole("button", { name: "Restore this version" }).click();
  await sheet.getByText("the first").waitFor();
  await page.getByRole("gridcell").getByText("deleted", { exact: true })
    .waitFor({ state: "detached" });

  await backend.put({ bucket, key }, "the second\n");
  await openFolder(page, { bucket, prefix: "elsewhere/" });
  await openFolder(page, { bucket });
  sheet = await openObject(page, key);
  await sheet.getByText("the second").waitFor();
  const rows = sheet.getByRole("table", { name: "Versions" }).getByRole("row");
  await rows.nth(4).waitFor(); // a head, two versions, the marker, and the first of all
  await rows.nth(3).getByText("deleted").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    rows.nth(4).getByRole("button", { name: "Download this version" }).click(),
  ]);
  assert.equal(await Deno.readTextFile(await download.path()), "the first\n");

  await rows.nth(4).getByRole("button", { name: "Restore this version" }).click();
  await page.getByText("The version is the latest one now").last().waitFor();
  await sheet.getByText("the first").waitFor();
  await rows.nth(5).waitFor();

  const before = await backend.listVersions(bucket);
  assert.equal(before.length, 5);
  const remove = rows.nth(4).getByRole("button", { name: "Delete this version for good" });
  assert.match(before[3] ?? "", / deleted$/);
  await remove.click(); // the marker
  await page.getByText("This cannot be taken back").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await page.getByText("The version is deleted").waitFor();
  await rows.nth(5).waitFor({ state: "detached" });
  assert.deepEqual(await backend.listVersions(bucket), before.toSpliced(3, 1));
  await closePage(opened);
}

async function takesDrops(stage: ConsoleStage): Promise<void> {
  const { backend, bucket, gateway } = stage;
  const names = Array.from(
    { length: FILES },
    (_, index) => `${String(index).padStart(2, "0")}.txt`,
  );
  await Promise.all(names.map((name) => backend.put({ bucket, key: `drop/${name}` }, "old\n")));
  const folder = `${gateway.directory}/${bucket}/dropped`;
  await Deno.mkdir(`${folder}/deep`, { recursive: true });
  await Deno.writeTextFile(`${folder}/deep/in a folder.txt`, "1\n");
  await Deno.writeTextFile(`${folder}/b.txt`, "2\n");
  const file = `${gateway.directory}/${bucket}/30b.txt`;
  await Deno.writeTextFile(file, "3\n");
  const opened = await signIn(stage, { person: "admin" });
  const { page, context } = opened;
  await openFolder(page, { bucket, prefix: "drop/" });
  await page.getByText("60 entries").waitFor();
  const grid = page.getByRole("grid");
  await grid.evaluate((grid: { scrollTop: number }) => void (grid.scrollTop = 29 * 44));
  await page.getByLabel("Select 31.txt").check();
  const scrolled = await grid.evaluate((grid: { scrollTop: number }) => grid.scrollTop);
  const session = await context.newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    const data = { items: [], files: [folder, file], dragOperationsMask: 1 };
    await session.send("Input.dispatchDragEvent", { type, x: 640, y: 500, data });
  }
  await page.getByText("3 of 3 done").first().waitFor();
  await page.getByText("62 entries · 1 selected").waitFor();
  assert.equal(await grid.evaluate((grid: { scrollTop: number }) => grid.scrollTop), scrolled);
  await page.getByRole("button", { name: "30b.txt" }).waitFor(); // in sight, in its place
  assert.ok(await page.getByLabel("Select 31.txt").isChecked());
  const keys = (await backend.listObjects(bucket)).map((line) => line.split("Z ")[1]);
  for (const key of ["dropped/deep/in a folder.txt", "dropped/b.txt", "30b.txt"]) {
    assert.ok(keys.includes(`drop/${key}`), key);
  }
  await page.evaluate(DROP_TEXT);
  await page.getByText("4 of 4 done").first().waitFor();
  await page.getByText("63 entries · 1 selected").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Delete this?").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await page.getByText("62 entries").waitFor();
  await page.getByRole("button", { name: "31.txt", exact: true }).waitFor({ state: "detached" });
  assert.equal(await grid.evaluate((grid: { scrollTop: number }) => grid.scrollTop), scrolled);
  await closePage(opened);
}

/** A file that is nowhere on the disk, as out of another page. */
const DROP_TEXT = `{
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["4"], "made.txt"));
  dataTransfer.items.add("not a file", "text/plain");
  document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
}`;

async function tells(stage: ConsoleStage): Promise<void> {
  const { bucket, gateway, proxy, section } = stage;
  const opened = await signIn(stage, { person: "admin" });
  const { page } = opened;
  await page.evaluate(`location.hash = "#/requests"`);
  const caCerts = [await Deno.readTextFile(gateway.authorityFile)];
  for (let index = 0; index < REQUESTS; index++) { // each by a connection of its own
    using client = Deno.createHttpClient({ caCerts });
    const response = await fetch(`${proxy.endpoint}/${bucket}/told-${index}`, { client });
    await response.body?.cancel();
  }
  for (let index = 0; index < REQUESTS; index++) {
    await page.getByText(`GET /${bucket}/told-${index}`, { exact: true }).waitFor();
  }
  await page.evaluate(`location.hash = "#/live"`);
  const tiles = page.getByRole("main");
  await tiles.getByText("1 of 16").waitFor();
  await proxy.reload({ console: { ...section, admins: [] } });
  await page.getByRole("alert").getByText("This is for administrators").waitFor();
  await closePage(opened);
}
