/**
 * What is allowed but unwise in a configuration.
 * @module
 */

import type { Config, User } from "./config.ts";
import { isMapping } from "./data.ts";
import { isLoopback } from "./endpoint.ts";
import type { Problem } from "./problem.ts";

/** What an operator should know about `config`, which was made of `data`. */
export function findWarnings(data: unknown, config: Config): Problem[] {
  const { masterCredentials: { endpoint }, users } = config;
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
  for (const [index, user] of users.entries()) {
    if (hasNoRule(user)) {
      warnings.push({ path: ["users", index], message: "has no rule: may do nothing" });
    }
  }
  return warnings;
}

function hasNoRule({ statements }: User): boolean {
  return statements.length === 0;
}
