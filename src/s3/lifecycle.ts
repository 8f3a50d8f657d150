/**
 * `x-amz-transition-default-minimum-object-size` of lifecycle configurations, which Terraform sends and waits for. It
 * says how small an object may be to be moved to another storage class, so where no rule moves objects it has no effect. RGW
 * does not know it.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { S3Request } from "./request.ts";
import { childrenOf, type XmlElement } from "./xml.ts";

/** The header's name. */
export const TRANSITION_MINIMUM = "x-amz-transition-default-minimum-object-size";

/** What S3 has without the header, and so what a configuration without transitions is answered with. */
const DEFAULT_VALUE = "all_storage_classes_128K";
const VALUES: ReadonlySet<string> = new Set([DEFAULT_VALUE, "varies_by_storage_class"]);
const TRANSITIONS: ReadonlySet<string> = new Set(["Transition", "NoncurrentVersionTransition"]);

/**
 * Checks the header, where a request has it, against the `document` that it comes with.
 * @throws {S3Error} `InvalidArgument` for another value; `NotImplemented` where a rule has a transition.
 */
export async function verifyTransitionMinimum(
  headers: ReadonlyMap<string, string>,
  readDocument: () => Promise<XmlElement>,
): Promise<void> {
  const value = headers.get(TRANSITION_MINIMUM);
  if (value === undefined) return;
  if (!VALUES.has(value)) {
    throw new S3Error("InvalidArgument", {
      message: `${TRANSITION_MINIMUM} must be one of ${[...VALUES].join(", ")}.`,
      detail: { ArgumentName: TRANSITION_MINIMUM },
    });
  }
  if (!hasTransition(await readDocument())) return;
  throw new S3Error("NotImplemented", {
    message:
      `The storage backend does not know ${TRANSITION_MINIMUM}, and a rule of this configuration has a transition.`,
    detail: { Header: TRANSITION_MINIMUM },
  });
}

/** The header of the answer: what the request said, or what there is without. */
export function readTransitionMinimum({ headers }: Pick<S3Request, "headers">): string {
  return headers.get(TRANSITION_MINIMUM) ?? DEFAULT_VALUE;
}

/** INVARIANT: a document is as deep as `parseXml` lets it be. */
function hasTransition(element: XmlElement): boolean {
  return TRANSITIONS.has(element.name) || childrenOf(element).some(hasTransition);
}
