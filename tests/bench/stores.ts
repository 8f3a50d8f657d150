/**
 * What the guards for stores cost (docs/BACKENDS.md): settings that a store does not know, headers that it loses, spellings of a
 * key, answers that are about something else, checksums. Run it with `deno task bench:stores`.
 *
 * First a GET of 1 KB is read, proven and decided in a loop, as it is and with all guards once more, in turns: the difference is
 * theirs, in the company of other code. Then the same GET goes through the program, and the guards are held to its processor
 * time: at most {@linkcode SHARE_MAX} of it. Exit status 1 for more, 2 where nginx, wrk or curl cannot be had.
 * @module
 */

import { type Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { createKeyDirectory } from "../../src/config/session_directory.ts";
import { SessionSealer } from "../../src/identity/session_sealer.ts";
import { verifyMetadata } from "../../src/s3/header_table.ts";
import { refuseLostHeaders } from "../../src/s3/lost_headers.ts";
import { parseS3Request, type S3Request } from "../../src/s3/request.ts";
import { findSetting, verifyKnownSetting } from "../../src/s3/settings.ts";
import { listSpellings, verifyListedNames } from "../../src/s3/spellings.ts";
import { createRequestRules } from "../../src/stages/request_rules.ts";
import { verifySignature } from "../../src/sigv4/verify.ts";
import { authorizeRequest, buildRequestContext } from "../../src/stages/authorize_request.ts";
import { addChecksums, listTold } from "../../src/stages/backend_checksums.ts";
import { planWrite } from "../../src/stages/conditional_write.ts";
import { buildBackendRequest } from "../../src/stages/exchange.ts";
import { NO_BODY } from "../../src/stages/prepared_body.ts";
import { findWrongAnswer } from "../../src/stages/verify_answer.ts";
import { findProgram } from "../e2e/support/tools.ts";
import { buildRawRequest } from "../unit/s3/sample_request.ts";
import { BUCKET, makeDirectory, smallObject, startBackend } from "./backend.ts";
import { prepareMeasure } from "./measure.ts";
import { median } from "./report.ts";
import { ROWS } from "./rows.ts";
import { signRequest, USER } from "./signed_requests.ts";
import { startTarget, type Target } from "./targets.ts";

const KINDS = ["ceph", "minio"] as const;
const SHARE_MAX = 0.01;
const TURNS = 4000;
const REQUESTS_A_TURN = 25;
const ROUNDS = 7;
const LISTENERS = ["serve", "hardened"] as const;

type Kind = typeof KINDS[number];
type Call = () => void;

/** What `response` is of, for guards of answers. */
const RESPONSE = {
  status: 200,
  headers: new Headers({ etag: '"d41d8cd98f00b204e9800998ecf8427e"', "content-length": "1024" }),
  body: null,
};

/** A request as it is handled up to its decision; and with the guards once more, those of its answer among them. */
function createCalls(kind: Kind): { plain: Call; guarded: Call } {
  const config = readConfig(kind);
  const rules = createRequestRules(config);
  const { capabilities } = rules;
  const lookup = createKeyDirectory(config, new SessionSealer([]));
  const now = new Date();
  const target = `/${BUCKET}/${smallObject(1, 0).key}`;
  const { headers } = signRequest({ method: "GET", target }, "header");
  const raw = buildRawRequest({ method: "GET", target, headers: Object.entries(headers) });
  const toBackend = buildBackendRequest(parseS3Request(raw, rules));
  const handle = (): S3Request => {
    const request = parseS3Request(raw, rules);
    const authenticated = verifySignature(request, {
      lookup: (key) => lookup(key, now),
      now,
      clockSkewSecondsMax: 900,
      region: undefined,
    });
    const { identity } = authenticated;
    const context = buildRequestContext(request, {
      authenticated,
      clientAddress: raw.clientAddress,
      now,
    });
    const { allowed } = authorizeRequest(request, { identity, context });
    if (!allowed) throw new Error("The request was to be allowed");
    return request;
  };
  const guard = (request: S3Request): void => {
    const { operation, parameters, headers } = request;
    verifyKnownSetting(operation, capabilities);
    verifyMetadata(headers, capabilities);
    refuseLostHeaders(headers, { operation, capabilities });
    if (rules.bucketNames.folded === true) {
      verifyListedNames(parameters);
      listSpellings(request);
    }
    planWrite(request, { createOnly: false, capabilities });
    addChecksums(toBackend, { request, prepared: NO_BODY, capabilities });
    findWrongAnswer(request, { response: RESPONSE, capabilities });
    findSetting(operation);
    listTold(request, { response: RESPONSE, capabilities });
  };
  return {
    plain: () => void handle(),
    guarded: () => guard(handle()),
  };
}

function readConfig(kind: Kind): Config {
  const data = {
    master_credentials: { access_key: "M", secret_key: "master-secret", endpoint: "https://b" },
    backend: { kind },
    users: [{ ...USER, allowed_buckets: [BUCKET] }],
  };
  const place = { path: "bench", environment: () => undefined, readSecretFile: () => "" };
  return parseConfig(JSON.stringify(data), place).config;
}

/** Microseconds a call. */
function time(call: Call): number {
  const startedMs = performance.now();
  for (let at = 0; at < REQUESTS_A_TURN; at++) call();
  return (performance.now() - startedMs) * 1000 / REQUESTS_A_TURN;
}

/** Microseconds that the guards of one request take, by kind. */
function timeGuards(): Map<Kind, number> {
  const calls = KINDS.map((kind) => ({ kind, ...createCalls(kind), differences: [] as number[] }));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { plain, guarded, differences } of calls) {
      const [first, second] = turn % 2 === 0 ? [plain, guarded] : [guarded, plain];
      const times = [time(first), time(second)];
      const difference = (times[1] ?? NaN) - (times[0] ?? NaN);
      if (turn >= TURNS / 4) differences.push(turn % 2 === 0 ? difference : -difference);
    }
  }
  return new Map(calls.map(({ kind, differences }) => [kind, median(differences)]));
}

/** Processor time of a GET of 1 KB in the program, in microseconds, by listener and kind. */
async function measureRequests(): Promise<Map<string, number>> {
  const [row] = ROWS;
  if (row === undefined) throw new Error("There are no rows");
  await using stack = new AsyncDisposableStack();
  const directory = await makeDirectory();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const backend = stack.use(await startBackend(directory));
  const running = [];
  for (const listener of LISTENERS) {
    for (const kind of KINDS) {
      const name = `${listener}, ${kind}`;
      const server = { workers: 1, listener };
      const target: Target = { name, kind: "s3_proxy", server, store: kind, isQuick: false };
      running.push({ name, target: stack.use(await startTarget(target, { directory, backend })) });
    }
  }
  const measure = await prepareMeasure(row, {
    directory,
    effort: { seconds: 2, transferMebibytes: 0 },
  });
  const figures = new Map(running.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, target } of running) {
      const { cpuMicrosecondsPerRequest } = await measure(target);
      if (round >= 0) figures.get(name)?.push(cpuMicrosecondsPerRequest ?? NaN);
    }
  }
  return new Map([...figures].map(([name, rounds]) => [name, median(rounds)]));
}

for (const name of ["nginx", "wrk", "curl"]) {
  if ((await findProgram(name)).missing === undefined) continue;
  console.error(`\n*** NOTHING WAS MEASURED: ${name} is missing ***\n`);
  Deno.exit(2);
}
const guards = timeGuards();
const requests = await measureRequests();
let isWithin = true;
console.log("| a GET of 1 KB, 64 connections | CPU, µs | its guards, µs | share |");
console.log("| --- | --- | --- | --- |");
for (const [name, whole] of requests) {
  const cost = guards.get(KINDS.find((kind) => name.endsWith(kind)) ?? "ceph") ?? NaN;
  if (!(cost / whole <= SHARE_MAX)) isWithin = false;
  const share = `${(cost / whole * 100).toFixed(2)} %`;
  console.log(`| ${name} | ${whole.toFixed(0)} | ${cost.toFixed(2)} | ${share} |`);
}
if (!isWithin) Deno.exit(1);
