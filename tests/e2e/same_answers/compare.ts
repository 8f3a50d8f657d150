/**
 * Two answers to one request, and what of them is different without a reason.
 * @module
 */

import type { CanonicalAnswer } from "./canonical_answer.ts";
import { HEADERS_APART } from "./differences.ts";
import type { Row } from "./row.ts";

/** Whatever the gateway says, the proxy does. */
const NEEDED = ["date", "x-amz-request-id"];

/** What differs between the answers to `row` and may not, and what may and does not; none where all is well. */
export function compareAnswers(
  { request, differs }: Row,
  { gateway, proxy }: { gateway: CanonicalAnswer; proxy: CanonicalAnswer },
): string[] {
  const found: string[] = [];
  // The answer to a HEAD has no code.
  const asAnswered = (outcome: string): string =>
    request.startsWith("HEAD ") ? outcome.slice(0, 3) : outcome;
  const expected = {
    gateway: asAnswered(differs?.gateway ?? gateway.outcome),
    proxy: asAnswered(differs?.proxy ?? differs?.gateway ?? gateway.outcome),
  };
  if (gateway.outcome !== expected.gateway) {
    found.push(`gateway answers ${gateway.outcome}, expected ${expected.gateway}`);
  }
  if (proxy.outcome !== expected.proxy) {
    found.push(`proxy answers ${proxy.outcome}, gateway ${gateway.outcome}`);
  }
  if (found.length > 0 || expected.proxy !== expected.gateway) return found;
  return [
    ...compareHeaders(differs?.headers ?? [], { gateway, proxy }),
    ...compareBodies(differs?.body ?? false, { gateway, proxy }),
  ];
}

function compareHeaders(
  different: readonly string[],
  { gateway, proxy }: { gateway: CanonicalAnswer; proxy: CanonicalAnswer },
): string[] {
  const names = new Set([...gateway.headers.keys(), ...proxy.headers.keys(), ...different]);
  const isError = Number(gateway.outcome.slice(0, 3)) >= 400;
  const { isDocument } = gateway;
  const missing = NEEDED.filter((name) => !proxy.headers.has(name));
  const found = missing.map((name) => `${name}: proxy -`);
  for (const name of names) {
    const apart = HEADERS_APART.find(({ names, of }) =>
      names.test(name) &&
      (of === "all" || of === "errors" && isError || of === "documents" && isDocument)
    );
    if (apart !== undefined) continue;
    const [ofGateway, ofProxy] = [gateway.headers.get(name), proxy.headers.get(name)];
    const isSame = ofGateway === ofProxy;
    if (isSame !== different.includes(name)) continue;
    found.push(
      isSame
        ? `${name}: the same on both sides, no longer different`
        : `${name}: proxy ${ofProxy ?? "-"}, gateway ${ofGateway ?? "-"}`,
    );
  }
  return found;
}

function compareBodies(
  isDifferent: boolean,
  { gateway, proxy }: { gateway: CanonicalAnswer; proxy: CanonicalAnswer },
): string[] {
  const isSame = gateway.body === proxy.body;
  if (isSame !== isDifferent) return [];
  if (isSame) return ["body: the same on both sides, no longer different"];
  return [`body: proxy\n${proxy.body}\ngateway\n${gateway.body}`];
}
