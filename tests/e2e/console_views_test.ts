/** Each view of the console in both themes and on a phone: axe finds nothing, nothing breaks the content security policy. */

import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { closePage, findBrowser, type Theme, THEMES, waitForView } from "./support/browser.ts";
import {
  type ConsoleStage,
  openFolder,
  signIn,
  startConsoleStage,
} from "./support/console_stage.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: the console's views in a browser: ${missing} ***\n`);

/** Where the pictures go, if anywhere: a folder. */
const PICTURES = Deno.env.get("CONSOLE_PICTURES");
const PHONE_WIDTH = 390;

Deno.test({
  name: "the console's views: axe finds nothing, in both themes and on a phone",
  ignore,
  fn: async (test) => {
    await using stage = await startConsoleStage({ name: "views", transport: "http", executable });
    await fill(stage);
    for (const theme of THEMES) await test.step(theme, () => visit(stage, { theme }));
    await test.step("phone", () => visit(stage, { theme: "dark", width: PHONE_WIDTH }));
  },
});

async function fill({ backend, bucket }: ConsoleStage): Promise<void> {
  for (const key of ["2026/report.csv", "2026/summary.md", "logo.svg", "notes.txt", "readme.md"]) {
    await backend.put({ bucket, key }, "One line.\nAnother line.\n");
  }
}

async function visit(
  stage: ConsoleStage,
  { theme, width }: { theme: Theme; width?: number },
): Promise<void> {
  const { bucket, browser, origin } = stage;
  const suffix = width === undefined ? theme : "phone";
  const stranger = await browser.open({ theme, ...(width === undefined ? {} : { width }) });
  await stranger.page.goto(origin);
  await stranger.page.getByLabel("Access key").waitFor();
  await look(stranger.page, `sign-in-${suffix}`);
  await closePage(stranger);

  const opened = await signIn(stage, {
    person: "admin",
    theme,
    ...(width === undefined ? {} : { width }),
  });
  const { page } = opened;
  await page.getByRole("link", { name: bucket }).waitFor();
  await look(page, `buckets-${suffix}`);
  await openFolder(page, { bucket });
  await page.getByText("notes.txt").waitFor();
  await look(page, `objects-${suffix}`);
  await page.getByRole("button", { name: "notes.txt" }).click();
  await page.getByText("Another line.").waitFor();
  await look(page, `object-${suffix}`);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByText("everybody who has this link").waitFor();
  await look(page, `share-${suffix}`);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete" }).last().click();
  await page.getByText("Delete this?").waitFor();
  await look(page, `delete-${suffix}`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  for (const view of ["access", "why", "live", "requests", "users", "configuration"]) {
    await page.evaluate(`location.hash = "#/${view}"`);
    await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
    await waitForView(page);
    await look(page, `${view}-${suffix}`);
  }
  const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  assert.ok(Number(overflow) <= 0, `${overflow} pixels too wide`);
  await closePage(opened);
}

/** Pictures do not tell where the tests ran: a file is told as one that is installed. */
const HIDE_FOLDER = `{
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();) {
    text.data = text.data.replace(/\\/[^\\s:]+\\/[^\\/\\s:]+\\.yaml/g, "/etc/s3-proxy/config.yaml");
  }
}`;

/** Has axe look at what is shown, and takes a picture of it. */
async function look(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) {
    await page.evaluate(HIDE_FOLDER);
    await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  await page.evaluate(axe.source); // by the debugger's way in, past the policy
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, failureSummary }) =>
        html.slice(0, 160) + " " + failureSummary.slice(0, 300)).join(" | ")))`,
  );
  assert.deepEqual(found, [], name);
}
