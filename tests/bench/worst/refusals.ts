/**
 * The dearest ways to be refused: what is long is as long as a listener takes it, of the text that costs most.
 * @module
 */

import type { Header } from "../../support/signer.ts";
import {
  DENIED,
  fill,
  GREEDY,
  type Key,
  single,
  type Variant,
  vary,
  type Wanted,
  type WorstCase,
} from "./worst_case.ts";

/** Characters of a head that is nearly as long as it may be: 64 KiB. */
const LONG = 60_000;
const KEY_BYTES = 1024;
const HEADERS = 120;
const FORGED: Key = { ...GREEDY, secretKey: "a-secret-of-nobody-here" };
const UNKNOWN: Key = { ...GREEDY, accessKey: fill("U", 128) };

/** Texts that some code likes less than others; one piece each. */
export const PIECES: Readonly<Record<string, string>> = {
  letters: "a",
  blanks: "\t ",
  quotes: '"',
  percents: "%25",
  markup: "<",
  ampersands: "&",
  slashes: "/",
  commas: ",",
  semicolons: ";",
  stars: "*",
  "high bytes": "\xe9",
};

/** Pieces as they may stand in a target. */
export const TARGET_PIECES: Readonly<Record<string, string>> = {
  letters: "a",
  "encoded controls": "%01",
  "encoded blanks": "%20",
  "encoded letters": "%61",
  "encoded slashes": "%2F",
  "encoded UTF-8": "%E2%82%AC",
  plus: "+",
  stars: "*",
  markup: "%26",
};

/** A text between two letters, because blanks around a header's value are none of it. */
export function headerText(piece: string, length = LONG): string {
  return `a${fill(piece, length)}a`;
}

/** `piece` up to `length`, cut where a piece ends. */
export function targetText(piece: string, length: number): string {
  return piece.repeat(Math.floor(length / piece.length));
}

function longHeader(name: string, wanted: Omit<Wanted, "target">): Variant[] {
  return vary(PIECES, (piece) => ({
    target: "/worst/key",
    ...wanted,
    headers: [[name, headerText(piece)]],
  }));
}

function longTarget(build: (text: string) => Wanted, length = LONG): Variant[] {
  return vary(TARGET_PIECES, (piece) => build(targetText(piece, length)));
}

function manyHeaders(key: Key | undefined): Variant[] {
  const bytes = Math.floor(LONG / HEADERS / 2);
  return vary(PIECES, (piece) => ({
    method: "PUT",
    target: "/worst/key",
    headers: Array.from(
      { length: HEADERS },
      (_, at): Header => [`x-amz-meta-${at}`, headerText(piece, bytes)],
    ),
    key,
  }));
}

function manyParameters(key: Key | undefined): Variant[] {
  return longTarget((text) => ({
    target: `/worst/key?${
      Array.from({ length: 100 }, (_, at) => `p${at}=${text.slice(0, 510)}`).join("&")
    }`,
    key,
  }));
}

const AUTHORIZATIONS: Readonly<Record<string, string>> = {
  commas: `AWS4-HMAC-SHA256 ${fill(",", LONG)}`,
  "scope of slashes": `AWS4-HMAC-SHA256 Credential=${
    fill("/", LONG)
  }, SignedHeaders=host, Signature=a`,
  "signed headers": `AWS4-HMAC-SHA256 Credential=a/20260101/r/s3/aws4_request, SignedHeaders=${
    fill("a;", LONG)
  }, Signature=a`,
  "a signature":
    `AWS4-HMAC-SHA256 Credential=a/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=${
      fill("a", LONG)
    }`,
  another: fill("Bearer ", LONG),
  equals: `AWS4-HMAC-SHA256 ${fill("a=", LONG)}`,
};

/** All of them. */
export const REFUSALS: readonly WorstCase[] = [
  refusal("no key: a long header", longHeader("x-text", { key: undefined })),
  refusal("no key: a long path", longTarget((text) => ({ target: `/worst/${text}` }))),
  refusal("no key: a long parameter", longTarget((text) => ({ target: `/worst/key?a=${text}` }))),
  refusal("no key: many headers", manyHeaders(undefined)),
  refusal("no key: many parameters", manyParameters(undefined)),
  refusal(
    "no key: a long Authorization",
    vary(AUTHORIZATIONS, (text) => ({
      target: "/worst/key",
      headers: [["Authorization", text], ["x-amz-date", "20260101T000000Z"]],
    })),
  ),
  refusal(
    "no key: a preflight",
    vary(PIECES, (piece) => ({
      method: "OPTIONS",
      target: "/worst/key",
      headers: [
        ["Origin", headerText(piece, LONG / 3)],
        ["Access-Control-Request-Method", "PUT"],
        ["Access-Control-Request-Headers", headerText(piece, LONG / 3)],
      ],
    })),
  ),
  refusal(
    "no key: an endless upload",
    single({
      method: "PUT",
      target: "/worst/key",
      body: new Uint8Array(1 << 20),
    }),
  ),
  refusal("unknown key", single({ target: "/worst/key", key: UNKNOWN })),
  refusal("wrong signature: a long header", longHeader("content-disposition", { key: FORGED })),
  refusal("wrong signature: many headers", manyHeaders(FORGED)),
  refusal(
    "wrong signature: a long key",
    longTarget((text) => ({ target: `/worst/${text}`, key: FORGED }), 3 * KEY_BYTES),
  ),
  refusal(
    "wrong signature: a long parameter",
    longTarget((text) => ({ target: `/worst?list-type=2&prefix=${text}`, key: FORGED })),
  ),
  refusal(
    "wrong signature: presigned",
    longTarget((text) => ({
      target: `/worst/key?response-content-disposition=${text}`,
      key: FORGED,
      expires: 60,
    })),
  ),
  refusal(
    "unsigned x-amz-*: a long one",
    vary(PIECES, (piece) => ({
      method: "PUT",
      target: "/worst/key",
      key: GREEDY,
      unsigned: [["x-amz-tagging", headerText(piece)]],
    })),
  ),
  refusal(
    "a long hoisted parameter",
    longTarget((text) => ({
      method: "PUT",
      target: `/worst/key?x-amz-website-redirect-location=${text}`,
      key: GREEDY,
    })),
  ),
  refusal("a header that is not done", longHeader("x-amz-unknown-thing", { key: GREEDY })),
  refusal(
    "a parameter that is not known",
    longTarget((text) => ({
      target: `/worst/key?${text}=1`,
      key: GREEDY,
    })),
  ),
  refusal(
    "denied: a long key",
    vary(TARGET_PIECES, (piece) => ({
      target: `/worst/${keyText(piece)}`,
      key: DENIED,
    })),
  ),
  refusal(
    "denied: a long prefix",
    vary(TARGET_PIECES, (piece) => ({
      target: `/worst?list-type=2&prefix=${keyText(piece)}`,
      key: DENIED,
    })),
  ),
  refusal(
    "denied: a long copy source",
    vary(TARGET_PIECES, (piece) => ({
      method: "PUT",
      target: "/worst/key",
      headers: [["x-amz-copy-source", `/worst/${keyText(piece)}`]],
      key: DENIED,
    })),
  ),
  refusal(
    "denied: DeleteObjects",
    single({
      method: "POST",
      target: "/worst?delete",
      body: `<Delete>${fill("<Object><Key>a</Key></Object>", 1 << 20)}`,
      key: DENIED,
    }),
  ),
];

/** A key of as many bytes as one may have. */
export function keyText(piece: string): string {
  const bytes = decodeURIComponent(piece);
  return piece.repeat(Math.floor(KEY_BYTES / new TextEncoder().encode(bytes).length));
}

function refusal(name: string, variants: readonly Variant[]): WorstCase {
  return { name, kind: "refusal", variants };
}
