/**
 * From a configuration file to the configuration, or to everything that is wrong with the file.
 * @module
 */

import { decodeUtf8 } from "../lib/bytes.ts";
import { systemClock } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";
import { buildConfig, type BuiltConfig, type LoadedConfig } from "./build.ts";
import { loadCertificates, type ReadFile } from "./certificates.ts";
import type { CheckedFile, CompleteConfig } from "./compile.ts";
import { describeReadError } from "./data.ts";
import { findExpiring } from "./expiry.ts";
import { type Environment, expandEnvironment } from "./environment.ts";
import type { ReadSecretFile } from "./key_pairs.ts";
import { ConfigError, formatProblems, type Source } from "./problem.ts";
import { readBounded, readNamedFile } from "./read_file.ts";
import { parseYamlFile } from "./yaml_file.ts";

/** A configuration, all that its files held, and what other threads make the same of. */
export interface LoadedFile extends LoadedConfig, CompleteConfig {
  readonly checked: CheckedFile;
}

/** The world of a configuration file. */
export interface ParseOptions {
  /** The file's path: named in messages, and relative paths in the file start from its folder. */
  readonly path: string;
  readonly environment: Environment;
  readonly readSecretFile: ReadSecretFile;
}

/** What {@linkcode loadConfig} takes. */
export interface LoadOptions {
  readonly readFile?: ReadFile;
  /** Is shown the text before it is parsed, which takes most of the time. */
  readonly textRead?: (text: string) => void;
}

const READABLE_BY_OTHERS = 0o004;
const MISSING_HINT =
  '"s3-proxy init" makes one, config.yaml.example shows every setting, "s3-proxy demo" needs none';

/**
 * Reads the configuration file at `path`, and the files of secrets and certificates it names.
 * @throws {ConfigError} When it cannot be read or used.
 */
export async function loadConfig(
  path: string,
  { readFile = readNamedFile, textRead }: LoadOptions = {},
): Promise<LoadedFile> {
  const { text, mode } = await readConfigFile(path);
  textRead?.(text);
  const { place, hideValues, built } = parseText(text, {
    path,
    environment: (name) => Deno.env.get(name),
    readSecretFile: readFile,
  });
  const { config, checked } = built;
  const certificates = loadCertificates(config, { readFile, place, hideValues });
  const message = `${path}: holds secrets and is readable by every user of this machine`;
  const expiring = formatProblems(findExpiring(config, systemClock()), place);
  const warnings = [
    ...(mode & READABLE_BY_OTHERS) === 0 ? [] : [`${message}, expected mode 0640 or stricter`],
    ...built.warnings,
    ...expiring,
  ];
  return { config, warnings, certificates, checked: { ...checked, certificates } };
}

/**
 * Reads the text of a configuration file.
 * @throws {ConfigError} With all that is wrong.
 */
export function parseConfig(text: string, options: ParseOptions): BuiltConfig {
  return parseText(text, options).built;
}

/** A configuration, and the places of its values. */
interface ParsedText {
  readonly built: BuiltConfig;
  readonly place: Source;
  /** Makes a message safe to show. */
  readonly hideValues: (message: string) => string;
}

function parseText(text: string, options: ParseOptions): ParsedText {
  const { path, environment, readSecretFile } = options;
  const file = parseYamlFile(text, path);
  if (file.data === null || file.data === undefined) {
    throw new ConfigError([`${path}:1:1: is empty, expected master_credentials and users`]);
  }
  const { data, problems, hideValues } = expandEnvironment(file.data, environment);
  const built = buildConfig(data, { place: file, known: problems, readSecretFile, hideValues });
  return { built, place: file, hideValues };
}

async function readConfigFile(path: string): Promise<{ text: string; mode: number }> {
  try {
    const text = decodeUtf8(readBounded(path, LIMITS.configFileBytesMax));
    if (text === undefined) throw new ConfigError([`${path}: is not UTF-8 text`]);
    const { mode } = await Deno.stat(path);
    return { text, mode: mode ?? 0 };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const hint = isMissing(error) ? `, ${MISSING_HINT}` : "";
    throw new ConfigError([`${path}: cannot be read: ${describeReadError(error)}${hint}`]);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
