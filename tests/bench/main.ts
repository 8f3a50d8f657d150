/**
 * Measures s3-proxy against its backend, against nginx, against the floor, a proxy on the same runtime that does nothing but pass
 * on (pass_through.ts; socket_pass_through.ts on plain sockets), and against a peer that does the same in Go. All on 127.0.0.1, on a machine that should have nothing else to do.
 *
 *     deno task bench          every row and target: half an hour; Markdown on stdout and in a file, beside JSON
 *     deno task bench:quick    the rows that have a budget: under two minutes; fails on a gross regression only
 *
 * `--rows=TEXT` and `--targets=TEXT` choose those whose name holds TEXT. Exit status: 1 for a ratio that is less than a third of its
 * budget, 2 where nginx, wrk or curl is missing and cannot be installed.
 * @module
 */

import { findProgram } from "../e2e/support/tools.ts";
import { makeDirectory, startBackend, storeLarge } from "./backend.ts";
import { type Effort, prepareMeasure } from "./measure.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { buildGoPeer } from "./go_peer.ts";
import { formatMarkdown, judge, type Series, summarise } from "./report.ts";
import { type Row, ROWS } from "./rows.ts";
import { FLOOR, type RunningTarget, startTarget, type Target, TARGETS } from "./targets.ts";

interface Plan {
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
  readonly effort: Effort;
  readonly rounds: number;
}

const PROGRAMS = ["nginx", "wrk", "curl"];

/** Where the results go, beside stdout. */
const RESULTS = new URL("results/", import.meta.url);

function parsePlan(argv: readonly string[]): Plan {
  const isQuick = argv.includes("--quick");
  const read = (option: string): string | undefined =>
    argv.find((text) => text.startsWith(`--${option}=`))?.slice(option.length + 3);
  const rows = new RegExp(read("rows") ?? "");
  const targets = new RegExp(read("targets") ?? "");
  return {
    rows: ROWS.filter((row) => (row.isQuick || !isQuick) && rows.test(row.name)),
    targets: TARGETS.filter((target) =>
      target.name === FLOOR || (target.isQuick || !isQuick) && targets.test(target.name)
    ),
    effort: isQuick
      ? { seconds: 1, transferMebibytes: 300 }
      : { seconds: 2, transferMebibytes: 1000 },
    rounds: Number(read("rounds") ?? (isQuick ? 3 : 7)),
  };
}

async function findPrograms(): Promise<boolean> {
  const missing: string[] = [];
  for (const name of PROGRAMS) {
    const tool = await findProgram(name);
    if (tool.missing !== undefined) missing.push(`${name}: ${tool.missing}`);
  }
  if (missing.length === 0) return true;
  console.error(`\n*** NOTHING WAS MEASURED: missing ${missing.join("; ")} ***`);
  console.error(`*** Install: apt-get install ${PROGRAMS.join(" ")} ***\n`);
  return false;
}

async function run(plan: Plan): Promise<Series[]> {
  await using stack = new AsyncDisposableStack();
  const directory = await makeDirectory();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const backend = stack.use(await startBackend(directory));
  const wantsPeer = plan.targets.some(({ kind }) => kind === "go_peer");
  const goPeer = wantsPeer ? await buildGoPeer(RESULTS.pathname) : undefined;
  const options = { directory, backend, goPeer };
  const tls = await writeCertificate();
  stack.defer(() => Deno.remove(tls.directory, { recursive: true }));
  const normal: RunningTarget[] = [];
  const strict: RunningTarget[] = [];
  const secure: RunningTarget[] = [];
  for (const target of plan.targets) {
    if (target.kind === "go_peer" && goPeer === undefined) continue;
    const running = stack.use(await startTarget(target, options));
    normal.push(running);
    const security = { verify_content_integrity: true };
    strict.push(
      target.kind === "s3_proxy" && plan.rows.some(isStrict)
        ? stack.use(await startTarget(target, { ...options, security }))
        : running,
    );
    const canTls = target.kind === "s3_proxy" || target.kind === "go_peer";
    if (canTls && plan.rows.some(({ isTls }) => isTls)) {
      secure.push(stack.use(await startTarget(target, { ...options, tls: tls.files })));
    }
  }
  const series: Series[] = [];
  for (const row of plan.rows) {
    if (row.kind === "transfer") await storeLarge(directory, row.mebibytes);
    const all = row.isTls ? secure : isStrict(row) ? strict : normal;
    // The peer knows no sessions.
    const isSession = row.kind === "requests" && row.signing === "session";
    const targets = all.filter(({ target }) => !isSession || target.kind !== "go_peer");
    series.push(...await runRow(row, { targets, directory, plan }));
  }
  return series;
}

/** Not in memory, where the program may not read: see startProxy(). */
async function writeCertificate(): Promise<
  { directory: string; files: { cert_file: string; key_file: string } }
> {
  const directory = await Deno.makeTempDir();
  const files = { cert_file: `${directory}/cert.pem`, key_file: `${directory}/key.pem` };
  await Deno.writeTextFile(files.cert_file, TEST_CERTIFICATE);
  await Deno.writeTextFile(files.key_file, TEST_PRIVATE_KEY, { mode: 0o600 });
  return { directory, files };
}

function isStrict(row: Row): boolean {
  return row.kind === "transfer" && row.upload === "strict";
}

/** Of a program's first row, which would pay for compiling what all of them use. */
const WARM_UPS = 3;
/** Those that have had their first row. */
const warm = new WeakSet<RunningTarget>();

/** Every target once a round, each round beginning with another one. */
async function runRow(
  row: Row,
  { targets, directory, plan: { effort, rounds } }: {
    targets: readonly RunningTarget[];
    directory: string;
    plan: Plan;
  },
): Promise<Series[]> {
  const measure = await prepareMeasure(row, { directory, effort });
  const series = targets.map(({ target }) => ({ row: row.name, target: target.name, rounds: [] }));
  const figures = new Map(series.map(({ target }) => [target, [] as Series["rounds"][number][]]));
  // The first ones are not counted: code is compiled, connections are opened, caches filled.
  const isWarm = targets.every((target) => warm.has(target));
  for (let round = isWarm ? -1 : -WARM_UPS; round < rounds; round++) {
    for (let index = 0; index < targets.length; index++) {
      const target = targets[(index + round + WARM_UPS) % targets.length];
      if (target === undefined) continue;
      warm.add(target);
      const measured = await measure(target, { warms: round < 0 });
      if (round >= 0) figures.get(target.target.name)?.push(measured);
    }
  }
  console.error(`${new Date().toISOString().slice(11, 19)} ${row.name}`);
  return [...figures].map(([target, rounds]) => ({ row: row.name, target, rounds }));
}

if (!await findPrograms()) Deno.exit(2);
const plan = parsePlan(Deno.args);
const series = await run(plan);
const summaries = summarise(series);
const verdicts = plan.targets.filter(({ kind }) => kind === "s3_proxy").flatMap(({ name }) =>
  judge(summaries, { rows: plan.rows, target: name })
);
const markdown = formatMarkdown(summaries, verdicts);
console.log(markdown);
await Deno.mkdir(RESULTS, { recursive: true });
await Deno.writeTextFile(new URL("results.md", RESULTS), markdown);
await Deno.writeTextFile(
  new URL("results.json", RESULTS),
  JSON.stringify({ summaries, verdicts, series }, null, 2),
);
if (verdicts.some(({ isGross }) => isGross)) Deno.exit(1);
