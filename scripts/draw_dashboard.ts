/**
 * Draws the Grafana dashboard of monitoring/ without Grafana, from what a Prometheus knows of the last minutes:
 *
 *     deno run --allow-net --allow-read scripts/draw_dashboard.ts http://127.0.0.1:9091 > docs/images/dashboard.svg
 *
 * A second argument is the time that it ends with, in seconds since the epoch. The panels, their queries, places and units are the dashboard's own; what belongs to the program's inside is left out.
 * @module
 */

interface Panel {
  readonly type: "row" | "stat" | "timeseries";
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
}

interface Series {
  readonly name: string;
  /** Seconds since the epoch, and the value then. */
  readonly points: readonly (readonly [number, number])[];
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const DASHBOARD = new URL("../monitoring/grafana_dashboard.json", import.meta.url);
const LAST_ROW = "Program";
const SECONDS = 360;
const STEP_SECONDS = 4;
const COLUMN = 50;
const LINE = 23;
const GAP = 6;
const COLORS = ["#73bf69", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#fade2a", "#8ab8ff"];
const VARIABLES: Readonly<Record<string, string>> = {
  "$job": "s3-proxy",
  "$instance": ".*",
  "$bucket": ".*",
  "$__rate_interval": "30s",
};

const [server = "", end] = Deno.args;
const { panels } = JSON.parse(await Deno.readTextFile(DASHBOARD)) as { panels: Panel[] }; // as the file is
const last = panels.find(({ title }) => title === LAST_ROW)?.gridPos.y ?? Infinity;
const shown = panels.filter(({ gridPos }) => gridPos.y < last);
const now = Number(end) || Date.now() / 1000;
console.log(await drawAll(shown));

async function drawAll(panels: readonly Panel[]): Promise<string> {
  const width = 24 * COLUMN;
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * LINE;
  const drawn: string[] = [];
  for (const panel of panels) drawn.push(await drawPanel(panel));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#ccccdc">
<rect width="${width}" height="${height}" fill="#111217"/>
${drawn.join("\n")}
</svg>`;
}

async function drawPanel(panel: Panel): Promise<string> {
  const { x, y, w, h } = panel.gridPos;
  const box = {
    x: x * COLUMN + GAP / 2,
    y: y * LINE + GAP / 2,
    width: w * COLUMN - GAP,
    height: h * LINE - GAP,
  };
  if (panel.type === "row") {
    return `<text x="${box.x}" y="${
      box.y + 13
    }" font-size="13" font-weight="bold">${panel.title}</text>`;
  }
  const series = await readSeries(panel);
  const unit = panel.fieldConfig?.defaults?.unit ?? "short";
  const isNamed = panel.targets?.some(({ legendFormat }) => legendFormat.includes("{{")) ?? false;
  return [
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="2" fill="#181b1f" stroke="#2c3235"/>`,
    `<text x="${box.x + 8}" y="${box.y + 16}">${escape(panel.title)}</text>`,
    panel.type === "stat"
      ? drawStat(series, { box, unit, isNamed })
      : drawLines(series, { box, unit }),
  ].join("\n");
}

/** The number, or the name of a series that is there for its labels. */
function drawStat(
  series: readonly Series[],
  { box, unit, isNamed }: { box: Box; unit: string; isNamed: boolean },
): string {
  const [{ name, points } = { name: "", points: [] }] = series;
  const [, value = 0] = points.at(-1) ?? [];
  const text = isNamed ? name : format(value, unit);
  const size = text.length > 12 ? 14 : 26;
  return `<text x="${box.x + box.width / 2}" y="${
    box.y + box.height * 0.72
  }" text-anchor="middle" font-size="${size}" fill="#73bf69">${escape(text)}</text>`;
}

function drawLines(series: readonly Series[], { box, unit }: { box: Box; unit: string }): string {
  const plot = { x: box.x + 62, y: box.y + 26, width: box.width - 76, height: box.height - 66 };
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const top = niceTop(Math.max(...values, 0));
  const left = (seconds: number): number => plot.x + (1 - (now - seconds) / SECONDS) * plot.width;
  const height = (value: number): number => plot.y + (1 - value / top) * plot.height;
  const parts: string[] = [];
  for (const share of [0, 0.5, 1]) {
    const y = height(top * share).toFixed(1);
    parts.push(
      `<path d="M${plot.x} ${y}h${plot.width}" stroke="#2c3235"/>`,
      `<text x="${plot.x - 6}" y="${Number(y) + 4}" text-anchor="end" font-size="10">${
        format(top * share, unit)
      }</text>`,
    );
  }
  for (const minutes of [5, 3, 1]) {
    parts.push(
      `<text x="${left(now - minutes * 60).toFixed(0)}" y="${
        plot.y + plot.height + 14
      }" text-anchor="middle" font-size="10">−${minutes} min</text>`,
    );
  }
  let legend = plot.x - 50;
  for (const [index, { name, points }] of series.entries()) {
    const color = COLORS[index % COLORS.length];
    const line = points.map(([seconds, value]) =>
      `${left(seconds).toFixed(1)},${height(value).toFixed(1)}`
    );
    parts.push(
      `<polyline points="${line.join(" ")}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
      `<rect x="${legend}" y="${box.y + box.height - 17}" width="9" height="3" fill="${color}"/>`,
      `<text x="${legend + 13}" y="${box.y + box.height - 11}" font-size="10">${
        escape(name)
      }</text>`,
    );
    legend += 30 + name.length * 6;
  }
  return parts.join("\n");
}

async function readSeries({ targets = [] }: Panel): Promise<Series[]> {
  const series: Series[] = [];
  for (const { expr, legendFormat } of targets) {
    const url = new URL("/api/v1/query_range", server);
    const query = Object.entries(VARIABLES).reduce(
      (text, [name, value]) => text.replaceAll(name, value),
      expr,
    );
    for (
      const [name, value] of Object.entries({
        query,
        start: now - SECONDS,
        end: now,
        step: STEP_SECONDS,
      })
    ) url.searchParams.set(name, String(value));
    const { data: { result } } = await (await fetch(url)).json();
    for (const { metric, values } of result) {
      series.push({
        name: legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? "") || "–",
        points: values.map(([seconds, text]: [number, string]) => [seconds, Number(text)] as const)
          .filter(([, value]: readonly [number, number]) => Number.isFinite(value)),
      });
    }
  }
  return series;
}

/** 1, 2 or 5 times a power of ten, not below `value`. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value) ?? value;
}

function format(value: number, unit: string): string {
  switch (unit) {
    case "reqps":
      return `${round(value)} req/s`;
    case "percentunit":
      return `${round(value * 100)} %`;
    case "s":
      return value < 1 ? `${round(value * 1000)} ms` : `${round(value)} s`;
    case "Bps":
      return value < 1e6 ? `${round(value / 1e3)} kB/s` : `${round(value / 1e6)} MB/s`;
    default:
      return round(value);
  }
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
