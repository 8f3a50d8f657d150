/**
 * `s3-proxy probe`: what the backend does of S3, as a table and as a block for the configuration.
 * @module
 */

import { compareFacts, type Comparison, type Probe } from "../probe/probe.ts";
import type { Capabilities } from "../stores/capabilities.ts";

const VERDICTS: Readonly<Record<Comparison["verdict"], string>> = {
  trusts: "TRUSTS WHAT IS NOT SO",
  agrees: "agrees",
  gives: "could be trusted",
  unknown: "not measured",
};
const WIDTH_MAX = 44;

/** The lines, and whether nothing is trusted that is not so. */
export function formatProbe(
  configured: Capabilities,
  { probe, kind }: { probe: Probe; kind: string },
): { lines: readonly string[]; isSafe: boolean } {
  const comparisons = compareFacts(configured, probe);
  const rows = comparisons.map(({ name, configured, measured = "-", verdict, meaning }) => [
    name,
    shorten(configured),
    shorten(measured),
    VERDICTS[verdict],
    meaning,
  ]);
  const table = [["FACT", `CONFIGURED (${kind})`, "MEASURED", "", "WHAT IT MEANS"], ...rows];
  const widths =
    table[0]?.map((_, column) =>
      table.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0)
    ) ?? [];
  const lines = table.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  const differing = comparisons.filter(({ verdict }) =>
    verdict === "trusts" || verdict === "gives"
  );
  return {
    lines: [
      ...lines,
      ...differing.length === 0 ? [] : ["", ...formatBlock(configured, { probe, differing })],
      ...probe.failures.map((failure) => `not measured: ${failure}`),
      ...probe.left.map((thing) => `could not be removed: ${thing}`),
    ],
    isSafe: comparisons.every(({ verdict }) => verdict !== "trusts"),
  };
}

function shorten(text: string): string {
  return text.length <= WIDTH_MAX ? text : `${text.slice(0, WIDTH_MAX - 1)}…`;
}

/** What to paste: the facts that differ from the configuration. */
function formatBlock(
  configured: Capabilities,
  { probe: { measured, untoldSettings }, differing }: {
    probe: Probe;
    differing: readonly Comparison[];
  },
): string[] {
  return [
    "backend:",
    "  capabilities:",
    ...differing.map(({ name }) => {
      const found = measured[name];
      if (!Array.isArray(found)) return `    ${name}: ${String(found)}`;
      const set = configured[name];
      // What could not be measured stays as it is.
      const kept = Array.isArray(set)
        ? set.filter((one) => untoldSettings.includes(one) && !found.includes(one))
        : [];
      const names = [...found, ...name.startsWith("settings") ? kept : []];
      return `    ${name}: [${names.map((one) => JSON.stringify(one)).join(", ")}]`;
    }),
  ];
}
