/**
 * Signature Version 2: refused, except in presigned URLs where `security.presigned_v2` allows them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { Operation, OperationName } from "./operation_table.ts";

/** What authenticates in a query. */
const PARAMETERS = ["AWSAccessKeyId", "Expires", "Signature"];
/** Query parameters that it signs, of those of the operations below. */
const SIGNED = /^(?:versionId|partNumber|response-[a-z-]+)$/;
const OPERATIONS: ReadonlySet<OperationName> = new Set<OperationName>([
  "GetObject",
  "HeadObject",
  "PutObject",
]);

/** Whether a query says that it is signed so. */
export function isPresignedV2(query: ReadonlyMap<string, string>): boolean {
  return PARAMETERS.some((name) => query.has(name));
}

/**
 * Recognizes it before its parameters are read as those of an operation: it has some that no operation has.
 * @returns Whether the request is one of its presigned URLs, and those are taken.
 * @throws {S3Error} `InvalidRequest`, which says what to use; `AccessDenied` where a part of the three is missing.
 */
export function readSignatureVersion2(
  { query, headers }: { query: ReadonlyMap<string, string>; headers: ReadonlyMap<string, string> },
  { presignedV2 }: { presignedV2: boolean },
): boolean {
  const authorization = headers.get("authorization");
  if (authorization?.startsWith("AWS ")) throw unsupported("in headers, which stays refused");
  if (!isPresignedV2(query)) return false;
  if (!presignedV2) {
    throw unsupported(
      'in presigned URLs: botocore\'s signature_version, s3v4 (boto3: Config(signature_version="s3v4"); aws-cli: ' +
        "aws configure set default.s3.signature_version s3v4; django-storages: AWS_S3_SIGNATURE_VERSION; s3fs: " +
        'config_kwargs={"signature_version": "s3v4"}). s3cmd signurl knows nothing else: security.presigned_v2 in the ' +
        "proxy's configuration takes these URLs",
    );
  }
  if (authorization !== undefined || query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm")) {
    throw new S3Error("InvalidArgument", {
      message:
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string " +
        "parameter or the Authorization header should be specified",
      reason: "malformed",
    });
  }
  if (PARAMETERS.every((name) => query.has(name))) return true;
  throw new S3Error("AccessDenied", {
    message:
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    reason: "malformed",
  });
}

/** It signs values as they are: what would be another parameter in a value has the signature of that parameter. */
const LIKE_ANOTHER = /&(?:versionId|partNumber|response-)/;

/**
 * Checks that such a URL only reads or writes one object, without parameters that are not signed, or could be signed as others.
 * @throws {S3Error} `InvalidRequest` for another operation; `InvalidArgument`, naming it, for a parameter that is not signed.
 */
export function verifyPresignedV2(
  { name }: Operation,
  { parameters, custom }: { parameters: ReadonlyMap<string, string>; custom: string },
): void {
  if (!OPERATIONS.has(name)) {
    throw new S3Error("InvalidRequest", {
      message: `Presigned URLs of Signature Version 2 are for ${
        [...OPERATIONS].join(", ")
      } here, not for ${name}.`,
      reason: "unsupported_algorithm",
    });
  }
  const unsigned = [...parameters.keys(), custom].find((text) => text !== "" && !SIGNED.test(text));
  if (unsigned === undefined) return verifyOneReading(parameters);
  throw new S3Error("InvalidArgument", {
    message: `Signature Version 2 does not sign the query parameter ${unsigned}.`,
    detail: { ArgumentName: unsigned },
  });
}

/** Of the current version as of an old one: `response-content-type=a%26versionId%3Dv` is signed as `response-content-type=a&versionId=v` is. */
function verifyOneReading(parameters: ReadonlyMap<string, string>): void {
  for (const [name, value] of parameters) {
    if (!LIKE_ANOTHER.test(value)) continue;
    throw new S3Error("InvalidArgument", {
      message: `Signature Version 2 cannot tell the query parameter ${name} from several.`,
      detail: { ArgumentName: name },
    });
  }
}

function unsupported(where: string): S3Error {
  return new S3Error("InvalidRequest", {
    message:
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. " +
      `This is Signature Version 2 ${where}.`,
    reason: "unsupported_algorithm",
  });
}
