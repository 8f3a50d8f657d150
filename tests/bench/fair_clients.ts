/**
 * Clients of one user, in a thread of their own: each asks again as soon as it has its answer, but for a breath. They are told
 * what to do, and tell what they met.
 * @module
 */

/// <reference lib="deno.worker" />

import { connectRaw, type RawConnection } from "../support/raw_client.ts";

/** What they do. */
export interface Errand {
  readonly port: number;
  /** One request, signed. */
  readonly head: string;
  readonly clients: number;
  readonly seconds: number;
  /** Between an answer and the next request. */
  readonly breathMs: number;
  /** The same behind a SlowDown: the first step of the SDKs' own backoff. */
  readonly backoffMs: number;
}

/** What they met: milliseconds of each answer, and how often SlowDown came. */
export interface Experience {
  readonly times: readonly number[];
  readonly refused: number;
}

onmessage = async ({ data }: MessageEvent<Errand>): Promise<void> => {
  const times: number[] = [];
  let refused = 0;
  const endMs = performance.now() + data.seconds * 1000;
  const ask = async (connection: RawConnection): Promise<void> => {
    // Not all of them in the same moment.
    await wait(Math.random() * data.backoffMs);
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      await connection.write(data.head);
      const { status } = await connection.readResponse();
      if (status === 200) times.push(performance.now() - startedMs);
      else if (status === 503) refused++;
      else throw new Error(`The proxy answered ${status}`);
      await wait(status === 200 ? data.breathMs : data.backoffMs);
    }
    connection.close();
  };
  const connections = await Promise.all(
    Array.from({ length: data.clients }, () => connectRaw({ port: data.port })),
  );
  await Promise.all(connections.map(ask));
  postMessage({ times, refused } satisfies Experience);
};

function wait(delayMs: number): Promise<void> | undefined {
  if (delayMs === 0) return undefined;
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
