// @ts-check
/**
 * The uploads in a corner of the page: progress, speed, pause, resume, retry.
 * @module
 */

import { button, element, replace } from "./dom.js";
import { formatBytes, formatNumber, formatSeconds, formatSpeed } from "./format.js";
import { describeFailure } from "./notices.js";

/** @typedef {import("./upload_queue.js").Upload} Upload */
/** @typedef {import("./upload_queue.js").UploadQueue} UploadQueue */

/** Lines that are drawn; the numbers are of all. */
const LINES_MAX = 100;
const REFRESH_MS = 250;

/** Failures and what runs come first. @type {Readonly<Record<string, number>>} */
const RANKS = { failed: 0, running: 1, paused: 2, waiting: 3, done: 4, cancelled: 5 };

/** @param {UploadQueue} queue */
export function buildUploadPanel(queue) {
  const list = element("ul", {});
  const summary = element("span", { class: "grow" });
  const spoken = element("span", { class: "unseen", role: "status" });
  const total = element("progress", { "aria-label": "All uploads", max: "1", value: "0" });
  const clear = button({ icon: "close", text: "Close", iconOnly: true }, () => queue.clear());
  const panel = element(
    "section",
    { class: "uploads", "aria-label": "Uploads", hidden: true },
    element("header", {}, element("h2", {}, "Uploads"), summary, clear),
    total,
    list,
    spoken,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const draw = () => {
    timer = undefined;
    const { uploads } = queue;
    panel.hidden = uploads.length === 0;
    const sorted = [...uploads].sort((a, b) => (RANKS[a.state] ?? 9) - (RANKS[b.state] ?? 9));
    patchLines(list, { queue, uploads: sorted.slice(0, LINES_MAX) });
    const { text, share } = summarize(queue);
    replace(summary, text);
    total.value = share;
    clear.disabled = queue.isBusy;
    const ended = uploads.length > 0 && !queue.isBusy;
    const said = ended ? text : "";
    if (spoken.textContent !== said) replace(spoken, said);
    if (queue.isBusy) timer = setTimeout(draw, REFRESH_MS);
  };
  queue.listen(() => timer ||= setTimeout(draw, 0));
  return panel;
}

/** @param {UploadQueue} queue */
function summarize(queue) {
  const live = queue.uploads.filter(({ state }) => state !== "cancelled");
  const done = live.filter(({ state }) => state === "done").length;
  const failed = live.filter(({ state }) => state === "failed").length;
  const bytes = live.reduce((sum, { target }) => sum + target.file.size, 0);
  const sent = live.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const { speed } = queue;
  const pace = queue.isBusy && speed > 0
    ? ` · ${formatSpeed(speed)} · ${formatSeconds((bytes - sent) / speed)} left`
    : "";
  const trouble = failed === 0 ? "" : ` · ${formatNumber(failed)} failed`;
  return {
    text: `${formatNumber(done)} of ${formatNumber(live.length)} done${trouble}${pace}`,
    share: bytes === 0 ? Number(done === live.length) : sent / bytes,
  };
}

/** Lines by upload, so that a button that has the focus stays. @type {WeakMap<Upload, {line: HTMLElement, state: string, update: () => void}>} */
const lines = new WeakMap();

/**
 * @param {HTMLElement} list
 * @param {{queue: UploadQueue, uploads: Upload[]}} shown
 */
function patchLines(list, { queue, uploads }) {
  const wanted = uploads.map((upload) => {
    let known = lines.get(upload);
    if (known === undefined || known.state !== upload.state) {
      known = { ...buildLine(queue, upload), state: upload.state };
      lines.set(upload, known);
    }
    known.update();
    return known.line;
  });
  const isSame = wanted.length === list.children.length &&
    wanted.every((line, i) => list.children[i] === line);
  if (!isSame) list.replaceChildren(...wanted);
}

/**
 * @param {UploadQueue} queue
 * @param {Upload} upload
 */
function buildLine(queue, upload) {
  const { key, file } = upload.target;
  const name = key.slice(key.lastIndexOf("/") + 1);
  const progress = element("progress", { max: file.size || 1, "aria-label": `Upload of ${name}` });
  const state = element("small", {});
  const act = (
    /** @type {import("./dom.js").IconName} */ icon,
    /** @type {string} */ text,
    /** @type {() => void} */ run,
  ) => button({ icon, text: `${text} ${name}`, iconOnly: true }, run);
  const cancel = act("close", "Cancel", () => queue.cancel(upload));
  const controls = {
    waiting: [cancel],
    running: [act("pause", "Pause", () => queue.pause(upload)), cancel],
    paused: [act("play", "Resume", () => queue.resume(upload)), cancel],
    failed: [act("retry", "Retry", () => queue.resume(upload)), cancel],
    done: [],
    cancelled: [],
  }[upload.state];
  const line = element(
    "li",
    { class: upload.state },
    element(
      "div",
      { class: "grow" },
      element("span", { class: "file-name", title: key }, name),
      state,
      progress,
    ),
    ...controls,
  );
  const update = () => {
    progress.value = upload.state === "done" ? progress.max : upload.sentBytes;
    if (upload.state === "failed") {
      if (state.childElementCount === 0) replace(state, describeFailure(upload.error));
    } else replace(state, describeState(upload));
  };
  return { line, update };
}

/** @param {Upload} upload */
function describeState({ state, sentBytes, resumedBytes, target: { file } }) {
  const resumed = resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} were there` : "";
  const size = formatBytes(file.size);
  if (state === "running") return `${formatBytes(sentBytes)} of ${size}${resumed}`;
  if (state === "paused") return `paused at ${formatBytes(sentBytes)} of ${size}`;
  return state === "done" ? `${size}${resumed}` : state;
}
