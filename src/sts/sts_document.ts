/**
 * STS's documents. minio-go takes none without their namespace, botocore and the SDK for JavaScript no error in S3's form.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html}.
 * @module
 */

import { buildElement, formatXml, type XmlElement } from "../s3/xml.ts";
import type { StsError } from "./sts_error.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Element name → text, or elements inside it; `undefined` is left out. */
export interface StsFields {
  readonly [name: string]: string | StsFields | undefined;
}

/** `<ActionResponse><ActionResult>…</ActionResult><ResponseMetadata>…`. */
export function formatStsResult(
  action: string,
  { result, requestId }: { result: StsFields; requestId: string },
): string {
  return formatRoot(`${action}Response`, {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
}

/** `<ErrorResponse><Error><Type>Sender</Type>…`. */
export function formatStsError({ code, status, message }: StsError, requestId: string): string {
  const type = status >= 500 ? "Receiver" : "Sender";
  const error = { Type: type, Code: code, Message: message };
  return formatRoot("ErrorResponse", { Error: error, RequestId: requestId });
}

function formatRoot(name: string, fields: StsFields): string {
  const root = buildElement(name, buildElements(fields));
  return formatXml({ ...root, attributes: new Map([["xmlns", NAMESPACE]]) });
}

function buildElements(fields: StsFields): XmlElement[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [buildElement(name, typeof value === "string" ? value : buildElements(value))]
  );
}
