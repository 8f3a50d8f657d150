// @ts-check
/**
 * Brings an older version back: as a copy that is the latest one, so that nothing is lost.
 * @module
 */

import { notify, notifyFailure } from "./notices.js";
import { copyVersion } from "./s3_client.js";

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string, versionId: string}} version
 * @returns {Promise<boolean>} whether it was done
 */
export async function restoreVersion(session, version) {
  try {
    await copyVersion(session, version);
    notify("The version is the latest one now");
    return true;
  } catch (error) {
    notifyFailure("Restoring the version", error);
    return false;
  }
}
