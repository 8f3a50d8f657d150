/**
 * A client of the console, which signs as the page does.
 * @module
 */

import assert from "node:assert/strict";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { ADMIN, ALICE, type Key, type ProxyOptions, ProxyUnderTest } from "./proxy_under_test.ts";
import { type RawResponse, request } from "./raw_client.ts";
import { type Header, signHeaders } from "./signer.ts";

/** `console.public_url`. */
export const PAGE_ORIGIN = "https://console.test";
/** In the scope of what the page asks the console for. */
export const CONSOLE_SERVICE = "s3-proxy-console";

/** A proxy with a console, whose administrator is {@linkcode ADMIN}. */
export function startWithConsole(
  { settings, page = {}, ...options }: ProxyOptions & { page?: object } = {},
): Promise<ProxyUnderTest> {
  const section = {
    enabled: true,
    address: "127.0.0.1:0",
    public_url: PAGE_ORIGIN,
    admins: [ADMIN.accessKey],
    ...page,
  };
  return ProxyUnderTest.start({ ...options, settings: { ...settings, console: section } });
}

/** What a test may say of a question. */
export interface ConsoleQuestion {
  readonly method?: string;
  readonly key?: Key;
  readonly headers?: readonly Header[];
  readonly host?: string;
  readonly service?: string;
  readonly region?: string;
  readonly date?: Date;
  readonly body?: string;
  /** Headers sent beside those that were signed. */
  readonly unsigned?: readonly Header[];
}

/** Asks the console, signed. */
export function askConsole(
  proxy: ProxyUnderTest,
  target: string,
  { method = "GET", key = ALICE, headers = [], host, body, unsigned = [], ...signing }:
    ConsoleQuestion = {},
): Promise<RawResponse> {
  const signed = signHeaders({
    method,
    target,
    headers: [["host", host ?? `127.0.0.1:${proxy.consolePort}`], ...headers],
    ...key,
    service: CONSOLE_SERVICE,
    date: new Date(),
    ...signing,
  });
  return request({
    port: proxy.consolePort,
    method,
    target,
    headers: [...signed.headers, ...unsigned],
    ...(body === undefined ? {} : { body: encodeUtf8(body) }),
  });
}

/** An answer that goes on. */
export interface FollowedAnswer extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** The next line; `undefined` where it has ended. */
  next(): Promise<string | undefined>;
}

/** Asks for one at `port`. */
export async function followConsole(
  port: number,
  target: string,
  { key = ALICE, service = CONSOLE_SERVICE, origin = `http://127.0.0.1:${port}`, client }: {
    key?: Key;
    service?: string;
    origin?: string;
    client?: Deno.HttpClient;
  } = {},
): Promise<FollowedAnswer> {
  const { headers } = signHeaders({
    method: "GET",
    target,
    headers: [["host", new URL(origin).host]],
    ...key,
    service,
    date: new Date(),
  });
  const sent = headers.filter(([name]) => name !== "host").map(([name, value]) =>
    [name, value] as [string, string]
  );
  const response = await fetch(`${origin}${target}`, {
    headers: sent,
    ...(client === undefined ? {} : { client }),
  });
  const lines = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new LineStream())
    .getReader();
  return {
    status: response.status,
    headers: response.headers,
    next: async () => (await lines?.read())?.value,
    [Symbol.asyncDispose]: async () => await lines?.cancel().catch(() => {}),
  };
}

/** Texts to lines. */
class LineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform: (text, controller) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush: (controller) => rest === "" ? undefined : controller.enqueue(rest),
    });
  }
}

/** Opens a page of it, as nobody. */
export function openConsole(
  proxy: ProxyUnderTest,
  target: string,
  { method = "GET", host, headers = [] }: { method?: string; host?: string; headers?: Header[] } =
    {},
): Promise<RawResponse> {
  const authority = host ?? `127.0.0.1:${proxy.consolePort}`;
  return request({
    port: proxy.consolePort,
    method,
    target,
    headers: [["host", authority], ...headers],
  });
}

/** That `response` is the console's refusal `code`, in its one form, and tells nothing else. */
export function assertConsoleRefused(response: RawResponse, code: string): void {
  assert.equal(readJson(response).error?.code, code, response.text);
  assert.ok(response.status >= 400);
}

/** The answer's JSON. */
// deno-lint-ignore no-explicit-any -- tests look at what they expect
export function readJson(response: RawResponse): any {
  assert.equal(response.header("content-type"), "application/json; charset=utf-8");
  return JSON.parse(response.text);
}
