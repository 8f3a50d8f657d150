/**
 * DeleteObjects, decided key by key: what a user may not delete becomes an error in the result, the rest is done.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import { authorize, type Decision } from "../iam/authorize.ts";
import { DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import { formatContentMd5, hashDocument } from "../payload/read_document.ts";
import { type Answer, discardBody, respondWithFailure } from "../respond.ts";
import {
  type DeleteFailure,
  DeleteResultRewriter,
  formatDeleteFailure,
} from "../s3/delete_result.ts";
import { takeDeletePart } from "../s3/delete_request.ts";
import { S3Error } from "../s3/error.ts";
import { listKeyReadings } from "../s3/key_readings.ts";
import type { KeyRules, ObjectKey } from "../s3/names.ts";
import {
  type DeleteRequest,
  type ObjectIdentifier,
  readDeleteRequest,
} from "../s3/request_documents.ts";
import { listHeaderActions, listRequiredToDelete } from "../s3/required_access.ts";
import { formatDocument } from "../s3/xml.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { buildUpstreamHeaders } from "../upstream/headers.ts";
import type { Authorized, Exchange } from "./exchange.ts";
import type { Journey } from "./observe.ts";
import { receiveDocument } from "./receive_document.ts";
import { type Pieces, respondWithPieces, rewriteBody } from "./respond_streamed.ts";

/**
 * Answers it. The result streams: keys that are not asked for come first, so that none is held while the client reads.
 * @throws {S3Error} for its document; those of the backend.
 */
export async function answerDeleteObjects(
  authorized: Authorized,
  { exchange, keys }: { exchange: Exchange; keys: KeyRules },
): Promise<Answer> {
  const { authenticated: { identity: { sharesAs: user } } } = authorized;
  const { context, journey } = exchange;
  const document = await receiveDocument(authorized, exchange);
  const asked = await DOCUMENT_QUEUE.run(user, () => readDeleteRequest(document, keys));
  document.buffer.transfer(0); // V8 lets 64 MiB of such memory pile up before it collects
  const { allowed, refused } = await decideKeys(authorized, {
    objects: asked.objects,
    journey,
    keys,
  });
  const failures: DeleteFailure[] = [
    ...refused.map((object) => ({ ...object, code: "AccessDenied" })),
    ...asked.invalid,
  ];
  const first = await nextPart(authorized, { ...asked, objects: allowed });
  const response = first && await exchange.send(authorized, first.request);
  if (response !== undefined && response.status !== 200) {
    return await respondWithFailure(response, context);
  }
  const others = { quiet: asked.quiet, objects: allowed.slice(first?.objects.length) };
  const result = new DeleteResult({ failures, response, others, authorized, exchange });
  return await respondWithPieces(result, { context, headers: [] });
}

/** The answer's document, piece by piece. */
class DeleteResult implements Pieces {
  readonly pieces: AsyncIterator<Uint8Array<ArrayBuffer>>;
  readonly #parts: ResultParts;
  #cancel = (): void => {};

  constructor(parts: ResultParts) {
    this.#parts = parts;
    this.pieces = this.#write();
  }

  cancel(): void {
    this.#cancel();
  }

  async *#write(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const { failures, response, others: { quiet }, authorized, exchange } = this.#parts;
    let { others: { objects: left } } = this.#parts;
    const [head, tail] = formatDocument("DeleteResult", "\0").split("\0");
    yield encodeUtf8(head ?? "");
    yield* writeFailures(failures);
    if (response !== undefined) yield* this.#writeResults(response);
    for (;;) {
      // Made only once the request before is done, so that one document at a time is in memory.
      const part = await nextPart(authorized, { quiet, objects: left });
      if (part === undefined) break;
      const { objects, request } = part;
      left = left.slice(objects.length);
      const next = await sendOrFail(authorized, { exchange, request });
      if (next?.status === 200) yield* this.#writeResults(next);
      // The answer names what was deleted already. What is left is reported as failed, and the client can try it again.
      else yield* writeFailures(objects.map((object) => ({ ...object, code: "InternalError" })));
    }
    yield encodeUtf8(tail ?? "");
  }

  async *#writeResults(response: BackendResponse): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const rewriter = new DeleteResultRewriter();
    const { pieces, cancel } = rewriteBody(response, rewriter);
    this.#cancel = cancel;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      if (rewriter.rootName !== undefined && rewriter.rootName !== "DeleteResult") {
        cancel();
        throw new S3Error("BadGateway", { reason: "response_not_delete_result" });
      }
      yield next.value;
    }
  }
}

/** What a result is made of. */
interface ResultParts {
  readonly failures: readonly DeleteFailure[];
  /** To the first request, if there was any. */
  readonly response: BackendResponse | undefined;
  /** What is left for further ones. */
  readonly others: DeleteRequest;
  readonly authorized: Authorized;
  readonly exchange: Exchange;
}

/** Many in one piece: each piece takes a write of its own. */
function* writeFailures(failures: readonly DeleteFailure[]): Generator<Uint8Array<ArrayBuffer>> {
  let text = "";
  for (const failure of failures) {
    text += formatDeleteFailure(failure);
    if (text.length < LIMITS.documentPieceBytes) continue;
    yield encodeUtf8(text);
    text = "";
  }
  if (text !== "") yield encodeUtf8(text);
}

async function sendOrFail(
  authorized: Authorized,
  { exchange, request }: { exchange: Exchange; request: BackendRequest },
): Promise<BackendResponse | undefined> {
  try {
    const response = await exchange.send(authorized, request);
    if (response.status !== 200) await discardBody(response);
    return response;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return undefined;
  }
}

/** Keys that are decided on in one step: a step of its own takes longer than to decide on one. */
const DECIDED_AT_ONCE = 8;

async function decideKeys(
  { request, authenticated: { identity }, requestContext }: Authorized,
  { objects, journey, keys }: {
    objects: readonly ObjectIdentifier[];
    journey: Journey;
    keys: KeyRules;
  },
): Promise<{ allowed: ObjectIdentifier[]; refused: ObjectIdentifier[] }> {
  const { resource } = request;
  assert(resource.level === "bucket", "DeleteObjects is an operation on a bucket");
  const { bucket } = resource;
  const allowed: ObjectIdentifier[] = [];
  const refused: ObjectIdentifier[] = [];
  let denial: Decision | undefined;
  const brought = listHeaderActions(request);
  const plain = { ...requestContext, versionId: undefined };
  const decide = (object: ObjectIdentifier): void => {
    const needs = listReadings(object, keys)
      .flatMap((object) => listRequiredToDelete(request, { bucket, object, brought }));
    const { versionId } = object;
    const context = versionId === undefined ? plain : { ...requestContext, versionId };
    const decision = authorize(identity.policy, { needs, context });
    (decision.allowed ? allowed : refused).push(object);
    if (!decision.allowed) denial ??= decision;
  };
  for (let from = 0; from < objects.length; from += DECIDED_AT_ONCE) {
    const some = objects.slice(from, from + DECIDED_AT_ONCE);
    await THREAD_TURNS.step(() => some.forEach(decide));
  }
  if (denial !== undefined) journey.keysDenied(refused.length, denial);
  return { allowed, refused };
}

/** What the backend may take an entry for, itself first. */
function listReadings(
  object: ObjectIdentifier,
  { folded = false }: KeyRules,
): readonly ObjectIdentifier[] {
  if (!folded) return [object];
  // INVARIANT: a key that a store has folded is still a valid key.
  return listKeyReadings(object.key).map((key) => ({ ...object, key: key as ObjectKey }));
}

/** One request to the backend, and what it asks for. */
interface DeletePart {
  readonly request: BackendRequest;
  readonly objects: readonly ObjectIdentifier[];
}

/**
 * The next request to the backend, whose document is within {@linkcode LIMITS.backendXmlBodyBytesMax}; `undefined` where
 * nothing is left.
 */
async function nextPart(
  { request, authenticated: { identity } }: Authorized,
  left: DeleteRequest,
): Promise<DeletePart | undefined> {
  if (left.objects.length === 0) return undefined;
  const { objects, document: bytes } = await DOCUMENT_QUEUE.run(
    identity.sharesAs,
    () => takeDeletePart(left, LIMITS.backendXmlBodyBytesMax),
  );
  const headers = buildUpstreamHeaders(request)
    .set("content-md5", formatContentMd5(bytes))
    .set("content-type", "application/xml");
  const { resource, parameters } = request;
  return {
    objects,
    request: {
      method: "POST",
      resource,
      parameters,
      headers,
      payloadHash: hashDocument(bytes),
      body: { kind: "bytes", bytes },
      bytes: bytes.length,
    },
  };
}
