import assert from "node:assert/strict";
import { parse } from "yaml";

const MONITORING = new URL("../../../monitoring/", import.meta.url);
const SOURCES = new URL("../../../src/observability/", import.meta.url);
const HISTOGRAM_PARTS = /_(?:bucket|sum|count)$/;

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules: Rule[] = [];
for (const file of ["recording_rules.yml", "alerts.yml"]) {
  for (const group of parse(await readMonitoring(file)).groups) rules.push(...group.rules);
}
const dashboard = JSON.parse(await readMonitoring("grafana_dashboard.json"));
const panels: readonly Panel[] = dashboard.panels;
const metricNames = await readMetricNames();

Deno.test("every metric that a rule asks for is one that the program has", () => {
  const recorded = new Set(rules.map(({ record }) => record));
  for (const { record, alert, expr } of rules) {
    assertKnown(`${record ?? alert}`, expr, (name) => recorded.has(name));
  }
});

Deno.test("every metric that the dashboard asks for is one that the program has", () => {
  for (const { title, type, targets = [] } of panels) {
    assert.equal(targets.length === 0, type === "row", title);
    for (const { expr } of targets) assertKnown(title, expr);
  }
  for (
    const { name, query, expr = query?.query } of [
      ...dashboard.templating.list.filter(({ type }: { type: string }) => type === "query"),
      ...dashboard.annotations.list,
    ]
  ) assertKnown(name, expr);
});

Deno.test("no panel of the dashboard lies on another", () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const cell = `${column},${row}`;
        assert.equal(taken.get(cell), undefined, `${title} on ${taken.get(cell)}`);
        taken.set(cell, title);
      }
    }
  }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
});

Deno.test("every alert has a test of its own", async () => {
  const tests = await readMonitoring("rules_test.yml");
  for (const { alert } of rules) {
    if (alert !== undefined) assert.match(tests, new RegExp(`alertname[:=] ?"?${alert}\\b`));
  }
});

Deno.test("the scrape configuration asks for what the proxy serves by default", async () => {
  const [job, ...others] = parse(await readMonitoring("prometheus.yml")).scrape_configs;
  assert.deepEqual(others, []);
  assert.equal(job.job_name, "s3-proxy"); // the alerts look for it
  const example = await Deno.readTextFile(new URL("../config.yaml.example", MONITORING));
  const { metrics } = parse(example);
  assert.equal(job.metrics_path, metrics.path);
  assert.deepEqual(job.static_configs, [{ targets: [`localhost${metrics.address}`] }]);
});

function assertKnown(
  user: string,
  expr: string,
  alsoKnown: (name: string) => boolean = () => false,
): void {
  const names = expr.match(/\b(?:job\w*:)?(?:s3_proxy|process)_[a-z0-9_:]+/g) ?? [];
  assert.ok(names.length > 0 || /\bup\b/.test(expr), `${user}: ${expr}`);
  for (const name of names) {
    const family = name.replace(HISTOGRAM_PARTS, "");
    const known = metricNames.has(name) || metricNames.has(family);
    assert.ok(known || alsoKnown(name), `${user}: there is no ${name}`);
  }
}

function readMonitoring(file: string): Promise<string> {
  return Deno.readTextFile(new URL(file, MONITORING));
}

/** The names under which the program registers metrics. */
async function readMetricNames(): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(SOURCES)) {
    const text = await Deno.readTextFile(new URL(name, SOURCES));
    for (const [, found = ""] of text.matchAll(/"((?:s3_proxy|process)_[a-z_]+)"/g)) {
      names.add(found);
    }
  }
  return names;
}
