/**
 * `s3-proxy login`, as somebody at a terminal or one of AWS's tools runs it.
 * @module
 */

import { resolve } from "node:path";
import { readNamedFile } from "../config/read_file.ts";
import { describeReadError } from "../config/data.ts";
import { askProvider } from "../identity/fetch_document.ts";
import { monotonicMs, systemClock } from "../lib/clock.ts";
import { formatCredentials, login, type LoginRequest } from "./login.ts";
import { editProfile, formatCommand } from "./login/aws_profile.ts";
import { createLoginCache } from "./login/login_cache.ts";
import { readPrivateFile, writePrivateFile } from "./login/private_file.ts";
import type { Ask } from "./login/oauth.ts";
import { UsageError } from "../explain/usage_error.ts";

/** What the command line says. */
export interface LoginCommand extends LoginRequest {
  readonly caFile: string | undefined;
  /** The profile to write. */
  readonly profile: string | undefined;
}

/** The region of a profile that has none: clients need one, and the proxy takes any unless told otherwise. */
const REGION = "us-east-1";

/**
 * Resolves with what to print: the session, or that there is a profile.
 * @throws {UsageError} In one sentence, for whatever is in the way.
 */
export async function runLogin(command: LoginCommand): Promise<string> {
  try {
    return await logInAndTell(command);
  } catch (cause) {
    if (cause instanceof UsageError || !isFileProblem(cause)) throw cause;
    throw new UsageError(`Cannot keep the login: ${describeReadError(cause)}`, { cause });
  }
}

async function logInAndTell(command: LoginCommand): Promise<string> {
  const { client, roleArn, endpoint, profile } = command;
  const session = await login(command, {
    ask: createAsk(command.caFile),
    tell: (text) => console.error(text),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    monotonicMs,
    clock: systemClock,
    cache: createLoginCache(
      Deno.env.get("XDG_CACHE_HOME") || `${findHome()}/.cache`,
      [client.issuer, client.clientId, client.scope, endpoint, roleArn],
    ),
  });
  if (profile === undefined) return formatCredentials(session);
  const path = Deno.env.get("AWS_CONFIG_FILE") || `${findHome()}/.aws/config`;
  const text = editProfile(readPrivateFile(path), {
    name: profile,
    settings: {
      credential_process: formatCommand([...listOwnCommand(), ...listOptions(command)]),
      endpoint_url: endpoint,
    },
    defaults: { region: REGION },
  });
  await writePrivateFile(path, text);
  return `The profile "${profile}" is in ${path}: aws s3 ls --profile ${profile}`;
}

function createAsk(caFile: string | undefined): Ask {
  let authorities: string | undefined;
  try {
    authorities = caFile === undefined ? undefined : readNamedFile(caFile);
  } catch (cause) {
    throw new UsageError(`Cannot read "${caFile}": ${describeReadError(cause)}`, { cause });
  }
  // Who runs this says where to ask; that may well be in a private network.
  return (uri, form) => askProvider(uri, { authorities, allowsPrivateAddresses: true, form });
}

/** What the file system says, or the runtime of a file that may not be written. */
function isFileProblem(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error instanceof Deno.errors.NotCapable);
}

function findHome(): string {
  const home = Deno.env.get("HOME");
  if (home) return home;
  throw new UsageError("HOME is not set: there is no place to keep the login");
}

/** How this program was started, in words. */
function listOwnCommand(): string[] {
  const program = Deno.execPath();
  if (Deno.build.standalone) return [program, "login"];
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const permissions = ["net", "read", "env", "sys", "write"].map((name) => `--allow-${name}`);
  return [program, "run", "--quiet", ...permissions, decodeURIComponent(main), "login"];
}

/** Nobody sees what a tool's helper asks. */
function listOptions({ client, roleArn, endpoint, caFile }: LoginCommand): string[] {
  const { issuer, clientId, scope } = client;
  const options = {
    issuer,
    "client-id": clientId,
    role: roleArn,
    endpoint,
    scope,
    prompt: "never",
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return caFile === undefined ? words : [...words, "--ca-file", resolve(caFile)];
}
