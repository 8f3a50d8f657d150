/**
 * What is allowed but unwise in a configuration.
 * @module
 */

import type { Config, User } from "./config.ts";
import { isMapping } from "./data.ts";
import { isLoopback } from "./endpoint.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** What an operator should know about `config`, which was made of `data`. */
export function findWarnings(data: unknown, config: Config): Problem[] {
  const { masterCredentials: { endpoint }, server, users } = config;
  const warnings: Problem[] = [];
  if (endpoint.protocol === "http:" && !isLoopback(endpoint)) {
    warnings.push({
      path: ["master_credentials", "endpoint"],
      message: "objects go to another machine without encryption, expected https",
    });
  }
  if (
    isMapping(data) && isMapping(data["security"]) && "max_verify_body_size" in data["security"]
  ) {
    warnings.push({
      path: ["security", "max_verify_body_size"],
      message: "has no effect any more: bodies of every size are verified while they stream",
      atKey: true,
    });
  }
  if (users.length === 0) {
    warnings.push({ path: ["users"], message: "is empty: every request will be refused" });
  }
  warnings.push(...findTrustInEverybody(server), ...findLiteralStars(data));
  for (const [index, user] of users.entries()) {
    if (hasNoRule(user)) {
      warnings.push({ path: ["users", index], message: "has no rule: may do nothing" });
    }
  }
  return warnings;
}

function findTrustInEverybody({ trustedProxies }: Config["server"]): Problem[] {
  return trustedProxies.flatMap(({ mask }, index) =>
    mask.some((group) => group !== 0) ? [] : [{
      path: ["server", "trusted_proxies", index],
      message: "is every address: any client may say where it comes from, source_ips or not",
    }]
  );
}

/** Prefixes that look like patterns; they are compared as they stand. */
function findLiteralStars(data: unknown): Problem[] {
  const { users, roles } = isMapping(data) ? data : {};
  return [...listMembers(users, ["users"]), ...listMembers(roles, ["roles"])]
    .flatMap(([holder, path]) =>
      isMapping(holder) ? listMembers(holder["grants"], [...path, "grants"]) : []
    )
    .flatMap(([grant, path]) =>
      PREFIX_KEYS.flatMap((key) => isMapping(grant) ? listMembers(grant[key], [...path, key]) : [])
    )
    .filter(([prefix]) => typeof prefix === "string" && /[*?]/.test(prefix))
    .map(([, path]) => ({ path, message: "holds * or ?, which stand for themselves in a prefix" }));
}

const PREFIX_KEYS = ["prefixes", "deletable_prefixes"] as const;

/** The values of a list or mapping, with their paths; of anything else, none. */
function listMembers(value: unknown, path: KeyPath): [member: unknown, path: KeyPath][] {
  if (Array.isArray(value)) return value.map((member, index) => [member, [...path, index]]);
  return isMapping(value)
    ? Object.entries(value).map(([key, member]) => [member, [...path, key]])
    : [];
}

function hasNoRule({ statements }: User): boolean {
  return statements.length === 0;
}
