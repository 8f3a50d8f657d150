/**
 * The backend's XML that is rewritten before a client sees it: owners are the proxy's users, not the master; a
 * location is this endpoint's.
 * @module
 */

import type { OperationName } from "./operation_table.ts";
import { buildElement, buildRoot, childOf, childrenOf, textOf, type XmlElement } from "./xml.ts";

/** The owner of everything, as a client sees it: the user who asks. */
export interface Owner {
  readonly id: string;
  readonly displayName: string;
}

/** Operations that list: they name owners and initiators, and may have thousands of entries. */
export const LISTINGS: ReadonlySet<OperationName> = new Set<OperationName>([
  "ListMultipartUploads",
  "ListObjectVersions",
  "ListObjects",
  "ListObjectsV2",
  "ListParts",
]);

/** Operations whose answer is a short document that names its owner, and grantees. */
export const OPERATIONS_WITH_ACLS: ReadonlySet<OperationName> = new Set<OperationName>([
  "GetBucketAcl",
  "GetObjectAcl",
]);

const OWNER_ELEMENTS: ReadonlySet<string> = new Set(["Owner", "Initiator"]);

/**
 * `root` with `owner` in place of every owner, initiator, and grantee that is the owner: each with an id, where the document
 * names no owner, and any by the master's access key id, which some stores make the owner's.
 */
export function replaceOwners(
  root: XmlElement,
  { owner, masterAccessKeyId }: { owner: Owner; masterAccessKeyId: string },
): XmlElement {
  const masterId = readOwnerId(root);
  return mapElements(root, (element) => {
    const id = textOf(childOf(element, "ID"));
    const isMaster = masterId === "" ? id !== "" : id === masterId || id === masterAccessKeyId;
    const isOwner = OWNER_ELEMENTS.has(element.name) ||
      element.name === "Grantee" && isMaster;
    return isOwner ? replaceIdentity(element, owner) : element;
  });
}

/** The id of a document's owner; empty where it names none. */
export function readOwnerId(root: XmlElement): string {
  const owner = childOf(root, "Owner");
  return owner === undefined ? "" : textOf(childOf(owner, "ID"));
}

/** `root` with the id `to` wherever it names `from`, and without that one's display name. */
export function replaceIds(
  root: XmlElement,
  { from, to }: { from: string; to: string },
): XmlElement {
  return mapElements(root, (element) => {
    if (textOf(childOf(element, "ID")) !== from) return element;
    const children = childrenOf(element).filter(({ name }) => name !== "DisplayName");
    return {
      ...element,
      children: children.map((child) => child.name === "ID" ? buildElement("ID", to) : child),
    };
  });
}

function replaceIdentity(element: XmlElement, { id, displayName }: Owner): XmlElement {
  const children = childrenOf(element).map((child) => {
    if (child.name === "ID") return buildElement("ID", id);
    if (child.name === "DisplayName") return buildElement("DisplayName", displayName);
    return child;
  });
  return { ...element, children };
}

function mapElements(
  element: XmlElement,
  change: (element: XmlElement) => XmlElement,
): XmlElement {
  const changed = change(element);
  let isOther = false;
  const children = changed.children.map((child) => {
    if (typeof child === "string") return child;
    const mapped = mapElements(child, change);
    isOther ||= mapped !== child;
    return mapped;
  });
  // Most are as they were: a long document is not copied for the sake of a few.
  return isOther ? { ...changed, children } : changed;
}

/**
 * GetBucketLocation's answer: the region clients are told to sign for, empty for us-east-1.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html}.
 */
export function buildLocationConstraint(region: string): XmlElement {
  return buildRoot("LocationConstraint", region === "us-east-1" ? [] : region);
}

/**
 * CompleteMultipartUpload's answer with what RGW leaves out: an ETag, and a Location on this endpoint.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 */
export function completeUploadResult(
  root: XmlElement,
  { location, eTag }: { location: string; eTag: string | undefined },
): XmlElement {
  const children = childrenOf(root).map((child) => {
    if (child.name === "Location") return buildElement("Location", location);
    if (child.name !== "ETag") return child;
    const text = textOf(child) || eTag;
    return text === undefined ? child : buildElement("ETag", quoteETag(text));
  });
  return { ...root, children };
}

/** RGW leaves the quotes out of what it tells a second time. */
function quoteETag(text: string): string {
  return text.startsWith('"') ? text : `"${text}"`;
}

/** `code` and `message` of an `<Error>` document; `undefined` for any other. */
export function readErrorDocument(
  root: XmlElement,
): { readonly code: string; readonly message: string } | undefined {
  if (root.name !== "Error") return undefined;
  return { code: textOf(childOf(root, "Code")), message: textOf(childOf(root, "Message")) };
}
