// @ts-check
/**
 * Uploads in parts that nobody has finished, in this folder: they go on with the same file, or end.
 * @module
 */

import { button, element, replace } from "./dom.js";
import { ask } from "./dialog.js";
import { chooseFiles } from "./dropped_files.js";
import { showName } from "./entry_row.js";
import { formatAgo } from "./format.js";
import { notify, notifyFailure } from "./notices.js";
import { nameOf, send, sendForXml } from "./s3_client.js";
import { childrenOf, textOf } from "./s3_xml.js";

/** @typedef {import("./shell.js").Place} Place */
/** @typedef {{key: string, uploadId: string, initiated: string}} Unfinished */

const SHOWN_MAX = 20;

/**
 * @param {Place} place
 * @param {{bucket: string, prefix: string}} folder
 */
export function buildUnfinishedUploads(place, folder) {
  const box = element("div", { hidden: true });
  const refresh = async () => {
    const uploads = await readUploads(place, folder).catch(() => []); // not everybody may ask
    box.hidden = uploads.length === 0;
    const lines = uploads.map((upload) => buildLine(place, { ...folder, upload, refresh }));
    replace(
      box,
      element(
        "details",
        { class: "card" },
        element("summary", {}, `Unfinished uploads: ${uploads.length}`),
        element(
          "p",
          { class: "muted" },
          "Choose the same file again: only what is missing is sent.",
        ),
        element("ul", { class: "lines" }, ...lines),
      ),
    );
  };
  refresh();
  return box;
}

/**
 * @param {Place} place
 * @param {{bucket: string, prefix: string}} folder
 * @returns {Promise<Unfinished[]>}
 */
async function readUploads({ session, uploads }, { bucket, prefix }) {
  const query = { uploads: "", prefix, "encoding-type": "url", "max-uploads": "100" };
  const root = await sendForXml(session, { bucket, query });
  const own = new Set(
    uploads.uploads.filter(({ state }) => state === "running" || state === "paused").map((
      { target },
    ) => target.key),
  );
  return childrenOf(root, "Upload").map((upload) => ({
    key: nameOf(root, textOf(upload, "Key")),
    uploadId: textOf(upload, "UploadId"),
    initiated: textOf(upload, "Initiated"),
  })).filter(({ key }) => !own.has(key)).slice(0, SHOWN_MAX);
}

/**
 * @param {Place} place
 * @param {{bucket: string, prefix: string, upload: Unfinished, refresh: () => void}} options
 */
function buildLine({ session, uploads, signal }, { bucket, prefix, upload, refresh }) {
  const { key, uploadId, initiated } = upload;
  const name = showName(key.slice(prefix.length));
  const resume = () =>
    chooseFiles({
      multiple: false,
      signal,
      chosen: ([chosen]) => {
        if (chosen !== undefined) uploads.add(session, [{ bucket, key, file: chosen.file }]);
      },
    });
  const end = async () => {
    const isSure = await ask({
      title: "End this upload?",
      content: [
        `What was sent of ${name} is deleted. If somebody is still sending it, that fails.`,
      ],
      confirm: "End it",
      danger: true,
    });
    if (!isSure) return;
    await send(session, { method: "DELETE", bucket, key, query: { uploadId } })
      .then(
        () => notify("The upload is ended"),
        (error) => notifyFailure("Ending the upload", error),
      );
    refresh();
  };
  return element(
    "li",
    {},
    element(
      "span",
      { class: "grow" },
      name,
      " ",
      element("small", { class: "muted" }, `begun ${formatAgo(initiated)}`),
    ),
    button({ icon: "play", text: "Resume…" }, resume),
    button({ icon: "trash", text: `End the upload of ${name}`, iconOnly: true }, end),
  );
}
