/**
 * Load balancers ask whether anybody is there where clients ask for objects.
 * @module
 */

import { type Addressing, parseResource } from "../s3/addressing.ts";
import type { RawRequest } from "../s3/request.ts";
import { parseRequestTarget } from "../s3/target.ts";

/** `GET /` and `HEAD /` with neither a query nor a signature: a load balancer asks whether anybody is there. */
export function isHealthCheck(
  { method, target, authority, headers }: RawRequest,
  addressing: Addressing,
): boolean {
  return (method === "GET" || method === "HEAD") && target === "/" &&
    !headers.has("authorization") &&
    parseResource(parseRequestTarget(target), { authority, addressing }).level === "service";
}
