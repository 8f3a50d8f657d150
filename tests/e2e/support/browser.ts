/**
 * Debian's Chromium without a screen, driven by Playwright; each page tells what went wrong in it.
 * @module
 */

import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { readCommand } from "./command.ts";
import { findProgram, type Tool } from "./tools.ts";

/** Light or dark. */
export type Theme = "light" | "dark";
/** Both, for tables of tests. */
export const THEMES: readonly Theme[] = ["light", "dark"];

/** A busy machine of two cores takes long. */
const ACTION_TIMEOUT_MS = 60_000;

/** Where Chromium is. */
export async function findBrowser(): Promise<Tool<string>> {
  const tool = await findProgram("chromium", { beside: ["fonts-dejavu-core"] });
  if (tool.value === undefined) return tool;
  return { value: (await readCommand("which", { args: [tool.value] })).trim() };
}

/** A page, and what its console and its network said against it. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and violations of the content security policy; a test ends with none. */
  readonly mistakes: string[];
  /** Origins that it asked. */
  readonly origins: Set<string>;
}

/** A running browser. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(executablePath: string): Promise<TestBrowser> {
    const args = ["--no-sandbox", "--disable-dev-shm-usage"]; // root in a container has no other way
    return new TestBrowser(await chromium.launch({ executablePath, args }));
  }

  /** A new person: no cookie, no memory; certificates of the tests are taken. */
  async open(
    { theme = "light", width = 1280, height = 860 }: {
      theme?: Theme;
      width?: number;
      height?: number;
    } = {},
  ): Promise<WatchedPage> {
    const context = await this.#browser.newContext({
      colorScheme: theme,
      viewport: { width, height },
      ignoreHTTPSErrors: true,
      locale: "en-GB",
      timezoneId: "UTC",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    const page = await context.newPage();
    const mistakes: string[] = [];
    const origins = new Set<string>();
    page.on("pageerror", (error) => mistakes.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !isStatus(message.text())) mistakes.push(message.text());
    });
    page.on("request", (request) => {
      if (/^https?:/.test(request.url())) origins.add(new URL(request.url()).origin);
    });
    return { page, context, mistakes, origins };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Chromium writes a line for each status above 399 and each connection that broke; views show those. */
function isStatus(text: string): boolean {
  return text.startsWith("Failed to load resource:");
}

/** Waits until `expression` is true in the page; Playwright's own way evaluates there, which the policy forbids. */
export async function waitUntil(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + ACTION_TIMEOUT_MS;
  while (await page.evaluate(`Boolean(${expression})`) !== true) {
    assert.ok(Date.now() < deadline, expression);
    await page.waitForTimeout(20);
  }
}

/** Waits until a view shows what it has asked for. */
export function waitForView(page: Page): Promise<void> {
  return waitUntil(page, 'document.querySelector("main [aria-busy]") === null');
}

/** Ends a test of a page: nothing went wrong in it. */
export async function closePage({ context, mistakes }: WatchedPage): Promise<void> {
  await context.close();
  assert.deepEqual(mistakes, []);
}
