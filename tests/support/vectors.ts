/**
 * Loads the specifications that are kept as data in `tests/vectors/`.
 * @module
 */

import type { Header } from "./signer.ts";

/**
 * A worked example of AWS's S3 documents (`sigv4/s3_examples.json`), with the request as it is sent
 * when signed.
 */
export interface SigV4Example {
  readonly name: string;
  /** Address of the document. */
  readonly source: string;
  /** Where the credentials are: in the Authorization header, or in the query. */
  readonly authentication: "header" | "query";
  readonly accessKey: string;
  readonly secretKey: string;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: readonly Header[];
    readonly body?: string;
  };
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
}

/** A worked example with a chunked body (`sigv4/s3_chunked_examples.json`). */
export interface SigV4ChunkedExample extends Omit<SigV4Example, "authentication"> {
  /** Each chunk is `bytes` times the character `fill`; the last one is empty. */
  readonly chunks: readonly {
    readonly fill: string;
    readonly bytes: number;
    readonly signature: string;
  }[];
  /** Trailers with their signature; empty where the form has none. */
  readonly trailers: readonly Header[];
}

/**
 * Reads one file of `tests/vectors/`: the caller names the type, which the file's own tests
 * confirm.
 */
export async function loadVectors<Example>(path: string): Promise<readonly Example[]> {
  return JSON.parse(await Deno.readTextFile(new URL(`../vectors/${path}`, import.meta.url)));
}
