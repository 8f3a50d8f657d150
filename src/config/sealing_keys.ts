/**
 * `sts.keys`: what session tokens are sealed with. Like key pairs they are read before everything else and taken out, so
 * that no later message can hold one.
 * @module
 */

import { randomBytes } from "node:crypto";
import { LIMITS } from "../limits.ts";
import { describeKind, describeReadError, isMapping } from "./data.ts";
import type { ReadSecretFile } from "./key_pairs.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** The keys, the first of which seals, and what is wrong. */
export interface SealingKeys {
  readonly texts: readonly string[];
  /** Whether they are this process's own, made at random. */
  readonly areOwn: boolean;
  readonly problems: readonly Problem[];
}

/** Where there are none: the same for every thread and every reload, and for no other process. */
const OWN_KEY = randomBytes(LIMITS.sealingKeyCharactersMin).toString("base64url");
const PATH: KeyPath = ["sts", "keys"];

/** Takes `sts.keys` and `sts.keys_file`, which has a key a line, out of `data`. */
export function readSealingKeys(data: unknown, readSecretFile: ReadSecretFile): SealingKeys {
  const sts = isMapping(data) ? data["sts"] : undefined;
  if (!isMapping(sts)) return { texts: [OWN_KEY], areOwn: true, problems: [] };
  const { keys, keys_file: file } = sts;
  delete sts["keys"];
  delete sts["keys_file"];
  if (keys === undefined && file === undefined) {
    return { texts: [OWN_KEY], areOwn: true, problems: [] };
  }
  const problems: Problem[] = [];
  const report = (path: KeyPath, message: string): void => void problems.push({ path, message });
  const texts = keys !== undefined && file !== undefined
    ? report(["sts", "keys_file"], "stands beside keys, expected one of them") ?? []
    : file === undefined
    ? readList(keys, report)
    : readFile(file, { readSecretFile, report });
  checkKeys(texts, report);
  return { texts, areOwn: false, problems };
}

type Report = (path: KeyPath, message: string) => void;

function readList(keys: unknown, report: Report): string[] {
  if (!Array.isArray(keys)) {
    report(PATH, `is ${describeKind(keys)}, expected a list of keys`);
    return [];
  }
  return keys.map((key: unknown, index) => {
    if (typeof key === "string") return key;
    report([...PATH, index], `is ${describeKind(key)}, expected text in quotes`);
    return "";
  });
}

function readFile(
  file: unknown,
  { readSecretFile, report }: { readSecretFile: ReadSecretFile; report: Report },
): string[] {
  const path = ["sts", "keys_file"];
  if (typeof file !== "string") {
    report(path, `is ${describeKind(file)}, expected a file's path`);
    return [];
  }
  try {
    return readSecretFile(file).split(/\r?\n/).filter((line) => line.trim() !== "");
  } catch (error) {
    report(path, `names an unreadable file: ${describeReadError(error)}`);
    return [];
  }
}

function checkKeys(texts: readonly string[], report: Report): void {
  if (texts.length === 0 || texts.length > LIMITS.sealingKeysMax) {
    report(PATH, `has ${texts.length} keys, expected 1 to ${LIMITS.sealingKeysMax}`);
  }
  for (const [index, text] of texts.entries()) {
    if (text.length < LIMITS.sealingKeyCharactersMin) {
      const expected = `expected at least ${LIMITS.sealingKeyCharactersMin} characters`;
      report([...PATH, index], `is too short, ${expected}, as from "openssl rand -base64 32"`);
    } else if (texts.indexOf(text) < index) {
      report([...PATH, index], "is the same as another");
    }
  }
}
