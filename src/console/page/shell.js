// @ts-check
/**
 * What stays around the views: where one can go, who one is, the theme, signing out.
 * @module
 */

import { showAccess } from "./access_view.js";
import { showBrowser } from "./browser_view.js";
import { showBuckets } from "./buckets_view.js";
import { showConfiguration } from "./configuration_view.js";
import { button, element, icon, replace } from "./dom.js";
import { showLive } from "./live_view.js";
import { noticesRegion } from "./notices.js";
import { linkTo, readRoute } from "./router.js";
import { showRequests } from "./requests_view.js";
import { buildUploadPanel } from "./upload_panel.js";
import { UploadQueue } from "./upload_queue.js";
import { showUsers } from "./users_view.js";
import { showWhy } from "./why_view.js";

/**
 * What every view gets. `signal` ends with the view.
 *
 * @typedef {object} Place
 * @property {import("./session.js").Session} session
 * @property {import("./console_api.js").Me} me
 * @property {UploadQueue} uploads
 * @property {Readonly<Record<string, string>>} query
 * @property {AbortSignal} signal
 *
 * @typedef {{title: string, content: HTMLElement}} View
 * @typedef {{view: string, text: string, icon: import("./dom.js").IconName, show: (place: Place) => View, admin?: boolean, hidden?: boolean}} Entry
 */

/** @type {readonly Entry[]} */
const ENTRIES = [
  { view: "buckets", text: "Buckets", icon: "bucket", show: showBuckets },
  { view: "browse", text: "Objects", icon: "folder", show: showBrowser, hidden: true },
  { view: "access", text: "My access", icon: "key", show: showAccess },
  { view: "why", text: "Why?", icon: "question", show: showWhy },
  { view: "live", text: "Live", icon: "pulse", show: showLive, admin: true },
  { view: "requests", text: "Requests", icon: "info", show: showRequests },
  { view: "users", text: "Users", icon: "people", show: showUsers, admin: true },
  {
    view: "configuration",
    text: "Configuration",
    icon: "settings",
    show: showConfiguration,
    admin: true,
  },
];

/** @param {import("./sign_in.js").SignedIn} signedIn */
export function showShell({ session, me, bootstrap }) {
  const uploads = new UploadQueue();
  const entries = ENTRIES.filter(({ admin }) => !admin || me.admin);
  const links = new Map(
    entries.filter(({ hidden }) => !hidden).map(({ view, text, icon: name }) => [
      view,
      element("a", { href: linkTo(view) }, icon(name), element("span", {}, text)),
    ]),
  );
  const main = element("main", { id: "main", tabindex: "-1" });
  const skip = element("a", { class: "skip", href: "#main" }, "Skip to the content");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  let leave = new AbortController();
  const showView = () => {
    leave.abort();
    leave = new AbortController();
    const { view, query } = readRoute();
    const entry = entries.find((candidate) => candidate.view === view) ?? entries[0];
    if (entry === undefined) return;
    const place = { session, me, uploads, query, signal: leave.signal };
    const { title, content } = entry.show(place);
    document.title = `${title} · s3-proxy console`;
    replace(main, content);
    const current = entry.hidden ? "buckets" : entry.view;
    for (const [name, link] of links) {
      if (name === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  addEventListener("hashchange", showView);
  addEventListener("beforeunload", (event) => uploads.isBusy && event.preventDefault());
  replace(
    document.body,
    skip,
    element(
      "div",
      { class: "shell" },
      buildSidebar({ links: [...links.values()], me, version: bootstrap.version }),
      main,
    ),
    buildUploadPanel(uploads),
    noticesRegion(),
  );
  showView();
}

/** @param {{links: HTMLElement[], me: import("./console_api.js").Me, version: string}} parts */
function buildSidebar({ links, me, version }) {
  const who = me.kind === "session" ? `role ${me.role}` : me.user;
  return element(
    "header",
    { class: "sidebar" },
    element("a", { class: "brand", href: linkTo("buckets") }, icon("bucket"), "s3-proxy"),
    element("nav", { "aria-label": "Views" }, ...links),
    element(
      "div",
      { class: "account" },
      element(
        "div",
        { class: "who", title: me.access_key },
        element("strong", {}, who),
        element("small", {}, me.admin ? "admin" : me.access_key),
      ),
      button({ icon: "theme", text: "Switch between dark and light", iconOnly: true }, switchTheme),
      button({ icon: "leave", text: "Sign out", iconOnly: true }, () => location.replace("/")),
    ),
    element("small", { class: "version" }, `Version ${version}`),
  );
}

/** For this tab: what the system prefers is the default. */
function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset["theme"] === undefined
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : root.dataset["theme"] === "dark";
  root.dataset["theme"] = isDark ? "light" : "dark";
}
