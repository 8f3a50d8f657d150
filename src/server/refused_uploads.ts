/**
 * Uploads that were refused, on `Deno.serve`: what their clients still send is thrown away at the pace of
 * {@linkcode ReadingPace}, before the answer or behind it.
 *
 * The runtime (2.9.6) closes a connection whose body was not read when the answer goes out, and resets such a stream of HTTP/2:
 * a client that sends on may meet that before the answer. So an answer waits for the body's end where that is near. Where it is not,
 * HTTP/1.1 lets the rest be read behind the answer, and over HTTP/2 the answer's end waits.
 * @module
 */

import { BodyReader, type Discard, findDiscard } from "../lib/body_reader.ts";
import { LIMITS } from "../limits.ts";
import type { ProxyResponse } from "../proxy.ts";
import type { RawRequest } from "../s3/request.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Those of one thread. */
export class RefusedUploads {
  readonly #discards = new Set<Discard>();

  /** Throws away what nobody has read of the body of an answered request; returns the answer as it is to be sent, and when. */
  async finish(response: ProxyResponse, raw: RawRequest): Promise<ProxyResponse> {
    const discard = this.#discard(raw.body);
    if (discard === undefined || isEmpty(raw)) return response;
    if (mayEndSoon(raw) && await endsSoon(discard)) return response;
    const { answer, answer: { body } } = response;
    if (!isHttp2(raw) || !(body instanceof Uint8Array)) return response;
    return {
      answer: { ...answer, body: holdOpen(body, discard) },
      // Who has all of the answer need not wait for its end.
      ended: () => response.ended("complete"),
    };
  }

  /** `undefined` where somebody has read the body, or still does. */
  #discard(body: RawRequest["body"]): Discard | undefined {
    if (!(body instanceof ReadableStream)) return undefined;
    if (!body.locked) void new BodyReader(body, LIMITS.discardedPieceBytes).discard();
    const discard = findDiscard(body);
    if (discard === undefined) return undefined;
    this.#discards.add(discard);
    void discard.ended.then(() => this.#discards.delete(discard));
    if (this.#discards.size > LIMITS.discardingConnectionsMax) this.#cutOffLongest();
    return discard;
  }

  #cutOffLongest(): void {
    const [longest] = this.#discards;
    if (longest === undefined) return;
    this.#discards.delete(longest);
    longest.cancel();
  }
}

/** HTTP/2's requests have no Host header, or one beside their authority. */
function isHttp2({ headers }: RawRequest): boolean {
  return !headers.has("host");
}

/** RFC 9112 §6.3: what is not framed has no body. */
function isEmpty(raw: RawRequest): boolean {
  const { headers } = raw;
  return !isHttp2(raw) && !headers.has("transfer-encoding") &&
    Number(headers.get("content-length") ?? 0) === 0;
}

/** A client that expects `100 Continue` waits for an answer before it sends, and one that sends too much is cut off anyway. */
function mayEndSoon({ headers }: RawRequest): boolean {
  return !headers.has("expect") &&
    Number(headers.get("content-length") ?? 0) <= LIMITS.discardedBodyBytesMax;
}

/** Whether `discard` ends within {@linkcode LIMITS.refusalDelayMsMax}; resolves once that is known. */
async function endsSoon({ ended }: Discard): Promise<boolean> {
  const { promise: isLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), LIMITS.refusalDelayMsMax);
  const isSoon = await Promise.race([ended.then(() => true), isLate]);
  clearTimeout(timer);
  return isSoon;
}

/** `bytes`, and the end once `discard` has ended. */
function holdOpen(bytes: Bytes, { ended }: Discard): ReadableStream<Bytes> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(bytes),
    pull: async (controller) => {
      await ended;
      controller.close();
    },
  });
}
