/**
 * From a configuration file to one frozen {@linkcode Config}, or to everything that is wrong with
 * the file.
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import type { BucketNameRules } from "../s3/names.ts";
import type { Config } from "./config.ts";
import { describeReadError, isMapping } from "./data.ts";
import { type Environment, expandEnvironment } from "./environment.ts";
import { describeIssue, toProblems } from "./issues.ts";
import { readKeyPairs, type ReadSecretFile } from "./key_pairs.ts";
import { ConfigError, formatKeyPath, formatProblems, type Problem } from "./problem.ts";
import { createConfigSchema } from "./schema.ts";
import { findWarnings } from "./warnings.ts";
import { parseYamlFile } from "./yaml_file.ts";

/** A configuration, and what an operator should know about it. */
export interface LoadedConfig {
  readonly config: Config;
  /** `file:line:column: key.path: what is unwise`, one a line of the log; never a secret. */
  readonly warnings: readonly string[];
}

/** The world of a configuration file. */
export interface ParseOptions {
  /** The file's path: named in messages, and relative paths in the file start from its folder. */
  readonly path: string;
  readonly environment: Environment;
  readonly readSecretFile: ReadSecretFile;
}

const READABLE_BY_OTHERS = 0o004;

/**
 * Reads the configuration file at `path`, and the secrets' files it names.
 * @throws {ConfigError} When it cannot be read or used.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const { text, mode } = await readConfigFile(path);
  const { config, warnings } = parseConfig(text, {
    path,
    environment: (name) => Deno.env.get(name),
    readSecretFile: (file) => readFileSync(file, "utf8"),
  });
  if ((mode & READABLE_BY_OTHERS) === 0) return { config, warnings };
  const message = `${path}: holds secrets and is readable by every user of this machine`;
  return { config, warnings: [`${message}, expected mode 0640 or stricter`, ...warnings] };
}

/**
 * Reads the text of a configuration file.
 * @throws {ConfigError} With all that is wrong.
 */
export function parseConfig(text: string, options: ParseOptions): LoadedConfig {
  const { path } = options;
  if (text.length > LIMITS.configFileCharactersMax) {
    throw new ConfigError([`${path}: has over ${LIMITS.configFileCharactersMax} characters`]);
  }
  const file = parseYamlFile(text, path);
  if (file.data === null || file.data === undefined) {
    throw new ConfigError([`${path}:1:1: is empty, expected master_credentials and users`]);
  }
  const resolveFile = (name: string): string => isAbsolute(name) ? name : join(dirname(path), name);
  const expanded = expandEnvironment(file.data, options.environment);
  const readSecretFile: ReadSecretFile = (name) => options.readSecretFile(resolveFile(name));
  const keyPairs = readKeyPairs(expanded.data, readSecretFile);
  const bucketNames = readBucketNameRules(expanded.data);
  const parsed = createConfigSchema({ bucketNames, resolveFile })
    .safeParse(expanded.data, { error: describeIssue });

  const problems = dropEchoes([
    expanded.problems,
    keyPairs.problems,
    toProblems(parsed.error?.issues ?? []),
  ]);
  if (!parsed.success || problems.length > 0) throw new ConfigError(formatProblems(problems, file));
  const warnings = [...keyPairs.warnings, ...findWarnings(expanded.data, parsed.data)];
  return { config: freezeDeeply(parsed.data), warnings: formatProblems(warnings, file) };
}

async function readConfigFile(path: string): Promise<{ text: string; mode: number }> {
  try {
    const [bytes, { mode }] = await Promise.all([Deno.readFile(path), Deno.stat(path)]);
    const text = decodeUtf8(bytes);
    if (text === undefined) throw new ConfigError([`${path}: is not UTF-8 text`]);
    return { text, mode: mode ?? 0 };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${path}: cannot be read: ${describeReadError(error)}`]);
  }
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
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(freezeDeeply);
  return Object.freeze(value);
}
