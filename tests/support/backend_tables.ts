/**
 * The tables of docs/BACKENDS.md, from the presets that they show.
 * @module
 */

import {
  CHECKSUMS,
  CONDITIONS,
  ENCRYPTIONS,
  FACTS,
  KEPT_HEADERS,
  SETTINGS,
} from "../../src/stores/capabilities.ts";
import { BACKEND_KINDS, MEASURED_ON, PRESETS } from "../../src/stores/presets.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  conditions: CONDITIONS.filter((name) => name !== "dates"),
  keeps: KEPT_HEADERS,
  encryption: ENCRYPTIONS,
  checksums: CHECKSUMS,
};

/** How the facts of a kind came about, where it was not by the probe. */
const OTHERWISE: Readonly<Record<string, string>> = {
  aws: "Amazon's documentation, not measured",
  garage: "requests by hand, not the probe",
  other: "-",
};

/** Which version the facts of each kind are of, and how they came about. */
export function formatVersions(): string {
  return formatTable(
    ["kind", "version", "facts by"],
    BACKEND_KINDS.map((kind) => [
      `\`${kind}\``,
      MEASURED_ON[kind],
      OTHERWISE[kind] ?? "the probe",
    ]),
  );
}

/** Facts but settings. */
export function formatFacts(): string {
  const rows = Object.entries(FACTS).flatMap(([name, { kind }]): string[][] => {
    if (name.startsWith("settings")) return [];
    const values = NAMES[name];
    if (values !== undefined) {
      return values.map((value) => [
        `${name}: \`${value}\``,
        ...BACKEND_KINDS.map((kind) => tick(read(kind, name), value)),
      ]);
    }
    return [[`\`${name}\``, ...BACKEND_KINDS.map((store) => format(read(store, name), kind))]];
  });
  return formatTable(["fact", ...BACKEND_KINDS], rows);
}

/** `rw`: read and written; `r`: only read. */
export function formatSettings(): string {
  const rows = SETTINGS.map((setting) => [
    `\`${setting}\``,
    ...BACKEND_KINDS.map((kind) => {
      const { settings, settings_read } = PRESETS[kind];
      return settings.includes(setting) ? "rw" : settings_read.includes(setting) ? "r" : "-";
    }),
  ]);
  return formatTable(["setting", ...BACKEND_KINDS], rows);
}

function read(kind: typeof BACKEND_KINDS[number], name: string): unknown {
  return Object.entries(PRESETS[kind]).find(([fact]) => fact === name)?.[1];
}

function tick(values: unknown, value: string): string {
  return Array.isArray(values) && values.includes(value) ? "yes" : "-";
}

function format(value: unknown, kind: string): string {
  if (kind === "flag") return value === true ? "yes" : "-";
  if (!Array.isArray(value)) return String(value);
  return value.map((text) => `\`${text}\``).join(" ") || "-";
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
