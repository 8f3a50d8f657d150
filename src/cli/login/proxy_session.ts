/**
 * A session of the proxy, for an identity token.
 * @module
 */

import { LIMITS } from "../../limits.ts";
import { LoginError, quoteForeign } from "./login_error.ts";
import type { Ask } from "./oauth.ts";

/** A temporary key pair, as `credential_process` writes it. */
export interface SessionCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  /** `YYYY-MM-DDTHH:MM:SSZ` */
  readonly Expiration: string;
}

/** @throws {LoginError} Where the proxy gives none, or is not there. */
export async function openSession(
  idToken: string,
  { endpoint, roleArn, ask }: { endpoint: string; roleArn: string; ask: Ask },
): Promise<SessionCredentials> {
  const form = new URLSearchParams({
    Version: "2011-06-15",
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: roleArn,
    WebIdentityToken: idToken,
  });
  const { status, text } = await ask(`${endpoint}/`, form).catch((cause: Error) => {
    const why = quoteForeign(cause.message);
    throw new LoginError(`Cannot reach ${endpoint}: ${why}`, { kind: "unreachable", cause });
  });
  if (status !== 200) {
    const why = [readElement(text, "Code"), readElement(text, "Message")].filter((part) => part);
    throw new LoginError(
      `The proxy gives no session of ${roleArn}: ${
        why.length === 0 ? `it answers ${status}` : quoteForeign(why.join(": "))
      }`,
      { kind: status >= 500 ? "unreachable" : "refused" },
    );
  }
  return readCredentials((name) => readElement(text, name)) ?? failAt(endpoint);
}

/** `undefined` for what is none. */
export function readCredentials(
  read: (name: keyof SessionCredentials) => unknown,
): SessionCredentials | undefined {
  const text = (name: keyof SessionCredentials): string => {
    const value = read(name);
    const isSound = typeof value === "string" && /^[!-~]+$/.test(value) &&
      value.length <= LIMITS.sessionTokenCharactersMax;
    return isSound ? value : "";
  };
  const credentials: SessionCredentials = {
    AccessKeyId: text("AccessKeyId"),
    SecretAccessKey: text("SecretAccessKey"),
    SessionToken: text("SessionToken"),
    Expiration: text("Expiration"),
  };
  const isWhole = Object.values(credentials).every((value) => value !== "") &&
    Number.isFinite(Date.parse(credentials.Expiration));
  return isWhole ? credentials : undefined;
}

function failAt(endpoint: string): never {
  throw new LoginError(`What answers at ${endpoint} is no s3-proxy`);
}

/** Of a document of the proxy's own, whose texts here need no escaping. */
function readElement(text: string, name: string): string | undefined {
  const tag = `<${name}>`;
  const start = text.indexOf(tag);
  if (start < 0) return undefined;
  const end = text.indexOf("<", start + tag.length);
  return end < 0 ? undefined : text.slice(start + tag.length, end);
}
