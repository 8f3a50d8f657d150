// @ts-check
/**
 * Shows what an object holds, without ever running it: pictures, sound and films as such, by presigned URLs of the S3 origin that fix their type;
 * a PDF in a frame of that origin; everything else that is text, HTML and SVG with it, as letters.
 * @module
 */

import { element } from "./dom.js";
import { formatBytes } from "./format.js";
import { send } from "./s3_client.js";

const LIFE_SECONDS = 3600;
const TEXT_BYTES_MAX = 128 * 1024;
const IMAGE_BYTES_MAX = 64 << 20;

/** The type that the answer is made to have, by the end of a name. @type {Readonly<Record<string, string>>} */
const TYPES = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  wav: "audio/wav",
  flac: "audio/flac",
  mp4: "video/mp4",
  m4v: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  pdf: "application/pdf",
};
const TEXT_NAMES =
  /\.(txt|md|csv|tsv|json|jsonl|ya?ml|toml|ini|conf|log|xml|svg|html?|css|m?js|ts|py|go|rs|java|c|h|cpp|sh|sql|env|lock)$/i;

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string, headers: Headers}} object
 * @returns {Promise<HTMLElement>}
 */
export async function buildPreview(session, { bucket, key, headers }) {
  const size = Number(headers.get("content-length"));
  const stored = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const type = chooseType(key, stored);
  if (size === 0) return element("p", { class: "muted" }, "The object is empty.");
  if (type === undefined) {
    if (!isText(key, stored)) {
      return element("p", { class: "muted" }, "There is no preview of this kind.");
    }
    return await buildText(session, { bucket, key, size });
  }
  const query = { "response-content-type": type, "response-content-disposition": "inline" };
  const src = await session.presign({ bucket, key, query }, { expiresSeconds: LIFE_SECONDS });
  const name = key.slice(key.lastIndexOf("/") + 1);
  const failed = () => figure.replaceChildren("The browser cannot show this file.");
  const attributes = { src, onerror: failed, referrerpolicy: "no-referrer" };
  const figure = element("figure", { class: "preview" });
  if (type.startsWith("image/")) {
    if (size > IMAGE_BYTES_MAX) figure.append("The picture is too large for a preview.");
    else figure.append(element("img", { ...attributes, alt: `Preview of ${name}` }));
  } else if (type.startsWith("audio/")) {
    figure.append(
      element("audio", { ...attributes, controls: true, preload: "metadata", "aria-label": name }),
    );
  } else if (type.startsWith("video/")) {
    figure.append(
      element("video", { ...attributes, controls: true, preload: "metadata", "aria-label": name }),
    );
  } else {figure.append(
      element("iframe", { src, title: `Preview of ${name}`, referrerpolicy: "no-referrer" }),
    );}
  return figure;
}

/**
 * @param {string} key
 * @param {string} stored type
 */
function chooseType(key, stored) {
  const [, ending = ""] = /\.([a-z0-9]+)$/i.exec(key) ?? [];
  const byName = TYPES[ending.toLowerCase()];
  return byName ?? (Object.values(TYPES).includes(stored) ? stored : undefined);
}

/**
 * @param {string} key
 * @param {string} stored type
 */
function isText(key, stored) {
  return TEXT_NAMES.test(key) || stored.startsWith("text/") ||
    /^(application\/(json|xml|xhtml\+xml|javascript|x-yaml)|image\/svg\+xml)$/.test(stored);
}

/**
 * @param {import("./session.js").Session} session
 * @param {{bucket: string, key: string, size: number}} object
 */
async function buildText(session, { bucket, key, size }) {
  const headers = { range: `bytes=0-${TEXT_BYTES_MAX - 1}` };
  const response = await send(session, { bucket, key, headers });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const rest = size > TEXT_BYTES_MAX &&
    element("figcaption", {}, `The first ${formatBytes(TEXT_BYTES_MAX)}.`);
  return element(
    "figure",
    { class: "preview" },
    element("pre", { tabindex: "0", "aria-label": "Preview" }, text),
    rest,
  );
}
