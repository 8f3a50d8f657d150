/** chart/ as far as it can be read without Helm, which tests/e2e_all/chart_test.ts has. */

import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../../deno.json" with { type: "json" };
import { parseConfig } from "../../../src/config/load.ts";

const ROOT = new URL("../../../", import.meta.url);
const [chart, values, example, configMap] = await Promise.all(
  ["chart/Chart.yaml", "chart/values.yaml", "chart/example-values.yaml", "k8s/config_map.yaml"]
    .map(async (path) => parse(await Deno.readTextFile(new URL(path, ROOT)))),
);

/** As Helm does: mappings are added to each other, anything else is replaced. */
function merge(below: unknown, above: unknown): unknown {
  if (!isMapping(below) || !isMapping(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = merge(below[name], value);
  return merged;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

Deno.test("the chart is this version's", () => {
  assert.deepEqual([chart.version, chart.appVersion], [manifest.version, manifest.version]);
});

Deno.test("the chart has no user and no secret of its own", () => {
  assert.deepEqual([values.config.users, values.config.master_credentials], [[], {}]);
  assert.deepEqual([values.secrets, values.existingSecret], [{}, ""]);
});

Deno.test("the chart's example is the configuration of k8s/, with its secrets", async () => {
  const plain = parse(configMap.data["config.yaml"]);
  const config = merge(values.config, example.config);
  assert.deepEqual(config, plain);
  const read: string[] = [];
  const { warnings } = parseConfig(JSON.stringify(config), {
    path: "/etc/s3-proxy/config/config.yaml",
    environment: () => undefined,
    readSecretFile: (path) => {
      read.push(new URL(`file://${path}`).pathname.replace("/etc/s3-proxy/secrets/", ""));
      return `secret-of-this-test-${read.length}`;
    },
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(read.toSorted(), Object.keys(example.secrets).toSorted());
  const [secret] = parseAllDocuments(await Deno.readTextFile(new URL("k8s/secret.yaml", ROOT)));
  assert.deepEqual(secret?.toJS().stringData, example.secrets);
});

Deno.test("every value of the chart is in its schema, and the schema has no other", async () => {
  const schema = JSON.parse(await Deno.readTextFile(new URL("chart/values.schema.json", ROOT)));
  const { global: _everyChartHasIt, ...properties } = schema.properties;
  assert.deepEqual(Object.keys(properties), Object.keys(values));
  for (
    const [name, { additionalProperties, properties: inner }] of Object.entries<Schema>(properties)
  ) {
    if (additionalProperties !== false || inner === undefined) continue;
    assert.deepEqual(Object.keys(inner), Object.keys(values[name]), name);
  }
});

interface Schema {
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}
