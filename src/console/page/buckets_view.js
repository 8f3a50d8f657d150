// @ts-check
/**
 * The buckets that the user's rules touch: ListBuckets shows exactly those.
 * @module
 */

import { button, element, icon } from "./dom.js";
import { askText } from "./dialog.js";
import { describeRights, listEntrances } from "./entrances.js";
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
  const cards = buckets.flatMap((bucket) =>
    listEntrances(me, bucket.name).map((prefix) => buildCard(bucket, { prefix, me }))
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
 * @param {{name: string, created: Date}} bucket
 * @param {{prefix: string, me: Place["me"]}} options of which a look may begin at `prefix`
 */
function buildCard({ name, created }, { prefix, me }) {
  return element(
    "li",
    {},
    element(
      "a",
      { class: "card bucket", href: linkTo("browse", { bucket: name, prefix }) },
      icon("bucket"),
      element(
        "span",
        { class: "grow" },
        element("strong", {}, prefix === "" ? name : `${name}/${prefix}`),
        element("small", {}, `Since ${formatTime(created)}`),
      ),
      element("small", { class: "rights" }, describeRights(me, name)),
    ),
  );
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
