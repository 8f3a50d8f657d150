/**
 * One client on its way through the list: what the steps of a test share.
 * @module
 */

import type { Access, Client, ClientKind } from "./client.ts";
import type { Transport } from "./gateway.ts";
import { buildPayload } from "./payload.ts";
import type { Stack } from "./stack.ts";

/** What the steps of one trip share. */
export interface Trip {
  readonly kind: ClientKind;
  readonly client: Client;
  /** As whom `client` works: alpha. */
  readonly access: Access;
  /** A bucket that alpha may use. */
  readonly bucket: string;
  readonly stack: Stack;
  readonly transport: Transport;
}

/** One thing to do, and its name in the test's report. */
export type Step = readonly [name: string, run: (trip: Trip) => Promise<void>];

/** A file of {@linkcode buildPayload}'s bytes, in the trip's own folder. */
export async function writePayload({ access }: Trip, size: number): Promise<string> {
  const file = `${access.directory}/payload-${size}`;
  await Deno.writeFile(file, buildPayload(size));
  return file;
}
