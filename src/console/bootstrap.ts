/**
 * What the page has to know before anybody has signed anything: where S3 is, and who may vouch for a person. Nothing of it is
 * a secret, and nothing is about users, buckets or the store.
 * @module
 */

import type { Config } from "../config/config.ts";
import { VERSION } from "../lib/version.ts";
import { SERVICE } from "./authenticate.ts";

const REGION_DEFAULT = "us-east-1";

/** Where the browser that has come to `hostname` reaches the S3 API; no slash at its end. */
export function findS3Endpoint(
  { console: page, server }: Pick<Config, "console" | "server">,
  hostname: string,
): string {
  if (page?.s3Url !== undefined) return page.s3Url;
  const scheme = server.tls === undefined ? "http" : "https";
  return `${scheme}://${hostname}:${server.listenAddress.port}`;
}

/** `/bootstrap.json`. */
export function describeBootstrap(config: Config, s3Endpoint: string): unknown {
  const region = config.server.region ?? REGION_DEFAULT;
  return {
    version: VERSION,
    // In the ARNs of roles.
    account_id: config.server.accountId,
    s3: { endpoint: s3Endpoint, region },
    api: { service: SERVICE, region },
    providers: config.console?.oidc.map(({ issuer, clientId, scopes }) => ({
      issuer,
      client_id: clientId,
      scopes,
      roles: config.roles.filter(({ trust }) =>
        trust.some((rule) => rule.kind === "web" && rule.issuer === issuer)
      ).map(({ name }) => name),
    })),
  };
}
