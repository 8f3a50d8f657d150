/**
 * What the answer to a read tells of an object's lock and tags only to who may read those, as on AWS.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_ResponseSyntax}.
 * @module
 */

import { authorize } from "../iam/authorize.ts";
import type { Answer } from "../respond.ts";
import type { RequiredAction } from "../s3/required_access.ts";
import type { Authorized } from "./exchange.ts";

/** Header → the right to see it, and that of a version. */
const RIGHTS: ReadonlyMap<string, readonly [RequiredAction, ofVersion?: RequiredAction]> = new Map([
  ["x-amz-object-lock-legal-hold", ["s3:GetObjectLegalHold"]],
  ["x-amz-object-lock-mode", ["s3:GetObjectRetention"]],
  ["x-amz-object-lock-retain-until-date", ["s3:GetObjectRetention"]],
  ["x-amz-tagging-count", ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"]],
]);

/** `answer` to a GetObject or HeadObject, without what its user may not see. */
export function withholdHeaders(
  answer: Answer,
  { request, authenticated: { identity }, requestContext: context }: Authorized,
): Answer {
  const { resource, parameters } = request;
  const mayShow = (name: string): boolean => {
    const rights = RIGHTS.get(name);
    if (rights === undefined) return true;
    const [right, ofVersion = right] = rights;
    const action = parameters.has("versionId") ? ofVersion : right;
    return authorize(identity.policy, { needs: [{ action, resource }], context }).allowed;
  };
  return answer.headers.every(([name]) => mayShow(name))
    ? answer
    : { ...answer, headers: answer.headers.filter(([name]) => mayShow(name)) };
}
