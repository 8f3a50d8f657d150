/**
 * `console`: the page for people, and who its administrators are.
 * @module
 */

import { z } from "zod";
import { nearestName } from "../lib/nearest_name.ts";
import { LIMITS } from "../limits.ts";
import { parseOrigin } from "../s3/form_redirect.ts";
import type { ConsoleSettings } from "./config.ts";
import { filePath, optionalSection, section, text } from "./fields.ts";
import { type ListenAddress, parseListenAddress } from "./listen_address.ts";
import type { Settings } from "./settings.ts";

const ADDRESS_DEFAULT = "127.0.0.1:9091";
/** RFC 6749 appendix A.1 and A.4: what is put into a query of the provider's. */
const CLIENT_ID = /^[!-~]{1,256}$/;
const SCOPES = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;

/** The section; `undefined` unless it is enabled. */
export function createConsoleSchema(
  { resolveFile }: { readonly resolveFile: (path: string) => string },
): z.ZodType<ConsoleSettings | undefined> {
  return optionalSection({
    enabled: z.boolean().default(false),
    address: text(parseListenAddress).default(parseListenAddress(ADDRESS_DEFAULT)),
    tls: section({ cert_file: filePath(resolveFile), key_file: filePath(resolveFile) }).optional(),
    public_url: text(parsePublicUrl).optional(),
    s3_url: text(parseS3Url).optional(),
    admins: z.array(z.string().min(1)).default([]),
    oidc: z.array(section({
      issuer: z.string().min(1),
      client_id: z.string().regex(CLIENT_ID, { error: "expected a client id of the provider" }),
      scopes: z.string().regex(SCOPES, { error: 'expected scopes like "openid email"' })
        .default("openid"),
    })).max(LIMITS.identityProvidersMax).default([]),
  }).transform((page): ConsoleSettings | undefined => {
    if (!page.enabled) return undefined;
    const { address: listenAddress, tls, public_url: publicUrl } = page;
    const scheme = tls === undefined ? "http" : "https";
    return {
      listenAddress,
      tls: tls && { certFile: tls.cert_file, keyFile: tls.key_file },
      origins: publicUrl === undefined ? listLocalOrigins(scheme, listenAddress) : [publicUrl],
      s3Url: page.s3_url,
      admins: page.admins,
      oidc: page.oidc.map(({ client_id: clientId, ...provider }) => ({ ...provider, clientId })),
    };
  });
}

/** Browsers take the port for a part of the origin unless it is the scheme's own. */
function listLocalOrigins(scheme: "http" | "https", { port }: ListenAddress): string[] {
  return ["127.0.0.1", "localhost", "[::1]"].flatMap((host) =>
    parseOrigin(`${scheme}://${host}:${port}`) ?? []
  );
}

function parsePublicUrl(url: string): string {
  const origin = parseBareOrigin(url);
  if (origin === undefined) {
    throw new SyntaxError('expected a URL like "https://console.example.com", without a path');
  }
  if (/^http:\/\/(?!localhost(?::|$)|127\.0\.0\.1(?::|$)|\[::1\](?::|$))/.test(origin)) {
    throw new SyntaxError("is plain HTTP, where browsers sign nothing, expected https");
  }
  return origin;
}

function parseS3Url(url: string): string {
  const origin = parseBareOrigin(url);
  if (origin !== undefined) return origin;
  throw new SyntaxError('expected a URL like "https://s3.example.com", without a path');
}

function parseBareOrigin(url: string): string | undefined {
  return /^https?:\/\/[^/?#]+\/?$/i.test(url) ? parseOrigin(url) : undefined;
}

/** Names of administrators and issuers that nobody has, and names that could be two. */
export function* findConsoleStrangers(
  { roles, users, identityProviders, console: page }: Pick<
    Settings,
    "roles" | "users" | "identityProviders" | "console"
  >,
): Iterable<readonly [path: readonly PropertyKey[], message: string]> {
  if (page === undefined) return;
  const names = new Set(users.map(({ name }) => name));
  for (const [index, admin] of page.admins.entries()) {
    const path = ["console", "admins", index];
    const isRole = Object.hasOwn(roles, admin);
    if (names.has(admin) && isRole) {
      // Else whoever is trusted with a role would be an administrator for a namesake.
      yield [path, "is the name of a user and of a role, expected one of a kind"];
    } else if (!names.has(admin) && !isRole) {
      const nearest = nearestName(admin, [...names, ...Object.keys(roles)]);
      const hint = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
      yield [path, `no such user or role${hint}`];
    }
  }
  for (const [index, { issuer }] of page.oidc.entries()) {
    const path = ["console", "oidc", index, "issuer"];
    if (!identityProviders.some((provider) => provider.issuer === issuer)) {
      yield [path, "is none of identity_providers"];
    } else if (parseOrigin(issuer) === undefined) {
      yield [path, "is no URL, so browsers cannot sign in there"];
    } else if (page.oidc.findIndex((other) => other.issuer === issuer) !== index) {
      yield [path, "is the same as another's"];
    }
  }
}
