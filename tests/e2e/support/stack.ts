/**
 * Everything a test file needs, up for as long as the file's tests run: the gateway, and a proxy in
 * front of it over HTTP and one over HTTPS.
 * @module
 */

import assert from "node:assert/strict";
import { BackendView } from "./backend_view.ts";
import type { Access } from "./client.ts";
import { type Gateway, openGateway, type Transport } from "./gateway.ts";
import { type ProxyChild, type ProxyOptions, startProxy, type User } from "./proxy_child.ts";

/** What runs while a file's tests do. */
export interface Stack {
  readonly gateway: Gateway;
  readonly backend: BackendView;
  readonly proxies: Readonly<Record<Transport, ProxyChild>>;
}

/** What {@linkcode useStack} takes. */
export interface StackOptions {
  /** Names the files of this stack; one for each test file. */
  readonly name: string;
  /** Sections of the proxies' configuration, or what is added to them. */
  readonly settings?: Pick<ProxyOptions, "server" | "security" | "users" | "cors">;
  /** Starts nothing: all tests of the file are ignored. */
  readonly ignore?: boolean;
}

/** Starts a stack before a file's first test and ends it after the last; tests call what it returns. */
export function useStack({ name, settings = {}, ignore = false }: StackOptions): () => Stack {
  let stack: Stack | undefined;
  Deno.test.beforeAll(async () => {
    if (!ignore) stack = await startStack({ name, settings });
  });
  Deno.test.afterAll(async () => {
    if (stack !== undefined) await stopStack(stack);
  });
  return () => {
    assert.ok(stack, "the stack runs while tests do");
    return stack;
  };
}

/** Who `user` is to the proxy behind `transport`, with a new folder for the client's files. */
export async function openAccess(
  { gateway, proxies }: Stack,
  { user, transport }: { user: User; transport: Transport },
): Promise<Access> {
  return {
    endpoint: proxies[transport].endpoint,
    accessKey: user.accessKey,
    secretKey: user.secretKey,
    authorityFile: transport === "https" ? gateway.authorityFile : undefined,
    directory: await Deno.makeTempDir({ dir: gateway.directory }),
  };
}

async function startStack(
  { name, settings }: Required<Pick<StackOptions, "name" | "settings">>,
): Promise<Stack> {
  const gateway = await openGateway();
  const [http, https] = await Promise.all([
    startProxy({ gateway, transport: "http", name, ...settings }),
    startProxy({ gateway, transport: "https", name, ...settings }),
  ]);
  return { gateway, backend: new BackendView(gateway), proxies: { http, https } };
}

async function stopStack({ proxies }: Stack): Promise<void> {
  for (const proxy of Object.values(proxies)) {
    assert.equal(await proxy.stop(), 0, `exit status, see ${proxy.logFile}`);
    const failures = (await Deno.readTextFile(proxy.logFile)).split("\n")
      .filter((line) => /"status":500\b|^error:|Uncaught/.test(line));
    assert.deepEqual(failures, [], `internal errors, see ${proxy.logFile}`);
  }
}
