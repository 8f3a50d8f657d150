// @ts-check
/**
 * Deleting, after a question: objects, and folders with all that is in them.
 * @module
 */

import { ask } from "./dialog.js";
import { element } from "./dom.js";
import { formatNumber } from "./format.js";
import { notify, notifyFailure } from "./notices.js";
import { buildObjectUrl } from "./object_url.js";
import { deleteObjects, listObjectsV2, send, sendForXml } from "./s3_client.js";
import { S3Failure } from "./s3_failure.js";
import { textOf } from "./s3_xml.js";

/** @typedef {import("./session.js").Session} Session */

const NAMED_MAX = 8;
const BATCH_MAX = 1000;
/** Characters that XML 1.0 cannot hold. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Asks, then deletes.
 *
 * @param {Session} session
 * @param {{bucket: string, keys: readonly string[]}} chosen keys; those with a slash at their end are folders
 * @returns {Promise<"all" | "some" | undefined>} whether all are deleted, or some may be; nothing where the answer was no
 */
export async function confirmDeletion(session, { bucket, keys }) {
  const hasVersions = await readVersioning(session, bucket);
  const named = keys.slice(0, NAMED_MAX).map((key) => element("li", {}, key));
  const rest = keys.length - named.length;
  const consequence = hasVersions === undefined
    ? "This cannot be taken back, unless the bucket keeps versions."
    : hasVersions
    ? "The bucket keeps versions: older ones stay, and can be brought back."
    : "This cannot be taken back.";
  const isSure = await ask({
    title: keys.length === 1 ? "Delete this?" : `Delete ${formatNumber(keys.length)} entries?`,
    content: [
      element(
        "ul",
        { class: "names" },
        ...named,
        rest > 0 && element("li", {}, `and ${formatNumber(rest)} more`),
      ),
      element(
        "p",
        {},
        keys.some((key) => key.endsWith("/")) && "Folders go with all that is in them. ",
        consequence,
      ),
    ],
    confirm: "Delete",
    danger: true,
  });
  if (!isSure) return undefined;
  try {
    await deleteAll(session, { bucket, keys });
    return "all";
  } catch (error) {
    notifyFailure("Deleting", error);
    return "some";
  }
}

/**
 * @param {Session} session
 * @param {{bucket: string, keys: readonly string[]}} chosen
 */
async function deleteAll(session, { bucket, keys }) {
  const objects = keys.filter((key) => !key.endsWith("/"));
  let count = 0;
  for (const folder of keys.filter((key) => key.endsWith("/"))) {
    for (let next, page; page === undefined || next !== undefined; next = page.next) {
      page = await listObjectsV2(session, { bucket, prefix: folder, delimiter: "", next });
      count += await deleteKeys(session, { bucket, keys: page.objects.map(({ key }) => key) });
    }
  }
  for (let at = 0; at < objects.length; at += BATCH_MAX) {
    count += await deleteKeys(session, { bucket, keys: objects.slice(at, at + BATCH_MAX) });
  }
  notify(`${formatNumber(count)} ${count === 1 ? "object is" : "objects are"} deleted`);
}

/**
 * @param {Session} session
 * @param {{bucket: string, keys: readonly string[]}} batch
 */
async function deleteKeys(session, { bucket, keys }) {
  const [only] = keys;
  if (only === undefined) return 0;
  const strange = keys.filter((key) => NOT_XML.test(key));
  if (keys.length === 1 || strange.length > 0) {
    for (const key of keys) await send(session, { method: "DELETE", bucket, key });
    return keys.length;
  }
  const [refused, ...others] = await deleteObjects(session, { bucket, keys });
  if (refused === undefined) return keys.length;
  const { code, message, key } = refused;
  const more = others.length === 0 ? "" : `, and ${formatNumber(others.length)} more`;
  throw new S3Failure({
    code,
    message: `${key}${more} stayed. ${message}`,
    status: 403,
    requestId: "",
    question: {
      method: "DELETE",
      path: buildObjectUrl({ endpoint: "", bucket, key }),
    },
  });
}

/**
 * Whether the bucket keeps versions; unknown to those who may not ask.
 *
 * @param {Session} session
 * @param {string} bucket
 */
function readVersioning(session, bucket) {
  return sendForXml(session, { bucket, query: { versioning: "" } })
    .then((root) => textOf(root, "Status") === "Enabled", () => undefined);
}

/** Deletes one version for good. @param {Session} session @param {{bucket: string, key: string, versionId: string}} version */
export async function confirmVersionDeletion(session, { bucket, key, versionId }) {
  const isSure = await ask({
    title: "Delete this version for good?",
    content: [element("p", {}, `${key}, version ${versionId}. This cannot be taken back.`)],
    confirm: "Delete",
    danger: true,
  });
  if (!isSure) return false;
  try {
    await send(session, { method: "DELETE", bucket, key, query: { versionId } });
    notify("The version is deleted");
  } catch (error) {
    notifyFailure("Deleting the version", error);
  }
  return true;
}
