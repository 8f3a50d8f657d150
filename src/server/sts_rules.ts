/**
 * From a configuration to who may be given a session.
 * @module
 */

import type { Certificates } from "../config/certificates.ts";
import type { Config } from "../config/config.ts";
import { createKeyDirectory } from "../config/session_directory.ts";
import { fetchDocument } from "../identity/fetch_document.ts";
import type { IdentityProvider } from "../identity/identity_provider.ts";
import { SessionSealer } from "../identity/session_sealer.ts";
import { WebIdentityVerifier } from "../identity/web_identity.ts";
import { assert } from "../lib/assert.ts";
import { monotonicMs } from "../lib/clock.ts";
import type { StsRules } from "../sts/sts_rules.ts";

/** Keys of identity providers that `before` has fetched are kept. */
export function createStsRules(
  config: Config,
  { certificates, before }: { certificates: Certificates; before: StsRules | undefined },
): StsRules {
  const { server, backend, security, roles } = config;
  const sealer = new SessionSealer(config.sealingKeys);
  return {
    accountId: server.accountId,
    roles: new Map(roles.map((role) => [role.name, role])),
    sealer,
    webIdentities: new WebIdentityVerifier(listProviders(config, certificates), {
      fetchDocument,
      monotonicMs,
      before: before?.webIdentities,
    }),
    findKey: createKeyDirectory(config, sealer),
    clockSkewSecondsMax: security.clockSkewMs / 1000,
    relaxedBucketNames: backend.relaxedBucketNames,
  };
}

/** With the authorities that `certificates` holds for them. */
export function listProviders(
  { identityProviders }: Config,
  { identityFiles }: Certificates,
): IdentityProvider[] {
  const textOf = (file: string): string => {
    const text = identityFiles?.get(file);
    assert(text !== undefined, "Every file that the configuration names was read");
    return text;
  };
  return identityProviders.map(({ jwksUri, jwksFile, caFile, ...provider }) => ({
    ...provider,
    authorities: caFile === undefined ? undefined : textOf(caFile),
    keysAt: jwksFile !== undefined
      ? { kind: "text", text: textOf(jwksFile) }
      : jwksUri !== undefined
      ? { kind: "uri", uri: jwksUri }
      : { kind: "discovery" },
  }));
}
