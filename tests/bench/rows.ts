/**
 * What is done to each target: one line each, with its budget as ratios to the floor in the same run.
 * @module
 */

import { BUCKET, largeObject, smallObject } from "./backend.ts";
import type { Signing } from "./signed_requests.ts";
import type { UploadForm } from "./uploads.ts";

/** What a row may cost; a miss is explained in docs/PERFORMANCE.md. */
export interface Budget {
  /** Least rate (requests or bytes per second), in those of the floor. */
  readonly rateMin?: number;
  /** Most processor time per request or byte, in that of the floor. */
  readonly cpuMax?: number;
  /** Most that half of the requests may take longer than through the floor. */
  readonly addedP50MsMax?: number;
  /** A row by whose ratio, times `factor`, the processor time is bounded. */
  readonly cpuBeside?: { readonly row: string; readonly factor: number };
  /** What `hardened` is held to, in the figures of the Go peer. */
  readonly peer?: { readonly rateMin?: number; readonly cpuMax?: number };
}

interface RowBase {
  readonly name: string;
  readonly budget?: Budget;
  /** Whether the short run has it too. */
  readonly isQuick: boolean;
  /** Between clients and target, which not every target speaks. */
  readonly isTls?: boolean;
}

/** Many small requests. */
export interface RequestsRow extends RowBase {
  readonly kind: "requests";
  readonly method: "GET" | "HEAD";
  /** The target of the `index`th request. */
  readonly target: (index: number) => string;
  /** Length of an answer's body. */
  readonly bytes: number;
  readonly signing: Signing;
  readonly connections: number;
}

/** A few large bodies. */
export interface TransferRow extends RowBase {
  readonly kind: "transfer";
  readonly mebibytes: number;
  /** How a body is sent; `undefined` fetches one. */
  readonly upload: UploadForm | undefined;
}

/** A row. */
export type Row = RequestsRow | TransferRow;

const KIB = 1024;
const ALLOWED = "1 KB GET header-signed, 64 connections";

const SMALL = { rateMin: 1.2, cpuMax: 0.8 };
const SMALLEST = { rateMin: 1.3, cpuMax: 0.75 };

/** All of them. */
export const ROWS: readonly Row[] = [
  get(1, {
    signing: "header",
    connections: 64,
    isQuick: true,
    budget: { rateMin: 0.52, cpuMax: 2.2, peer: SMALL },
  }),
  get(1, {
    signing: "header",
    connections: 1,
    isQuick: true,
    budget: { addedP50MsMax: 0.35, peer: { cpuMax: 0.9 } },
  }),
  get(1, { signing: "presigned", connections: 1, budget: { peer: { cpuMax: 0.9 } } }),
  get(1, { signing: "presigned", connections: 64, budget: { peer: SMALL } }),
  get(1, {
    signing: "session",
    connections: 64,
    budget: { cpuBeside: { row: ALLOWED, factor: 1.15 } },
  }),
  {
    ...get(0, { signing: "header", connections: 64, budget: { peer: SMALLEST } }),
    name: "HEAD header-signed, 64 connections",
    method: "HEAD",
  },
  {
    ...get(1, {
      signing: "header",
      connections: 64,
      budget: { peer: { rateMin: 1, cpuMax: 0.9 } },
    }),
    name: "ListObjectsV2 of 1000 keys, 64 connections",
    target: () => `/${BUCKET}?list-type=2`,
    bytes: 205 * KIB,
  },
  get(64, {
    signing: "header",
    connections: 64,
    isQuick: true,
    budget: { rateMin: 0.75, peer: SMALLEST },
  }),
  {
    ...get(1, {
      signing: "denied",
      connections: 64,
      budget: { cpuBeside: { row: ALLOWED, factor: 1 }, peer: SMALLEST },
    }),
    name: "denied, 64 connections",
    isQuick: true,
  },
  {
    ...get(1, {
      signing: "bad_signature",
      connections: 64,
      budget: { cpuBeside: { row: ALLOWED, factor: 1 }, peer: SMALLEST },
    }),
    name: "bad signature, 64 connections",
    isQuick: true,
  },
  transfer(100, {
    budget: { rateMin: 0.95, cpuMax: 1.1, peer: { rateMin: 1, cpuMax: 0.65 } },
    isQuick: true,
  }),
  ...[100, 256].flatMap((mebibytes): TransferRow[] => {
    const isQuick = mebibytes === 100;
    return [
      transfer(mebibytes, {
        upload: "hex",
        budget: { rateMin: 0.95, cpuMax: 1.1, peer: { rateMin: 1, cpuMax: 1 } },
        isQuick,
      }),
      transfer(mebibytes, { upload: "unsigned trailer", budget: { rateMin: 0.6 }, isQuick }),
      transfer(mebibytes, { upload: "signed chunks", budget: { rateMin: 0.5 }, isQuick }),
      transfer(mebibytes, { upload: "strict", budget: { rateMin: 0.6 }, isQuick }),
    ];
  }),
  ...[1, 64].map((kibibytes) =>
    overTls(
      get(kibibytes, { signing: "header", connections: 64, budget: { peer: { cpuMax: 1 } } }),
    )
  ),
  overTls(transfer(100, { budget: { peer: { cpuMax: 1 } }, isQuick: false })),
  overTls(transfer(100, { upload: "hex", budget: { peer: { cpuMax: 1 } }, isQuick: false })),
];

function overTls<AnyRow extends Row>(row: AnyRow): AnyRow {
  return { ...row, name: `TLS: ${row.name}`, isTls: true };
}

function get(
  kibibytes: number,
  { signing, connections, budget = {}, isQuick = false }: {
    signing: Signing;
    connections: number;
    budget?: Budget;
    isQuick?: boolean;
  },
): RequestsRow {
  return {
    kind: "requests",
    name: `${kibibytes} KB GET ${signing === "header" ? "header-signed" : signing}, ` +
      `${connections} connection${connections === 1 ? "" : "s"}`,
    method: "GET",
    target: (index) => `/${BUCKET}/${smallObject(kibibytes, index).key}`,
    bytes: kibibytes * KIB,
    signing,
    connections,
    budget,
    isQuick,
  };
}

function transfer(
  mebibytes: number,
  { upload, ...rest }: { upload?: UploadForm; budget?: Budget; isQuick: boolean },
): TransferRow {
  const name = `${mebibytes} MB ${upload === undefined ? "GET" : `PUT ${upload}`}`;
  return { kind: "transfer", name, mebibytes, upload, ...rest };
}

/** The request target of the object that a transfer fetches. */
export function transferTarget({ mebibytes, upload }: TransferRow): string {
  const { key } = largeObject(mebibytes);
  return `/${BUCKET}/${upload === undefined ? key : `put/${key}`}`;
}
