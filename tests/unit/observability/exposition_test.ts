import assert from "node:assert/strict";
import { formatExposition, mergeCounts } from "../../../src/observability/exposition.ts";
import { Metrics } from "../../../src/observability/metrics.ts";
import { ProgramMetrics, type ProgramState } from "../../../src/observability/program_metrics.ts";

/** A thread that has answered `requests` of Alice, one of them still in flight. */
function createThread(requests: number, lagSeconds = 0): Metrics {
  const metrics = new Metrics({
    heapBytes: () => 100,
    eventLoopLagSeconds: () => lagSeconds,
    piecesTaken: () => 0,
    piecesGiven: () => 0,
  });
  metrics.requestStarted();
  for (let count = 0; count < requests; count++) {
    metrics.recordRequest({
      requestId: "0A1B2C3D4E5F6071",
      user: "alice",
      bucket: "mine",
      operation: "GetObject",
      method: "GET",
      path: "/mine/key",
      status: 200,
      durationSeconds: 0.5,
      clientIp: "192.0.2.1",
    });
  }
  return metrics;
}

/** Lines that begin with `name`. */
function select(exposition: string, name: string): string[] {
  return exposition.split("\n").filter((line) => line.startsWith(name));
}

const REQUESTS = 's3_proxy_requests_total{method="GET",code="200",bucket="mine",user="alice"}';

Deno.test("formatExposition() adds up threads, and takes the largest lag", async () => {
  const readings = [await createThread(2, 0.25).read(), await createThread(3, 0.5).read()];
  // As they come from a worker.
  const text = await formatExposition(structuredClone(readings));
  assert.deepEqual(select(text, "s3_proxy_requests_total{"), [`${REQUESTS} 5`]);
  assert.deepEqual(select(text, "s3_proxy_in_flight_requests"), ["s3_proxy_in_flight_requests 2"]);
  assert.deepEqual(select(text, "process_heap_bytes"), ["process_heap_bytes 200"]);
  assert.deepEqual(select(text, "s3_proxy_event_loop_lag_seconds"), [
    "s3_proxy_event_loop_lag_seconds 0.5",
  ]);
  assert.deepEqual(select(text, "s3_proxy_request_duration_seconds_sum"), [
    's3_proxy_request_duration_seconds_sum{method="GET",bucket="mine"} 2.5',
  ]);
});

Deno.test("mergeCounts() keeps what ended threads had counted, and nothing of how they did", async () => {
  const past = await mergeCounts([await createThread(2).read(), await createThread(3).read()]);
  const text = await formatExposition([past, await createThread(1).read()]);
  assert.deepEqual(select(text, "s3_proxy_requests_total{"), [`${REQUESTS} 6`]);
  assert.deepEqual(select(text, "s3_proxy_in_flight_requests"), ["s3_proxy_in_flight_requests 1"]);
});

Deno.test("ProgramMetrics tells what the program is and how it does", async () => {
  const metrics = new ProgramMetrics({
    build: { version: "1.2.3", commit: "abc", deno: "2.9.6" },
    startTime: new Date(1_000_500),
    residentBytes: () => 1000,
  });
  let logLinesDropped = 0;
  const readState = (): ProgramState => ({
    workers: 2,
    connections: 7,
    connectionsMax: 200,
    connectionsWaiting: 3,
    logLinesDropped,
  });
  const read = async (): Promise<Map<string, number>> =>
    new Map(
      (await formatExposition([await metrics.read(readState())])).split("\n")
        .map((line) => line.split(" ")).map(([name = "", value]) => [name, Number(value)]),
    );
  const started = await read();
  assert.equal(started.get('s3_proxy_build_info{version="1.2.3",commit="abc",deno="2.9.6"}'), 1);
  assert.equal(started.get("process_start_time_seconds"), 1000.5);
  assert.equal(started.get("process_resident_memory_bytes"), 1000);
  assert.equal(started.get("s3_proxy_workers"), 2);
  assert.equal(started.get("s3_proxy_backend_connections"), 7);
  assert.equal(started.get("s3_proxy_backend_connections_max"), 200);
  assert.equal(started.get("s3_proxy_backend_connections_waiting"), 3);
  assert.equal(started.get("s3_proxy_worker_restarts_total"), 0);
  assert.equal(started.get("s3_proxy_config_last_reload_successful"), 1);

  metrics.keysEnd([{ user: "u", accessKey: "old", at: new Date(3_000_000) }]);
  const series = 's3_proxy_key_expiry_timestamp_seconds{user="u",access_key="old"}';
  assert.equal((await read()).get(series), 3000);
  metrics.keysEnd([]);
  assert.equal((await read()).get(series), undefined);

  for (const lines of [5, 7, 7]) {
    logLinesDropped = lines;
    assert.equal((await read()).get("s3_proxy_log_lines_dropped_total"), lines);
  }

  metrics.configurationRefused();
  metrics.workerRestarted();
  const refused = await read();
  assert.equal(refused.get("s3_proxy_config_last_reload_successful"), 0);
  assert.equal(refused.get("s3_proxy_config_last_reload_success_timestamp_seconds"), 1000.5);
  assert.equal(refused.get('s3_proxy_config_reloads_total{result="failure"}'), 1);
  assert.equal(refused.get("s3_proxy_worker_restarts_total"), 1);

  metrics.configurationReloaded(new Date(2_000_000));
  const reloaded = await read();
  assert.equal(reloaded.get("s3_proxy_config_last_reload_successful"), 1);
  assert.equal(reloaded.get("s3_proxy_config_last_reload_success_timestamp_seconds"), 2000);
  assert.equal(reloaded.get('s3_proxy_config_reloads_total{result="success"}'), 1);
});
