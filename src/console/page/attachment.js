// @ts-check
/**
 * The header that makes a file of an answer.
 * @module
 */

/**
 * As RFC 6266 says, with the name in UTF-8.
 *
 * @param {string} key
 */
export function formatAttachment(key) {
  const name = key.slice(key.lastIndexOf("/") + 1) || "download";
  const plain = name.replace(/[^\w .()-]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
