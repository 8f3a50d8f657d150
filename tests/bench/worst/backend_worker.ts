/**
 * The backend, in a thread of its own: small objects for the quiet user, and for everybody else whatever the
 * benchmark says, which no real store could be made to say.
 * @module
 */

/// <reference lib="deno.worker" />

import { formatResponse, startRecordingBackend } from "../../support/recording_backend.ts";
import type { Script } from "./worst_case.ts";

const ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';
const QUIET = { send: [formatResponse({ body: "a small object" })] };
const HEAD = { send: [formatResponse({ headers: [["ETag", ETAG], ["Content-Length", "14"]] })] };

let script: Script = {};
let answer: { send: Uint8Array[] } = { send: [formatResponse()] };
const backend = startRecordingBackend(({ method, target }) => {
  if (target.startsWith("/quiet/")) return QUIET;
  backend.requests.length = 0;
  if (method === "HEAD" && script.answersHead !== true) return HEAD;
  return answer;
}, { keepBodies: false });

onmessage = ({ data }: MessageEvent<Script>): void => {
  script = data;
  answer = { send: [formatResponse(script)] };
  postMessage(backend.port);
};
postMessage(backend.port);
