/**
 * What STS's actions are told of the session to come.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html}.
 * @module
 */

import { compileSessionPolicy } from "../config/session_directory.ts";
import { PolicyError } from "../iam/policy_error.ts";
import { LIMITS } from "../limits.ts";
import { StsError } from "./sts_error.ts";
import type { StsRequest } from "./sts_request.ts";

type Parameters = StsRequest["parameters"];

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/([A-Za-z0-9_+=,.@-]{1,64})$/;

/** `RoleSessionName`. @throws {StsError} `ValidationError`. */
export function readSessionName(parameters: Parameters): string | undefined {
  const name = parameters.get("RoleSessionName") || undefined;
  if (name === undefined || SESSION_NAME.test(name)) return name;
  throw invalid(
    "Value at 'roleSessionName' failed to satisfy constraint: Member must have length between 2 and 64, and satisfy regular expression pattern: [\\w+=,.@-]*",
  );
}

/** The role's name in `RoleArn`; `undefined` for a role of another account. @throws {StsError} `ValidationError`. */
export function readRoleName(
  parameters: Parameters,
  accountId: string,
): { readonly given: boolean; readonly name: string | undefined } {
  const arn = parameters.get("RoleArn") || undefined;
  if (arn === undefined) return { given: false, name: undefined };
  const [, account, name] = ROLE_ARN.exec(arn) ?? [];
  if (account === undefined) throw invalid("The RoleArn is not that of a role.");
  return { given: true, name: account === accountId ? name : undefined };
}

/**
 * `DurationSeconds`, within what every action allows.
 * @throws {StsError} `ValidationError` for less than {@linkcode LIMITS.sessionSecondsMin}, or what is no number.
 */
export function readDuration(parameters: Parameters): number | undefined {
  const text = parameters.get("DurationSeconds") || undefined;
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text) && Number(text) >= LIMITS.sessionSecondsMin) return Number(text);
  throw invalid(
    `Value at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${LIMITS.sessionSecondsMin}`,
  );
}

/**
 * `Policy`, of which the session keeps the text without its blanks.
 * @throws {StsError} `MalformedPolicyDocument`; `ValidationError` for a policy that is named and not given, which would
 *   otherwise not bound the session.
 */
export function readSessionPolicy(
  parameters: Parameters,
  { relaxed }: { relaxed: boolean },
): string | undefined {
  for (const name of parameters.keys()) {
    if (name.startsWith("PolicyArns.")) throw invalid("PolicyArns are not supported here.");
  }
  const text = parameters.get("Policy") || undefined;
  if (text === undefined) return undefined;
  if (text.length > LIMITS.sessionPolicyCharactersMax) {
    throw new StsError("PackedPolicyTooLarge", { reason: "policy_too_long" });
  }
  try {
    const json = JSON.stringify(JSON.parse(text));
    compileSessionPolicy(json, { relaxed });
    return json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof PolicyError)) throw cause;
    throw new StsError("MalformedPolicyDocument", {
      message: cause instanceof PolicyError ? cause.message : "This policy is not JSON.",
      reason: "session_policy",
      cause,
    });
  }
}

/** @throws {StsError} `ValidationError` where it is missing. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name) || undefined;
  if (value !== undefined) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw invalid(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
}

/** `1 validation error detected: …`, as STS says it. */
export function invalid(message: string): StsError {
  return new StsError("ValidationError", {
    message: `1 validation error detected: ${message}`,
    reason: "invalid_parameter",
  });
}
