// @ts-check
/**
 * One object: its preview, properties, metadata and versions, and what can be done with it.
 * @module
 */

import { confirmDeletion, confirmVersionDeletion } from "./delete_objects.js";
import { openDialog } from "./dialog.js";
import { button, element, replace } from "./dom.js";
import { download } from "./download.js";
import { showName } from "./entry_row.js";
import { formatBytes, formatNumber, formatTime } from "./format.js";
import { buildPreview } from "./preview.js";
import { restoreVersion } from "./restore_version.js";
import { listObjectVersions, send } from "./s3_client.js";
import { S3Failure } from "./s3_failure.js";
import { openShareDialog } from "./share_dialog.js";
import { badge, facts, loading, table } from "./view_parts.js";

/** @typedef {import("./shell.js").Place} Place */
/** @typedef {{bucket: string, key: string}} ObjectName */

const META = "x-amz-meta-";
const VERSIONS_SHOWN = 100;

/**
 * @param {Place} place
 * @param {ObjectName & {changed: () => void}} object `changed`: it may be another now, or gone
 */
export function openObjectSheet({ session, signal }, { bucket, key, changed }) {
  const object = { bucket, key };
  const name = key.slice(key.lastIndexOf("/") + 1) || key;
  const remove = async () => {
    if (await confirmDeletion(session, { bucket, keys: [key] }) === undefined) return;
    opened.close();
    changed();
  };
  const actions = element(
    "div",
    { class: "actions" },
    button(
      { icon: "download", text: "Download", kind: "primary" },
      () => download(session, object),
    ),
    button({ icon: "share", text: "Share" }, () => openShareDialog(session, object)),
    button({ icon: "trash", text: "Delete", kind: "danger" }, remove),
  );
  const content = element("div", { class: "stack" });
  const showContent = async () => {
    const headers = await readHead(session, object);
    actions.hidden = headers === undefined;
    if (headers === undefined) return [element("p", { class: "empty" }, GONE)];
    const preview = await buildPreview(session, { ...object, headers });
    return [preview, ...buildProperties(object, headers)];
  };
  const show = () =>
    replace(
      content,
      loading(showContent),
      loading(() => buildVersions(session, { ...object, changed: changedHere })),
    );
  const changedHere = () => {
    show();
    changed();
  };
  show();
  const opened = openDialog({ title: showName(name), side: true, content: [actions, content] });
  signal.addEventListener("abort", opened.close, { once: true });
}

const GONE = "This object is deleted. Where it has older versions, one of them can be restored.";

/**
 * Its headers; nothing where it is deleted.
 *
 * @param {import("./session.js").Session} session
 * @param {ObjectName} object
 */
function readHead(session, object) {
  return send(session, { method: "HEAD", ...object }).then(({ headers }) => headers, (error) => {
    if (error instanceof S3Failure && error.status === 404) return undefined;
    throw error;
  });
}

/**
 * @param {ObjectName} object
 * @param {Headers} headers
 */
function buildProperties({ bucket, key }, headers) {
  const size = Number(headers.get("content-length"));
  const own = [...headers].filter(([name]) => name.startsWith(META));
  return [
    element("h3", {}, "Properties"),
    facts([
      ["Bucket", bucket],
      ["Key", element("code", {}, showName(key))],
      ["Size", `${formatBytes(size)} (${formatNumber(size)} bytes)`],
      ["Modified", formatTime(headers.get("last-modified"))],
      ["Content type", headers.get("content-type")],
      ["Content encoding", headers.get("content-encoding")],
      ["Cache control", headers.get("cache-control")],
      ["Content disposition", headers.get("content-disposition")],
      ["ETag", headers.get("etag")?.replaceAll('"', "")],
      ["Storage class", headers.get("x-amz-storage-class")],
      ["Encryption", headers.get("x-amz-server-side-encryption")],
      ["Version", headers.get("x-amz-version-id")],
    ]),
    element("h3", {}, "Metadata"),
    own.length === 0
      ? element("p", { class: "muted" }, "None.")
      : facts(own.map(([name, value]) => [name.slice(META.length), value])),
  ];
}

/**
 * @param {import("./session.js").Session} session
 * @param {ObjectName & {changed: () => void}} object
 */
async function buildVersions(session, { bucket, key, changed }) {
  const listing = { bucket, prefix: key, delimiter: "", pageSize: VERSIONS_SHOWN };
  const listed = await listObjectVersions(session, listing)
    .catch(() => ({ versions: [] })); // not everybody may ask
  const versions = listed.versions.filter((version) => version.key === key);
  if (versions.length === 0 || versions.every(({ versionId }) => versionId === "null")) return [];
  const rows = versions.map(({ versionId, latest, deleted, size, modified }) => [
    element(
      "span",
      {},
      formatTime(modified),
      " ",
      latest && badge("latest", "good"),
      deleted && badge("deleted", "bad"),
      element("br"),
      element("small", {}, versionId),
    ),
    deleted ? "" : formatBytes(size),
    element(
      "div",
      { class: "actions" },
      !deleted &&
        button(
          { icon: "download", text: "Download this version", iconOnly: true },
          () => download(session, { bucket, key, versionId }),
        ),
      !deleted && !latest &&
        button({ icon: "retry", text: "Restore this version", iconOnly: true }, async () => {
          if (await restoreVersion(session, { bucket, key, versionId })) changed();
        }),
      button({ icon: "trash", text: "Delete this version for good", iconOnly: true }, async () => {
        if (await confirmVersionDeletion(session, { bucket, key, versionId })) changed();
      }),
    ),
  ]);
  return [
    element("h3", {}, "Versions"),
    table({
      caption: "Versions",
      columns: ["Modified", "Size", ""],
      numeric: [1],
      rows,
      empty: "",
    }),
  ];
}
