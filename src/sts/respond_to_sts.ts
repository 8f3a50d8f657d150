/**
 * Answers a request for STS: by a document in either case, never by the backend.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { type Answer, type AnswerContext, requestIdHeader } from "../respond.ts";
import type { RawRequest } from "../s3/request.ts";
import type { Journey } from "../stages/observe.ts";
import { answerSts } from "./answer_sts.ts";
import { formatStsError } from "./sts_document.ts";
import { StsError } from "./sts_error.ts";
import type { StsRules } from "./sts_rules.ts";

/** @throws {S3Error} `MethodNotAllowed` for a form that is none of STS's. */
export async function respondToSts(
  raw: RawRequest,
  { rules, now, journey, context }: {
    rules: StsRules;
    now: Date;
    journey: Journey;
    context: AnswerContext;
  },
): Promise<Answer> {
  const { requestId } = context;
  try {
    const document = await answerSts(raw, {
      rules,
      now,
      requestId,
      asked: (action) => journey.asked(action),
      authenticated: (identity) => journey.authenticated(identity),
    });
    return buildAnswer(document, { status: 200, code: undefined, context });
  } catch (error) {
    if (!(error instanceof StsError)) throw error;
    journey.refused(error);
    const { status, code } = error;
    return buildAnswer(formatStsError(error, requestId), { status, code, context });
  }
}

function buildAnswer(
  document: string,
  { status, code, context }: { status: number; code: string | undefined; context: AnswerContext },
): Answer {
  const body = encodeUtf8(document);
  const headers: Answer["headers"] = [
    ["content-type", "text/xml"],
    ["content-length", String(body.length)],
    ["cache-control", "no-store"],
    ["x-amzn-requestid", context.requestId],
    requestIdHeader(context),
  ];
  return { status, headers, body, code };
}
