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
import { type Certificates, loadCertificates, type ReadFile } from "./certificates.ts";
import type { Config } from "./config.ts";
import { describeReadError, isMapping } from "./data.ts";
import { type Environment, expandEnvironment } from "./environment.ts";
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
import { createConfigSchema } from "./schema.ts";
import { findWarnings } from "./warnings.ts";
import { parseYamlFile } from "./yaml_file.ts";

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

/** The same, and what it was made of. */
export interface LoadedFile extends LoadedConfig, CompleteConfig {
  readonly source: ConfigSource;
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

/** The world of a configuration file. */
export interface ParseOptions {
  /** The file's path: named in messages, and relative paths in the file start from its folder. */
  readonly path: string;
  readonly environment: Environment;
  readonly readSecretFile: ReadSecretFile;
}

const READABLE_BY_OTHERS = 0o004;

/**
 * Reads the configuration file at `path`, and the files of secrets and certificates it names.
 * @throws {ConfigError} When it cannot be read or used.
 */
export async function loadConfig(
  path: string,
  { readFile = readTextFile }: { readonly readFile?: ReadFile } = {},
): Promise<LoadedFile> {
  const { text, mode } = await readConfigFile(path);
  const files = new Map<string, string>();
  const readOnce: ReadFile = (name) => {
    const known = files.get(name) ?? readFile(name);
    files.set(name, known);
    return known;
  };
  const { data, parsed, statementLines } = parseText(text, {
    path,
    environment: (name) => Deno.env.get(name),
    readSecretFile: readOnce,
  });
  const certificates = loadCertificates(parsed.config, readOnce);
  const message = `${path}: holds secrets and is readable by every user of this machine`;
  const warnings = (mode & READABLE_BY_OTHERS) === 0
    ? parsed.warnings
    : [`${message}, expected mode 0640 or stricter`, ...parsed.warnings];
  return { ...parsed, warnings, certificates, source: { path, data, files, statementLines } };
}

/**
 * The configuration that {@linkcode loadConfig} made of `source`, once more: for another thread.
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
    problems: [],
    readSecretFile: readFile,
  });
  return { config, certificates: loadCertificates(config, readFile) };
}

/**
 * Reads the text of a configuration file.
 * @throws {ConfigError} With all that is wrong.
 */
export function parseConfig(text: string, options: ParseOptions): LoadedConfig {
  return parseText(text, options).parsed;
}

function parseText(text: string, options: ParseOptions): Built & { data: unknown } {
  const { path, environment, readSecretFile } = options;
  if (text.length > LIMITS.configFileCharactersMax) {
    throw new ConfigError([`${path}: has over ${LIMITS.configFileCharactersMax} characters`]);
  }
  const file = parseYamlFile(text, path);
  if (file.data === null || file.data === undefined) {
    throw new ConfigError([`${path}:1:1: is empty, expected master_credentials and users`]);
  }
  const { data, problems } = expandEnvironment(file.data, environment);
  return { data, ...buildConfig(data, { place: file, problems, readSecretFile }) };
}

/** A configuration, and where its rules stand. */
interface Built {
  readonly parsed: LoadedConfig;
  readonly statementLines: ReadonlyMap<string, number>;
}

/** From data to the configuration. `data` is left as it is. */
function buildConfig(
  data: unknown,
  { place, problems: known, readSecretFile }: {
    place: Source;
    problems: readonly Problem[];
    readSecretFile: ReadSecretFile;
  },
): Built {
  const resolveFile = (name: string): string =>
    isAbsolute(name) ? name : join(dirname(place.path), name);
  const own = structuredClone(data); // readKeyPairs() replaces secrets in it
  const keyPairs = readKeyPairs(own, (name) => readSecretFile(resolveFile(name)));
  const statementLines = new Map<string, number>();
  const nameStatement: NameStatement = (path) => {
    const { line } = place.locate({ path });
    statementLines.set(formatKeyPath(path), line);
    return `${place.path}:${line}:${formatKeyPath(path)}`;
  };
  const bucketNames = readBucketNameRules(own);
  const parsed = createConfigSchema({ bucketNames, resolveFile, nameStatement })
    .safeParse(own, { error: describeIssue });
  const problems = dropEchoes([
    known,
    keyPairs.problems,
    toProblems(parsed.error?.issues ?? []),
  ]);
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(formatProblems(problems, place));
  }
  const warnings = [...keyPairs.warnings, ...findWarnings(own, parsed.data)];
  return {
    parsed: { config: freezeDeeply(parsed.data), warnings: formatProblems(warnings, place) },
    statementLines,
  };
}

function readTextFile(path: string): string {
  return readFileSync(path, "utf8");
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
