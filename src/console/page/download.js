// @ts-check
/**
 * Downloads go from S3 to the browser by a presigned URL, which makes a file of them whatever their type says.
 * @module
 */

import { formatAttachment } from "./attachment.js";
import { notifyFailure } from "./notices.js";

/** Long enough for the click that follows at once. */
const LIFE_SECONDS = 300;

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string, versionId?: string}} object
 */
export async function download(session, { bucket, key, versionId }) {
  try {
    const url = await session.presign({
      bucket,
      key,
      query: {
        "response-content-disposition": formatAttachment(key),
        ...(versionId === undefined ? {} : { versionId }),
      },
    }, { expiresSeconds: LIFE_SECONDS });
    const link = document.createElement("a");
    link.href = url;
    link.rel = "noreferrer";
    link.click();
  } catch (error) {
    notifyFailure("Downloading", error);
  }
}
