/**
 * Sends a client on its two trips, over HTTP and over HTTPS: through everything in a bucket of its
 * own, and through the same in a bucket of others.
 * @module
 */

import assert from "node:assert/strict";
import type { ClientKind } from "./client.ts";
import { TRANSPORTS } from "./gateway.ts";
import { listSteps } from "./journey.ts";
import { USERS } from "./proxy_child.ts";
import { prepareRefusals, REFUSALS } from "./refusals.ts";
import { openAccess, type Stack, useStack } from "./stack.ts";
import type { Step, Trip } from "./trip.ts";

/** A test that a client's own file adds to those that all clients have. */
export interface ExtraTest {
  /** Behind the client's name: `syncs a folder`. */
  readonly name: string;
  readonly run: (trip: Trip) => Promise<void>;
}

/** Registers the tests of a client. */
export function testClient(kind: ClientKind, extraTests: readonly ExtraTest[] = []): void {
  const ignore = kind.missing !== undefined;
  if (ignore) console.error(`\n*** SKIPPED: ${kind.name}: ${kind.missing} ***\n`);
  const slug = kind.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const stack = useStack({ name: slug, ignore });
  for (const transport of TRANSPORTS) {
    const bucket = `e2e-alpha-${slug}-${transport}`;
    const plan = { kind, transport, stack };
    Deno.test({
      name: `${kind.name} does the whole list over ${transport}`,
      ignore,
      fn: (test) =>
        withTrip(
          { ...plan, bucket },
          (trip) => runSteps(test, { trip, steps: listSteps(transport) }),
        ),
    });
    Deno.test({
      name: `${kind.name} may do nothing in a bucket of others over ${transport}`,
      ignore,
      fn: (test) =>
        withTrip({ ...plan, bucket: `${bucket}-own` }, async (trip) => {
          await prepareRefusals(trip);
          await runSteps(test, { trip, steps: REFUSALS });
        }),
    });
    for (const { name, run } of extraTests) {
      Deno.test({
        name: `${kind.name} ${name} over ${transport}`,
        ignore,
        fn: () => withTrip({ ...plan, bucket: `${bucket}-extra` }, run),
      });
    }
  }
}

interface Plan extends Pick<Trip, "kind" | "transport" | "bucket"> {
  readonly stack: () => Stack;
}

async function withTrip(
  { stack: runningStack, ...plan }: Plan,
  run: (trip: Trip) => Promise<void>,
): Promise<void> {
  const stack = runningStack();
  const access = await openAccess(stack, { user: USERS.alpha, transport: plan.transport });
  const client = await plan.kind.create(access);
  try {
    await run({ ...plan, stack, access, client });
  } finally {
    await client.close();
  }
  await Deno.remove(access.directory, { recursive: true });
}

async function runSteps(
  test: Deno.TestContext,
  { trip, steps }: { trip: Trip; steps: readonly Step[] },
): Promise<void> {
  const failed: string[] = [];
  for (const [name, run] of steps) {
    if (!await test.step(name, () => run(trip))) failed.push(name);
  }
  assert.deepEqual(failed, []);
}
