/**
 * What the short documents of requests are made of: a root, its children, and fields that hold text.
 * @module
 */

import { S3Error } from "./error.ts";
import { parseXml, textOf, type XmlElement } from "./xml.ts";

/** A root of this name, whose children are elements. @throws {S3Error} `MalformedXML`. */
export function parseRoot(text: string, name: string): XmlElement {
  const root = parseXml(text);
  if (root.name !== name) throw new S3Error("MalformedXML");
  for (const child of root.children) {
    if (typeof child === "string" && child.trim() !== "") throw new S3Error("MalformedXML");
  }
  return root;
}

/** Child elements that hold text only, each once. */
export function parseFields(element: XmlElement): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const child of element.children) {
    if (typeof child === "string") {
      if (child.trim() !== "") throw new S3Error("MalformedXML");
      continue;
    }
    if (fields.has(child.name)) throw new S3Error("MalformedXML");
    fields.set(child.name, readFieldText(child));
  }
  return fields;
}

/** The text of an element that holds nothing else. @throws {S3Error} `MalformedXML`. */
export function readFieldText(field: XmlElement): string {
  for (const child of field.children) {
    if (typeof child !== "string") throw new S3Error("MalformedXML");
  }
  return textOf(field);
}
