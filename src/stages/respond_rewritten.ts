/**
 * Short documents of the backend, read whole and written anew; listings stream through: respond_streamed.ts.
 * @module
 */

import { decodeUtf8 } from "../lib/bytes.ts";
import type { Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import {
  type Answer,
  type AnswerContext,
  type HeaderList,
  respondWithBackendError,
  respondWithDocument,
  respondWithFailure,
} from "../respond.ts";
import { readBackendError } from "../s3/backend_error.ts";
import { S3Error } from "../s3/error.ts";
import { readErrorDocument } from "../s3/response_documents.ts";
import { formatXml, readXml, type XmlElement } from "../s3/xml.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { selectResponseHeaders } from "../upstream/headers.ts";
import { readBytes } from "../upstream/read_text.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The backend's XML, changed by `rewrite`: with a new length and no ETag. An `<Error>` in a 200, which long copies and
 * completions may end in, is an error.
 * @throws {S3Error} `BadGateway` for what is not XML or passes `bytesMax`, by default {@linkcode LIMITS.rewrittenXmlBytesMax}; those of
 *   {@linkcode respondWithFailure}.
 */
export async function respondRewritten(
  upstream: BackendResponse,
  { context, extraHeaders = [], bytesMax = LIMITS.rewrittenXmlBytesMax, rewrite }: {
    context: AnswerContext;
    extraHeaders?: HeaderList;
    bytesMax?: number;
    rewrite: (root: XmlElement) => XmlElement | Promise<XmlElement>;
  },
): Promise<Answer> {
  if (upstream.status !== 200) return respondWithFailure(upstream, context);
  const bytes = await readBytes(upstream, bytesMax);
  const written = await DOCUMENT_QUEUE.run(BACKENDS, () => rewriteDocument(bytes, rewrite));
  if (written === undefined) {
    return respondWithBackendError(readBackendError(500, decodeUtf8(bytes) ?? ""), context);
  }
  const document = typeof written === "string" ? written : formatXml(await written);
  const headers = [...selectDocumentHeaders(upstream), ...extraHeaders];
  return respondWithDocument(document, { context, headers });
}

/**
 * One document at a time is parsed, changed and written, in turns with others: its tree takes many times the memory of its text.
 * `undefined` for an `<Error>`; a promise where the change has to be waited for.
 */
function* rewriteDocument(
  bytes: Bytes,
  rewrite: (root: XmlElement) => XmlElement | Promise<XmlElement>,
): Steps<string | Promise<XmlElement> | undefined> {
  const root = yield* parseBackendXml(bytes);
  if (readErrorDocument(root) !== undefined) return undefined;
  bytes.buffer.transfer(0); // V8 lets 64 MiB of such memory pile up before it collects
  const rewritten = rewrite(root);
  yield;
  return rewritten instanceof Promise ? rewritten : formatXml(rewritten);
}

/** What passes of the headers of a document that is changed. */
export function selectDocumentHeaders({ headers }: BackendResponse): Answer["headers"] {
  return selectResponseHeaders(headers).filter(([name]) =>
    name !== "content-length" && name !== "content-type" && name !== "etag"
  );
}

/**
 * The document of a 200.
 * @throws {S3Error} as {@linkcode readBytes}; `BadGateway` for what is not XML.
 */
export async function readBackendXml(
  upstream: BackendResponse,
  { bytesMax = LIMITS.rewrittenXmlBytesMax }: { bytesMax?: number } = {},
): Promise<XmlElement> {
  const bytes = await readBytes(upstream, bytesMax);
  const root = await DOCUMENT_QUEUE.run(BACKENDS, () => parseBackendXml(bytes));
  bytes.buffer.transfer(0);
  return root;
}

/** The line of the backend's documents. */
const BACKENDS = "";

function* parseBackendXml(bytes: Bytes): Steps<XmlElement> {
  try {
    return yield* readXml(bytes, { isBackends: true });
  } catch (cause) {
    bytes.buffer.transfer(0);
    throw new S3Error("BadGateway", { cause, reason: "response_not_xml" });
  }
}
