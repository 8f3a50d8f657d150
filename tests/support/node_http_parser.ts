/**
 * `node:http`'s own parser as an oracle: what it makes of a connection's bytes.
 */

import { Buffer } from "node:buffer";
import { HTTPParser, methods } from "node:_http_common";

/** The first message of a connection, as far as it has come. */
export interface OracleMessage {
  method: string | undefined;
  url: string;
  status: number | undefined;
  minorVersion: number;
  /** As they came: name, value, name, value. */
  rawHeaders: string[];
  body: string;
  keepsAlive: boolean;
  isComplete: boolean;
}

/** What the oracle says. */
export interface OracleReading {
  /** Once its head is complete. */
  readonly message: OracleMessage | undefined;
  /** Node's code, where the oracle refuses. */
  readonly error: string | undefined;
}

type Callback = (...values: never[]) => unknown;

/** What is used of it, which no type tells of. */
interface Parser {
  initialize(type: number, resource: object, headBytesMax: number): void;
  execute(bytes: Uint8Array): number | Error & { code?: string };
  finish(): unknown;
  [event: number]: Callback;
}

const HEAD_BYTES_MAX = 1 << 20;
/** Of `on_headers_complete`: no body follows, whatever the head says. */
const SKIP_BODY = 1;

/** Reads `text`, one byte a character, as a request, or as the response to one. */
export function readByOracle(
  text: string,
  { type, hasNoBody = false }: { type: "request" | "response"; hasNoBody?: boolean },
): OracleReading {
  const parser: Parser = new HTTPParser();
  parser.initialize(HTTPParser[type.toUpperCase()], {}, HEAD_BYTES_MAX);
  let message: OracleMessage | undefined;
  let isOver = false;
  const more: string[] = [];
  let moreUrl = "";
  parser[HTTPParser.kOnHeaders] = (headers: string[], url: string) => {
    if (message !== undefined) return; // trailers
    more.push(...headers);
    moreUrl += url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    minorVersion: number,
    headers: string[] | undefined,
    method: number | undefined,
    url: string | undefined,
    status: number | undefined,
    _reason: string | undefined,
    _isUpgrade: boolean,
    keepsAlive: boolean,
  ) => {
    if (message !== undefined) {
      isOver = true;
      return SKIP_BODY;
    }
    message = {
      method: method === undefined ? undefined : methods[method],
      url: moreUrl + (url ?? ""),
      status,
      minorVersion,
      rawHeaders: [...more, ...headers ?? []],
      body: "",
      keepsAlive,
      isComplete: false,
    };
    return hasNoBody ? SKIP_BODY : 0;
  };
  parser[HTTPParser.kOnBody] = (piece: Uint8Array) => {
    if (message !== undefined && !isOver) message.body += Buffer.from(piece).toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (message !== undefined) message.isComplete = true;
    isOver = true;
  };
  const result = parser.execute(Buffer.from(text, "latin1"));
  // What comes behind a first message is none of this test's business.
  const error = result instanceof Error && !message?.isComplete ? result.code : undefined;
  return { message, error };
}
