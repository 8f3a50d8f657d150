/**
 * Everybody else: all requests of tests/attacks, the dearest requests of the benchmark, and whoever is slow, idle, or reads nothing.
 * @module
 */

import { listOperations } from "../bench/worst/operations.ts";
import { REFUSALS } from "../bench/worst/refusals.ts";
import { ADMIN, ALICE } from "../support/proxy_under_test.ts";
import { closeQuietly, writeAll } from "../support/wire.ts";
import { formatRequestHead } from "../support/raw_client.ts";
import { signHeaders } from "../support/signer.ts";
import { LARGE_TARGET } from "./honest_objects.ts";

const HOLD_MS = 3_000;
const ANSWER_MS = 5_000;
const DRIP_MS = 500;
const DRIPS = 8;
const IDLE_CONNECTIONS = 20;

/** Where a proxy listens. */
export interface Victim {
  readonly port: number;
  readonly adminPort: number;
}

/** One attack, from connecting to leaving. */
type Attack = (victim: Victim) => Promise<void>;

/** Attacks `victim` with one after the other until `isOver`; counts them. */
export async function attack(
  { victim, attacks, isOver, count }: {
    victim: Victim;
    attacks: readonly Attack[];
    isOver: () => boolean;
    count: () => void;
  },
): Promise<void> {
  while (!isOver()) {
    const chosen = attacks[Math.floor(Math.random() * attacks.length)];
    await chosen?.(victim).catch(() => {}); // a connection that is refused or reset is what an attacker gets
    count();
    await wait(5);
  }
}

/** All of them; `recorded` is what tests/attacks sent. */
export function listAttacks(recorded: readonly Uint8Array[]): Attack[] {
  const worst = [...REFUSALS, ...listOperations()].flatMap(({ variants }) => variants);
  const replay: Attack = ({ port }) => sendAndLeave(port, pick(recorded));
  const dear: Attack = ({ port }) => sendAndLeave(port, pick(worst).request(port));
  return [
    replay,
    replay,
    replay,
    dear,
    dear,
    dripHead,
    dripBody,
    standStill,
    standIdle,
    standAtAdmin,
  ];
}

/** Sends `bytes`, then reads all, nothing, or leaves at once. */
async function sendAndLeave(port: number, bytes: Uint8Array): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const written = writeAll(connection, bytes);
  const mood = Math.random();
  if (mood < 0.7) await Promise.race([readAll(connection), wait(ANSWER_MS)]);
  else if (mood < 0.85) await wait(HOLD_MS);
  closeQuietly(connection);
  await written;
}

/** Ends with the first pause behind an answer: connections are kept alive. */
async function readAll(connection: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(64 * 1024);
  let length: number | null = await connection.read(piece).catch(() => null);
  while (length !== null) {
    length = await Promise.race([
      connection.read(piece).catch(() => null),
      wait(100).then(() => null),
    ]);
  }
}

/** X7, X1: a head that comes byte by byte. */
async function dripHead({ port }: Victim): Promise<void> {
  await drip(port, "GET /mine/key HTTP/1.1\r\nHost: a\r\nx-slow: ");
}

/** X7: an upload that comes byte by byte. */
async function dripBody({ port }: Victim): Promise<void> {
  await drip(port, formatSigned(port, { method: "PUT", target: "/mine/slow", length: 1_000_000 }));
}

/** X7: a download that nobody reads. */
async function standStill({ port }: Victim): Promise<void> {
  const head = formatSigned(port, { method: "GET", target: LARGE_TARGET, length: undefined });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, new TextEncoder().encode(head));
  await wait(HOLD_MS);
  closeQuietly(connection);
}

/** X6, X10: connections that say nothing. */
function standIdle({ port }: Victim): Promise<void> {
  return holdIdle(port);
}

/** X9: the same on the operators' port. */
function standAtAdmin({ adminPort }: Victim): Promise<void> {
  return holdIdle(adminPort);
}

async function holdIdle(port: number): Promise<void> {
  const connections: Deno.Conn[] = [];
  try {
    for (let count = 0; count < IDLE_CONNECTIONS; count++) {
      connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    await wait(HOLD_MS);
  } finally {
    for (const connection of connections) closeQuietly(connection);
  }
}

async function drip(port: number, head: string): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, new TextEncoder().encode(head));
  for (let count = 0; count < DRIPS; count++) {
    await wait(DRIP_MS);
    if (!await writeAll(connection, new Uint8Array([97]))) break;
  }
  closeQuietly(connection);
}

function formatSigned(
  port: number,
  { method, target, length }: { method: string; target: string; length: number | undefined },
): string {
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", `127.0.0.1:${port}`]],
    ...(Math.random() < 0.5 ? ALICE : ADMIN),
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const framing = length === undefined ? [] : [["content-length", String(length)] as const];
  return formatRequestHead({ method, target, port, headers: [...headers, ...framing] });
}

function pick<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error("There is nothing to choose from");
  return value;
}

function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
