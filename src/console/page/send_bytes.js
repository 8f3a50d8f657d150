// @ts-check
/**
 * Sends a piece of a file and tells how far it is: `fetch` does not say that, `XMLHttpRequest` does.
 * @module
 */

import { buildNetworkFailure, isPassing, readFailure } from "./s3_failure.js";

/** Requests with a body at the same time, of all uploads; a browser has six connections to a host. */
const REQUESTS_MAX = 4;
/** How often a piece is sent before its upload waits for somebody to say "retry". */
const TRIES_MAX = 6;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 8000;

let free = REQUESTS_MAX;
/** @type {(() => void)[]} */
const waiting = [];

/**
 * Sends `body` by PUT, again after a passing failure.
 *
 * @param {import("./session.js").Session} session
 * @param {{request: import("./session.js").S3Request, body: Blob, signal: AbortSignal, tell: (bytes: number) => void}} piece
 *   `tell` hears how many of its bytes are out; 0 when it begins anew
 * @returns {Promise<string>} its ETag
 * @throws {import("./s3_failure.js").S3Failure}
 */
export async function sendBytes(session, { request, body, signal, tell }) {
  for (let tries = 1;; tries++) {
    await takeSlot(signal);
    try {
      tell(0);
      const signed = await session.signS3({ ...request, method: "PUT" });
      return await put(signed, { body, signal, tell });
    } catch (error) {
      tell(0);
      if (signal.aborted || tries === TRIES_MAX || !isPassing(error)) throw error;
    } finally {
      giveSlot();
    }
    await pause(Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (tries - 1)), signal);
  }
}

/** @param {AbortSignal} signal */
async function takeSlot(signal) {
  signal.throwIfAborted();
  if (free > 0) free--;
  else await new Promise((resolve) => waiting.push(() => resolve(undefined)));
  if (!signal.aborted) return;
  giveSlot();
  signal.throwIfAborted();
}

function giveSlot() {
  const next = waiting.shift();
  if (next === undefined) free++;
  else next();
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/**
 * @param {import("./session.js").SignedRequest} signed
 * @param {{body: Blob, signal: AbortSignal, tell: (bytes: number) => void}} piece
 * @returns {Promise<string>}
 */
function put({ method, url, headers }, { body, signal, tell }) {
  return new Promise((resolve, reject) => {
    const exchange = new XMLHttpRequest();
    const stop = () => exchange.abort();
    exchange.open(method, url);
    for (const [name, value] of headers) exchange.setRequestHeader(name, value);
    exchange.upload.onprogress = ({ loaded }) => tell(loaded);
    exchange.onload = () => {
      const { status, responseText: text } = exchange;
      const requestId = exchange.getResponseHeader("x-amz-request-id");
      if (status >= 200 && status < 300) resolve(exchange.getResponseHeader("etag") ?? "");
      else reject(readFailure({ status, text, requestId }));
    };
    exchange.onerror = () => reject(buildNetworkFailure());
    exchange.onabort = () => reject(signal.reason);
    exchange.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop, { once: true });
    exchange.send(body);
  });
}
