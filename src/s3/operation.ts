/**
 * The operation table: method × level × subresource × copy source → the S3 API's own operation name, the parameters it
 * takes, the kind of body it has and the IAM action it needs. What is not in it is refused, never passed on: RGW ignores
 * subresources it does not know, so `DELETE /bucket?encryption` would delete the bucket.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html} and
 * {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import { type Operation, OPERATIONS } from "./operation_table.ts";
import { notImplemented } from "./settings.ts";

/** Methods of the S3 API; CORS preflights (`OPTIONS`) are answered before there is an operation. */
export type Method = Operation["method"];

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "POST", "DELETE"]);
const BY_SELECTOR = new Map(OPERATIONS.map((operation) => [formatSelector(operation), operation]));
const SUBRESOURCES = new Set(OPERATIONS.map(({ subresource }) => subresource).filter(Boolean));
const PARAMETERS = new Set(OPERATIONS.flatMap(({ parameters }) => [...parameters]));

/** Reads the method. @throws {S3Error} `MethodNotAllowed` for any that S3 does not have. */
export function parseMethod(text: string): Method {
  if (!METHODS.has(text)) throw new S3Error("MethodNotAllowed", { detail: { Method: text } });
  return text as Method; // just found in METHODS, which lists the union
}

/**
 * Finds the operation.
 * @param names The query's names without those of authentication and hoisted headers.
 * @throws {S3Error} `InvalidArgument` for an unknown name, a second subresource, or a parameter the operation does not
 *   take; `MethodNotAllowed` for a known subresource with a method it does not have; `NotImplemented` for an
 *   operation that is not forwarded.
 */
export function parseOperation(
  { method, level, copies, names }: {
    method: Method;
    level: Operation["level"];
    copies: boolean;
    names: Iterable<string>;
  },
): Operation {
  let subresource = "";
  const parameters: string[] = [];
  for (const name of names) {
    if (!SUBRESOURCES.has(name)) parameters.push(name);
    else if (subresource === "") subresource = name;
    else {
      throw invalidParameter(
        name,
        `A request can name one subresource only, not ${subresource} and ${name}.`,
      );
    }
  }
  const operation = BY_SELECTOR.get(formatSelector({ method, level, subresource, copies }));
  if (operation === undefined) throw noSuchOperation({ method, level, subresource, copies });
  for (const name of parameters) {
    if (operation.parameters.has(name) || operation.ignored.has(name)) continue;
    throw invalidParameter(name, describeRefused(name, operation));
  }
  if (!operation.forwarded) {
    throw notImplemented(operation);
  }
  return operation;
}

function describeRefused(parameter: string, { name, method, level }: Operation): string {
  if (parameter === "partNumber" && method === "PUT" && level === "object") {
    return "This operation does not accept partNumber without uploadId";
  }
  return PARAMETERS.has(parameter)
    ? `${name} does not take the query parameter ${parameter}.`
    : `The query parameter ${parameter} is not known.`;
}

/** Lists of a bucket, and S3's sentence for who asks an object for one. */
const OF_BUCKETS: ReadonlyMap<string, string> = new Map([
  ["uploads", "Key is not expected for the GET method ?uploads subresource"],
  ["versions", "There is no such thing as the ?versions sub-resource for a key"],
]);

type Selector = Pick<Operation, "method" | "level" | "subresource" | "copies">;

function formatSelector({ method, level, subresource, copies }: Selector): string {
  return `${method} ${level} ${subresource}${copies ? " copy" : ""}`;
}

function noSuchOperation({ method, level, subresource, copies }: Selector): S3Error {
  if (copies) {
    return new S3Error("InvalidArgument", {
      message: "You can only specify a copy source header for copy requests.",
      detail: { ArgumentName: "x-amz-copy-source" },
    });
  }
  const message = level === "object" && method === "GET" ? OF_BUCKETS.get(subresource) : undefined;
  if (message !== undefined) return new S3Error("InvalidRequest", { message });
  return new S3Error("MethodNotAllowed", {
    detail: { Method: method, ResourceType: subresource.toUpperCase() || level.toUpperCase() },
  });
}

function invalidParameter(name: string, message: string): S3Error {
  return new S3Error("InvalidArgument", { message, detail: { ArgumentName: name } });
}
