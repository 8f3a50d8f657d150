/**
 * Grants of an ACL to others than the owner. The backend lets such an account in past this proxy: past every Deny,
 * `source_ips`, `expires_at` and the removal of whoever granted it. The owner is shown as the user who asks, so a grant to
 * that user's id is one to the owner.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { S3Request } from "./request.ts";
import { childrenOf, textOf, type XmlElement } from "./xml.ts";

const GRANT_PREFIX = "x-amz-grant-";
/** One grantee of a header: `id="…"`, with or without its quotes. */
const GRANTEE = /^(?:id|uri|emailAddress)=(?:"[^"]*"|[^"]*)$/i;

/** Whom grants are for. */
export interface Grantees {
  readonly owner: boolean;
  readonly others: boolean;
}

/**
 * Reads the `x-amz-grant-*` of a request.
 * @throws {S3Error} `InvalidArgument` for what is no list of grantees.
 */
export function readGrantees({ headers }: Pick<S3Request, "headers">, ownerId: string): Grantees {
  let owner = false;
  let others = false;
  for (const [name, value] of headers) {
    if (!name.startsWith(GRANT_PREFIX)) continue;
    for (const part of value.split(",")) {
      const grantee = part.trim();
      if (!GRANTEE.test(grantee)) {
        throw new S3Error("InvalidArgument", {
          message: `${name} is a list of id="…", uri="…" and emailAddress="…".`,
          detail: { ArgumentName: name },
        });
      }
      if (grantee === `id="${ownerId}"` || grantee === `id=${ownerId}`) owner = true;
      else others = true;
    }
  }
  return { owner, others };
}

/**
 * `request` with the private ACL, which gives the owner everything, in place of grants to `ownerId`: for the backend that id is
 * another account, or none. Where there are grants to others, too, only an ACL document can name the owner.
 * @throws {S3Error} `InvalidRequest` for a canned ACL beside grants, as S3 answers; `NotImplemented` for grants to the
 *   owner beside others; those of {@linkcode readGrantees}.
 */
export function replaceOwnerGrants(request: S3Request, ownerId: string): S3Request {
  const { owner, others } = readGrantees(request, ownerId);
  if (!owner) return request;
  if (others) {
    throw new S3Error("NotImplemented", {
      message:
        "Grants to the owner beside others are not implemented in headers: send an ACL document.",
    });
  }
  const headers = new Map(
    [...request.headers].filter(([name]) => !name.startsWith(GRANT_PREFIX)),
  );
  if (headers.has("x-amz-acl")) {
    throw new S3Error("InvalidRequest", {
      message: "Specifying both Canned ACLs and Header Grants is not allowed",
    });
  }
  return Object.freeze({ ...request, headers: headers.set("x-amz-acl", "private") });
}

/** Elements of a grant's grantee who is the owner, and of the owner itself. */
const OWNER_ELEMENTS: ReadonlySet<string> = new Set(["ID", "DisplayName"]);

/** Whether every grantee of an `<AccessControlPolicy>`, and its owner, is `ownerId` by that id and nothing else. */
export function namesOwnerOnly(element: XmlElement, ownerId: string): boolean {
  const children = childrenOf(element);
  if (element.name !== "Grantee" && element.name !== "Owner") {
    return children.every((child) => namesOwnerOnly(child, ownerId));
  }
  const ids = children.filter(({ name }) => name === "ID");
  return ids.length === 1 && textOf(ids[0]) === ownerId &&
    children.every((child) => OWNER_ELEMENTS.has(child.name) && childrenOf(child).length === 0);
}

/**
 * Who gets rights in a document: whom log files are granted to, and who owns replicas, which RGW takes for the name of any account.
 */
const RIGHTS_HOLDERS: ReadonlySet<string> = new Set(["AccessControlTranslation", "Grantee"]);

/** Whether `element` gives rights to somebody, anywhere in it. */
export function givesRights(element: XmlElement): boolean {
  return RIGHTS_HOLDERS.has(element.name) || childrenOf(element).some(givesRights);
}
