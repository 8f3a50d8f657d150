import assert from "node:assert/strict";
import { formatProbe } from "../../../src/cli/probe.ts";
import { compareFacts, type Facts } from "../../../src/probe/probe.ts";
import type { Capabilities } from "../../../src/stores/capabilities.ts";
import { PRESETS } from "../../../src/stores/presets.ts";

function judge(name: keyof Capabilities, measured: Facts, untoldSettings: string[] = []): string {
  const found = compareFacts(PRESETS.minio, { measured, untoldSettings })
    .find((comparison) => comparison.name === name);
  return found?.verdict ?? "";
}

for (
  const [name, measured, verdict] of [
    ["keys", { keys: "exact" }, "gives"],
    ["keys", { keys: "folded" }, "agrees"],
    ["keys", {}, "unknown"],
    ["versions", { versions: false }, "trusts"],
    ["put_makes_buckets", { put_makes_buckets: true }, "trusts"],
    ["payload_hash", { payload_hash: false }, "trusts"],
    ["if_range", { if_range: true }, "gives"],
    ["copy_source", { copy_source: "twice" }, "trusts"],
    ["metadata_names", { metadata_names: "dashes" }, "trusts"],
    ["encryption_told", { encryption_told: false }, "agrees"],
    ["conditions", { conditions: ["put.if-match"] }, "trusts"],
    ["conditions", { conditions: [...PRESETS.minio.conditions, "delete.if-match"] }, "gives"],
    ["checksums", { checksums: [] }, "trusts"],
    ["settings", { settings: ["tagging"], settings_read: [] }, "trusts"],
  ] as const
) {
  Deno.test(`compareFacts() of ${name} and ${JSON.stringify(measured)}`, () => {
    assert.equal(judge(name, measured), verdict);
  });
}

Deno.test("compareFacts() blames nothing for settings that were not written", () => {
  const { settings } = PRESETS.minio;
  const measured: Facts = { settings: [], settings_read: settings };
  assert.equal(judge("settings", measured, [...settings]), "agrees");
  assert.equal(judge("settings", measured, settings.slice(1)), "trusts");
});

Deno.test("formatProbe() prints what to paste, and what is trusted that is not so", () => {
  const probe = {
    measured: { keys: "folded", conditions: ["put.if-match"], checksums: ["CRC32"] },
    untoldSettings: [],
    failures: ["No answer"],
    left: ["the bucket b"],
  } as const;
  const { lines, isSafe } = formatProbe(PRESETS.ceph, { probe, kind: "ceph" });
  const text = lines.join("\n");
  assert.equal(isSafe, false);
  assert.match(text, /keys +exact +folded +TRUSTS WHAT IS NOT SO/);
  assert.ok(text.includes(
    "backend:\n  capabilities:\n    keys: folded\n" +
      '    conditions: ["put.if-match"]\n    checksums: ["CRC32"]\n',
  ));
  assert.ok(text.endsWith("not measured: No answer\ncould not be removed: the bucket b"));
  const right = formatProbe({ ...PRESETS.ceph, keys: "folded" }, {
    probe: { ...probe, measured: { keys: "folded" } },
    kind: "ceph",
  });
  assert.equal(right.isSafe, true);
  assert.ok(!right.lines.includes("backend:"));
});
