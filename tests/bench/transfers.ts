/**
 * Large bodies, one after the other on one connection: curl.
 * @module
 */

import { readCommand } from "../e2e/support/command.ts";
import type { Header } from "../support/signer.ts";

/** What {@linkcode runTransfers} takes. */
export interface TransferOptions {
  readonly url: string;
  readonly headers: readonly Header[];
  /** Sent with PUT; without it the request is a GET. */
  readonly file: string | undefined;
  readonly count: number;
}

/** Seconds that one transfer took. */
export interface TransferTimes {
  readonly total: number;
  /** To the response's first byte. */
  readonly firstByte: number;
}

const TIMEOUT_MS = 600_000;

/** Sends or fetches the same body `count` times. */
export async function runTransfers(options: TransferOptions): Promise<TransferTimes[]> {
  const { url, headers, file, count } = options;
  const transfer = [
    ...(file === undefined ? [] : ["--upload-file", file]),
    ...["--output", "/dev/null", url],
  ];
  const output = await readCommand("curl", {
    args: [
      ...["--silent", "--show-error", "--fail", "--http1.1", "--insecure"],
      ...["--write-out", "%{time_total} %{time_starttransfer}\\n"],
      // Without this, curl waits for a 100 that not every target sends.
      ...["--header", "Expect:"],
      ...headers.flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
      ...Array.from({ length: count }, () => transfer).flat(),
    ],
    env: {},
    timeoutMs: TIMEOUT_MS,
  });
  return output.trim().split("\n").map((line) => {
    const [total = NaN, firstByte = NaN] = line.split(" ").map(Number);
    return { total, firstByte };
  });
}
