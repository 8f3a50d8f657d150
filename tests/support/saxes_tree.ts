/**
 * What another strict parser of XML reads in a document: `saxes`, with the bounds of {@linkcode parseXml}.
 * @module
 */

import { SaxesParser } from "saxes";
import { LIMITS } from "../../src/limits.ts";
import type { XmlElement } from "../../src/s3/xml.ts";

interface Growing extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/** The tree, or `undefined` where it is refused. Namespaces are resolved, and not judged. */
export function readWithSaxes(text: string): XmlElement | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  const refuse = (why: unknown): never => {
    throw new Refusal(String(why));
  };
  const takeText = (text: string): void => {
    const children = open.at(-1)?.children;
    const before = children?.at(-1);
    if (typeof before === "string") children?.splice(-1, 1, before + text);
    else if (text !== "") children?.push(text);
  };
  parser.on("error", refuse);
  parser.on("doctype", () => refuse("a doctype"));
  parser.on("xmldecl", ({ version }) => void (version !== "1.0" && refuse("another version")));
  parser.on("opentag", (tag) => {
    const attributes = Object.values(tag.attributes);
    if (open.length >= LIMITS.xmlDepthMax || attributes.length > LIMITS.xmlAttributesMax) {
      refuse("too much");
    }
    const pairs = attributes.map(({ name, value }) => [name, value] as const);
    open.push({ name: tag.local, attributes: new Map(pairs), children: [] });
  });
  parser.on("text", takeText);
  parser.on("cdata", takeText);
  parser.on("closetag", () => {
    const element = open.pop();
    if (open.length === 0) root = element;
    else if (element !== undefined) open.at(-1)?.children.push(element);
  });
  try {
    parser.write(text).close();
    return root;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

class Refusal extends Error {}
