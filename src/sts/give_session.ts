/**
 * A session as STS gives it out.
 * @module
 */

import type { Session } from "../identity/session.ts";
import type { StsFields } from "./sts_document.ts";
import { StsError } from "./sts_error.ts";
import type { StsRules } from "./sts_rules.ts";

/**
 * `Credentials`, and `AssumedRoleUser` for a role.
 * @throws {StsError} `PackedPolicyTooLarge` where its token would be longer than a token may be.
 */
export function giveSession({ sealer, accountId }: StsRules, session: Session): StsFields {
  const credentials = sealer.seal(session);
  if (credentials === undefined) {
    throw new StsError("PackedPolicyTooLarge", { reason: "token_too_long" });
  }
  const { role, name } = session;
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: formatInstant(session.expiresAtSeconds),
    },
    AssumedRoleUser: role === undefined ? undefined : {
      Arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
      AssumedRoleId: `${role}:${name}`,
    },
  };
}

/** From `now` on, for `seconds`. */
export function lastFor(
  seconds: number,
  now: Date,
): Pick<Session, "issuedAtSeconds" | "expiresAtSeconds"> {
  const issuedAtSeconds = Math.floor(now.getTime() / 1000);
  return { issuedAtSeconds, expiresAtSeconds: issuedAtSeconds + seconds };
}

/** `YYYY-MM-DDTHH:MM:SSZ`, which every client reads. */
function formatInstant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
