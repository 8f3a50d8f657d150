/**
 * An authorized request on its way to the backend, and what has to be given back in the end.
 * @module
 */

import { type Identity, readShareUser } from "../iam/identity.ts";
import type { RequestContext } from "../iam/request_context.ts";
import { type BodySource, type ByteSource, NOTHING, prepend } from "../lib/byte_source.ts";
import { type Answer, type AnswerContext, respondWithError } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { RawRequest, S3Request } from "../s3/request.ts";
import type { Authenticated } from "../sigv4/verify.ts";
import { type Backend, type BackendRequest, sendToBackend } from "../upstream/backend.ts";
import type { Client, UpstreamResponse } from "../upstream/forward.ts";
import { buildUpstreamHeaders } from "../upstream/headers.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import type { Journey } from "./observe.ts";
import type { LimitedUser, UserPace } from "./user_pace.ts";
import { NO_BODY, type PreparedBody } from "./prepared_body.ts";

/** What is known of a request once it may be carried out. */
export interface Authorized {
  readonly raw: RawRequest;
  readonly request: S3Request;
  readonly authenticated: Authenticated<Identity>;
  readonly requestContext: RequestContext;
  readonly now: Date;
}

/** What {@linkcode Exchange} is told beside the request. */
export interface ExchangeOptions {
  readonly backend: Backend;
  readonly journey: Journey;
  readonly context: AnswerContext;
}

/** The requests to the backend that one request leads to; most lead to one. */
export class Exchange {
  readonly journey: Journey;
  readonly #backend: Backend;
  readonly #releases: (() => void)[] = [];
  #context: AnswerContext;
  #upstream: UpstreamResponse | undefined;
  /** The user whose bodies pass at a limited rate. */
  #paced: { readonly userPace: UserPace; readonly user: LimitedUser } | undefined;
  /** The request is over: nobody would release a connection that is taken from now on. */
  #isOver = false;

  constructor({ backend, journey, context }: ExchangeOptions) {
    this.#backend = backend;
    this.journey = journey;
    this.#context = context;
  }

  /** Which request answers are to. */
  get context(): AnswerContext {
    return this.#context;
  }

  /** From now on errors, and the log, tell what the request is about. */
  parsed(subject: S3Request): void {
    this.journey.parsed(subject);
    this.#context = { ...this.#context, subject };
  }

  /** The public half of the master's key pair, which no client is to see. */
  get masterAccessKeyId(): string {
    return this.#backend.credentials.accessKeyId;
  }

  /**
   * Sends one request, signed. The response to the one before has to be read: its connection is given back, so that no
   * request waits for a second connection while it holds a first. A document that is made piece by piece may ask for more
   * when its client has left.
   * @throws {S3Error} as {@linkcode sendToBackend}; `RequestTimeout` behind {@linkcode release}.
   */
  async send(authorized: Authorized, request: BackendRequest): Promise<BackendResponse> {
    const { now, raw, authenticated: { identity } } = authorized;
    this.giveBack();
    this.#verifyNotOver();
    const upstream = await sendToBackend(request, {
      backend: this.#backend,
      user: readShareUser(identity),
      now,
      bodyRead: raw.bodyRead,
      client: request.outlivesClient === true ? NEVER_GONE : raw,
    });
    this.#upstream = upstream;
    if (this.#isOver) this.giveBack();
    this.#verifyNotOver();
    this.journey.forwarded(upstream, request.bytes);
    return upstream.response;
  }

  /** Gives back the connection of a response that was read: before this request waits for others. */
  giveBack(): void {
    this.#upstream?.finished();
    this.#upstream = undefined;
  }

  /** Has `release` called when the response has ended. */
  onRelease(release: () => void): void {
    this.#releases.push(release);
  }

  /** Has bodies pass at the rate that was set for `user`: that of `raw` from now on, and that of the answer. */
  pace(raw: RawRequest, paced: { userPace: UserPace; user: LimitedUser }): RawRequest {
    this.#paced = paced;
    if (raw.body === null) return raw;
    const body = this.#pace(raw.body, "in");
    return body === raw.body ? raw : { ...raw, body, clientGone: () => raw.clientGone() };
  }

  /** The file of a form, which is read from the body as it came before its sender was known, at that rate. */
  paceFile(file: ByteSource): ByteSource {
    return this.#pace(file, "in");
  }

  /** See {@linkcode pace}. */
  paceAnswer(answer: Answer): Answer {
    const { body } = answer;
    // Of refusals, which are small, nobody downloads much.
    if (body === null || body instanceof Uint8Array && answer.code !== undefined) return answer;
    const source = body instanceof Uint8Array ? prepend(body, NOTHING) : body;
    const paced = this.#pace(source, "out");
    return paced === source ? answer : { ...answer, body: paced };
  }

  #pace<Body extends BodySource>(body: Body, direction: "in" | "out"): Body | ByteSource {
    if (this.#paced === undefined) return body;
    const { userPace, user } = this.#paced;
    const limited = (): void => this.journey.limited(`bytes_per_second_${direction}`);
    return userPace.pace(body, { user, direction, limited });
  }

  /** The answer to what was thrown or denied: what is not an S3Error is our own mistake, and says nothing to the client. */
  refuse(error: unknown): Answer {
    this.journey.failed(error);
    const shown = error instanceof S3Error ? error : new S3Error("InternalError");
    return respondWithError(shown, this.#context);
  }

  /** Gives back connections, slots and timers. */
  release(): void {
    this.#isOver = true;
    this.giveBack();
    if (this.#releases.length === 0) return;
    for (const release of this.#releases.splice(0)) release();
  }

  #verifyNotOver(): void {
    if (this.#isOver) throw new S3Error("RequestTimeout", { reason: "client_gone" });
  }
}

const NEVER_GONE: Client = { clientGone: () => new AbortController().signal };

/** The same operation on the same resource, at the backend. */
export function buildBackendRequest(
  request: S3Request,
  { body, bytes, payloadHash, contentMd5 }: Omit<PreparedBody, "proof" | "release"> = NO_BODY,
): BackendRequest {
  const headers = buildUpstreamHeaders(request);
  if (contentMd5 !== undefined) headers.set("content-md5", contentMd5);
  const { method, resource, parameters } = request;
  return { method, resource, parameters, headers, payloadHash, body, bytes };
}

/** Which request an answer is to. */
export function describeRequest({ method, target }: RawRequest, requestId: string): AnswerContext {
  const queryAt = target.indexOf("?");
  return { method, path: queryAt < 0 ? target : target.slice(0, queryAt), requestId };
}
