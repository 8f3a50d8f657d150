// @ts-check
/**
 * Reads the XML that S3 answers: elements and text, as a tree of plain values. No DOM: a `DOMParser` is one of the doors that Trusted Types
 * close, and keys with control characters are no XML 1.0 for it.
 * @module
 */

/** @typedef {{name: string, text: string, children: XmlElement[]}} XmlElement */

/** An answer with more nesting is not S3's. */
const DEPTH_MAX = 32;
const ENTITIES = new Map([["lt", "<"], ["gt", ">"], ["amp", "&"], ["quot", '"'], ["apos", "'"]]);

/**
 * The root element.
 *
 * @param {string} text
 * @returns {XmlElement}
 * @throws {SyntaxError} if it is not the XML of an S3 answer
 */
export function parseXml(text) {
  /** @type {XmlElement} */
  const top = { name: "", text: "", children: [] };
  const open = [top];
  let at = 0;
  while (at < text.length) {
    const parent = /** @type {XmlElement} */ (open.at(-1)); // the top is never closed
    const start = text.indexOf("<", at);
    const between = text.slice(at, start === -1 ? text.length : start);
    parent.text += decode(between);
    if (start === -1) break;
    const end = text.indexOf(">", start);
    if (end === -1) throw new SyntaxError("Cannot read the XML: a tag has no end");
    const tag = text.slice(start + 1, end);
    at = end + 1;
    if (tag.startsWith("?")) continue;
    if (tag.startsWith("!")) throw new SyntaxError("Cannot read the XML: a declaration");
    if (tag.startsWith("/")) close(open, tag.slice(1).trimEnd());
    else {
      const [name = ""] = /^[^\s/]+/.exec(tag) ?? [];
      const child = { name: name.slice(name.indexOf(":") + 1), text: "", children: [] };
      parent.children.push(child);
      if (!tag.endsWith("/")) open.push(child);
      if (open.length > DEPTH_MAX) throw new SyntaxError("Cannot read the XML: too deep");
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || root === undefined) {
    throw new SyntaxError("Cannot read the XML: not whole");
  }
  return root;
}

/**
 * @param {XmlElement[]} open
 * @param {string} tag
 */
function close(open, tag) {
  const closed = open.length > 1 ? open.pop() : undefined;
  if (closed?.name !== tag.slice(tag.indexOf(":") + 1)) {
    throw new SyntaxError(`Cannot read the XML: "${tag}" closes what is not open`);
  }
}

/**
 * @param {string} text
 * @returns {string}
 */
function decode(text) {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/g, (whole, name) => {
    if (!name.startsWith("#")) return ENTITIES.get(name) ?? whole;
    const code = name.startsWith("#x") ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/**
 * The text of the first child of this name; empty if there is none.
 *
 * @param {XmlElement} parent
 * @param {string} name
 * @returns {string}
 */
export function textOf(parent, name) {
  return parent.children.find((child) => child.name === name)?.text ?? "";
}

/**
 * All children of this name.
 *
 * @param {XmlElement} parent
 * @param {string} name
 * @returns {XmlElement[]}
 */
export function childrenOf(parent, name) {
  return parent.children.filter((child) => child.name === name);
}
