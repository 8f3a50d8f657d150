// @ts-check
/**
 * What the user may do where, in words and as a table; limits, expiry, and how to set up a client.
 * @module
 */

import { askConsole } from "./console_api.js";
import { copyText } from "./clipboard.js";
import { button, element } from "./dom.js";
import { formatAgo, formatBytes, formatNumber, formatTime } from "./format.js";
import { buildSnippets } from "./snippets.js";
import { badge, facts, heading, loading, section, table } from "./view_parts.js";

/** @typedef {import("./console_api.js").Me} Me */
/** @typedef {import("./console_api.js").Right} Right */

/** @param {import("./shell.js").Place} place */
export function showAccess({ session, signal }) {
  const content = element(
    "div",
    {},
    heading("My access", "As the rules are now."),
    loading(async () => {
      /** @type {Me} */
      const me = await askConsole(session, "me", {}, signal);
      return [
        buildIdentity(me, session),
        buildRights(me),
        section("Set up a client", buildClients(session)),
      ];
    }),
  );
  return { title: "My access", content };
}

/**
 * @param {Me} me
 * @param {import("./session.js").Session} session
 */
function buildIdentity(me, { endpoint, region, expiresAt }) {
  const end = me.expires ?? expiresAt;
  const expires = end === undefined ? "never" : `${formatTime(end)} (${formatAgo(end)})`;
  return section(
    "Who I am",
    facts([
      ["User", me.user],
      ["Role", me.role],
      ["Identity", me.principal],
      ["Access key", element("code", {}, me.access_key)],
      ["Expires", expires],
      ["Endpoint", element("code", {}, endpoint)],
      ["Region", region],
      ["Only from", me.source_ips?.join(", ")],
      ...describeLimits(me.limits),
    ]),
  );
}

/**
 * @param {import("./console_api.js").Limits} [limits]
 * @returns {(readonly [string, string | undefined])[]}
 */
export function describeLimits(limits = {}) {
  const number = (/** @type {number | undefined} */ value) =>
    value === undefined ? undefined : formatNumber(value);
  const rate = (/** @type {number | undefined} */ value) =>
    value === undefined ? undefined : `${formatBytes(value)}/s`;
  return [
    ["Requests at once", number(limits["concurrent_requests"])],
    ["Requests a second", number(limits["requests_per_second"])],
    ["Requests in a burst", number(limits["requests_burst"])],
    ["Upload speed", rate(limits["bytes_in_per_second"])],
    ["Download speed", rate(limits["bytes_out_per_second"])],
  ];
}

/** @param {Me} me */
function buildRights({ rights = [], no_more_than: bounds }) {
  const sentences = rights.map(({ text }) => text).filter((text) => text !== undefined);
  return section(
    "What I may do",
    sentences.length === 0
      ? null
      : element("ul", { class: "sentences" }, ...sentences.map((text) => element("li", {}, text))),
    buildRightsTable(rights),
    ...(bounds === undefined ? [] : [
      element("p", {}, "Of this, no more than the policy of this session allows:"),
      buildRightsTable(bounds, "What the policy of this session allows"),
    ]),
  );
}

/**
 * @param {readonly Right[]} rights
 * @param {string} [caption]
 */
export function buildRightsTable(rights, caption = "Rights by bucket") {
  return table({
    caption,
    columns: ["Buckets", "Keys", "Rights", "Rule"],
    rows: rights.map(({ buckets, keys, rights: names, rule }) => [
      element("code", {}, buckets),
      keys === undefined ? "—" : element("code", {}, keys),
      element(
        "span",
        { class: "badges" },
        ...names.map((name) => badge(name, name.startsWith("deny") ? "bad" : "good")),
      ),
      element("small", {}, rule),
    ]),
    empty: "No rule gives a right.",
  });
}

/** @param {import("./session.js").Session} session */
function buildClients(session) {
  const snippets = buildSnippets(session);
  const code = element("code", {});
  const tabs = snippets.map(({ name, text }, index) => {
    const tab = element("button", {
      type: "button",
      role: "tab",
      id: `client-${index}`,
      "aria-controls": "client-snippet",
      tabindex: index === 0 ? 0 : -1,
    }, name);
    tab.addEventListener("click", () => show(index));
    return { tab, text };
  });
  const panel = element(
    "div",
    { role: "tabpanel", id: "client-snippet", class: "snippet" },
    element("pre", { tabindex: "0", "aria-label": "Configuration" }, code),
    button(
      { icon: "copy", text: "Copy", iconOnly: true },
      () => copyText(code.textContent ?? "", "The text"),
    ),
  );
  const show = (/** @type {number} */ chosen) => {
    tabs.forEach(({ tab }, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    code.textContent = tabs[chosen]?.text ?? "";
    panel.setAttribute("aria-labelledby", `client-${chosen}`);
  };
  const list = element(
    "div",
    { role: "tablist", "aria-label": "Client", class: "tabs" },
    ...tabs.map(({ tab }) => tab),
  );
  list.addEventListener("keydown", ({ key }) => {
    const at = tabs.findIndex(({ tab }) => tab.tabIndex === 0);
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = (at + step + tabs.length) % tabs.length;
    show(next);
    tabs[next]?.tab.focus();
  });
  show(0);
  return element(
    "div",
    {},
    element("p", { class: "muted" }, "Write your secret in place of YOUR_SECRET_KEY."),
    list,
    panel,
  );
}
