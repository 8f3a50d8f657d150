/**
 * Seals sessions into tokens, and opens such tokens.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { AccessKeyId } from "../s3/names.ts";
import { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import type { SealingKey, SessionKeyPair } from "./sealing_key.ts";
import { packSession, type Session, unpackSession } from "./session.ts";

/** What a client gets. */
export interface SessionCredentials extends SessionKeyPair {
  readonly sessionToken: string;
}

/** A session that came back. */
export interface OpenSession extends Session {
  readonly accessKeyId: AccessKeyId;
  readonly secretAccessKey: SecretAccessKey;
}

/** Seals with the first of its keys and opens what any of them has sealed. */
export class SessionSealer {
  readonly #keys: readonly SealingKey[];
  /** Sessions by token, the oldest first. Only authentic ones are in it. */
  readonly #open = new Map<string, OpenSession>();

  /** INVARIANT: there is a key. */
  constructor(keys: readonly SealingKey[]) {
    this.#keys = keys;
  }

  /** `undefined` where the token would pass {@linkcode LIMITS.sessionTokenCharactersMax}. */
  seal(session: Session): SessionCredentials | undefined {
    const [key] = this.#keys;
    const sessionToken = key?.seal(packSession(session));
    if (key === undefined || sessionToken === undefined) return undefined;
    if (sessionToken.length > LIMITS.sessionTokenCharactersMax) return undefined;
    return { ...key.pairOf(sessionToken), sessionToken };
  }

  /** The session of `token`, which may be over; `undefined` for what is none of ours. */
  open(token: string): OpenSession | undefined {
    const known = this.#open.get(token);
    if (known !== undefined) return known;
    for (const key of this.#keys) {
      const content = key.open(token);
      if (content === undefined) continue;
      const { accessKeyId, secretAccessKey } = key.pairOf(token);
      const session = {
        ...unpackSession(content),
        accessKeyId,
        secretAccessKey: new SecretAccessKey(secretAccessKey),
      };
      this.#remember(token, session);
      return session;
    }
    return undefined;
  }

  #remember(token: string, session: OpenSession): void {
    const oldest = this.#open.keys().next().value;
    if (this.#open.size >= LIMITS.openSessionsMax && oldest !== undefined) {
      this.#open.delete(oldest);
    }
    this.#open.set(token, session);
  }
}
