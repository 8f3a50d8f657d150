/**
 * `identity_providers`, and whom a role trusts.
 * @module
 */

import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { duration, durationOrZero, optionalSection, section, text } from "./fields.ts";
import type { ProviderSettings } from "./config.ts";
import type { Settings, TrustSettings } from "./settings.ts";

/** One text, or a list of them. */
const TEXTS = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => typeof value === "string" ? [value] : value);

/** One rule of `roles.NAME.trust`: of an issuer's tokens, or of users. */
const TRUST = section({
  issuer: z.string().min(1).optional(),
  audience: TEXTS.optional(),
  subject: TEXTS.optional(),
  claims: z.record(z.string().min(1), TEXTS).optional(),
  users: z.array(z.string()).min(1).optional(),
}).transform(({ issuer, audience, subject, claims = {}, users }, context): TrustSettings => {
  const report = (key: string, message: string): void =>
    context.addIssue({ code: "custom", path: [key], message });
  if (users !== undefined) {
    if (issuer !== undefined) report("users", "stands beside issuer, expected one of them");
    return { kind: "users", users };
  }
  const patterns = [...(subject ?? []), ...Object.values(claims).flat()];
  if (issuer === undefined) report("issuer", "is missing, and so are users");
  if (audience === undefined) {
    report("audience", "is missing: tokens that were made for others would be taken, too");
  }
  if (patterns.length === 0) {
    report("subject", "is missing, and so are claims: everybody of this issuer would be trusted");
  } else if (patterns.every((pattern) => /^[*?]+$/.test(pattern))) {
    report("subject", "fits everybody of this issuer, expected who is trusted");
  }
  return {
    kind: "web",
    issuer: issuer ?? "",
    audiences: audience ?? [],
    subjects: subject,
    claims,
  };
});

/** The keys of a role beside its rules. */
export const ROLE_SESSION_SHAPE = {
  trust: z.array(TRUST).min(1).optional(),
  max_session_duration: duration(LIMITS.sessionSecondsMax * 1000)
    .refine((ms) => ms >= LIMITS.sessionSecondsMin * 1000, { error: "expected at least 15m" })
    .default(LIMITS.sessionSecondsDefault * 1000),
};

/** `identity_providers`. */
export function createProvidersSchema(
  file: () => z.ZodType<string>,
): z.ZodType<ProviderSettings[]> {
  const provider = section({
    issuer: z.string().min(1),
    audience: TEXTS.optional(),
    jwks_uri: text(parseUri).optional(),
    jwks_file: file().optional(),
    ca_file: file().optional(),
    clock_skew: durationOrZero().default(LIMITS.identityClockSkewMs),
    allow_private_addresses: z.boolean().default(false),
    default_role: z.string().optional(),
  }).transform((provider, context): ProviderSettings => {
    const { issuer, jwks_uri: jwksUri, jwks_file: jwksFile } = provider;
    const isPrivate = provider.allow_private_addresses;
    const report = (key: string, message: string): void =>
      context.addIssue({ code: "custom", path: [key], message });
    if (jwksUri !== undefined && jwksFile !== undefined) {
      report("jwks_file", "stands beside jwks_uri, expected one of them");
    }
    const asked = jwksFile === undefined ? jwksUri ?? issuer : undefined;
    if (asked !== undefined && !isAddress(asked, isPrivate)) {
      const expected = isPrivate ? "a URL" : "a URL of https";
      report(
        jwksUri === undefined ? "issuer" : "jwks_uri",
        `is where its keys are asked for, expected ${expected}, or jwks_file`,
      );
    }
    if (provider.clock_skew > LIMITS.clockSkewSecondsMax * 1000) {
      report("clock_skew", `is too much, expected at most ${LIMITS.clockSkewSecondsMax}s`);
    }
    return {
      issuer,
      audiences: provider.audience,
      jwksUri,
      jwksFile,
      caFile: provider.ca_file,
      clockSkewMs: provider.clock_skew,
      allowsPrivateAddresses: isPrivate,
      defaultRole: provider.default_role,
    };
  });
  return z.array(provider).max(LIMITS.identityProvidersMax).check(({ value, issues }) => {
    for (const [index, { issuer }] of value.entries()) {
      if (value.findIndex((other) => other.issuer === issuer) === index) continue;
      issues.push({
        code: "custom",
        input: value,
        path: [index, "issuer"],
        message: "is the same as another's",
      });
    }
  });
}

const ADDRESS = /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[!-~]*)?$/;

function isAddress(text: string, allowsPlain: boolean): boolean {
  return ADDRESS.test(text) && !text.includes("#") &&
    (allowsPlain || text.startsWith("https://"));
}

function parseUri(text: string): string {
  if (ADDRESS.test(text)) return text;
  throw new SyntaxError('expected a URL like "https://issuer.example.com/keys"');
}

/** `sts`. INVARIANT: readSealingKeys() has taken both. */
export const STS_SCHEMA = optionalSection({
  keys: z.never().optional(),
  keys_file: z.never().optional(),
});

/** Names of roles, users and issuers that nobody has. */
export function* findStrangers(
  { roles, users, identityProviders }: Pick<Settings, "roles" | "users" | "identityProviders">,
): Iterable<readonly [path: readonly PropertyKey[], message: string]> {
  const names = new Set(users.map(({ name }) => name));
  for (const [role, { trust }] of Object.entries(roles)) {
    for (const [index, rule] of trust.entries()) {
      const path = ["roles", role, "trust", index];
      if (rule.kind === "users") {
        for (const [at, name] of rule.users.entries()) {
          if (!names.has(name)) yield [[...path, "users", at], "no such user"];
        }
      } else if (!identityProviders.some(({ issuer }) => issuer === rule.issuer)) {
        yield [[...path, "issuer"], "is none of identity_providers"];
      }
    }
  }
  for (const [index, { defaultRole }] of identityProviders.entries()) {
    if (defaultRole !== undefined && !Object.hasOwn(roles, defaultRole)) {
      yield [["identity_providers", index, "default_role"], "no such role"];
    }
  }
}
