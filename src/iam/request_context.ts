/**
 * What a request tells a policy beside action and resource, under the names that conditions and
 * policy variables use.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html} and
 * {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys}.
 * @module
 */

import type { IpAddress } from "./ip_range.ts";

/** Facts about one request; what it does not say is left out. */
export interface RequestContext {
  /** Absent for the session of a role, as in IAM. */
  readonly username: string | undefined;
  /**
   * What the identity provider says of a web identity, by claim; only what policies and trust asked for when the session
   * was given. No value: it says nothing of it. Absent for others.
   */
  readonly claims?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The socket's peer, or what a trusted proxy says. */
  readonly sourceIp: IpAddress;
  /** Whether the client came over TLS. */
  readonly secureTransport: boolean;
  readonly currentTime: Date;
  readonly authType: "POST" | "REST-HEADER" | "REST-QUERY-STRING";
  readonly userAgent?: string | undefined;
  /** `prefix` of a listing, decoded; empty where the request says `prefix=`. */
  readonly prefix?: string | undefined;
  /** Whether the prefix is of a listing to which policies have no `s3:prefix`: that of uploads. */
  readonly hidesPrefix?: boolean;
  /** `delimiter` of a listing, decoded. */
  readonly delimiter?: string | undefined;
  /** `max-keys` of a listing, or what a listing without it has. */
  readonly maxKeys?: number | undefined;
  /** `x-amz-acl`. */
  readonly acl?: string | undefined;
  /** `x-amz-copy-source` as `bucket/key`, decoded, without leading slash and version. */
  readonly copySource?: string | undefined;
  /** `x-amz-storage-class`. */
  readonly storageClass?: string | undefined;
  readonly versionId?: string | undefined;
}

/**
 * A name that conditions may use; `read` answers `undefined` where the request does not have it.
 */
export type ConditionKey =
  & {
    readonly name: string;
    /** What a policy's text means, where that is not the text itself. */
    readonly normalise?: (text: string) => string;
    /** Whether `read` answers `undefined` because it cannot be told, and not because the request does not have it. */
    readonly cannotTell?: (context: RequestContext) => boolean;
  }
  & (
    | { readonly type: "string"; readonly read: (context: RequestContext) => string | undefined }
    | { readonly type: "number"; readonly read: (context: RequestContext) => number | undefined }
    | { readonly type: "date"; readonly read: (context: RequestContext) => Date }
    | { readonly type: "boolean"; readonly read: (context: RequestContext) => boolean }
    | { readonly type: "address"; readonly read: (context: RequestContext) => IpAddress }
  );

/** A key whose value is text; policy variables are of these. */
export type StringKey = Extract<ConditionKey, { type: "string" }>;

/** `aws:username`. */
export const USERNAME_KEY: StringKey = {
  name: "aws:username",
  type: "string",
  read: ({ username }) => username,
};

/** The prefix of any listing, for grants; a policy's `s3:prefix` is one of fewer. */
export const PREFIX_KEY: StringKey = {
  name: "s3:prefix",
  type: "string",
  read: ({ prefix }) => prefix,
};

/** Every key there is. */
export const CONDITION_KEYS: readonly ConditionKey[] = [
  { name: "aws:SourceIp", type: "address", read: ({ sourceIp }) => sourceIp },
  { name: "aws:SecureTransport", type: "boolean", read: ({ secureTransport }) => secureTransport },
  { name: "aws:CurrentTime", type: "date", read: ({ currentTime }) => currentTime },
  { name: "aws:UserAgent", type: "string", read: ({ userAgent }) => userAgent },
  USERNAME_KEY,
  {
    name: "s3:prefix",
    type: "string",
    read: ({ prefix, hidesPrefix }) => hidesPrefix ? undefined : prefix,
  },
  { name: "s3:delimiter", type: "string", read: ({ delimiter }) => delimiter },
  { name: "s3:max-keys", type: "number", read: ({ maxKeys }) => maxKeys },
  { name: "s3:x-amz-acl", type: "string", read: ({ acl }) => acl },
  {
    name: "s3:x-amz-copy-source",
    type: "string",
    read: ({ copySource }) => copySource,
    normalise: (text) => text.replace(/^\//, ""), // clients send it with or without
  },
  { name: "s3:x-amz-storage-class", type: "string", read: ({ storageClass }) => storageClass },
  { name: "s3:authType", type: "string", read: ({ authType }) => authType },
  { name: "s3:VersionId", type: "string", read: ({ versionId }) => versionId },
];

const BY_FOLDED_NAME = new Map(CONDITION_KEYS.map((key) => [key.name.toLowerCase(), key]));

/** `jwt:sub`, `jwt:repository_id`: a claim of a web identity token. */
const CLAIM_KEY_PREFIX = "jwt:";

/** Finds a key; IAM compares their names without regard to case. Claims keep theirs. */
export function findConditionKey(name: string): ConditionKey | undefined {
  if (name.startsWith(CLAIM_KEY_PREFIX)) return buildClaimKey(name);
  return BY_FOLDED_NAME.get(name.toLowerCase());
}

/**
 * Of several values no pattern could say which counts; of a claim that nobody asked for when the session was given nothing is known.
 */
function buildClaimKey(name: string): StringKey {
  const claim = name.slice(CLAIM_KEY_PREFIX.length);
  const list = ({ claims }: RequestContext): readonly string[] | undefined =>
    claims !== undefined && Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  return {
    name,
    type: "string",
    read: (context) => {
      const values = list(context);
      return values?.length === 1 ? values[0] : undefined;
    },
    cannotTell: (context) =>
      context.claims !== undefined && (list(context)?.length ?? Infinity) > 1,
  };
}

/** The claims that `text`, a policy as JSON, names. */
export function listClaimNames(text: string): string[] {
  return [...text.matchAll(/jwt:([^\s"'{},]+)/g)].map(([, claim = ""]) => claim);
}
