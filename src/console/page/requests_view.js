// @ts-check
/**
 * The requests of the last minutes as they come: everybody's for admins, one's own for others. Never a query.
 * @module
 */

import { button, element, field, icon, replace } from "./dom.js";
import { followConsole } from "./follow_console.js";
import { formatBytes, formatClock, formatMilliseconds } from "./format.js";
import { describeFailure } from "./notices.js";
import { linkTo } from "./router.js";
import { badge, heading, table } from "./view_parts.js";

/**
 * @typedef {object} RecentRequest
 * @property {string} seq
 * @property {string} time
 * @property {string} request_id
 * @property {string} [user]
 * @property {string} [bucket]
 * @property {string} [operation]
 * @property {string} method
 * @property {string} path
 * @property {number} status
 * @property {string} [code]
 * @property {number} duration_ms
 * @property {number} [backend_ms]
 * @property {number} [bytes_in]
 * @property {number} [bytes_out]
 * @property {string} [client_ip]
 * @property {"allow" | "deny"} [decision]
 * @property {string} [reason]
 * @property {string} [action]
 * @property {string} [resource]
 * @property {string} [statement]
 * @property {string} [user_agent]
 */

const SHOWN_MAX = 200;
const TYPED_DELAY_MS = 300;

/** @param {import("./shell.js").Place} place */
export function showRequests({ session, me, query, signal }) {
  const filters = buildFilters(query, me.admin);
  const list = element("div", {});
  const problem = element("div", { role: "alert" });
  /** @type {RecentRequest[]} */
  let shown = [];
  /** @type {string | undefined} */
  let after;
  /** While it is paused, what comes waits here. @type {RecentRequest[] | undefined} */
  let waiting;
  const pause = button({ icon: "pause", text: "Pause" }, () => {
    if (waiting === undefined) waiting = [];
    else {
      show(waiting);
      waiting = undefined;
    }
    const isPaused = waiting !== undefined;
    replace(pause, icon(isPaused ? "play" : "pause"), isPaused ? "Go on" : "Pause");
  });
  /** @param {RecentRequest[]} newest the newest first */
  const show = (newest) => {
    shown = [...newest, ...shown].slice(0, SHOWN_MAX);
    replace(list, buildTable(shown, me.admin));
  };
  const restart = followConsole(session, "requests", {
    signal,
    place: list,
    query: () => ({ ...filters.read(), after, limit: String(SHOWN_MAX) }),
    tell: (/** @type {{last: string, requests: RecentRequest[]}} */ { last, requests }) => {
      const isFirst = after === undefined;
      after = last;
      replace(problem);
      const newest = requests.reverse();
      if (waiting !== undefined) waiting = [...newest, ...waiting].slice(0, SHOWN_MAX);
      else if (isFirst || newest.length > 0) show(newest);
    },
    fail: (error) => replace(problem, element("p", { class: "problem" }, describeFailure(error))),
  });
  filters.listen(() => {
    shown = [];
    waiting &&= [];
    after = undefined;
    restart();
  });
  const whose = me.admin ? "Of everybody, as they come." : "Your own, as they come.";
  const content = element(
    "div",
    {},
    heading("Requests", whose, pause),
    filters.element,
    problem,
    list,
  );
  return { title: "Requests", content };
}

/**
 * @param {Readonly<Record<string, string>>} query
 * @param {boolean} isAdmin
 */
function buildFilters(query, isAdmin) {
  const text = (/** @type {string} */ name) =>
    element("input", { name, spellcheck: "false", value: query[name] });
  const inputs = {
    user: text("user"),
    bucket: text("bucket"),
    operation: text("operation"),
    code: text("code"),
  };
  const denied = element("input", {
    type: "checkbox",
    name: "denied",
    id: "only-denied",
    checked: query["denied"] === "1",
  });
  const form = element(
    "form",
    { class: "filters", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    isAdmin && field({ label: "User" }, inputs.user),
    field({ label: "Bucket" }, inputs.bucket),
    field({ label: "Operation" }, inputs.operation),
    field({ label: "Error code" }, inputs.code),
    element(
      "div",
      { class: "check-field" },
      denied,
      element("label", { for: "only-denied" }, "Only denied"),
    ),
  );
  return {
    element: form,
    /** @returns {Record<string, string | undefined>} */
    read: () => ({
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]),
      ),
      denied: denied.checked ? "1" : undefined,
    }),
    listen: (/** @type {() => void} */ changed) => {
      /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(changed, TYPED_DELAY_MS);
      });
    },
  };
}

/**
 * @param {readonly RecentRequest[]} requests
 * @param {boolean} isAdmin
 */
function buildTable(requests, isAdmin) {
  const columns = [
    "Time",
    ...(isAdmin ? ["User"] : []),
    "Operation",
    "Path",
    "Status",
    "Duration",
    "In",
    "Out",
    "",
  ];
  const rows = requests.map((request) => [
    formatClock(request.time),
    ...(isAdmin ? [request.user ?? "—"] : []),
    request.operation ?? request.method,
    element(
      "code",
      { class: "path", title: request.user_agent },
      `${request.method} ${request.path}`,
    ),
    badge(
      request.code ?? String(request.status),
      request.status < 400 ? "good" : request.status < 500 ? "warn" : "bad",
    ),
    formatMilliseconds(request.duration_ms),
    request.bytes_in === undefined ? "" : formatBytes(request.bytes_in),
    request.bytes_out === undefined ? "" : formatBytes(request.bytes_out),
    element("a", {
      href: linkTo("why", { id: request.request_id }),
      "aria-label": `Why? ${request.request_id}`,
    }, "Why?"),
  ]);
  const first = isAdmin ? 5 : 4;
  return table({
    caption: "Requests, the newest first",
    columns,
    numeric: [first, first + 1, first + 2],
    rows,
    empty: "No request yet.",
  });
}
