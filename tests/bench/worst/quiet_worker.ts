/**
 * The quiet user, in a thread of its own: one small request after the other, on one connection, with a breath between.
 * It is told where to send what, begins, and tells how long each took when it is told to end.
 * @module
 */

/// <reference lib="deno.worker" />

import { connectRaw } from "../../support/raw_client.ts";

const BREATH_MS = 3;
const STATUS_OK = 200;

/** What the quiet user does. */
export interface Errand {
  readonly port: number;
  readonly head: string;
}

/** What became of it. */
export interface Experience {
  readonly timesMs: readonly number[];
  readonly failures: readonly string[];
}

let isOver = false;
let running: Promise<Experience> | undefined;

onmessage = async ({ data }: MessageEvent<Errand | "end">): Promise<void> => {
  if (data !== "end") {
    isOver = false;
    running = send(data);
    return;
  }
  isOver = true;
  postMessage(await running);
};

async function send({ port, head }: Errand): Promise<Experience> {
  const timesMs: number[] = [];
  const failures: string[] = [];
  let connection = await connectRaw({ port });
  while (!isOver) {
    const startedMs = performance.now();
    try {
      await connection.write(head);
      const { status } = await connection.readResponse();
      if (status !== STATUS_OK) failures.push(String(status));
    } catch (error) {
      failures.push(String(error));
      connection.close();
      if (failures.length > 20) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
      connection = await connectRaw({ port }).catch(() => connection);
    }
    timesMs.push(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, BREATH_MS));
  }
  connection.close();
  return { timesMs, failures };
}
