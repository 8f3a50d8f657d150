/**
 * A histogram of durations, in the form in which prom-client's metrics go from thread to thread. Its own one looks for labels and
 * bounds by name with every value, which cost a small request 2 µs.
 * See {@link https://prometheus.io/docs/concepts/metric_types/#histogram}.
 * @module
 */

import type { MetricReading } from "./exposition.ts";

type Labels = Readonly<Record<string, string>>;

/** One value of a reading; `metricName` has the suffix of its kind. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName: string;
  readonly value: number;
}

/** Durations with the same labels. */
export class LatencySeries {
  readonly #boundsSeconds: readonly number[];
  /** By the first bound that a duration does not pass; the last count is of those that pass all. */
  readonly #counts: number[];
  #sumSeconds = 0;

  constructor(boundsSeconds: readonly number[]) {
    this.#boundsSeconds = boundsSeconds;
    this.#counts = [...boundsSeconds, Infinity].map(() => 0);
  }

  /** Counts one. */
  observe(seconds: number): void {
    const bounds = this.#boundsSeconds;
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumSeconds += seconds;
  }

  /** Its samples, as Prometheus has them: each bucket holds those before it. */
  read(name: string, labels: Labels): Sample[] {
    let count = 0;
    const samples = this.#counts.map((within, at): Sample => {
      count += within;
      const le = this.#boundsSeconds[at] ?? "+Inf";
      return { labels: { le, ...labels }, metricName: `${name}_bucket`, value: count };
    });
    samples.push({ labels, metricName: `${name}_sum`, value: this.#sumSeconds });
    samples.push({ labels, metricName: `${name}_count`, value: count });
    return samples;
  }
}

/** What {@linkcode LatencyHistogram} is called, and how it divides durations. */
export interface LatencyHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Rising. */
  readonly boundsSeconds: readonly number[];
}

/** The series of one metric. */
export class LatencyHistogram {
  readonly #options: LatencyHistogramOptions;
  readonly #series = new Map<string, { readonly labels: Labels; readonly series: LatencySeries }>();

  constructor(options: LatencyHistogramOptions) {
    this.#options = options;
  }

  /** That of `labels`, always the same one. */
  labels(labels: Labels): LatencySeries {
    const key = Object.values(labels).join("\n");
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const series = new LatencySeries(this.#options.boundsSeconds);
    this.#series.set(key, { labels, series });
    return series;
  }

  /** All of it, as prom-client's registry reads its own. */
  read(): MetricReading & { readonly help: string; readonly aggregator: "sum" } {
    const { name, help } = this.#options;
    const values = Array.from(
      this.#series.values(),
      ({ labels, series }) => series.read(name, labels),
    ).flat();
    return { name, help, type: "histogram", aggregator: "sum", values };
  }
}
