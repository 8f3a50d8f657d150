/**
 * How AWS's own tools are told where to go, and nothing else: all their settings are the defaults.
 * @module
 */

import { type Access, REGION } from "./client.ts";

/** Environment variables that AWS's tools and SDKs read. */
export function buildAwsEnvironment(access: Access): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: access.accessKey,
    AWS_SECRET_ACCESS_KEY: access.secretKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL_S3: access.endpoint,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    ...(access.authorityFile === undefined ? {} : { AWS_CA_BUNDLE: access.authorityFile }),
  };
}
