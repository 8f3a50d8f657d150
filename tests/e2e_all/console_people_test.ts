/** The console for users with few rights, for many objects, and for a person with a role. */

import assert from "node:assert/strict";
import { closePage, findBrowser } from "../e2e/support/browser.ts";
import {
  chooseFor,
  type ConsoleStage,
  openFolder,
  signIn,
  startConsoleStage,
} from "../e2e/support/console_stage.ts";
import { startIdentityProvider } from "../e2e/support/identity_provider.ts";
import { openGateway, TRANSPORTS } from "../e2e/support/gateway.ts";
import { findFreePorts } from "../e2e/support/state.ts";

const { value: executable = "", missing } = await findBrowser();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: the console's users: ${missing} ***\n`);

/** Fewer by hand, where making them takes too long. */
const OBJECTS = Number(Deno.env.get("CONSOLE_OBJECTS") ?? "20000");
const LAST = `${String(OBJECTS - 1).padStart(5, "0")}.txt`;
const PUTS_AT_ONCE = 32;
const LISTED_TIMEOUT_MS = 120_000;
const PERSON = "alice";

for (const transport of TRANSPORTS) {
  Deno.test({
    name: `the console over ${transport} shows users what their rules touch, and says why not`,
    ignore,
    fn: async (test) => {
      await using stage = await startConsoleStage({ name: "people", transport, executable });
      const { backend, bucket } = stage;
      await backend.put({ bucket, key: "home/prefix/mine.txt" }, "mine\n");
      await backend.put({ bucket, key: "home/other/theirs.txt" }, "theirs\n");
      await test.step("a prefix user", () => seesItsPrefix(stage));
      await test.step("an append-only user", () => appends(stage));
      if (transport === "http") {
        await test.step("a folder of 20 000 objects", () => scrolls(stage));
      }
    },
  });
}

async function seesItsPrefix(stage: ConsoleStage): Promise<void> {
  const { bucket, backend, gateway } = stage;
  const opened = await signIn(stage, { person: "prefix" });
  const { page } = opened;
  await page.getByRole("link", { name: `${bucket}/home/prefix/` }).click(); // its card begins there
  await page.getByText("mine.txt").waitFor();
  await openFolder(page, { bucket });
  await page.getByRole("alert").getByText("AccessDenied").waitFor(); // the whole bucket is not its
  await openFolder(page, { bucket, prefix: "home/prefix/" });
  await page.getByText("mine.txt").waitFor();
  const file = `${gateway.directory}/${bucket}-new.txt`;
  await Deno.writeTextFile(file, "new\n");
  await chooseFor(page, { button: "Upload files", paths: file });
  await page.getByText("1 of 1 done").first().waitFor();
  await openFolder(page, { bucket, prefix: "home/other/" });
  await page.getByRole("alert").getByText("AccessDenied").waitFor();
  assert.equal(await page.getByText("theirs.txt").count(), 0);
  const keys = (await backend.listObjects(bucket)).map((line) => line.split("Z ")[1]);
  assert.ok(keys.includes(`home/prefix/${bucket}-new.txt`), `${keys}`);
  await closePage(opened);
}

async function appends(stage: ConsoleStage): Promise<void> {
  const { bucket, backend, gateway } = stage;
  const opened = await signIn(stage, { person: "appender" });
  const { page } = opened;
  await openFolder(page, { bucket });
  const file = `${gateway.directory}/appended.txt`;
  await Deno.writeTextFile(file, "first\n");
  await chooseFor(page, { button: "Upload files", paths: file });
  await page.getByText("1 of 1 done").first().waitFor();
  await page.getByRole("button", { name: "appended.txt" }).waitFor();
  const before = await backend.digest({ bucket, key: "appended.txt" });
  await Deno.writeTextFile(file, "second\n");
  await chooseFor(page, { button: "Upload files", paths: file });
  await page.getByRole("button", { name: "Replace" }).click();
  await page.getByRole("region", { name: "Uploads" }).getByText("1 failed").first().waitFor();
  assert.equal(await backend.digest({ bucket, key: "appended.txt" }), before);
  await page.getByLabel("Select appended.txt").check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("status").getByText("AccessDenied").waitFor();
  assert.equal(await backend.digest({ bucket, key: "appended.txt" }), before);
  await closePage(opened);
}

async function scrolls(stage: ConsoleStage): Promise<void> {
  const { bucket, backend } = stage;
  const names = Array.from({ length: OBJECTS }, (_, i) => `many/${String(i).padStart(5, "0")}.txt`);
  const put = async (): Promise<void> => {
    for (let key = names.pop(); key !== undefined; key = names.pop()) {
      await backend.put({ bucket, key }, "x");
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, put));
  const opened = await signIn(stage, { person: "reader" });
  const { page } = opened;
  await openFolder(page, { bucket, prefix: "many/" });
  await page.getByText("00000.txt").waitFor();
  const grid = page.getByRole("grid");
  await grid.focus();
  const deadline = Date.now() + LISTED_TIMEOUT_MS;
  while (await page.getByText(LAST).count() === 0) {
    assert.ok(Date.now() < deadline, "the end is not reached");
    await page.keyboard.press("End");
    await page.waitForTimeout(50);
  }
  assert.ok(await page.getByRole("row").count() < 100, "only rows in sight are drawn");
  const slowest = Number(await page.evaluate(SCROLL));
  console.log(
    `${OBJECTS} objects: the slowest of 60 frames of scrolling took ${slowest.toFixed(0)} ms`,
  );
  await page.getByRole("searchbox").fill("0012");
  await page.getByText("10 entries").waitFor();
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "Name" }).first().click(); // reads all, the last first
  await page.getByText(LAST).waitFor({ timeout: LISTED_TIMEOUT_MS });
  await closePage(opened);
}

/** Scrolls through all rows in 60 frames; how long the slowest took, in milliseconds. */
const SCROLL = `(async () => {
  const grid = document.querySelector("[role=grid]");
  let slowest = 0, last = performance.now();
  for (let frame = 0; frame <= 60; frame++) {
    grid.scrollTop = grid.scrollHeight * frame / 60;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    slowest = Math.max(slowest, now - last);
    last = now;
  }
  return slowest;
})()`;

Deno.test({
  name: "the console takes a role with a login at oidc-provider",
  ignore,
  fn: async () => {
    const [port = 0] = findFreePorts(1);
    const origin = `http://127.0.0.1:${port}`;
    const gateway = await openGateway();
    const provider = await startIdentityProvider({
      gateway,
      name: "console-role",
      pageOrigin: origin,
    });
    const { issuer, pageClient } = provider;
    try {
      await using stage = await startConsoleStage({
        name: "role",
        transport: "http",
        executable,
        console: {
          address: `127.0.0.1:${port}`,
          oidc: [{ issuer, client_id: pageClient, scopes: "openid" }],
        },
        sections: {
          identity_providers: [{ issuer, allow_private_addresses: true }],
          sts: { keys: ["a-sealing-key-of-the-tests-that-is-long-enough"] },
          roles: {
            people: {
              grants: [{ access: "read-only", buckets: ["console-role-http"] }],
              trust: [{ issuer, audience: pageClient, subject: PERSON }],
            },
          },
        },
      });
      await stage.backend.put({ bucket: stage.bucket, key: "for-people.txt" }, "hello\n");
      const opened = await stage.browser.open();
      const { page } = opened;
      await page.goto(origin);
      await page.getByRole("button", { name: "Continue with" }).click();
      await page.locator('input[name="login"]').fill(PERSON);
      await page.locator('input[name="password"]').fill("any");
      await page.locator('button[type="submit"]').click();
      await page.locator('button[type="submit"]').click(); // consent
      await page.getByLabel("Role").selectOption("people");
      await page.getByRole("button", { name: "Take this role" }).click();
      await page.getByRole("link", { name: stage.bucket }).click();
      await page.getByText("for-people.txt").waitFor();
      assert.equal(await page.evaluate("sessionStorage.length"), 0);
      assert.equal(new URL(page.url()).search, "");
      await closePage(opened);
    } finally {
      await provider.stop();
    }
  },
});
