// @ts-check
/**
 * A new folder: S3 has none, so it is an empty object whose key ends in a slash.
 * @module
 */

import { askText } from "./dialog.js";
import { notify, notifyFailure } from "./notices.js";
import { send } from "./s3_client.js";

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, prefix: string}} parent
 * @returns {Promise<boolean>} whether it is there
 */
export async function createFolder(session, { bucket, prefix }) {
  const name = await askText({
    title: "New folder",
    label: "Name",
    hint: "An empty object whose name ends in a slash.",
    confirm: "Create",
  });
  if (name === undefined) return false;
  const key = `${prefix}${name.replace(/\/+$/, "")}/`;
  try {
    await send(session, { method: "PUT", bucket, key, body: "" });
    notify(`The folder ${name} is there`);
    return true;
  } catch (error) {
    notifyFailure(`Creating ${name}`, error);
    return false;
  }
}
