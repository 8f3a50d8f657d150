/**
 * One row on one target, once.
 * @module
 */

import { OBJECTS } from "./backend.ts";
import { readCpuSeconds, readPeakMebibytes, resetPeak } from "./process_usage.ts";
import { type RequestsRow, type Row, type TransferRow, transferTarget } from "./rows.ts";
import { type SignedRequest, signRequest } from "./signed_requests.ts";
import type { RunningTarget } from "./targets.ts";
import { runTransfers } from "./transfers.ts";
import { preparePlain, prepareUpload, type Upload } from "./uploads.ts";
import { runWrk } from "./wrk.ts";

/** Figures of one measurement; `undefined` where the row has no such figure. */
export interface Figures {
  readonly requestsPerSecond: number | undefined;
  /** 10^6 bytes of bodies. */
  readonly megabytesPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Processor time of the target's process, the kernel's on its behalf included. */
  readonly cpuMicrosecondsPerRequest: number | undefined;
  readonly cpuSecondsPerGigabyte: number | undefined;
  readonly peakMebibytes: number;
}

/** Measures a row on any target; made once for all of its rounds. `warms`: for long enough that its code is compiled; not counted. */
export type Measure = (
  target: RunningTarget,
  options?: { readonly warms: boolean },
) => Promise<Figures>;

/** How long and how often. */
export interface Effort {
  /** One run of wrk. */
  readonly seconds: number;
  /** What one run of curl transfers, about. */
  readonly transferMebibytes: number;
}

const MIB = 1 << 20;
/** V8 compiles for some five seconds what a small request goes through, beside the requests; a server runs for longer. */
const WARM_UP_ROUNDS = 3;

/** Prepares what a row sends: signatures are good for 15 minutes, so each row has its own. */
export async function prepareMeasure(
  row: Row,
  { directory, effort }: { directory: string; effort: Effort },
): Promise<Measure> {
  return row.kind === "requests"
    ? prepareRequests(row, { directory, effort })
    : await prepareTransfer(row, { directory, effort });
}

function prepareRequests(
  row: RequestsRow,
  { directory, effort }: { directory: string; effort: Effort },
): Measure {
  const { connections, method, isTls } = row;
  const requests: SignedRequest[] = Array.from(
    { length: OBJECTS },
    (_, index) => signRequest({ method, target: row.target(index) }, row.signing),
  );
  const isRefused = row.signing === "denied" || row.signing === "bad_signature";
  return async ({ pid, port, target }, { warms } = { warms: false }) => {
    const seconds = warms ? WARM_UP_ROUNDS * effort.seconds : effort.seconds;
    const { cpuSeconds, peakMebibytes, result } = await observe(
      pid,
      () => runWrk({ port, isTls, connections, seconds, requests, directory }),
    );
    const verifies = target.kind === "s3_proxy" || target.kind === "go_peer";
    const refusedExpected = isRefused && verifies ? result.requests : 0;
    if (result.broken > 0 || result.refused !== refusedExpected || result.requests === 0) {
      throw new Error(`${row.name} on ${target.name}: ${JSON.stringify(result)}`);
    }
    return {
      requestsPerSecond: result.requests / result.seconds,
      megabytesPerSecond: result.requests * row.bytes / 1e6 / result.seconds,
      p50Ms: result.p50Us / 1e3,
      p99Ms: result.p99Us / 1e3,
      cpuMicrosecondsPerRequest: cpuSeconds / result.requests * 1e6,
      cpuSecondsPerGigabyte: undefined,
      peakMebibytes,
    };
  };
}

async function prepareTransfer(
  row: TransferRow,
  { directory, effort }: { directory: string; effort: Effort },
): Promise<Measure> {
  const { mebibytes, upload: form } = row;
  const path = transferTarget(row);
  const { headers } = signRequest({ method: "GET", target: path }, "header");
  const download: Pick<Upload, "headers"> = { headers: Object.entries(headers) };
  const plain = form && await preparePlain(mebibytes, directory);
  // The peer asks for a signature, and knows the simplest form of a body.
  const hex = form && await prepareUpload({ form: "hex", target: path, mebibytes }, directory);
  const signed = plain && hex && { ...plain, headers: hex.headers };
  const upload = form && await prepareUpload({ form, target: path, mebibytes }, directory);
  const count = Math.max(1, Math.round(effort.transferMebibytes / mebibytes));
  const bytes = mebibytes * MIB * count;
  return async ({ pid, port, target }) => {
    const ofOthers = target.kind === "go_peer" ? signed : plain;
    const body = target.kind === "s3_proxy" ? upload : ofOthers;
    const { headers } = body ?? download;
    const url = `${row.isTls ? "https" : "http"}://127.0.0.1:${port}${path}`;
    const { cpuSeconds, peakMebibytes, result } = await observe(
      pid,
      () => runTransfers({ url, headers, file: body?.file, count }),
    );
    const seconds = result.reduce((sum, { total }) => sum + total, 0);
    return {
      requestsPerSecond: undefined,
      megabytesPerSecond: bytes / 1e6 / seconds,
      p50Ms: undefined,
      p99Ms: undefined,
      cpuMicrosecondsPerRequest: undefined,
      cpuSecondsPerGigabyte: cpuSeconds / (bytes / 1e9),
      peakMebibytes,
    };
  };
}

async function observe<Result>(
  pid: number,
  action: () => Promise<Result>,
): Promise<{ cpuSeconds: number; peakMebibytes: number; result: Result }> {
  await resetPeak(pid);
  const before = await readCpuSeconds(pid);
  const result = await action();
  const cpuSeconds = await readCpuSeconds(pid) - before;
  return { cpuSeconds, peakMebibytes: await readPeakMebibytes(pid), result };
}
