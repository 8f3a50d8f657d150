/**
 * What an error document says, word for word.
 * @module
 */

import assert from "node:assert/strict";
import type { RawResponse } from "./raw_client.ts";

/** That a document says this, and nothing else but what it is about. */
export function assertWords(
  response: RawResponse,
  { status, code, message, elements }: {
    status: number;
    code: string;
    message: string;
    elements: Readonly<Record<string, string | RegExp>>;
  },
): void {
  assert.equal(response.status, status, response.text);
  const { Error: error } = readElements(response.text);
  const { Code, Message, Resource: _, RequestId, ...others } = readElements(error ?? "");
  assert.deepEqual([Code, Message], [code, message]);
  assert.match(RequestId ?? "", /^[0-9A-F]{16}$/);
  assert.deepEqual(Object.keys(others).toSorted(), Object.keys(elements).toSorted());
  for (const [name, text] of Object.entries(elements)) {
    if (typeof text === "string") assert.equal(others[name], text);
    else assert.match(others[name] ?? "", text);
  }
}

/** The elements in `xml`, one level deep. */
function readElements(xml: string): Record<string, string> {
  const found = xml.matchAll(/<([\w-]+)>([^]*?)<\/\1>/g);
  return Object.fromEntries(
    [...found].map(([, name = "", text = ""]) => [name, name === "Error" ? text : unescape(text)]),
  );
}

function unescape(text: string): string {
  const entities: Record<string, string> = { quot: '"', lt: "<", gt: ">", amp: "&" };
  return text.replace(
    /&(?:#(\d+)|(\w+));/g,
    (_, code, name) => code === undefined ? entities[name] ?? "" : String.fromCharCode(code),
  );
}
