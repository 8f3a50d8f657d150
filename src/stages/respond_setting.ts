/**
 * The document of a setting, which is looked at before it passes: a store that does not know a subresource answers with what
 * the bare operation would, such as a list of the bucket.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import {
  type Answer,
  type AnswerContext,
  discardBody,
  type HeaderList,
  requestIdHeader,
  respondWithFailure,
} from "../respond.ts";
import type { Operation } from "../s3/operation_table.ts";
import { findSetting, isDocumentOf, notImplemented } from "../s3/settings.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { selectResponseHeaders } from "../upstream/headers.ts";
import { readText } from "../upstream/read_text.ts";

/**
 * Answers with it as it came.
 * @throws {S3Error} `NotImplemented` for another document, and for none; those of {@linkcode respondWithFailure} and
 *   {@linkcode readText}.
 */
export async function respondWithSetting(
  response: BackendResponse,
  { operation, context, extraHeaders }: {
    operation: Operation;
    context: AnswerContext;
    extraHeaders: HeaderList;
  },
): Promise<Answer> {
  const setting = findSetting(operation);
  if (response.status === 204) {
    await discardBody(response);
    throw notImplemented(operation);
  }
  if (response.status !== 200) return await respondWithFailure(response, context);
  const text = await readText(response, LIMITS.rewrittenXmlBytesMax);
  if (setting === undefined || !isDocumentOf(setting, text)) throw notImplemented(operation);
  const body = encodeUtf8(text);
  const headers = selectResponseHeaders(response.headers)
    .filter(([name]) => name !== "content-length");
  headers.push(
    ["content-length", String(body.length)],
    ...extraHeaders,
    requestIdHeader(context),
  );
  return { status: 200, headers, body, code: undefined };
}
