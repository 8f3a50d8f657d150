/**
 * From checked settings to one frozen {@linkcode Config}: in the thread that has read the file and, once more, in every
 * worker. Whoever has read the file compiles all rules at once, to find what is wrong with them; a worker compiles a
 * user's when the user comes, so that it is back at work soon after a reload, with however many users.
 * @module
 */

import type { IpRange } from "../iam/ip_range.ts";
import type { Statement } from "../iam/policy.ts";
import { listClaimNames } from "../iam/request_context.ts";
import { matchesPattern, parsePattern } from "../iam/pattern.ts";
import { assert } from "../lib/assert.ts";
import { mergeLimits, type UserLimits } from "../lib/user_limits.ts";
import type { CorsRule } from "../s3/cors.ts";
import { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import type { BucketPattern } from "./bucket_pattern.ts";
import type { Certificates } from "./certificates.ts";
import { SealingKey } from "../identity/sealing_key.ts";
import type { Trust } from "../identity/trust.ts";
import type { Config, MasterCredentials, Role, User, UserKey } from "./config.ts";
import { formatKeyPath, type KeyPath } from "./problem.ts";
import { type NameStatement, type Report, RuleCompiler } from "./rules.ts";
import type {
  CorsSettings,
  RoleSettings,
  Settings,
  TrustSettings,
  UserSettings,
} from "./settings.ts";

/** A configuration with all that its files held. */
export interface CompleteConfig {
  readonly config: Config;
  readonly certificates: Certificates;
}

/**
 * A configuration file that was read and found right. It can be posted to a worker; it holds secrets in plain text, so
 * nothing else may be done with it.
 */
export interface CheckedFile {
  readonly path: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly sealingKeys: readonly string[];
  readonly bucketNames: Config["bucketNames"];
  readonly certificates: Certificates;
  /** Lines of grants, policies' statements and bucket lists, by key path as JSON: what is shown of a path may stand for two. */
  readonly statementLines: ReadonlyMap<string, number>;
}

/** Secret access keys, by access key id: none occurs twice, the master's included. */
export type Secrets = ReadonlyMap<string, string>;

/** What {@linkcode compileConfig} needs. */
export interface CompileOptions {
  readonly secrets: Secrets;
  /** `sts.keys`. */
  readonly sealingKeys: readonly string[];
  /** Where they are not known yet, every rule is compiled at once. */
  readonly bucketNames?: Config["bucketNames"];
  readonly nameStatement: NameStatement;
  /** Told of what is wrong with a rule. */
  readonly report: Report;
  /** Told of what is unwise. */
  readonly warn: Report;
}

/** The configuration of a file that another thread has read. */
export function compileCheckedFile(file: CheckedFile): CompleteConfig {
  const { path, settings, secrets, sealingKeys, bucketNames, certificates, statementLines } = file;
  const config = compileConfig(settings, {
    secrets,
    sealingKeys,
    bucketNames,
    nameStatement: (at) =>
      formatStatementId({ path, line: statementLines.get(JSON.stringify(at)) ?? 1, at }),
    report: (_path, message) => assert(false, `the file was checked: ${message}`),
    warn: () => {}, // whoever read it has told
  });
  return { config, certificates };
}

/** `config.yaml:12:users[2].grants[0]`. */
export function formatStatementId(
  { path, line, at }: { path: string; line: number; at: KeyPath },
): string {
  return `${path}:${line}:${formatKeyPath(at)}`;
}

/** Compiles rules, puts secrets in, and freezes all of it. Where something is reported, the result is of no use. */
export function compileConfig(settings: Settings, options: CompileOptions): Config {
  const { masterCredentials, server, backend, security, logging, metrics } = settings;
  const compiler = new RuleCompiler(settings.roles, {
    ...options,
    relaxed: backend.relaxedBucketNames,
  });
  const users = settings.users.map((user, index) =>
    new CompiledUser(user, {
      secrets: options.secrets,
      limits: mergeLimits(user.limits, user.roles.map((name) => settings.roles[name]?.limits)),
      compile: () => compiler.compileUser(user, ["users", index]),
    })
  );
  return freezeDeeply({
    masterCredentials: compileMaster(masterCredentials, options),
    server,
    backend,
    security,
    users,
    roles: Object.entries(settings.roles).map(([name, role]) =>
      compileRole(role, { name, statements: compiler.findStatements(name) })
    ),
    identityProviders: settings.identityProviders,
    sealingKeys: options.sealingKeys.map((text) => new SealingKey(text)),
    bucketNames: options.bucketNames ?? listBucketNames(users),
    cors: settings.cors.map(compileCorsRule),
    logging,
    metrics,
    console: settings.console,
  });
}

function compileMaster(
  { accessKeyId, endpoint, region }: Settings["masterCredentials"],
  { secrets }: CompileOptions,
): MasterCredentials {
  const secretAccessKey = findSecret(accessKeyId, secrets);
  return { accessKeyId, secretAccessKey, endpoint: new URL(endpoint), region };
}

/** A user whose rules are compiled when they are first read. */
class CompiledUser implements User {
  readonly name: string;
  readonly enabled: boolean;
  readonly keys: readonly UserKey[];
  readonly expiresAt: Date | undefined;
  readonly sourceIps: readonly IpRange[] | undefined;
  readonly allowedBuckets: readonly BucketPattern[];
  readonly limits: UserLimits;
  /** What compiles them is let go: it holds on to all of the parsed file. */
  #statements: readonly Statement[] | (() => readonly Statement[]);

  constructor(
    user: UserSettings,
    { secrets, limits, compile }: {
      secrets: Secrets;
      limits: UserLimits;
      compile: () => readonly Statement[];
    },
  ) {
    this.name = user.name;
    this.enabled = user.enabled;
    this.keys = user.keys.map(({ accessKeyId, expiresAt }) => ({
      accessKeyId,
      secretAccessKey: findSecret(accessKeyId, secrets),
      expiresAt,
    }));
    this.expiresAt = user.expiresAt;
    this.sourceIps = user.sourceIps;
    this.allowedBuckets = user.allowedBuckets;
    this.limits = limits;
    this.#statements = compile;
  }

  get statements(): readonly Statement[] {
    if (typeof this.#statements === "function") {
      this.#statements = freezeDeeply(this.#statements());
    }
    return this.#statements;
  }
}

function compileRole(
  { trust, maxSessionSeconds, sessionsValidAfter, policy, limits }: RoleSettings,
  { name, statements }: Pick<Role, "name" | "statements">,
): Role {
  const trusted = trust.flatMap((rule) => rule.kind === "web" ? Object.keys(rule.claims) : []);
  const named = trust.length === 0 ? [] : listClaimNames(JSON.stringify(policy ?? null));
  return {
    name,
    trust: trust.map(compileTrust),
    maxSessionSeconds,
    sessionsValidAfter,
    limits,
    claimNames: [...new Set([...trusted, ...named])],
    statements,
  };
}

function compileTrust(trust: TrustSettings): Trust {
  if (trust.kind === "users") return trust;
  return {
    ...trust,
    subjects: trust.subjects?.map((subject) => parsePattern(subject)),
    claims: Object.entries(trust.claims).map(([name, values]) => ({
      name,
      patterns: values.map((value) => parsePattern(value)),
    })),
  };
}

function listBucketNames(users: readonly User[]): string[] {
  const patterns = users.flatMap(({ statements }) => statements)
    .flatMap(({ resources: { patterns } }) => patterns);
  const names = patterns.map((pattern) =>
    pattern.kind === "path" ? undefined : pattern.bucket.literal
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

function findSecret(accessKeyId: string, secrets: Secrets): SecretAccessKey {
  const secret = secrets.get(accessKeyId);
  assert(secret !== undefined, "a key pair has two halves");
  return new SecretAccessKey(secret);
}

function compileCorsRule({ buckets, ...rule }: CorsSettings): CorsRule {
  const patterns = buckets.map((bucket) => parsePattern(bucket));
  return {
    ...rule,
    matchesBucket: (bucket) => patterns.some((allowed) => matchesPattern(allowed, bucket)),
  };
}

function freezeDeeply<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  // Not Object.values(), nor the keys of lists: with ten thousand users either takes a fifth more of all that is done here.
  if (Array.isArray(value)) value.forEach(freezeDeeply);
  else for (const key in value) freezeDeeply(value[key]);
  return Object.freeze(value);
}
