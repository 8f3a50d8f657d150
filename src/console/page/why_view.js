// @ts-check
/**
 * Why was that refused, or allowed? The decision, the statement with its file and line, what is missing.
 * @module
 */

import { askConsole } from "./console_api.js";
import { element, field, replace } from "./dom.js";
import { formatMilliseconds, formatTime } from "./format.js";
import { go, linkTo } from "./router.js";
import { S3Failure } from "./s3_failure.js";
import { badge, facts, heading, loading, section } from "./view_parts.js";

/**
 * @typedef {{action: string, resource: string}} Need
 *
 * @typedef {object} Answer
 * @property {import("./requests_view.js").RecentRequest} [request]
 * @property {boolean} [allowed]
 * @property {string} [operation]
 * @property {Need[]} [needs]
 * @property {string} [decision]
 * @property {Need} [missing]
 * @property {string[]} [statements]
 * @property {string[]} [lines]
 * @property {string[]} sentences
 */

const TRIES_MAX = 3;
const HANDED_OVER_MS = 1200;
const METHODS = ["GET", "PUT", "HEAD", "DELETE", "POST"];

/** @param {import("./shell.js").Place} place */
export function showWhy({ session, me, query, signal }) {
  const result = element("div", { class: "result", "aria-live": "polite" });
  const answerFor = (/** @type {Readonly<Record<string, string | undefined>>} */ question) =>
    replace(
      result,
      loading(async () => buildAnswer(await askWhy(session, question, signal))),
    );
  if (query["id"] !== undefined) answerFor({ id: query["id"] });
  else if (query["path"] !== undefined) {
    answerFor({ method: query["method"], path: query["path"], user: query["user"] });
  }
  const content = element(
    "div",
    {},
    heading("Why?", "Paste the id of a request, or say which request you wonder about."),
    element("div", { class: "pair" }, buildIdForm(query), buildPathForm(query, me.admin)),
    result,
  );
  return { title: "Why?", content };
}

/**
 * Threads hand their requests over once a second, so one that was just refused may not be known yet.
 *
 * @param {import("./session.js").Session} session
 * @param {Readonly<Record<string, string | undefined>>} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function askWhy(session, question, signal) {
  for (let tries = 1;; tries++) {
    try {
      return await askConsole(session, "why", question, signal);
    } catch (error) {
      const isUnknown = error instanceof S3Failure && error.code === "not_found";
      if (!isUnknown || tries === TRIES_MAX || question["id"] === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, HANDED_OVER_MS));
    }
  }
}

/** @param {Readonly<Record<string, string>>} query */
function buildIdForm(query) {
  const id = element("input", {
    name: "id",
    required: true,
    spellcheck: "false",
    value: query["id"],
  });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    ask(linkTo("why", { id: id.value.trim() }));
  };
  return element(
    "form",
    { class: "card stack", onsubmit },
    element("h2", {}, "A request that was"),
    field({
      label: "Request id",
      hint: "x-amz-request-id of the answer, or RequestId of the error.",
    }, id),
    element("button", { class: "primary" }, "Explain this request"),
  );
}

/**
 * @param {Readonly<Record<string, string>>} query
 * @param {boolean} isAdmin
 */
function buildPathForm(query, isAdmin) {
  const method = element(
    "select",
    { name: "method" },
    ...METHODS.map((name) => element("option", { selected: name === query["method"] }, name)),
  );
  const path = element("input", {
    name: "path",
    required: true,
    spellcheck: "false",
    placeholder: "/bucket/key",
    value: query["path"],
  });
  const user = element("input", { name: "user", spellcheck: "false", value: query["user"] });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    ask(linkTo("why", { method: method.value, path: path.value.trim(), user: user.value.trim() }));
  };
  return element(
    "form",
    { class: "card stack", onsubmit },
    element("h2", {}, "A request that may be"),
    element(
      "div",
      { class: "pair narrow" },
      field({ label: "Method" }, method),
      field({ label: "Path" }, path),
    ),
    isAdmin && field({ label: "User", hint: "Empty: you." }, user),
    element("button", { class: "primary" }, "Explain this one"),
  );
}

/** Also when it is asked again. @param {string} link */
function ask(link) {
  if (location.hash === link) dispatchEvent(new Event("hashchange"));
  else go(link);
}

/** @param {Answer} answer */
function buildAnswer(answer) {
  return [buildDecision(answer), answer.request && buildRequest(answer.request)];
}

/**
 * What the rules say now; nothing but sentences where the request's parameters, which are not kept, decide.
 *
 * @param {Answer} answer
 */
function buildDecision(
  { allowed, operation, needs, decision, missing, statements, lines, sentences },
) {
  const title = decision === undefined ? "What came of it" : allowed ? "Allowed" : "Refused";
  return section(
    title,
    decision !== undefined && element("p", {}, badge(decision, allowed ? "good" : "bad")),
    ...sentences.map((sentence) => element("p", {}, sentence)),
    facts([
      ["Operation", operation],
      ["Missing action", missing && element("code", {}, missing.action)],
      ["Missing resource", missing && element("code", {}, missing.resource)],
      ["Needs", needs && buildNeeds(needs)],
      ["Statements", statements?.length && buildCodes(statements)],
    ]),
    lines !== undefined && element(
      "details",
      {},
      element("summary", {}, "As s3-proxy explain says it"),
      element("pre", { tabindex: "0", "aria-label": "Explanation" }, lines.join("\n")),
    ),
  );
}

/** @param {import("./requests_view.js").RecentRequest} request */
function buildRequest(request) {
  return section(
    "The request, as it was",
    facts([
      ["Time", formatTime(request.time)],
      ["Request id", element("code", {}, request.request_id)],
      ["Request", element("code", {}, `${request.method} ${request.path}`)],
      ["User", request.user],
      ["Status", `${request.status} ${request.code ?? ""}`],
      ["Reason", request.reason],
      ["Denied action", request.action],
      ["Denied resource", request.resource],
      ["Statement", request.statement],
      ["Duration", formatMilliseconds(request.duration_ms)],
      ["Client", request.user_agent],
      ["Address", request.client_ip],
    ]),
  );
}

/** @param {readonly string[]} texts */
function buildCodes(texts) {
  return element("ul", {}, ...texts.map((text) => element("li", {}, element("code", {}, text))));
}

/** @param {Need[]} needs */
function buildNeeds(needs) {
  return buildCodes([...new Set(needs.map(({ action, resource }) => `${action} on ${resource}`))]);
}
