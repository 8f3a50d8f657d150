import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  AUTH_ERROR_REASONS,
  BucketLabels,
  formatMethodLabel,
  formatReasonLabel,
  SeriesCache,
} from "../../../src/observability/metric_labels.ts";

Deno.test("formatMethodLabel() knows no method but those of S3 and CORS", () => {
  for (const method of ["get", "PROPFIND", "", "GET\n"]) {
    assert.equal(formatMethodLabel(method), "other");
  }
  for (const method of ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]) {
    assert.equal(formatMethodLabel(method), method);
  }
});

Deno.test("formatReasonLabel() knows no reason but those of the list", () => {
  for (const reason of [undefined, "", "Signature_Mismatch", "constructor"]) {
    assert.equal(formatReasonLabel(reason), "other");
  }
  for (const reason of AUTH_ERROR_REASONS) assert.equal(formatReasonLabel(reason), reason);
});

Deno.test("BucketLabels knows no name it was not told of", () => {
  const labels = new BucketLabels();
  labels.configure(["bucket-alpha"]);
  assert.equal(labels.format("bucket-beta"), "other");
  assert.equal(labels.format("Bucket-Alpha"), "other");
  assert.equal(labels.format("bucket-alpha"), "bucket-alpha");
  assert.equal(labels.format(undefined), "");
});

Deno.test("BucketLabels learns names up to the bound and not one more", () => {
  const labels = new BucketLabels();
  labels.configure(["configured"]);
  labels.learn("configured");
  for (let bucket = 0; bucket <= LIMITS.metricsSeenBucketsMax; bucket++) {
    labels.learn(`seen-${bucket}`);
  }
  const last = LIMITS.metricsSeenBucketsMax - 1;
  assert.equal(labels.format(`seen-${last}`), `seen-${last}`);
  assert.equal(labels.format(`seen-${last + 1}`), "other");
  assert.equal(labels.format("configured"), "configured");
});

Deno.test("BucketLabels.configure() replaces the names and keeps what was learned", () => {
  const labels = new BucketLabels();
  labels.configure(["old"]);
  labels.learn("seen");
  labels.configure(["new"]);
  assert.deepEqual(["old", "new", "seen"].map((name) => labels.format(name)), [
    "other",
    "new",
    "seen",
  ]);
});

Deno.test("SeriesCache makes a series once, and none past its bound but the overflow", () => {
  const created: string[] = [];
  const cache = new SeriesCache(([label]: readonly [string]) => {
    created.push(label);
    return { label };
  });
  const find = (label: string): string => cache.get([label], ["other"]).label;
  for (let series = 0; series < LIMITS.metricsSeriesMax; series++) find(`series-${series}`);
  assert.equal(find("series-0"), "series-0");
  assert.equal(find("one more"), "other");
  assert.equal(find("and another"), "other");
  assert.equal(created.length, LIMITS.metricsSeriesMax + 1);
});

Deno.test("SeriesCache tells combinations apart whose labels only read alike together", () => {
  const cache = new SeriesCache((labels: readonly [string, string]) => ({ labels }));
  const first = cache.get(["a", "b"], ["other", "other"]);
  assert.notEqual(cache.get(["ab", ""], ["other", "other"]), first);
  assert.equal(cache.get(["a", "b"], ["other", "other"]), first);
});
