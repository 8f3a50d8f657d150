/**
 * What tests of the console need: the gateway, a proxy with its console, and people who sign in with a browser.
 * @module
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { BackendView } from "./backend_view.ts";
import { TestBrowser, type Theme, type WatchedPage } from "./browser.ts";
import { type Gateway, openGateway, type Transport } from "./gateway.ts";
import { type ProxyChild, type Sections, startProxy, USERS } from "./proxy_child.ts";
import { findFreePorts } from "./state.ts";

/** Who signs in; the rights of each are in {@linkcode startConsoleStage}. */
export const PEOPLE = {
  admin: { accessKey: USERS.admin.accessKey, secretKey: USERS.admin.secretKey },
  reader: { accessKey: "reader-key", secretKey: "reader-secret-of-the-tests" },
  prefix: { accessKey: "prefix-key", secretKey: "prefix-secret-of-the-tests" },
  appender: { accessKey: "appender-key", secretKey: "appender-secret-of-the-tests" },
  former: { accessKey: "former-key", secretKey: "former-secret-of-the-tests" },
} as const;
/** One of them. */
export type Person = keyof typeof PEOPLE;

/** All that runs. */
export interface ConsoleStage extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly backend: BackendView;
  readonly proxy: ProxyChild;
  readonly browser: TestBrowser;
  /** The console's origin. */
  readonly origin: string;
  /** The section `console`, for a reload with another. */
  readonly section: Readonly<Record<string, unknown>>;
  /** The bucket that {@linkcode PEOPLE} have rights in. */
  readonly bucket: string;
}

/** What {@linkcode startConsoleStage} takes. */
export interface ConsoleStageOptions {
  /** Names its files and its bucket. */
  readonly name: string;
  readonly transport: Transport;
  /** Of the browser. */
  readonly executable: string;
  /** Added to the section `console`. */
  readonly console?: Readonly<Record<string, unknown>>;
  readonly sections?: Sections;
  /** Added to the section `server`. */
  readonly server?: Readonly<Record<string, unknown>>;
}

/** Starts a proxy with a console, and a browser. */
export async function startConsoleStage(options: ConsoleStageOptions): Promise<ConsoleStage> {
  const { name, transport, executable } = options;
  const gateway = await openGateway();
  const backend = new BackendView(gateway);
  const bucket = `console-${name}-${transport}`;
  await backend.makeBucket(bucket);
  const [port] = findFreePorts(1);
  const { certificateFile: cert_file, privateKeyFile: key_file } = gateway;
  const section = {
    enabled: true,
    address: `127.0.0.1:${port}`,
    admins: ["admin"],
    ...(transport === "https" ? { tls: { cert_file, key_file } } : {}),
    ...options.console,
  };
  const proxy = await startProxy({
    gateway,
    transport,
    name: `console-${name}`,
    users: listUsers(bucket),
    server: options.server ?? {},
    sections: { console: section, ...options.sections },
  });
  const browser = await TestBrowser.launch(executable);
  return {
    gateway,
    backend,
    proxy,
    browser,
    origin: `${transport}://127.0.0.1:${port}`,
    section,
    bucket,
    [Symbol.asyncDispose]: async () => {
      await browser[Symbol.asyncDispose]();
      assert.equal(await proxy.stop(), 0, `exit status, see ${proxy.logFile}`);
    },
  };
}

function listUsers(bucket: string): object[] {
  const keys = ({ accessKey, secretKey }: { accessKey: string; secretKey: string }): object => ({
    access_key: accessKey,
    secret_key: secretKey,
  });
  const buckets = [bucket];
  return [
    { name: "reader", ...keys(PEOPLE.reader), grants: [{ access: "read-only", buckets }] },
    {
      name: "prefix",
      ...keys(PEOPLE.prefix),
      grants: [{ access: "read-write", buckets, prefixes: ["home/prefix/"] }],
    },
    { name: "appender", ...keys(PEOPLE.appender), grants: [{ access: "append-only", buckets }] },
    {
      name: "former",
      ...keys(PEOPLE.former),
      grants: [{ access: "full", buckets }],
      expires_at: "2024-01-01T00:00:00Z",
    },
  ];
}

/** Opens the console and signs in by typing. */
export async function signIn(
  { browser, origin }: ConsoleStage,
  { person, theme, width }: { person: Person; theme?: Theme; width?: number },
): Promise<WatchedPage> {
  const opened = await browser.open({
    ...(theme === undefined ? {} : { theme }),
    ...(width === undefined ? {} : { width }),
  });
  await opened.page.goto(origin);
  await enterKeys(opened.page, PEOPLE[person]);
  await opened.page.getByRole("heading", { name: "Buckets", level: 1 }).waitFor();
  return opened;
}

/** Fills in the form of a key pair. */
export async function enterKeys(
  page: Page,
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
): Promise<void> {
  await page.getByLabel("Access key").fill(accessKey);
  await page.getByLabel("Secret key").fill(secretKey);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Opens a bucket, or a folder of it. */
export async function openFolder(
  page: Page,
  { bucket, prefix = "" }: { bucket: string; prefix?: string },
): Promise<void> {
  const query = new URLSearchParams({ bucket, ...(prefix === "" ? {} : { prefix }) });
  await page.evaluate(`location.hash = ${JSON.stringify(`#/browse?${query}`)}`);
  await page.getByRole("navigation", { name: "Folders" }).getByText(bucket).waitFor();
}

/** Chooses files or a folder in the dialog that a button opens. */
export async function chooseFor(
  page: Page,
  { button, paths }: { button: string; paths: string | string[] },
): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: button }).click(),
  ]);
  await chooser.setFiles(paths);
}
