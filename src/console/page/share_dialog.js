// @ts-check
/**
 * A presigned link to one object: how long it lives, what it permits, and a button that copies it.
 * @module
 */

import { copyText } from "./clipboard.js";
import { openDialog } from "./dialog.js";
import { button, element, field, replace } from "./dom.js";
import { formatAttachment } from "./attachment.js";
import { showName } from "./entry_row.js";
import { formatTime } from "./format.js";
import { describeFailure } from "./notices.js";

const HOUR = 3600;
/** Signature Version 4 allows no longer life. */
const LIVES = /** @type {const} */ ([
  ["15 minutes", HOUR / 4],
  ["1 hour", HOUR],
  ["12 hours", 12 * HOUR],
  ["1 day", 24 * HOUR],
  ["3 days", 72 * HOUR],
  ["7 days", 168 * HOUR],
]);

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string}} object
 */
export function openShareDialog(session, object) {
  const life = element(
    "select",
    {},
    ...LIVES.map(([text, seconds]) =>
      element("option", { value: seconds, selected: seconds === HOUR }, text)
    ),
  );
  const use = element(
    "select",
    {},
    element("option", { value: "open" }, "open it in a browser"),
    element("option", { value: "download" }, "download it as a file"),
    element("option", { value: "upload" }, "upload a file in its place"),
  );
  const link = element("textarea", { readonly: true, rows: "4", spellcheck: "false" });
  const words = element("p", { role: "status" });
  const make = async () => {
    try {
      const made = await makeLink(session, {
        ...object,
        seconds: Number(life.value),
        use: use.value,
      });
      link.value = made.url;
      replace(words, made.words);
    } catch (error) {
      replace(words, describeFailure(error));
    }
  };
  for (const control of [life, use]) control.addEventListener("change", make);
  make();
  openDialog({
    title: `Share ${showName(object.key.slice(object.key.lastIndexOf("/") + 1))}`,
    content: [
      element(
        "div",
        { class: "pair" },
        field({ label: "Whoever has the link may" }, use),
        field({ label: "for" }, life),
      ),
      field({ label: "Link" }, link),
      words,
    ],
    actions: [
      button(
        { icon: "copy", text: "Copy the link", kind: "primary" },
        () => copyText(link.value, "The link"),
      ),
    ],
  });
  link.addEventListener("focus", () => link.select());
}

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string, seconds: number, use: string}} wanted
 */
async function makeLink(session, { bucket, key, seconds, use }) {
  const left = session.expiresAt === undefined
    ? seconds
    : (session.expiresAt.getTime() - Date.now()) / 1000;
  const expiresSeconds = Math.max(1, Math.floor(Math.min(seconds, left)));
  const query = use === "download" ? { "response-content-disposition": formatAttachment(key) } : {};
  const method = use === "upload" ? "PUT" : "GET";
  const url = await session.presign({ method, bucket, key, query }, { expiresSeconds });
  const end = formatTime(Date.now() + expiresSeconds * 1000);
  const early = expiresSeconds < seconds
    ? " Your own session ends then, and the link with it."
    : "";
  const act = use === "upload" ? `send a file by PUT that replaces ${key}` : `read ${key}`;
  return {
    url,
    words:
      `Until ${end}, everybody who has this link may ${act} in ${bucket}, with your rights and as you: nothing else, and no longer than you may.${early}`,
  };
}
