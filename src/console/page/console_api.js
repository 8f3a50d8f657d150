// @ts-check
/**
 * The console's own API. Its requests are signed as those of S3 are, for another service, so that no signature is good for both.
 * @module
 */

import { S3Failure } from "./s3_failure.js";

/** Clock of the server minus ours, in milliseconds, once it has told. */
let skewMs = 0;

/** How far the browser's clock is behind the server's. */
export function clockSkewMs() {
  return skewMs;
}

/**
 * Asks the console's API, e.g. `me` or `why`.
 *
 * @template T
 * @param {import("./session.js").Session} session
 * @param {string} name
 * @param {Readonly<Record<string, string | undefined>>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 * @throws {S3Failure}
 */
export async function askConsole(session, name, query = {}, signal) {
  return await (await openConsole(session, name, query, signal)).json();
}

/**
 * The same, with an answer that was not read yet.
 *
 * @param {import("./session.js").Session} session
 * @param {string} name
 * @param {Readonly<Record<string, string | undefined>>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 * @throws {S3Failure}
 */
export async function openConsole(session, name, query, signal) {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === ""
      ? []
      : [`${encodeURIComponent(key)}=${encodeURIComponent(value)}`]
  );
  const nonce = crypto.getRandomValues(new Uint32Array(2)).join(""); // no two requests sign alike
  const search = `?${[...given, `n=${nonce}`].join("&")}`;
  const { url, headers } = await session.signConsole(`/api/${name}${search}`);
  const response = await fetch(url, {
    headers,
    credentials: "omit",
    cache: "no-store",
    signal: signal ?? null,
  })
    .catch((error) => {
      if (signal?.aborted) throw error;
      throw failure({ code: "NetworkError", message: "The console does not answer", status: 0 });
    });
  if (response.ok) return response;
  const { error = {} } = await response.json().catch(() => ({}));
  if (error.server_time !== undefined) skewMs = Date.parse(error.server_time) - Date.now();
  throw failure({
    code: error.code ?? `HTTP ${response.status}`,
    message: error.message,
    status: response.status,
  });
}

/** @param {{code: string, message?: string, status: number}} facts */
function failure({ code, message = "", status }) {
  return new S3Failure({ code, message, status, requestId: "" });
}

/**
 * @typedef {{buckets: string, keys?: string, rights: string[], rule: string, text?: string}} Right
 * @typedef {Record<string, number>} Limits
 *
 * @typedef {object} Me
 * @property {string} user
 * @property {"user" | "session"} kind
 * @property {string} [role]
 * @property {string} [principal]
 * @property {string} access_key
 * @property {string} [expires]
 * @property {boolean} admin
 * @property {string[]} [source_ips]
 * @property {Limits} [limits]
 * @property {Right[]} rights
 * @property {Right[]} [no_more_than] what the session's own policy allows, of all that
 * @property {string} now
 */
