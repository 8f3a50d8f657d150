// @ts-check
/**
 * What is loaded since when, and what is wrong with it.
 * @module
 */

import { askConsole } from "./console_api.js";
import { element } from "./dom.js";
import { formatAgo, formatNumber, formatTime } from "./format.js";
import { badge, facts, heading, loading, section, table } from "./view_parts.js";

/**
 * @typedef {object} Configuration
 * @property {string} file
 * @property {string} loaded
 * @property {string} started
 * @property {number} reloads
 * @property {string} version
 * @property {string} deno
 * @property {string} listener
 * @property {number} workers
 * @property {string[]} warnings
 * @property {{time: string, problems: string[]}} [refused]
 * @property {string[]} restart
 * @property {{endpoint: string, kind: string, problem?: string}} backend
 * @property {number} users
 * @property {number} roles
 * @property {number} providers
 * @property {{user: string, key?: string, expires: string}[]} expiring
 */

/** @param {import("./shell.js").Place} place */
export function showConfiguration({ session, signal }) {
  const content = element(
    "div",
    {},
    heading("Configuration", "Read-only: the file stays the truth."),
    loading(async () => buildSections(await askConsole(session, "configuration", {}, signal))),
  );
  return { title: "Configuration", content };
}

/** @param {Configuration} configuration */
function buildSections(configuration) {
  const { refused, warnings, restart, backend, expiring } = configuration;
  const when = (/** @type {string} */ time) => `${formatTime(time)} (${formatAgo(time)})`;
  return [
    refused && section(
      "The last reload was refused",
      element("p", {}, badge(when(refused.time), "bad")),
      buildLines(refused.problems),
    ),
    section(
      "Loaded",
      facts([
        ["File", element("code", {}, configuration.file)],
        ["Loaded", when(configuration.loaded)],
        ["Started", when(configuration.started)],
        ["Reloads", formatNumber(configuration.reloads)],
        ["Version", configuration.version],
        ["Deno", configuration.deno],
        ["Listener", configuration.listener],
        ["Workers", formatNumber(configuration.workers)],
        ["Users", formatNumber(configuration.users)],
        ["Roles", formatNumber(configuration.roles)],
        ["Identity providers", formatNumber(configuration.providers)],
      ]),
    ),
    section(
      "Backend",
      element(
        "p",
        {},
        backend.problem === undefined
          ? badge("answers as it should", "good")
          : badge(backend.problem, "bad"),
      ),
      facts([["Endpoint", element("code", {}, backend.endpoint)], ["Kind", backend.kind]]),
    ),
    section(
      "Warnings",
      warnings.length === 0 ? element("p", { class: "muted" }, "None.") : buildLines(warnings),
    ),
    section(
      "Waits for a restart",
      restart.length === 0 ? element("p", { class: "muted" }, "Nothing.") : buildLines(restart),
    ),
    section(
      "About to expire",
      table({
        caption: "What is about to expire",
        columns: ["User", "Key", "Expires"],
        rows: expiring.map(({ user, key, expires }) => [user, key ?? "", when(expires)]),
        empty: "Nothing in the next weeks.",
      }),
    ),
  ];
}

/** @param {readonly string[]} lines */
function buildLines(lines) {
  return element("ul", {}, ...lines.map((line) => element("li", {}, element("code", {}, line))));
}
