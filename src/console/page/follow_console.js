// @ts-check
/**
 * Answers of the console's API that go on while a view is open and the page is in sight: one request, a line of JSON a second.
 * @module
 */

import { openConsole } from "./console_api.js";

/** Until it is asked again, after an answer has ended. */
const AGAIN_MS = 1000;

/**
 * @template T
 * @typedef {object} Following
 * @property {HTMLElement} place is busy until the first answer is there
 * @property {() => Readonly<Record<string, string | undefined>>} query of the next request
 * @property {(answer: T) => void} tell
 * @property {(error: unknown) => void} fail
 * @property {AbortSignal} signal ends it
 */

/**
 * Begins; what it returns has it ask anew, with another query.
 *
 * @template T
 * @param {import("./session.js").Session} session
 * @param {string} name
 * @param {Following<T>} following
 * @returns {() => void}
 */
export function followConsole(session, name, { place, query, tell, fail, signal }) {
  place.setAttribute("aria-busy", "true");
  let current = new AbortController();
  const restart = () => current.abort();
  const follow = async () => {
    while (!signal.aborted) {
      current = new AbortController();
      const mine = current.signal;
      if (!document.hidden) {
        try {
          const response = await openConsole(session, name, { ...query(), follow: "1" }, mine);
          for await (const line of readLines(response)) {
            if (mine.aborted) break;
            tell(JSON.parse(line));
            place.removeAttribute("aria-busy");
          }
        } catch (error) {
          if (!mine.aborted) {
            fail(error);
            place.removeAttribute("aria-busy");
          }
        }
      }
      await sleep(AGAIN_MS, mine);
    }
  };
  document.addEventListener("visibilitychange", restart, { signal });
  signal.addEventListener("abort", restart, { once: true });
  follow();
  return restart;
}

/** @param {Response} response */
async function* readLines({ body }) {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal ends it early
 * @returns {Promise<void>}
 */
function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
