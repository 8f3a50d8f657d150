/**
 * From the metrics of several threads to the one text that Prometheus reads.
 * See {@link https://prometheus.io/docs/instrumenting/exposition_formats/}.
 * @module
 */

import { AggregatorRegistry, Registry } from "prom-client";

/** One metric of one thread, with all its series: plain data, to be posted. */
export interface MetricReading {
  readonly name: string;
  readonly type: string;
  readonly values: readonly unknown[];
}

/** All metrics of one thread at one time. */
export type MetricsReading = readonly MetricReading[];

/** MIME type of {@linkcode formatExposition}. */
export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Reads `registry`. */
export async function readRegistry(registry: Registry): Promise<MetricsReading> {
  const metrics = await registry.getMetricsAsJSON();
  // They are what the interface says; the library's own type leaves out the values.
  return metrics as unknown as MetricsReading;
}

/** Counters, histograms and most gauges are added up; of some gauges the largest counts. */
export function formatExposition(readings: readonly MetricsReading[]): Promise<string> {
  return merge(readings).metrics();
}

/** What is kept of threads that have ended: counts must not fall, and a gauge is theirs no more. */
export function mergeCounts(readings: readonly MetricsReading[]): Promise<MetricsReading> {
  const counts = readings.map((reading) => reading.filter(({ type }) => type !== "gauge"));
  return readRegistry(merge(counts));
}

function merge(readings: readonly MetricsReading[]): Registry {
  // The library asks for `object[]` and means arrays of metrics, as its documentation shows.
  return AggregatorRegistry.aggregate(readings as unknown as object[]);
}
