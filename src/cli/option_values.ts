/**
 * The values of options and arguments: each parser takes the text and throws {@linkcode UsageError}.
 * @module
 */

import { parseDuration } from "../config/duration.ts";
import { parseEndpoint } from "../config/endpoint.ts";
import { isHostname, parsePort } from "../config/listen_address.ts";
import { USER_NAME, USER_NAME_EXPECTED } from "../config/user_schema.ts";
import { parseIpAddress } from "../iam/ip_range.ts";
import { LIMITS } from "../limits.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";
import type { Asker } from "../explain/find_asker.ts";
import { UsageError } from "../explain/usage_error.ts";

/** `--port`. */
export function parsePortOption(value: string): number {
  return readOption("--port", { value, parse: parsePort });
}

/** `--listen`. */
export function parseHostOption(value: string): string {
  if (isHostname(value)) return value;
  throw cannotParse("--listen", { value, problem: "expected an address or a host's name" });
}

/** `--user` of a new user. */
export function parseNameOption(value: string): string {
  if (USER_NAME.test(value)) return value;
  throw cannotParse("--user", { value, problem: `expected ${USER_NAME_EXPECTED}` });
}

/** `--ip`. */
export function parseAddressOption(value: string): string {
  if (parseIpAddress(value) !== undefined) return value;
  throw cannotParse("--ip", { value, problem: "expected an IPv4 or IPv6 address" });
}

/** `--scheme`. */
export function parseSchemeOption(value: string): "http" | "https" | "auto" {
  if (value === "http" || value === "https" || value === "auto") return value;
  throw cannotParse("--scheme", { value, problem: 'expected "http", "https" or "auto"' });
}

/** `--header NAME=VALUE`, its name in lower case. */
export function parseHeaderOption(value: string): [name: string, value: string] {
  const [, name, text] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(.*)$/.exec(value) ?? [];
  if (name !== undefined && text !== undefined) return [name.toLowerCase(), text];
  throw cannotParse("--header", { value, problem: "expected NAME=VALUE" });
}

/** `--expires`, in seconds. */
export function parseExpiresOption(value: string): number {
  const seconds = Math.floor(readOption("--expires", { value, parse: parseDuration }) / 1000);
  if (seconds >= 1 && seconds <= LIMITS.presignedExpiresSecondsMax) return seconds;
  throw cannotParse("--expires", { value, problem: 'expected "1s" to "168h", S3\'s longest' });
}

/** `--endpoint`. */
export function parseEndpointOption(value: string): URL {
  return readOption("--endpoint", { value, parse: parseEndpoint });
}

/** A request target: `/bucket/key?versionId=1`, as it is sent; or an S3 URL, as people write it. */
export function parseTargetArgument(value: string): string {
  if (value.startsWith("/")) return value;
  const [, path] = /^s3:\/\/([^/].*)$/s.exec(value) ?? [];
  if (path !== undefined) return uriEncodePath(`/${path}`);
  const problem = 'expected a path like "/bucket/key", or "s3://bucket/key"';
  throw cannotParse("TARGET", { value, problem });
}

/** A bucket and a key: an S3 URL, as people write it; or `/bucket/key`, percent-encoded as it is sent. */
export function parseObjectArgument(value: string): { bucket: string; key: string } {
  const [, url, path] = /^(?:s3:\/\/([^/].*)|\/(.*))$/s.exec(value) ?? [];
  const text = url ?? (path === undefined ? undefined : decodePath(path));
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(text ?? "") ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw cannotParse("TARGET", { value, problem: "expected a bucket and a key: s3://bucket/key" });
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function readOption<Value>(
  name: string,
  { value, parse }: { value: string; parse: (text: string) => Value },
): Value {
  try {
    return parse(value);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw cannotParse(name, { value, problem: cause.message, cause });
  }
}

/** The error of an option's parser. */
export function cannotParse(
  name: string,
  { value, problem, cause }: { value: string; problem: string; cause?: unknown },
): UsageError {
  return new UsageError(`Cannot parse "${name}": got "${value}", ${problem}`, { cause });
}

/** Who asks: a user, or a role and the claims it is asked for with, which are read later. */
export function parseAsker(
  { user, role, claims }: { user: string; role: string; claims: string },
): Asker {
  if ((user === "") === (role === "")) {
    throw new UsageError('Option "--user" or "--role" is needed, and not both');
  }
  if ((role === "") !== (claims === "")) {
    throw new UsageError('Options "--role" and "--claims" go together');
  }
  return role === "" ? { kind: "user", name: user } : { kind: "role", name: role, claims: {} };
}
