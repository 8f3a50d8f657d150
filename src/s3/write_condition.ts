/**
 * Conditions on what a write finds at its key: `If-Match` and `If-None-Match` on PutObject, CompleteMultipartUpload and
 * CopyObject.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html}.
 * @module
 */

import { type Capabilities, holds } from "../stores/capabilities.ts";
import { S3Error } from "./error.ts";
import type { OperationName } from "./operation_table.ts";

/** The object that must be there, or must not: any, or the one with this ETag, written without quotes. */
export interface WriteCondition {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The object at a key; `eTag` without quotes, `undefined` where nobody may look at it (SSE-C). */
export type FoundObject =
  | { readonly isThere: false }
  | { readonly isThere: true; readonly eTag: string | undefined };

const CONDITIONAL: ReadonlySet<OperationName> = new Set<OperationName>([
  "CompleteMultipartUpload",
  "CopyObject",
  "PutObject",
]);
type Conditions = Pick<Capabilities, "conditions" | "conditions_with_versions">;

const PRECONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
/** RFC 9110 §8.8.3, a strong one of printable ASCII, with its quotes or, as S3 takes it, without. */
const ENTITY_TAG = /^(?:"([!#-~]{1,255})"|([!#-+.-~-]{1,255}))$/;

/**
 * Reads the condition of a write; none for a read, and for one that the backend holds as it was sent.
 * @throws {S3Error} `NotImplemented`, naming it, for a precondition that S3 does not have there, and would be ignored, as
 *   by RGW: it overwrites, or deletes; `InvalidArgument` for anything but `*` or one ETag.
 */
export function parseWriteCondition(
  headers: ReadonlyMap<string, string>,
  operation: {
    readonly name: OperationName;
    readonly method: string;
    readonly capabilities: Conditions;
  },
): WriteCondition | undefined {
  if (operation.method === "GET" || operation.method === "HEAD") return undefined;
  const present = PRECONDITIONS.filter((name) => headers.has(name));
  if (present.every((name) => isHeldByBackend(name, { headers, operation }))) return undefined;
  for (const name of present) {
    if (CONDITIONAL.has(operation.name) && (name === "if-match" || name === "if-none-match")) {
      continue;
    }
    throw new S3Error("NotImplemented", {
      message: `The storage backend does not honour ${name} on ${operation.name}`,
      detail: { Header: name },
    });
  }
  return {
    ifMatch: parseEntityTag("if-match", headers.get("if-match")),
    ifNoneMatch: parseEntityTag("if-none-match", headers.get("if-none-match")),
  };
}

/** What the facts call operations with conditions. */
export const CONDITIONED: ReadonlyMap<OperationName, string> = new Map([
  ["CompleteMultipartUpload", "complete"],
  ["CopyObject", "copy"],
  ["DeleteObject", "delete"],
  ["PutObject", "put"],
]);

/** No store is known to hold `If-None-Match` of an ETag on a write as all others do. */
function isHeldByBackend(
  name: string,
  { headers, operation: { name: operation, capabilities } }: {
    headers: ReadonlyMap<string, string>;
    operation: {
      readonly name: OperationName;
      readonly capabilities: Conditions;
    };
  },
): boolean {
  if (name === "if-none-match" && headers.get(name) !== "*") return false;
  if (operation === "PutObject" && !capabilities.conditions_with_versions) return false;
  const condition = name.endsWith("-since") ? "dates" : `${CONDITIONED.get(operation)}.${name}`;
  return holds(capabilities, condition);
}

function parseEntityTag(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === "*") return text;
  const [, quoted, bare] = ENTITY_TAG.exec(text) ?? [];
  const eTag = quoted ?? bare;
  if (eTag !== undefined) return eTag;
  throw new S3Error("InvalidArgument", {
    message: `${name} takes * or one ETag, which is not weak.`,
    detail: { ArgumentName: name },
  });
}

/**
 * Compares the object that was found with the condition.
 * @throws {S3Error} `PreconditionFailed`; `NoSuchKey` for an `If-Match` of what is not there.
 */
export function verifyWriteCondition(
  { ifMatch, ifNoneMatch }: WriteCondition,
  found: FoundObject,
): void {
  if (ifMatch !== undefined && !found.isThere) {
    throw ifMatch === "*" ? failed("If-Match") : new S3Error("NoSuchKey");
  }
  if (!found.isThere) return;
  const { eTag } = found;
  // An object whose ETag nobody may see meets no condition.
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== eTag) throw failed("If-Match");
  if (ifNoneMatch === undefined) return;
  if (ifNoneMatch === "*" || eTag === undefined || ifNoneMatch === eTag) {
    throw failed("If-None-Match");
  }
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", { detail: { Condition: condition } });
}
