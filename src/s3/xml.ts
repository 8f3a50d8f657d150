/**
 * XML as a tree: read strictly, written from values. Only documents with a named bound come here.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";
import { XmlNamespaces } from "./xml_namespaces.ts";
import { XmlReader } from "./xml_reader.ts";

/** An element without its comments and processing instructions. */
export interface XmlElement {
  /** Name without a prefix. */
  readonly name: string;
  /** Attributes as they are written, namespace declarations included. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

/** The namespace of S3's documents. */
const S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

// deno-lint-ignore no-control-regex -- XML 1.0 §2.2 excludes just these
const UNFIT = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
/**
 * Reads a document of the backend. Object keys may have characters that XML 1.0 cannot hold; S3 and RGW write them all
 * the same, as references or as they are, and here they are read.
 * @throws {S3Error} `MalformedXML` as {@linkcode parseXml}.
 */
export function parseBackendDocument(text: string): XmlElement {
  return runWhole(readXml(text, { isBackends: true }));
}

/**
 * Reads a document.
 * @throws {S3Error} `MalformedXML` for what is not well-formed with namespaces, for a doctype, an undeclared entity, XML
 *   1.1, whose control characters XML 1.0 cannot write again, an element of another namespace than S3's, or more than {@linkcode LIMITS.xmlDepthMax} levels,
 *   {@linkcode LIMITS.xmlTreeElementsMax} elements, or {@linkcode LIMITS.xmlAttributesMax} attributes of one.
 */
export function parseXml(text: string): XmlElement {
  return runWhole(readXml(text));
}

/** How {@linkcode readXml} reads. */
export interface ReadXmlOptions {
  /** A client's document has bounds on what it may be made of; a backend's list may have any number of entries. */
  readonly isBackends?: boolean;
  /** The root's name: another one is refused before anything else is read. */
  readonly root?: string;
  /** Is given each child of the root once it is complete, so that no tree of the whole document is built. */
  readonly onChild?: (element: XmlElement) => void;
  /** Elements in one such child; default: as many as there may be in all. */
  readonly childElementsMax?: number;
}

/** {@linkcode parseXml} in steps of {@linkcode LIMITS.documentPieceBytes}. @throws {S3Error} as it does. */
export function* readXml(
  document: string | Uint8Array<ArrayBuffer>,
  { isBackends = false, root: rootName, onChild, childElementsMax = Infinity }: ReadXmlOptions = {},
): Steps<XmlElement> {
  const reader = new XmlReader(document, { isBackends });
  const namespaces = new XmlNamespaces();
  const open: GrowingElement[] = [];
  const elementsMax = isBackends ? Infinity : LIMITS.xmlTreeElementsMax;
  let root: XmlElement | undefined;
  let elementCount = 0;
  let asideCount = 0;
  let childStart = 0;
  const close = (): void => {
    namespaces.leave();
    const element = open.pop();
    if (element === undefined) return;
    if (open.length === 0) root = element;
    else if (open.length === 1 && onChild !== undefined) onChild(element);
    else open[open.length - 1]?.children.push(element);
  };
  let from = 0;
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token === "open") {
      const { name: { local: name }, attributes } = reader;
      namespaces.enter(reader.name, attributes);
      const isOther = rootName !== undefined && open.length === 0 && name !== rootName;
      if (open.length <= 1) childStart = elementCount;
      const isTooMuch = ++elementCount > elementsMax ||
        elementCount - childStart > childElementsMax;
      if (isOther || isTooMuch) throw new S3Error("MalformedXML");
      const text = reader.isClosed ? reader.text : "";
      open.push({
        name,
        attributes: attributes.length === 0 ? NO_ATTRIBUTES : new Map(attributes),
        children: text === "" ? [] : [text],
      });
      if (reader.isClosed) close();
    } else if (token === "close") close();
    else if (token === "text") addText(open.at(-1), reader.text);
    else if (++asideCount > LIMITS.xmlAsidesMax && !isBackends) throw new S3Error("MalformedXML");
    if (reader.at - from < LIMITS.documentPieceBytes) continue;
    from = reader.at;
    yield;
  }
  if (root === undefined) throw new S3Error("MalformedXML");
  return root;
}

interface GrowingElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

function addText(element: GrowingElement | undefined, text: string): void {
  if (element === undefined || text === "") return;
  const { children } = element;
  const before = children.at(-1);
  if (typeof before === "string") children[children.length - 1] = before + text;
  else children.push(text);
}

/** Makes an element; a text or number becomes its only child, and `undefined` children are left out. */
export function buildElement(
  name: string,
  children: string | readonly (XmlElement | undefined)[],
): XmlElement {
  return {
    name,
    attributes: NO_ATTRIBUTES,
    children: typeof children === "string"
      ? [children]
      : children.filter((child) => child !== undefined),
  };
}

/** Makes a document's root, in S3's namespace. */
export function buildRoot(
  name: string,
  children: string | readonly (XmlElement | undefined)[],
): XmlElement {
  return { ...buildElement(name, children), attributes: new Map([["xmlns", S3_NAMESPACE]]) };
}

/** The document whose root is `root`. */
export function formatXml(root: XmlElement): string {
  return DECLARATION + formatElement(root);
}

/** The document with the root `name`, in S3's namespace, around `content`, which is XML. */
export function formatDocument(name: string, content: string): string {
  return `${DECLARATION}<${name} xmlns="${S3_NAMESPACE}">${content}</${name}>`;
}

/** The document whose root is `root` around `content`, which is XML, and stands for its children. */
export function formatAround({ name, attributes }: XmlElement, content: string): string {
  return `${DECLARATION}${formatStart(name, attributes)}>${content}</${name}>`;
}

/** An element as XML. */
export function formatElement({ name, attributes, children }: XmlElement): string {
  let text = formatStart(name, attributes);
  if (children.length === 0) return `${text}/>`;
  text += ">";
  for (const child of children) {
    text += typeof child === "string" ? escapeText(child) : formatElement(child);
  }
  return `${text}</${name}>`;
}

/** A start tag without its end. */
function formatStart(name: string, attributes: XmlElement["attributes"]): string {
  let text = `<${name}`;
  if (attributes.size === 0) return text;
  for (const [key, value] of attributes) text += ` ${key}="${escapeXml(value)}"`;
  return text;
}

/** How markup is written, by character code. */
export const ESCAPES: readonly (string | undefined)[] = Object.assign(new Array(128), {
  0x26: "&amp;",
  0x3c: "&lt;",
  0x3e: "&gt;",
  0x22: "&quot;",
  0x27: "&#39;",
  0x0d: "&#13;",
  0x0a: "&#10;",
  0x09: "&#9;",
});

/** What is in {@linkcode ESCAPES}. */
const MARKUP = /[&<>"'\r\n\t]/;
/** Markup characters, and those that XML 1.0 cannot hold: most texts have neither. */
// deno-lint-ignore no-control-regex -- as above
const NOT_PLAIN = /[\x00-\x1f&<>"'\ufffe\uffff]/;

/** `text` as character data; what XML 1.0 cannot hold at all becomes U+FFFD. */
export function escapeXml(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return escapeMarkup(text).replace(UNFIT, "\ufffd");
}

/** The same, but keys stay what they are: what XML 1.0 cannot hold is written as a reference, as S3 does. */
export function escapeText(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return escapeMarkup(text).replace(UNFIT, (character) => `&#x${formatCode(character)};`);
}

/** An element of that text alone, by {@linkcode escapeText}. */
export function formatTextElement(name: string, text: string): string {
  return `<${name}>${escapeText(text)}</${name}>`;
}

/** A loop: a text of nothing but markup costs a quarter of what it costs with `replace`. */
function escapeMarkup(text: string): string {
  if (!MARKUP.test(text)) return text;
  let escaped = "";
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const escape = ESCAPES[text.charCodeAt(at)];
    if (escape === undefined) continue;
    escaped += text.slice(from, at) + escape;
    from = at + 1;
  }
  return escaped + text.slice(from);
}

function formatCode(character: string): string {
  return character.charCodeAt(0).toString(16);
}

/** Text of `element`'s own character data. */
export function textOf(element: XmlElement | undefined): string {
  if (element === undefined) return "";
  const [first] = element.children;
  if (element.children.length === 1 && typeof first === "string") return first;
  return element.children.filter((child) => typeof child === "string").join("");
}

/** Child elements, without the white space between them. */
export function childrenOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

/** The first child element called `name`. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    if (typeof child !== "string" && child.name === name) return child;
  }
  return undefined;
}
