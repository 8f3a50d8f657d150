/**
 * What is allowed but unwise in a configuration.
 * @module
 */

import type { Config, User } from "./config.ts";
import { isMapping } from "./data.ts";
import { isLoopback } from "./endpoint.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** What an operator should know about `config`, which was made of `data`. */
export function findWarnings(data: unknown, config: Config): Problem[] {
  const { masterCredentials: { endpoint }, server, security, users } = config;
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
  if (security.presignedV2) {
    warnings.push({
      path: ["security", "presigned_v2"],
      message:
        "takes presigned URLs of Signature Version 2, which is SHA-1 and signs no host: expected false, and clients set to s3v4",
    });
  }
  if (users.length === 0) {
    warnings.push({ path: ["users"], message: "is empty: every request will be refused" });
  }
  warnings.push(
    ...findTrustInEverybody(server),
    ...findPublicSuffixes(data),
    ...findOddPrefixes(data),
  );
  for (const [index, user] of users.entries()) {
    if (hasNoRule(user)) {
      warnings.push({ path: ["users", index], message: "has no rule: may do nothing" });
    }
  }
  return warnings;
}

function findTrustInEverybody({ trustedProxies }: Config["server"]): Problem[] {
  return trustedProxies.flatMap(({ mask }, index) =>
    mask.some((group) => group !== 0) ? [] : [{
      path: ["server", "trusted_proxies", index],
      message: "is every address: any client may say where it comes from, source_ips or not",
    }]
  );
}

/** Suffixes of two labels under which registries sell names: `co.uk`, `com.au`. Not all, but those that are typed by mistake. */
const PUBLIC_SUFFIX = /^(?:ac|co|com|edu|gob|gov|go|gv|mil|ne|net|or|org)\.[a-z]{2}$/;

/** Domains of everybody: each host in them would name a bucket. */
function findPublicSuffixes(data: unknown): Problem[] {
  const server = isMapping(data) && isMapping(data["server"]) ? data["server"] : {};
  const path = ["server", "virtual_host_domains"];
  return listMembers(server["virtual_host_domains"], path).flatMap(([domain, path]) => {
    const name = String(domain).toLowerCase().replace(/\.$/, "");
    const isPublic = !name.includes(".") && name !== "localhost" || PUBLIC_SUFFIX.test(name);
    if (!isPublic) return [];
    return [{ path, message: "is a public suffix: any host's name in it would name a bucket" }];
  });
}

/** Prefixes that probably do not mean what they say, because keys are compared with them letter by letter. */
function findOddPrefixes(data: unknown): Problem[] {
  const { users, roles } = isMapping(data) ? data : {};
  return [...listMembers(users, ["users"]), ...listMembers(roles, ["roles"])]
    .flatMap(([holder, path]) => listMembersAt(holder, { key: "grants", path }))
    .flatMap(([grant, path]) => PREFIX_KEYS.flatMap((key) => listMembersAt(grant, { key, path })))
    .flatMap(([prefix, path]) => {
      const odd = ODD_PREFIXES.find(([isOdd]) => isOdd(String(prefix)));
      return odd === undefined ? [] : [{ path, message: odd[1] }];
    });
}

const ODD_PREFIXES: readonly (readonly [isOdd: (prefix: string) => boolean, message: string])[] = [
  [(prefix) => /[*?]/.test(prefix), "holds * or ?, which stand for themselves in a prefix"],
  [
    (prefix) => prefix.startsWith("/"),
    "begins with a slash, which keys do not as clients write them",
  ],
  [
    (prefix) => prefix.endsWith("${user}"),
    "covers users whose names begin alike, too, expected ${user}/",
  ],
  [
    looksLikeFolder,
    "has no slash at its end: it covers every key that begins so, expected a folder like ci/",
  ],
];

/** Its last part is a word: neither a file's name, nor a part of one that ends in `-` or `_`. */
function looksLikeFolder(prefix: string): boolean {
  return /^[A-Za-z0-9_-]*[A-Za-z0-9]$/.test(prefix.slice(prefix.lastIndexOf("/") + 1));
}

const PREFIX_KEYS = ["prefixes", "deletable_prefixes"] as const;

/** {@linkcode listMembers} of what stands at `key` in a mapping. */
function listMembersAt(
  holder: unknown,
  { key, path }: { key: string; path: KeyPath },
): [member: unknown, path: KeyPath][] {
  return isMapping(holder) ? listMembers(holder[key], [...path, key]) : [];
}

/** The values of a list or mapping, with their paths; of anything else, none. */
function listMembers(value: unknown, path: KeyPath): [member: unknown, path: KeyPath][] {
  if (Array.isArray(value)) return value.map((member, index) => [member, [...path, index]]);
  return isMapping(value)
    ? Object.entries(value).map(([key, member]) => [member, [...path, key]])
    : [];
}

function hasNoRule({ statements }: User): boolean {
  return statements.length === 0;
}
