/** The console as people use it, by clicking and typing, in Debian's Chromium on a real gateway. */

import assert from "node:assert/strict";
import { closePage, findBrowser, waitUntil } from "./support/browser.ts";
import {
  chooseFor,
  type ConsoleStage,
  enterKeys,
  openFolder,
  PEOPLE,
  signIn,
  startConsoleStage,
} from "./support/console_stage.ts";
import { TRANSPORTS } from "./support/gateway.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: the console in a browser: ${missing} ***\n`);

const VISITS = 5;
const FIRST_PAINT = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime`;

for (const transport of TRANSPORTS) {
  Deno.test({
    name: `the console over ${transport}: in, browse, upload, share, refused, why, out`,
    ignore,
    fn: async (test) => {
      await using stage = await startConsoleStage({ name: "core", transport, executable });
      await test.step("the first view", () => showsItsForm(stage));
      await test.step("a wrong secret and an expired key", () => isNotLetIn(stage));
      await test.step("a folder goes up, is seen, shared, loaded and deleted", () => works(stage));
      await test.step("a reader is refused and reads why", () => isRefused(stage));
    },
  });
}

/** Tells how long it takes: at most 300 ms on a machine at rest; each time for somebody with an empty cache. */
async function showsItsForm({ browser, origin }: ConsoleStage): Promise<void> {
  const paints: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const opened = await browser.open();
    await opened.page.goto(origin);
    await opened.page.locator("form button:enabled").waitFor(); // its code is there
    await waitUntil(opened.page, `${FIRST_PAINT} > 0`); // the browser tells of it later
    paints.push(Number(await opened.page.evaluate(FIRST_PAINT)));
    await closePage(opened);
  }
  console.log(`first view after ${paints.map((ms) => ms.toFixed(0)).join(", ")} ms`);
}

async function isNotLetIn({ browser, origin }: ConsoleStage): Promise<void> {
  const opened = await browser.open();
  const { page } = opened;
  await page.goto(origin);
  await page.getByLabel("Access key").waitFor();
  await enterKeys(page, { ...PEOPLE.admin, secretKey: "not-the-secret-of-the-tests" });
  await page.getByRole("alert").getByText("not that of this access key").waitFor();
  await enterKeys(page, { accessKey: "nobody-has-it", secretKey: "not-the-secret-of-the-tests" });
  await page.getByRole("alert").getByText("No user has this access key").waitFor();
  await enterKeys(page, { ...PEOPLE.admin, secretKey: "not-the-secret-of-the-tests" });
  await page.getByRole("alert").getByText("not that of this access key").waitFor();
  await enterKeys(page, PEOPLE.former);
  await page.getByRole("alert").getByText("not valid any more").waitFor();
  assert.equal(await page.getByRole("navigation").count(), 0);
  await closePage(opened);
}

async function works(stage: ConsoleStage): Promise<void> {
  const { backend, bucket, gateway, proxy, origin } = stage;
  const opened = await signIn(stage, { person: "admin" });
  const { page } = opened;
  await page.getByRole("link", { name: bucket }).click();
  await page.getByText("Nothing is here yet").waitFor();

  const folder = `${gateway.directory}/${bucket}/holiday`;
  await Deno.mkdir(`${folder}/raw`, { recursive: true });
  await Deno.writeTextFile(`${folder}/notes & more.txt`, "the notes\n");
  await Deno.writeTextFile(`${folder}/raw/a+b.csv`, "a,b\n");
  await chooseFor(page, { button: "Upload folder", paths: folder });
  await page.getByText("2 of 2 done").first().waitFor();
  const keys = (await backend.listObjects(bucket)).map((line) => line.split("Z ")[1]);
  assert.deepEqual(keys, ["holiday/notes & more.txt", "holiday/raw/a+b.csv"]);

  await page.getByRole("link", { name: "holiday/" }).click();
  await page.getByRole("link", { name: "raw/" }).waitFor();
  await page.getByRole("button", { name: "notes & more.txt" }).click();
  await page.getByText("the notes").waitFor(); // the preview
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByText("everybody who has this link").waitFor();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(gateway.authorityFile)],
  });
  const shared = await fetch(link, { client });
  assert.equal(await shared.text(), "the notes\n");
  await page.getByRole("button", { name: "Copy the link" }).click();
  await page.getByText("The link is copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), link);
  await page.keyboard.press("Escape");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "notes & more.txt");
  assert.equal(await Deno.readTextFile(await download.path()), "the notes\n");

  await page.getByRole("button", { name: "Delete" }).last().click();
  await page.getByText("This cannot be taken back").waitFor();
  await page.getByRole("button", { name: "Delete" }).last().click();
  await page.getByText("1 object is deleted").waitFor();
  assert.equal((await backend.listObjects(bucket)).length, 1);

  const memory = await page.evaluate(
    "[localStorage.length, sessionStorage.length, document.cookie]",
  );
  assert.deepEqual(memory, [0, 0, ""]);
  assert.ok(!(await page.content()).includes(PEOPLE.admin.secretKey));
  assert.deepEqual([...opened.origins].sort(), [origin, new URL(proxy.endpoint).origin].sort());
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await closePage(opened);
}

async function isRefused(stage: ConsoleStage): Promise<void> {
  const { backend, bucket, gateway } = stage;
  const opened = await signIn(stage, { person: "reader" });
  const { page } = opened;
  await openFolder(page, { bucket });
  const file = `${gateway.directory}/${bucket}/refused.txt`;
  await Deno.writeTextFile(file, "no\n");
  await chooseFor(page, { button: "Upload files", paths: file });
  await page.getByRole("region", { name: "Uploads" }).getByText("AccessDenied").waitFor();
  assert.equal((await backend.listObjects(bucket)).length, 1);
  const why = page.getByRole("region", { name: "Uploads" }).getByRole("link", { name: "Why?" });
  assert.match(await why.getAttribute("href") ?? "", /^#\/why\?id=[0-9A-F]{16}$/);
  await why.click();
  await page.getByRole("heading", { name: "Refused" }).waitFor();
  const main = page.getByRole("main");
  await main.getByText("s3:PutObject", { exact: true }).first().waitFor();
  await main.getByText(`arn:aws:s3:::${bucket}/refused.txt`, { exact: true }).first().waitFor();
  await closePage(opened);
}
