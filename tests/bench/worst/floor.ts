/**
 * What is left to be blamed on the runtime and on the machine, whose cores the attackers, the backend and the quiet user need as
 * well: the quiet user beside two dozen who send a megabyte again and again to a program that only drops it, and the memory that
 * two dozen take who ask for something small.
 * @module
 */

import { findFreePorts } from "../../e2e/support/state.ts";
import { startChild } from "../child.ts";
import { Attack, beQuiet, measureWorst, percentile } from "./measure_worst.ts";
import { type ListenerName, QuietUser, type WorstBackend } from "./stage.ts";
import { formatRequest, GREEDY } from "./worst_case.ts";

const BODY_BYTES = 1 << 20;

/** One line of what it found. */
export async function measureFloor(
  { backend, directory }: { backend: WorstBackend; directory: string },
): Promise<string> {
  const [port = 0] = findFreePorts(1);
  const program = new URL("./discard.ts", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", "--no-lock", "--allow-net", program];
  await using _child = await startChild([...command, String(port), String(backend.port)], {
    port,
    logFile: `${directory}/discard.log`,
  });
  using quiet = new QuietUser();
  const aloneMs = percentile(await beQuiet(quiet, { proxy: { port }, alone: false }), 0.99);
  const wanted = { method: "PUT", target: "/worst/key", body: new Uint8Array(BODY_BYTES) };
  const attack = new Attack(formatRequest(wanted, port), port);
  const end = quiet.begin(port);
  await attack.run();
  const { timesMs } = await end();
  const besideMs = percentile(timesMs, 0.99);
  return `A program that drops ${attack.answered} MiB: quiet p99 ${besideMs.toFixed(1)} ms, ` +
    `${(besideMs / aloneMs).toFixed(1)} of its own, ${aloneMs.toFixed(1)} ms.`;
}

/** One line of what ordinary requests hold. */
export async function measureOrdinary(
  listener: ListenerName,
  { backend, directory }: { backend: WorstBackend; directory: string },
): Promise<string> {
  const variant = {
    label: "",
    request: (port: number): Uint8Array =>
      formatRequest({ target: "/worst/key", key: GREEDY }, port),
  };
  const { heldMebibytes, answered } = await measureWorst(
    { name: "GetObject", kind: "operation", variants: [variant] },
    { listener, backend, directory, alone: false },
  );
  return `${listener}: ${answered} small GetObjects hold ${heldMebibytes.toFixed(0)} MiB.`;
}
