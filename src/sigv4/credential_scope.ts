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
  /** As it is signed: `20130524/us-east-1/s3/aws4_request`. */
  readonly text: string;
}

/** The `Credential` of a request. */
export interface Credential {
  readonly accessKeyId: AccessKeyId;
  readonly scope: CredentialScope;
}

const TERMINATOR = "aws4_request";
const REGION = /^[A-Za-z0-9_-]{1,64}$/;

/** The last one that was built: a day's requests to the backend have the same. */
let lastBuilt: CredentialScope | undefined;

/** The scope of a signature made at `amzDate`. */
export function buildCredentialScope(amzDate: AmzDate, region: string): CredentialScope {
  if (lastBuilt?.region === region && amzDate.startsWith(lastBuilt.date)) return lastBuilt;
  const date = amzDate.slice(0, 8);
  return lastBuilt = { date, region, service: "s3", text: `${date}/${region}/s3/${TERMINATOR}` };
}

/** The last one that was read, and from what: whoever asks often is mostly the one who asked last. */
let lastRead: { readonly text: string; readonly credential: Credential } | undefined;

/** Reads `AKID/date/region/SERVICE/aws4_request`; on failure, S3's sentence on what is wrong. */
export function parseCredential(
  text: string,
  service: Service,
): Credential | { readonly problem: string } {
  if (lastRead?.text === text && lastRead.credential.scope.service === service) {
    return lastRead.credential;
  }
  const credential = readCredential(text, service);
  if (!("problem" in credential)) lastRead = { text, credential };
  return credential;
}

function readCredential(text: string, service: Service): ReturnType<typeof parseCredential> {
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
  // What was sent, behind the access key: each of its parts was looked at.
  return { accessKeyId, scope: { date, region, service, text: text.slice(id.length + 1) } };
}
