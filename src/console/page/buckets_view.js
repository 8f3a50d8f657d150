// @ts-check
/**
 * The buckets that the user's rules touch: ListBuckets shows exactly those.
 * @module
 */

import { button, element, icon } from "./dom.js";
import { askText } from "./dialog.js";
import { formatTime } from "./format.js";
import { notify, notifyFailure } from "./notices.js";
import { go, linkTo } from "./router.js";
import { listBuckets, send } from "./s3_client.js";
import { heading, loading } from "./view_parts.js";

/** @typedef {import("./shell.js").Place} Place */

/** @param {Place} place */
export function showBuckets(place) {
  const create = button({ icon: "plus", text: "New bucket" }, () => createBucket(place));
  const content = element(
    "div",
    {},
    heading("Buckets", "Those that your rules touch.", create),
    loading(() => buildBuckets(place)),
  );
  return { title: "Buckets", content };
}

/** @param {Place} place */
async function buildBuckets({ session, me }) {
  const buckets = await listBuckets(session);
  const cards = buckets.map(({ name, created }) =>
    element(
      "li",
      {},
      element(
        "a",
        { class: "card bucket", href: linkTo("browse", { bucket: name }) },
        icon("bucket"),
        element(
          "span",
          { class: "grow" },
          element("strong", {}, name),
          element("small", {}, `Since ${formatTime(created)}`),
        ),
        element("small", { class: "rights" }, describeRights(me, name)),
      ),
    )
  );
  if (cards.length > 0) return [element("ul", { class: "cards" }, ...cards)];
  return [
    element(
      "p",
      { class: "empty" },
      "There is no bucket that your rules touch. ",
      element("a", { href: linkTo("access") }, "What may I do?"),
    ),
  ];
}

/**
 * In a word or two; "My access" has the whole.
 *
 * @param {import("./console_api.js").Me} me
 * @param {string} bucket
 */
function describeRights({ rights = [] }, bucket) {
  const names = new Set(
    rights.filter(({ buckets }) => matches(buckets, bucket)).flatMap((right) => right.rights),
  );
  const plain = [...names].filter((name) => !/[: ]/.test(name));
  return plain.join(", ") + (plain.length < names.size ? " …" : "");
}

/**
 * @param {string} pattern with `*` and `?`
 * @param {string} name
 */
function matches(pattern, name) {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replaceAll(
    "?",
    ".",
  );
  return new RegExp(`^${expression}$`).test(name);
}

/** @param {Place} place */
async function createBucket({ session }) {
  const name = await askText({
    title: "New bucket",
    label: "Name",
    hint: "3 to 63 characters: lower-case letters, digits, points and hyphens.",
    confirm: "Create",
  });
  if (name === undefined) return;
  try {
    await send(session, { method: "PUT", bucket: name.trim() });
    notify(`${name} is there`);
    go(linkTo("browse", { bucket: name.trim() }));
  } catch (error) {
    notifyFailure(`Creating ${name}`, error);
  }
}
