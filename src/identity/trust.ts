/**
 * Who may be which role. A role trusts whom one of its rules names; nobody, where it has none.
 * @module
 */

import { matchesPattern, type Pattern } from "../iam/pattern.ts";
import type { Principal, WebPrincipal } from "./principal.ts";

/** Whoever `issuer` vouches for, as far as every condition here holds. */
export interface WebTrust {
  readonly kind: "web";
  readonly issuer: string;
  /** Audiences, one of which the token must have. INVARIANT: never empty. */
  readonly audiences: readonly string[];
  /** Patterns, one of which must match `sub`; `undefined`: any subject. */
  readonly subjects: readonly Pattern[] | undefined;
  /** Of each claim here, one value must match one pattern. INVARIANT: not empty where there are no subjects. */
  readonly claims: readonly ClaimTrust[];
}

/** What a claim has to be. */
export interface ClaimTrust {
  readonly name: string;
  readonly patterns: readonly Pattern[];
}

/** Users of the configuration, by name. */
export interface UserTrust {
  readonly kind: "users";
  readonly users: readonly string[];
}

/** One rule of a role. */
export type Trust = WebTrust | UserTrust;

/** Whether one of `rules` is about `principal`. */
export function isTrusted(rules: readonly Trust[], principal: Principal): boolean {
  return rules.some((rule) =>
    rule.kind === "web"
      ? principal.kind === "web" && trustsWeb(rule, principal)
      : principal.kind === "user" && rule.users.includes(principal.name)
  );
}

function trustsWeb(rule: WebTrust, principal: WebPrincipal): boolean {
  return rule.issuer === principal.issuer &&
    rule.audiences.some((audience) => principal.audiences.includes(audience)) &&
    (rule.subjects === undefined || matchesOne(rule.subjects, principal.subject)) &&
    rule.claims.every(({ name, patterns }) =>
      Object.hasOwn(principal.claims, name) &&
      principal.claims[name]?.some((value) => matchesOne(patterns, value)) === true
    );
}

function matchesOne(patterns: readonly Pattern[], text: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, text));
}
