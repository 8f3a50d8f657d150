/**
 * Whom a session was given to: what an identity provider says of somebody, or a user of the configuration.
 * @module
 */

/** A claim as text: each of a list's values, and numbers and truth values as JSON writes them. */
export type ClaimValues = readonly string[];

/** Somebody an identity provider knows. Everything in it was signed by the provider. */
export interface WebPrincipal {
  readonly kind: "web";
  readonly issuer: string;
  /** `aud`: a list, also where the token has one text. */
  readonly audiences: readonly string[];
  readonly subject: string;
  /** Further claims, by the name that the configuration asks for: {@linkcode readClaims}. */
  readonly claims: Readonly<Record<string, ClaimValues>>;
}

/** A user of the configuration. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly name: string;
  /** The key that signed: without it in the configuration, the session is over. */
  readonly accessKeyId: string;
  /** Of the secret that signed: with another one, the key is another. */
  readonly secretTag: string;
}

/** Either. */
export type Principal = WebPrincipal | UserPrincipal;

/**
 * The claim `name` of a token's `payload`: a member's name or, where it begins with a slash, a JSON pointer
 * ({@link https://www.rfc-editor.org/rfc/rfc6901 RFC 6901}): `/kubernetes.io/namespace`. `undefined` where there is none, or
 * one that is no text, number, truth value or list of them.
 */
export function readClaim(
  payload: Readonly<Record<string, unknown>>,
  name: string,
): ClaimValues | undefined {
  const value = findClaim(payload, name);
  if (!Array.isArray(value)) {
    const text = toText(value);
    return text === undefined ? undefined : [text];
  }
  const texts = value.map(toText);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Of each of `names` what a token's `payload` says: no values of a claim that it has not, and nothing of one that is no text. */
export function readClaims(
  payload: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, ClaimValues>> {
  return Object.fromEntries(names.flatMap((name) => {
    const values = readClaim(payload, name);
    const isThere = (findClaim(payload, name) ?? null) !== null;
    return values === undefined && isThere ? [] : [[name, values ?? []]];
  }));
}

function findClaim(payload: Readonly<Record<string, unknown>>, name: string): unknown {
  return name.startsWith("/") ? followPointer(payload, name) : readMember(payload, name);
}

function followPointer(payload: unknown, pointer: string): unknown {
  let value = payload;
  for (const step of pointer.slice(1).split("/")) {
    value = readMember(value, step.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return value;
}

/** An own member: `__proto__` and the like are none. */
function readMember(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}
