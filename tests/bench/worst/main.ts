/**
 * What the worst request costs: for each operation and each refusal the dearest request that a client can make within
 * the limits, and what a hostile backend can answer. Run it with `deno task bench:worst`; `--only=TEXT` measures the cases whose
 * name has that text, `--from=NAME` those from that one on, `--part=2/6` every sixth of them, `--listener=hardened` one listener, `--alone` one request at a time, `--floor`
 * nothing but what a program does to the quiet user that only drops what it is sent, and what ordinary requests hold; both come first
 * in every run.
 * Half an hour; figures as JSON in tests/bench/results/, beside those of earlier runs that were not measured again.
 * @module
 */

import { listAnswers } from "./answers.ts";
import { measureFloor, measureOrdinary } from "./floor.ts";
import { measureWorst, type WorstFigures } from "./measure_worst.ts";
import { listOperations } from "./operations.ts";
import { REFUSALS } from "./refusals.ts";
import { formatRow, formatSummary, HEADING, listMisses } from "./report_worst.ts";
import { type ListenerName, WorstBackend } from "./stage.ts";
import type { WorstCase } from "./worst_case.ts";

const RESULTS = new URL("../results/", import.meta.url);

const alone = Deno.args.includes("--alone");
const only = readOption("only") ?? "";
const listeners: readonly ListenerName[] = ["serve", "hardened"];
const chosen = listeners.filter((name) => name === (readOption("listener") ?? name));
const [part = 1, parts = 1] = (readOption("part") ?? "").split("/").map(Number).filter(Boolean);
const cases = [...REFUSALS, ...listAnswers(), ...listOperations()]
  .filter(({ name }, at) => name.includes(only) && at % parts === part - 1);
const from = cases.findIndex(({ name }) => name === readOption("from"));
if (from > 0) cases.splice(0, from);

await using stack = new AsyncDisposableStack();
// Not in memory: Deno lets nobody but the almighty read below /dev.
const directory = await Deno.makeTempDir({ prefix: "s3-proxy-worst-" });
stack.defer(() => Deno.remove(directory, { recursive: true }));
const backend = stack.use(await WorstBackend.start());

console.log(await measureFloor({ backend, directory }));
for (const listener of chosen) console.log(await measureOrdinary(listener, { backend, directory }));
if (!Deno.args.includes("--floor")) await measureAll();

async function measureAll(): Promise<void> {
  const all: WorstFigures[] = [];
  console.log(HEADING);
  for (const worst of cases) {
    for (const listener of chosen) {
      const figures = await measureSurely(worst, listener);
      all.push(figures);
      console.log(formatRow(figures));
    }
  }
  console.log(formatSummary(all));
  await Deno.mkdir(RESULTS, { recursive: true });
  const file = new URL("worst.json", RESULTS);
  const isNew = (before: WorstFigures): boolean =>
    !all.some(({ name, listener }) => name === before.name && listener === before.listener);
  const others = (await readFigures(file)).filter(isNew);
  await Deno.writeTextFile(file, JSON.stringify([...others, ...all], undefined, 2));
}

/**
 * A p99 of two seconds is that of its four slowest requests: where it misses its target, the median of three is told.
 */
async function measureSurely(worst: WorstCase, listener: ListenerName): Promise<WorstFigures> {
  const options = { listener, backend, directory, alone };
  const first = await measureWorst(worst, options);
  if (!listMisses(first).includes("quiet")) return first;
  const all = [first, await measureWorst(worst, options), await measureWorst(worst, options)];
  const factor = ({ quietMs, quietAloneMs }: WorstFigures): number => quietMs / quietAloneMs;
  return all.toSorted((one, other) => factor(one) - factor(other))[1] ?? first;
}

async function readFigures(file: URL): Promise<WorstFigures[]> {
  return JSON.parse(await Deno.readTextFile(file).catch(() => "[]"));
}

function readOption(name: string): string | undefined {
  return Deno.args.find((argument) => argument.startsWith(`--${name}=`))?.split("=")[1];
}
