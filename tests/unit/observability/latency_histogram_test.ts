import assert from "node:assert/strict";
import { Histogram, Registry } from "prom-client";
import { formatExposition, readRegistry } from "../../../src/observability/exposition.ts";
import { LatencyHistogram } from "../../../src/observability/latency_histogram.ts";

const OPTIONS = { name: "latency_seconds", help: "How long.", boundsSeconds: [0.001, 0.5, 1] };

Deno.test("LatencyHistogram writes what prom-client's histogram writes, of one thread and of two", async () => {
  const registry = new Registry();
  const { name, help, boundsSeconds: buckets } = OPTIONS;
  const labelNames = ["method", "bucket"];
  const theirs = new Histogram({ name, help, labelNames, buckets, registers: [registry] });
  const ours = new LatencyHistogram(OPTIONS);
  // On a bound, beside it, beyond all of them.
  for (const seconds of [0, 0.001, 0.0011, 0.5, 0.75, 1, 1.25, 300]) {
    for (const labels of [{ method: "GET", bucket: "a" }, { method: "PUT", bucket: "" }]) {
      theirs.observe(labels, seconds);
      ours.labels(labels).observe(seconds);
    }
  }
  const expected = await readRegistry(registry);
  for (const threads of [1, 2]) {
    assert.equal(
      await formatExposition(Array.from({ length: threads }, () => [ours.read()])),
      await formatExposition(Array.from({ length: threads }, () => expected)),
    );
  }
});

Deno.test("LatencyHistogram has one series for the same labels", () => {
  const histogram = new LatencyHistogram(OPTIONS);
  const series = histogram.labels({ method: "GET", bucket: "a" });
  assert.equal(histogram.labels({ method: "GET", bucket: "a" }), series);
  assert.notEqual(histogram.labels({ method: "GET", bucket: "b" }), series);
});
