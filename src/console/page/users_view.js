// @ts-check
/**
 * Who may do what, who was seen when, whose keys end soon. Read-only: the file stays the truth.
 * @module
 */

import { buildRightsTable, describeLimits } from "./access_view.js";
import { askConsole } from "./console_api.js";
import { button, element, replace } from "./dom.js";
import { formatAgo, formatSeconds, formatTime } from "./format.js";
import { describeFailure } from "./notices.js";
import { badge, facts, heading, section } from "./view_parts.js";

/**
 * @typedef {import("./console_api.js").Right} Right
 * @typedef {{id: string, expires?: string, last_used?: string}} Key
 *
 * @typedef {object} User
 * @property {string} name
 * @property {boolean} enabled
 * @property {Key[]} keys
 * @property {string} [expires]
 * @property {string[]} [source_ips]
 * @property {Record<string, number>} [limits]
 * @property {string} [last_seen]
 * @property {boolean} unseen_90_days
 * @property {Right[]} rights
 *
 * @typedef {{name: string, trust: string[], max_session_seconds: number, rights: Right[]}} Role
 * @typedef {{since: string, users: User[], roles: Role[], next?: string}} Users
 */

const TYPED_DELAY_MS = 300;
const SOON_MS = 14 * 86_400_000;

/** @param {import("./shell.js").Place} place */
export function showUsers({ session, query, signal }) {
  const search = element("input", {
    type: "search",
    "aria-label": "Search users",
    placeholder: "Search users…",
    value: query["q"],
  });
  const list = element("div", { class: "people" });
  const roles = element("div", { class: "people" });
  const more = element("div", {});
  let asked = 0;
  const read = async (/** @type {string | undefined} */ from) => {
    const mine = ++asked;
    try {
      /** @type {Users} */
      const page = await askConsole(session, "users", { q: search.value.trim(), from }, signal);
      if (mine !== asked) return;
      if (from === undefined) {
        replace(list);
        replace(
          roles,
          page.roles.length > 0 && element("h2", {}, "Roles"),
          ...page.roles.map(buildRole),
        );
      }
      list.append(...page.users.map((user) => buildUser(user, page.since)));
      if (list.childElementCount === 0) {
        replace(list, element("p", { class: "empty" }, "No user of that name."));
      }
      const { next } = page;
      replace(more, next !== undefined && button({ text: "Show more" }, () => read(next)));
    } catch (error) {
      if (!signal.aborted) {
        replace(more, element("p", { role: "alert", class: "problem" }, describeFailure(error)));
      }
    }
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => read(undefined), TYPED_DELAY_MS);
  });
  read(undefined);
  const content = element(
    "div",
    {},
    heading("Users", "Of the configuration; it is changed in its file."),
    element("div", { class: "toolbar" }, search),
    list,
    more,
    roles,
  );
  return { title: "Users", content };
}

/**
 * @param {User} user
 * @param {string} since
 */
function buildUser(user, since) {
  const ends = [user.expires, ...user.keys.map(({ expires }) => expires)].filter((end) =>
    end !== undefined
  );
  const soonest = Math.min(...ends.map((end) => Date.parse(end)));
  const isOver = soonest < Date.now();
  return element(
    "details",
    { class: "card" },
    element(
      "summary",
      {},
      element("strong", { class: "grow" }, user.name),
      !user.enabled && badge("disabled", "bad"),
      ends.length > 0 && soonest - Date.now() < SOON_MS &&
        badge(`${isOver ? "expired" : "expires"} ${formatAgo(soonest)}`, isOver ? "bad" : "warn"),
      user.unseen_90_days && badge("not seen for 90 days", "warn"),
      element(
        "small",
        { class: "muted" },
        user.last_seen === undefined ? "not seen yet" : `seen ${formatAgo(user.last_seen)}`,
      ),
    ),
    facts([
      ...user.keys.map(({ id, expires, last_used: used }) => /** @type {const} */ ([
        "Key",
        element(
          "span",
          {},
          element("code", {}, id),
          ` used: ${used === undefined ? `not since ${formatTime(since)}` : formatAgo(used)}`,
          expires !== undefined && `, expires ${formatTime(expires)}`,
        ),
      ])),
      ["Expires", user.expires && formatTime(user.expires)],
      ["Only from", user.source_ips?.join(", ")],
      ...describeLimits(user.limits),
    ]),
    buildRightsTable(user.rights),
  );
}

/** @param {Role} role */
function buildRole({ name, trust, max_session_seconds: seconds, rights }) {
  return section(
    name,
    facts([["Sessions last at most", formatSeconds(seconds)]]),
    element("ul", {}, ...trust.map((words) => element("li", {}, words))),
    buildRightsTable(rights),
  );
}
