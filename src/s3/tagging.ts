/**
 * An object's tags: the XML document, and the header that says the same.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html} (x-amz-tagging).
 * @module
 */

import { S3Error } from "./error.ts";
import { childrenOf, parseXml, textOf, type XmlElement } from "./xml.ts";

/** Key and value. */
export type Tag = readonly [key: string, value: string];

/** Reads a `<Tagging>` document. @throws {S3Error} `MalformedXML`; `InvalidArgument` for a key given twice. */
export function parseTagging(text: string): readonly Tag[] {
  const root = parseXml(text);
  const [set, ...others] = childrenOf(root);
  if (root.name !== "Tagging" || set?.name !== "TagSet" || others.length > 0) {
    throw new S3Error("MalformedXML");
  }
  const tags = childrenOf(set).map(parseTag);
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw new S3Error("InvalidArgument", {
      message: "Cannot provide multiple Tags with the same key",
    });
  }
  return tags;
}

/** `a=b&c=d`, percent-encoded. */
export function formatTags(tags: readonly Tag[]): string {
  return tags.map((tag) => tag.map(encodeURIComponent).join("=")).join("&");
}

function parseTag(element: XmlElement): Tag {
  const children = childrenOf(element);
  const [key, value] = ["Key", "Value"].map((name) =>
    children.filter((child) => child.name === name)
  );
  if (element.name !== "Tag" || children.length !== 2 || key?.length !== 1 || value?.length !== 1) {
    throw new S3Error("MalformedXML");
  }
  return [textOf(key[0]), textOf(value[0])];
}
