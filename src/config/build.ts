/**
 * From a configuration file's data to one frozen {@linkcode Config}, or to everything that is wrong with it.
 * @module
 */

import { dirname, isAbsolute, join } from "node:path";
import type { BucketNameRules } from "../s3/names.ts";
import { type CheckedFile, compileConfig, formatStatementId } from "./compile.ts";
import type { Config } from "./config.ts";
import { isMapping } from "./data.ts";
import { describeIssue, toProblems } from "./issues.ts";
import { readKeyPairs, type ReadSecretFile } from "./key_pairs.ts";
import {
  ConfigError,
  formatKeyPath,
  formatProblems,
  type Problem,
  type Source,
} from "./problem.ts";
import type { NameStatement } from "./rules.ts";
import { readSealingKeys } from "./sealing_keys.ts";
import { createSettingsSchema } from "./schema.ts";
import { findStoreWarnings } from "./store_warnings.ts";
import { findWarnings } from "./warnings.ts";

/** A configuration, and what an operator should know about it. */
export interface LoadedConfig {
  readonly config: Config;
  /** `file:line:column: key.path: what is unwise`, one a line of the log; never a secret. */
  readonly warnings: readonly string[];
}

/** A configuration, and what it was compiled from. */
export interface BuiltConfig extends LoadedConfig {
  readonly checked: Omit<CheckedFile, "certificates">;
}

/**
 * From data to the configuration; secrets are taken out of `data`.
 * @throws {ConfigError} With all that is wrong, beside what is `known` to be already.
 */
export function buildConfig(
  data: unknown,
  { place, known, readSecretFile, hideValues }: {
    place: Source;
    known: readonly Problem[];
    readSecretFile: ReadSecretFile;
    /** Makes a message safe to show. */
    hideValues: (message: string) => string;
  },
): BuiltConfig {
  const { path } = place;
  const resolveFile = (name: string): string => isAbsolute(name) ? name : join(dirname(path), name);
  const keyPairs = readKeyPairs(data, {
    readSecretFile: (name) => readSecretFile(resolveFile(name)),
    isCutByComment: (at) => place.isCutByComment(at),
  });
  const sealing = readSealingKeys(data, (name) => readSecretFile(resolveFile(name)));
  const bucketNames = readBucketNameRules(data);
  const parsed = createSettingsSchema({ bucketNames, resolveFile })
    .safeParse(data, { error: describeIssue });
  const statementLines = new Map<string, number>();
  const nameStatement: NameStatement = (at) => {
    const { line } = place.locate({ path: at });
    statementLines.set(JSON.stringify(at), line);
    return formatStatementId({ path, line, at });
  };
  const wrong: Problem[] = [];
  const unwise: Problem[] = [];
  const { secrets } = keyPairs;
  const config = parsed.success
    ? compileConfig(parsed.data, {
      secrets,
      sealingKeys: sealing.texts,
      nameStatement,
      report: (path, message) => void wrong.push({ path, message }),
      warn: (path, message) => void unwise.push({ path, message }),
    })
    : undefined;
  const issues = toProblems(parsed.error?.issues ?? []);
  const problems = dropEchoes([known, keyPairs.problems, sealing.problems, issues, wrong]);
  if (!parsed.success || config === undefined || problems.length > 0) {
    throw new ConfigError(formatProblems(problems, place).map(hideValues));
  }
  const warnings = [
    ...keyPairs.warnings,
    ...unwise,
    ...findWarnings(data, config),
    ...findStoreWarnings(config),
  ];
  if (sealing.areOwn && config.roles.some(({ trust }) => trust.length > 0)) {
    const message =
      "is missing: sessions end with this process, and other replicas do not know them";
    warnings.push({ path: ["sts", "keys"], message });
  }
  return {
    config,
    warnings: formatProblems(warnings, place),
    checked: {
      path,
      settings: parsed.data,
      secrets,
      sealingKeys: sealing.texts,
      bucketNames: config.bucketNames,
      statementLines,
    },
  };
}

/**
 * The rules for bucket names in the file itself, which its own `backend` section sets: read before
 * that is known to be right, so that mistakes there and in `users` are told at once.
 */
function readBucketNameRules(data: unknown): BucketNameRules {
  const backend = isMapping(data) && isMapping(data["backend"]) ? data["backend"] : {};
  const reserved = backend["reserved_bucket_names"];
  return {
    relaxed: backend["relaxed_bucket_names"] === true,
    reserved: new Set(
      Array.isArray(reserved) ? reserved.map((name) => String(name).toLowerCase()) : [],
    ),
  };
}

/**
 * All stages' problems, without those a later stage has with a value that an earlier one already
 * found bad.
 */
function dropEchoes(stages: readonly (readonly Problem[])[]): Problem[] {
  const kept: Problem[] = [];
  for (const stage of stages) {
    const seen = new Set(kept.map(({ path }) => formatKeyPath(path)));
    kept.push(...stage.filter(({ path }) => !seen.has(formatKeyPath(path))));
  }
  return kept;
}
