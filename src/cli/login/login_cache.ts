/**
 * What one login leaves for the next: a session, and the token that renews it.
 * @module
 */

import { isMapping } from "../../config/data.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { encodeUtf8 } from "../../lib/bytes.ts";
import { readPrivateFile, whileLocked, writePrivateFile } from "./private_file.ts";
import { readCredentials, type SessionCredentials } from "./proxy_session.ts";

/** What is kept. */
export interface KeptLogin {
  readonly session: SessionCredentials | undefined;
  readonly refreshToken: string | undefined;
}

/** Keeps it. */
export interface LoginCache {
  read(): KeptLogin;
  write(login: KeptLogin): Promise<void>;
  /** One process at a time, because many providers accept a refresh token only once. */
  alone<Value>(act: () => Promise<Value>): Promise<Value>;
}

/** One for each `identity`, in `folder`. */
export function createLoginCache(folder: string, identity: readonly string[]): LoginCache {
  const digest = sha256Hex(encodeUtf8(JSON.stringify(identity))).slice(0, 32);
  const path = `${folder}/s3-proxy/login-${digest}.json`;
  return {
    read: () => parse(readPrivateFile(path)),
    write: ({ session, refreshToken }) =>
      writePrivateFile(path, JSON.stringify({ session, refresh_token: refreshToken })),
    alone: (act) => whileLocked(`${path}.lock`, act),
  };
}

/** A file that cannot be read as such counts as absent. */
function parse(text: string): KeptLogin {
  try {
    const value: unknown = JSON.parse(text);
    const { session, refresh_token: token } = isMapping(value) ? value : {};
    return {
      session: isMapping(session) ? readCredentials((name) => session[name]) : undefined,
      refreshToken: typeof token === "string" ? token : undefined,
    };
  } catch {
    return { session: undefined, refreshToken: undefined };
  }
}
