/**
 * From a configuration file's data to one frozen {@linkcode Config}, in the thread that has read the file
 * and, once more, in every worker.
 * @module
 */

import { dirname, isAbsolute, join } from "node:path";
import type { BucketNameRules } from "../s3/names.ts";
import { type Certificates, loadCertificates, type ReadFile } from "./certificates.ts";
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
import type { NameStatement, Report } from "./rules.ts";
import { createConfigSchema } from "./schema.ts";
import { findWarnings } from "./warnings.ts";

/** A configuration, and what an operator should know about it. */
export interface LoadedConfig {
  readonly config: Config;
  /** `file:line:column: key.path: what is unwise`, one a line of the log; never a secret. */
  readonly warnings: readonly string[];
}

/** A configuration with all that its files held. */
export interface CompleteConfig {
  readonly config: Config;
  readonly certificates: Certificates;
}

/**
 * What a configuration is made of, read once: every thread that parses it gets the same. It can be posted to a worker;
 * it holds secrets in plain text, so nothing else may be done with it.
 */
export interface ConfigSource {
  readonly path: string;
  /** The file's mappings and lists, variables of the environment filled in. */
  readonly data: unknown;
  /** Texts of the files it names, secrets and certificates, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Lines of grants, policies' statements and bucket lists, by key path. */
  readonly statementLines: ReadonlyMap<string, number>;
}

/**
 * The configuration that `loadConfig()` made of `source`, once more: for another thread,
 * which has no further use for `source`.
 * @throws {ConfigError} Where `source` is of another version of this program.
 */
export function rebuildConfig(source: ConfigSource): CompleteConfig {
  const { path, data, files, statementLines } = source;
  const readFile: ReadFile = (name) => files.get(name) ?? "";
  // Nobody asks for other places: whatever is wrong was told when the file was read.
  const place: Source = {
    path,
    locate: (at) => ({ line: statementLines.get(formatKeyPath(at.path)) ?? 1, column: 1 }),
  };
  const { parsed: { config } } = buildConfig(data, {
    place,
    known: [],
    readSecretFile: readFile,
    hideValues: (message) => message,
  });
  return { config, certificates: loadCertificates(config, { readFile, place }) };
}

/** A configuration, and where its rules stand. */
export interface BuiltConfig {
  readonly parsed: LoadedConfig;
  readonly statementLines: ReadonlyMap<string, number>;
}

/**
 * From data to the configuration; secrets in `data` are replaced by what cannot be printed.
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
  const resolveFile = (name: string): string =>
    isAbsolute(name) ? name : join(dirname(place.path), name);
  const keyPairs = readKeyPairs(data, (name) => readSecretFile(resolveFile(name)));
  const statementLines = new Map<string, number>();
  const nameStatement: NameStatement = (path) => {
    const { line } = place.locate({ path });
    const key = formatKeyPath(path);
    statementLines.set(key, line);
    return `${place.path}:${line}:${key}`;
  };
  const bucketNames = readBucketNameRules(data);
  const unwise: Problem[] = [];
  const warn: Report = (path, message) => void unwise.push({ path, message });
  const parsed = createConfigSchema({ bucketNames, resolveFile, nameStatement, warn })
    .safeParse(data, { error: describeIssue });
  const problems = dropEchoes([
    known,
    keyPairs.problems,
    toProblems(parsed.error?.issues ?? []),
  ]);
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(formatProblems(problems, place).map(hideValues));
  }
  const warnings = [...keyPairs.warnings, ...unwise, ...findWarnings(data, parsed.data)];
  return {
    parsed: { config: freezeDeeply(parsed.data), warnings: formatProblems(warnings, place) },
    statementLines,
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

function freezeDeeply<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freezeDeeply(member);
  return Object.freeze(value);
}
