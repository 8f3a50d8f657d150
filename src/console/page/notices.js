// @ts-check
/**
 * What just happened, in words: read out by screen readers, gone after a while unless it is a failure.
 * @module
 */

import { button, element } from "./dom.js";
import { linkTo } from "./router.js";
import { S3Failure } from "./s3_failure.js";

const SHOWN_MS = 5000;
const NOTICES_MAX = 4;

const politely = element("div", { role: "status", class: "notices" });

/** Where they appear; once in a page. */
export function noticesRegion() {
  return politely;
}

/** @param {string} text */
export function notify(text) {
  const notice = show(element("div", { class: "notice" }, element("span", {}, text)));
  setTimeout(() => notice.remove(), SHOWN_MS);
}

/**
 * Tells of a failure; where it was refused, with a way to "Why?".
 *
 * @param {string} what was tried: "Deleting a.txt"
 * @param {unknown} error
 */
export function notifyFailure(what, error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  show(element("div", { class: "notice failed" }, describeFailure(error, what)));
}

/** @param {HTMLElement} notice */
function show(notice) {
  notice.append(button({ icon: "close", text: "Dismiss", iconOnly: true }, () => notice.remove()));
  while (politely.children.length >= NOTICES_MAX) politely.firstElementChild?.remove();
  politely.append(notice);
  return notice;
}

/**
 * A failure in words, with a link to its reason.
 *
 * @param {unknown} error
 * @param {string} [what]
 */
export function describeFailure(error, what) {
  const intro = what === undefined ? null : element("strong", {}, `${what} failed. `);
  if (!(error instanceof S3Failure)) {
    return element("span", {}, intro, error instanceof Error ? error.message : String(error));
  }
  const { code, message, requestId, status, question } = error;
  const words = message === code || message === "" ? code : `${code}: ${message}`;
  const asked = question ?? (requestId === "" ? undefined : { id: requestId });
  const why = asked !== undefined && status === 403
    ? element("a", { href: linkTo("why", asked) }, "Why?")
    : null;
  const id = requestId === "" ? null : element("small", {}, ` Request ${requestId}. `);
  return element("span", {}, intro, `${words}.`.replace(/\.\.$/, "."), " ", id, why);
}
