/**
 * The backend of the soak, in a thread of its own: honest to the honest, and to everybody else as hostile as one can be.
 * @module
 */

/// <reference lib="deno.worker" />

import { listAnswers } from "../bench/worst/answers.ts";
import { formatResponse, startRecordingBackend } from "../support/recording_backend.ts";
import { answerHonestly, LARGE_TARGET } from "./honest_objects.ts";

const LARGE_BYTES = 8 << 20;
const LARGE = {
  send: [
    `HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: ${LARGE_BYTES}\r\n\r\n`,
    new Uint8Array(LARGE_BYTES),
  ],
};
const HOSTILE = listAnswers().flatMap(({ variants }) =>
  variants.flatMap(({ script }) => script === undefined ? [] : [{ send: [formatResponse(script)] }])
);

let turn = 0;
const backend = startRecordingBackend((request) => {
  const { method, target } = request;
  backend.requests.length = 0;
  if (target.startsWith("/honest")) return answerHonestly(request);
  if (target === LARGE_TARGET) return LARGE;
  if (method === "HEAD") return {};
  if (target.startsWith("/worst")) return HOSTILE[turn++ % HOSTILE.length] ?? {};
  turn++;
  return turn % 7 === 0 ? { read: "nothing", send: [], close: true } : {};
}, { keepBodies: false });

postMessage(backend.port);
