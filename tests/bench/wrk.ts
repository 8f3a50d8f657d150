/**
 * Small requests, many: Debian's wrk, which sends what was signed beforehand, in turn.
 * @module
 */

import { readCommand } from "../e2e/support/command.ts";
import type { SignedRequest } from "./signed_requests.ts";

/** What wrk saw. */
export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Answers with a status of 400 and more. */
  readonly refused: number;
  /** Connections that failed, broke off, or took too long. */
  readonly broken: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What {@linkcode runWrk} takes. */
export interface WrkOptions {
  readonly port: number;
  readonly isTls?: boolean | undefined;
  readonly connections: number;
  readonly seconds: number;
  readonly requests: readonly SignedRequest[];
  /** Where its script goes. */
  readonly directory: string;
}

/** Sends `requests` for `seconds`. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const { port, isTls, connections, seconds, requests, directory } = options;
  const script = `${directory}/wrk.lua`;
  await Deno.writeTextFile(script, formatScript(requests));
  const output = await readCommand("wrk", {
    args: [
      ...["--threads", "1", "--connections", String(connections)],
      ...["--duration", `${seconds}s`, "--timeout", "30s", "--script", script],
      `${isTls ? "https" : "http"}://127.0.0.1:${port}`,
    ],
  });
  const result = output.split("\n").find((line) => line.startsWith(RESULT));
  if (result === undefined) throw new Error(`wrk: ${output}`);
  return JSON.parse(result.slice(RESULT.length));
}

const RESULT = "RESULT ";

function formatScript(requests: readonly SignedRequest[]): string {
  const lines = requests.map(({ method, target, headers }) => {
    const fields = Object.entries(headers).map(([name, value]) =>
      `[${quote(name)}]=${quote(value)}`
    );
    return `wrk.format(${quote(method)}, ${quote(target)}, {${fields.join(", ")}})`;
  });
  return `
local requests, at = {}, 0
function init()
  requests = {
    ${lines.join(",\n    ")}
  }
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '${RESULT}{"requests":%d,"seconds":%.6f,"bytes":%d,"refused":%d,"broken":%d,"p50Us":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

/** A Lua string of ASCII. */
function quote(text: string): string {
  return JSON.stringify(text);
}
