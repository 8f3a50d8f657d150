/**
 * Headers that a store would drop in silence, so that an object had no tags, no lock or no encryption: refused before, and
 * where the answer tells of them, compared after.
 * @module
 */

import {
  type Capabilities,
  type EncryptionName,
  ENCRYPTIONS,
  type KeptHeader,
} from "../stores/capabilities.ts";
import { S3Error } from "./error.ts";
import type { OperationName } from "./operation_table.ts";
import { replacesAll } from "./header_table.ts";

const LOCKS = [
  "x-amz-object-lock-legal-hold",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
];
/** What the facts call the operations that make objects. */
const MAKING: ReadonlyMap<OperationName, "put" | "create" | "copy"> = new Map([
  ["PutObject", "put"],
  ["CreateMultipartUpload", "create"],
  ["CopyObject", "copy"],
]);
const ENCRYPTION = "x-amz-server-side-encryption";
const CUSTOMER_ALGORITHM = "x-amz-server-side-encryption-customer-algorithm";

/** What is looked at. */
export interface MakingRequest {
  readonly operation: { readonly name: OperationName };
  readonly capabilities: Capabilities;
}

/**
 * Refuses what the store would not do. RGW 16 drops locks and tags of copies and of uploads in parts, and a copy keeps its
 * source's tags there whatever `x-amz-tagging-directive` says, unless its metadata are replaced, too.
 * @throws {S3Error} `NotImplemented`, naming the header.
 */
export function refuseLostHeaders(
  headers: ReadonlyMap<string, string>,
  { operation, capabilities }: MakingRequest,
): void {
  const making = MAKING.get(operation.name);
  if (making === undefined) return;
  const keeps = (what: "tags" | "locks"): boolean => {
    const name: KeptHeader = `${making}.${what}`;
    return capabilities.keeps.includes(name);
  };
  const lost = findLost(headers, { making, keeps }) ?? findLostEncryption(headers, capabilities);
  if (lost === undefined) return;
  throw new S3Error("NotImplemented", {
    message: `The storage backend does not honour ${lost} on ${operation.name}`,
    detail: { Header: lost },
  });
}

function findLost(
  headers: ReadonlyMap<string, string>,
  { making, keeps }: { making: string; keeps: (what: "tags" | "locks") => boolean },
): string | undefined {
  if (!keeps("tags")) {
    const directive = headers.get("x-amz-tagging-directive") ?? "COPY";
    if (making === "copy" && directive !== "COPY" && !replacesAll(headers)) {
      return "x-amz-tagging-directive";
    }
    if (headers.get("x-amz-tagging")) return "x-amz-tagging";
  }
  return keeps("locks") ? undefined : LOCKS.find((name) => headers.get(name));
}

function findLostEncryption(
  headers: ReadonlyMap<string, string>,
  { encryption }: Capabilities,
): string | undefined {
  const asked: readonly [header: string, name: string | undefined][] = [
    [ENCRYPTION, headers.get(ENCRYPTION)],
    [CUSTOMER_ALGORITHM, headers.has(CUSTOMER_ALGORITHM) ? "customer-key" : undefined],
  ];
  return asked.find(([, name]) => name !== undefined && !isDone(encryption, name))?.[0];
}

/** An encryption that does not exist is refused by a store that has encryption at all. */
function isDone(done: readonly EncryptionName[], name: string): boolean {
  return done.some((known) => known === name) ||
    done.length > 0 && !ENCRYPTIONS.some((known) => known === name);
}

/**
 * The header of a request that made an object which its answer should mention and does not; `undefined` for none.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_ResponseSyntax}.
 */
export function findUntold(
  asked: ReadonlyMap<string, string>,
  { operation, capabilities, told }: MakingRequest & { told: Pick<Headers, "get"> },
): string | undefined {
  if (!MAKING.has(operation.name) || !capabilities.encryption_told) return undefined;
  return [ENCRYPTION, CUSTOMER_ALGORITHM].find((name) => {
    const value = asked.get(name);
    return value !== undefined && told.get(name) !== value;
  });
}
