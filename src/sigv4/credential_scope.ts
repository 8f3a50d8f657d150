/**
 * CredentialScope: day, region, service, terminator.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html}.
 * @module
 */

import { type AccessKeyId, parseAccessKeyId } from "../s3/names.ts";
import type { AmzDate } from "./amz_date.ts";

/** The services that answer here. */
export type Service = "s3" | "sts" | "s3-proxy-console";

/** What a signing key is derived for, beside the secret. */
export interface CredentialScope {
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: Service;
}

/** The `Credential` of a request. */
export interface Credential {
  readonly accessKeyId: AccessKeyId;
  readonly scope: CredentialScope;
}

const TERMINATOR = "aws4_request";
const REGION = /^[A-Za-z0-9_-]{1,64}$/;

/** `20130524/us-east-1/s3/aws4_request`. */
export function formatCredentialScope({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/${TERMINATOR}`;
}

/** The scope of a signature made at `amzDate`. */
export function buildCredentialScope(amzDate: AmzDate, region: string): CredentialScope {
  return { date: amzDate.slice(0, 8), region, service: "s3" };
}

/** Reads `AKID/date/region/SERVICE/aws4_request`; on failure, S3's sentence on what is wrong. */
export function parseCredential(
  text: string,
  service: Service,
): Credential | { readonly problem: string } {
  const parts = text.split("/");
  const [id = "", date = "", region = "", named, terminator] = parts;
  if (parts.length !== 5) {
    return {
      problem: "the Credential is mal-formed; expecting " +
        '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    };
  }
  const accessKeyId = parseAccessKeyId(id);
  if (accessKeyId === undefined) return { problem: "the access key ID is not valid." };
  if (terminator !== TERMINATOR) {
    return { problem: `incorrect terminal "${terminator}". This endpoint uses "${TERMINATOR}".` };
  }
  if (named !== service) {
    return { problem: `incorrect service "${named}". This endpoint belongs to "${service}".` };
  }
  if (!/^\d{8}$/.test(date)) {
    return {
      problem:
        `incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`,
    };
  }
  // aws-sdk-go-v2 without a region signs for the empty one.
  const isEmpty = service === "sts" && region === "";
  if (!isEmpty && !REGION.test(region)) return { problem: "the region is not valid." };
  return { accessKeyId, scope: { date, region, service } };
}
