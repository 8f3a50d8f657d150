/**
 * Answers a request for STS by a document, of success or of an error; the backend is never asked.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { type Answer, type AnswerContext, requestIdHeader } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { RawRequest } from "../s3/request.ts";
import type { Journey } from "../stages/observe.ts";
import { answerSts } from "./answer_sts.ts";
import { formatStsError } from "./sts_document.ts";
import { StsError } from "./sts_error.ts";
import type { StsOptions } from "./sts_rules.ts";

/** @throws {S3Error} `MethodNotAllowed` for a form that is none of STS's. */
export async function respondToSts(
  raw: RawRequest,
  { journey, context, takeSlot, ...options }: Pick<StsOptions, "rules" | "now" | "pace"> & {
    journey: Journey;
    context: AnswerContext;
    /** @throws {S3Error} `SlowDown`. */
    takeSlot: () => void;
  },
): Promise<Answer> {
  const { requestId } = context;
  try {
    options.pace.countRequest(raw.clientAddress);
    takeSlotForSts(takeSlot);
    const document = await answerSts(raw, {
      ...options,
      requestId,
      clientAddress: raw.clientAddress,
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

/** STS's clients understand no error in S3's form. */
function takeSlotForSts(takeSlot: () => void): void {
  try {
    takeSlot();
  } catch (cause) {
    if (!(cause instanceof S3Error)) throw cause;
    throw new StsError("ServiceUnavailable", { reason: cause.reason ?? cause.code });
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
