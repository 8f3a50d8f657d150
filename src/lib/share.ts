/**
 * What one user may hold of something that all users share, over all threads.
 *
 * Where nothing is set, a user may take another one only while more are free than the user holds: alone, half of all;
 * beside one who does the same, a third. Whoever comes finds something free, however long others hold what they have, and
 * nobody has to be told of anybody else. Switches share their buffers so: Choudhury and Hahne, "Dynamic queue length
 * thresholds for shared-memory packet switches", {@link https://doi.org/10.1109/90.664262}.
 * @module
 */

import { COLUMNS } from "./shared_layout.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** What is shared: by users, and by the addresses of those who have not said who they are. */
export type Shared = "requests" | "connections" | "strangers";

/** A user who shares with others. */
export interface ShareUser {
  readonly name: string;
  /** What the user may hold, where that was set; `undefined`: not more than the user leaves free. */
  readonly ownMax: number | undefined;
}

/** Who takes a share of what. */
export interface Share {
  /** {@linkcode SharedMemory.userCell}. */
  readonly cell: number;
  /** As that of {@linkcode ShareUser}. */
  readonly ownMax: number | undefined;
  /** Of all users. */
  readonly max: number;
}

/** Why there is no more: everything is taken, or as much as this user may hold, by what was set or by what is left. */
export type ShareRefusal = "all" | "own" | "left";

/** Takes one, or says why not. Of two threads that reach for the last one, both may go without; never do both get it. */
export function takeShare(
  memory: SharedMemory,
  { shared, share }: { shared: Shared; share: Share },
): ShareRefusal | undefined {
  const refusal = findRefusal(memory, { shared, share, taken: 0 });
  if (refusal !== undefined) return refusal;
  addShare(memory, { shared, cell: share.cell, count: 1 });
  const contended = findRefusal(memory, { shared, share, taken: 1 });
  if (contended !== undefined) addShare(memory, { shared, cell: share.cell, count: -1 });
  return contended;
}

/** Gives one back. */
export function giveShareBack(
  memory: SharedMemory,
  { shared, cell }: { shared: Shared; cell: number },
): void {
  addShare(memory, { shared, cell, count: -1 });
}

/** Why the user may not have one more, beside those `taken` that are counted already and wait for this answer. */
export function findRefusal(
  memory: SharedMemory,
  { shared, share: { cell, ownMax, max }, taken }: { shared: Shared; share: Share; taken: number },
): ShareRefusal | undefined {
  const all = taken === 0 ? memory.peek(COLUMNS[shared]) : memory.sum(COLUMNS[shared]);
  const free = max - all + taken;
  if (free <= 0) return "all";
  const held = memory.peek(memory.userColumn(cell, shared)) - taken;
  if (ownMax === undefined) return held < free ? undefined : "left";
  return held < ownMax ? undefined : "own";
}

function addShare(
  memory: SharedMemory,
  { shared, cell, count }: { shared: Shared; cell: number; count: number },
): void {
  memory.add(COLUMNS[shared], count);
  memory.add(memory.userColumn(cell, shared), count);
}
