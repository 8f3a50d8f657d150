/**
 * Rules that the configured backend cannot enforce, or would read in another way.
 * @module
 */

import type { Statement } from "../iam/policy.ts";
import { describePattern } from "../iam/resource_pattern.ts";
import { holds } from "../stores/capabilities.ts";
import type { Config } from "./config.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** One warning for each user or role, and kind of rule. */
export function findStoreWarnings({ backend, users, roles }: Config): Problem[] {
  const holders: [path: KeyPath, statements: readonly Statement[]][] = [
    ...users.map((
      { statements },
      at,
    ): [KeyPath, readonly Statement[]] => [["users", at], statements]),
    ...roles.map(({ name, statements }): [KeyPath, readonly Statement[]] => [
      ["roles", name],
      statements,
    ]),
  ];
  const { kind, capabilities } = backend;
  const warnings: Problem[] = [];
  for (const [path, statements] of holders) {
    if (
      !holds(capabilities, "put.if-none-match") && statements.some(({ createOnly }) => createOnly)
    ) {
      warnings.push({
        path,
        message:
          `may only create objects (append-only), which a backend of the kind ${kind} does not hold itself: ` +
          "this program looks and writes one at a time, and another proxy may overwrite between the two",
      });
    }
    if (capabilities.keys === "folded" && statements.some(deniesOddKey)) {
      warnings.push({
        path,
        message:
          `denies a key with an empty segment, which a backend of the kind ${kind} may take for one ` +
          "without: deny that one, too",
      });
    }
  }
  return warnings;
}

function deniesOddKey({ effect, resources }: Statement): boolean {
  return effect === "Deny" && resources.patterns.some((pattern) => {
    const { keys = "" } = describePattern(pattern);
    return keys.startsWith("/") || keys.includes("//") || keys.includes("\\");
  });
}
