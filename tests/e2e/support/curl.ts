/**
 * Presigned URLs as people use them: with curl.
 * @module
 */

import { readCommand } from "./command.ts";

/** What curl was answered. */
export interface CurlAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What {@linkcode curl} takes beside the URL. */
export interface CurlOptions {
  readonly authorityFile: string | undefined;
  /** Sent with PUT; without it the request is a GET. */
  readonly upload?: string;
  /** An empty folder. */
  readonly directory: string;
}

/** Sends one request. */
export async function curl(url: string, options: CurlOptions): Promise<CurlAnswer> {
  const { authorityFile, upload, directory } = options;
  const output = `${directory}/curl.out`;
  const status = await readCommand("curl", {
    args: [
      "--silent",
      "--show-error",
      "--max-time",
      "60",
      "--globoff",
      ...(authorityFile === undefined ? [] : ["--cacert", authorityFile]),
      ...(upload === undefined ? [] : ["--upload-file", upload]),
      "--output",
      output,
      "--write-out",
      "%{http_code}",
      url,
    ],
    env: {},
  });
  const body = await Deno.readFile(output);
  await Deno.remove(output);
  return { status: Number(status), body };
}
