/**
 * The key pairs of a configuration file, wherever they stand. They are read before everything else, and the secrets taken
 * out, so that no later message can hold one.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { Secrets } from "./compile.ts";
import { describeKind, describeReadError, isMapping, type Mapping } from "./data.ts";
import { formatKeyPath, type KeyPath, type Problem, type Source } from "./problem.ts";

/** The text of a file. */
export type ReadSecretFile = (path: string) => string;

/** The secrets, what is wrong, and what is unwise. */
export interface KeyPairs {
  readonly secrets: Secrets;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What {@linkcode readKeyPairs} needs beside the data. */
export interface KeyPairSource extends Pick<Source, "isCutByComment"> {
  readonly readSecretFile: ReadSecretFile;
}

/** A mapping that has a key pair, or ought to. */
interface Holder {
  readonly mapping: Mapping;
  readonly path: KeyPath;
}

const PAIR_KEYS = ["access_key", "secret_key", "secret_key_file"] as const;
/** Secrets of config.yaml.example, README.md and docs/. */
const PUBLISHED =
  /-secret-to-be-replaced$|^YOUR_|^a-secret-of-at-least-16-characters$|^another-secret-of-16-or-more$/;
/** What a shell would have expanded, or this program with another brace. */
const REFERENCE = /^\$\{?[A-Z_][A-Z0-9_]*$|^\$\(.*\)$/;
const CUT = "ends before the #, which begins a comment: a secret with # belongs in quotes";
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;

/**
 * Takes every `secret_key` and `secret_key_file` out of `data`. Finds pairs that are incomplete or weak, access keys and
 * users' names that occur twice, and users with no pair.
 */
export function readKeyPairs(
  data: unknown,
  source: KeyPairSource,
): KeyPairs {
  const reader = new KeyPairReader(source);
  if (!isMapping(data)) return reader;
  const { master_credentials: master, users } = data;
  if (isMapping(master)) reader.readPair({ mapping: master, path: ["master_credentials"] });
  for (const user of findHolders(users, ["users"])) reader.readUser(user);
  return reader;
}

/** Reads one key pair after the other and remembers where each stood. */
class KeyPairReader implements KeyPairs {
  readonly secrets = new Map<string, string>();
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #source: KeyPairSource;
  readonly #accessKeys = new Map<unknown, KeyPath>();
  readonly #secretPlaces = new Map<unknown, KeyPath>();
  readonly #names = new Map<unknown, KeyPath>();

  constructor(source: KeyPairSource) {
    this.#source = source;
  }

  /** Reads a user's one pair, or the list of them, and what the user is called. */
  readUser(user: Holder): void {
    const { mapping, path } = user;
    const pairs = findHolders(mapping["keys"], [...path, "keys"]);
    const hasOwnPair = PAIR_KEYS.some((key) => mapping[key] !== undefined);
    if (mapping["keys"] === undefined || hasOwnPair) this.readPair(user);
    if (mapping["keys"] !== undefined && hasOwnPair) {
      this.#report([...path, "keys"], "stands beside a key pair of its own, expected one of them");
    }
    for (const pair of pairs) this.readPair(pair);
    this.#readName(user, pairs[0] ?? user);
  }

  #readName(user: Holder, firstPair: Holder): void {
    const [named, key] = user.mapping["name"] === undefined
      ? [firstPair, "access_key"]
      : [user, "name"];
    const path = [...named.path, key];
    const same = findSame(this.#names, { value: named.mapping[key], path });
    // Two access keys that are the same were reported already.
    if (same !== undefined && (key === "name" || same.endsWith(".name"))) {
      this.#report(path, `names this user as ${same} does another`);
    }
  }

  /** Reads a pair. */
  readPair({ mapping, path: holder }: Holder): void {
    const path = [...holder, "access_key"];
    const accessKey = mapping["access_key"];
    const same = findSame(this.#accessKeys, { value: accessKey, path });
    if (accessKey === undefined) this.#report(path, "is missing, expected an access key");
    if (same !== undefined) this.#report(path, `is the same as ${same}`);
    const secret = this.#readSecret({ mapping, path: holder });
    if (typeof accessKey === "string") this.secrets.set(accessKey, secret);
    delete mapping["secret_key"];
    delete mapping["secret_key_file"];
  }

  /** A pair's secret; empty when there is a problem with it. */
  #readSecret({ mapping: { secret_key: secret, secret_key_file: file }, path }: Holder): string {
    const filePath = [...path, "secret_key_file"];
    if (file === undefined) return this.#checkSecret(secret, [...path, "secret_key"]);
    if (secret !== undefined) {
      return this.#report(filePath, "stands beside secret_key, expected one of them");
    }
    if (typeof file !== "string") {
      return this.#report(filePath, `is ${describeKind(file)}, expected a file's path`);
    }
    const text = this.#readFile(file, filePath);
    return text === undefined ? "" : this.#checkSecret(trimLineEnds(text), filePath);
  }

  #readFile(file: string, path: KeyPath): string | undefined {
    try {
      return this.#source.readSecretFile(file);
    } catch (error) {
      this.#report(path, `names an unreadable file: ${describeReadError(error)}`);
    }
  }

  #checkSecret(secret: unknown, path: KeyPath): string {
    if (typeof secret !== "string") {
      return this.#report(path, `is ${describeKind(secret)}, expected text in quotes`);
    }
    const isCut = this.#source.isCutByComment(path);
    if (secret.length < LIMITS.secretCharactersMin) {
      const expected = `expected at least ${LIMITS.secretCharactersMin} characters`;
      return this.#report(path, `is too short, ${expected}${isCut ? `: it ${CUT}` : ""}`);
    }
    if (CONTROL_CHARACTER.test(secret)) {
      return this.#report(path, "holds a control character, such as a line end");
    }
    if (secret.length < LIMITS.secretCharactersAdvised) {
      const expected = `expected at least ${LIMITS.secretCharactersAdvised} characters`;
      this.warnings.push({ path, message: `is weak, ${expected}` });
    }
    if (isCut) this.warnings.push({ path, message: CUT });
    if (PUBLISHED.test(secret)) {
      this.warnings.push({ path, message: "is an example's, which everybody knows" });
    } else if (REFERENCE.test(secret)) {
      this.warnings.push({ path, message: "looks like a variable, which is written ${NAME}" });
    }
    const same = findSame(this.#secretPlaces, { value: secret, path });
    if (same !== undefined) this.warnings.push({ path, message: `is the same as ${same}` });
    return secret;
  }

  #report(path: KeyPath, message: string): "" {
    this.problems.push({ path, message });
    return "";
  }
}

/** Not by an expression: it would look at a run of line ends anew from each of them. */
function trimLineEnds(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}

function findHolders(list: unknown, path: KeyPath): Holder[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((mapping: unknown, index) =>
    isMapping(mapping) ? [{ mapping, path: [...path, index] }] : []
  );
}

/** Where `value` was `seen` before, if it was. */
function findSame(
  seen: Map<unknown, KeyPath>,
  { value, path }: { value: unknown; path: KeyPath },
): string | undefined {
  if (typeof value !== "string") return undefined;
  const earlier = seen.get(value);
  if (earlier === undefined) seen.set(value, path);
  return earlier && formatKeyPath(earlier);
}
