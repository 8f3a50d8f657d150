/**
 * What a session costs beside a user's own key: reading a request and proving who sent it, in a loop. Run it with
 * `deno task bench:sessions`; both are measured in turns, and the ratio is the median of the turns'. The token is a part of
 * what is signed, so some of it is SHA-256's. What comes of it on the wire is a row of `deno task bench`.
 * @module
 */

import { parseConfig } from "../../src/config/load.ts";
import { createKeyDirectory } from "../../src/config/session_directory.ts";
import { SessionSealer } from "../../src/identity/session_sealer.ts";
import { parseS3Request } from "../../src/s3/request.ts";
import { verifySignature } from "../../src/sigv4/verify.ts";
import { type Header, signHeaders } from "../support/signer.ts";
import { buildSessionSections, describeSession } from "./signed_requests.ts";
import { buildRawRequest, SAMPLE_RULES } from "../unit/s3/sample_request.ts";

const TURNS = 60;
const REQUESTS_A_TURN = 500;
const NEW_SESSIONS_A_TURN = 50;
const USER = { accessKey: "bench-key", secretKey: "secret-of-the-benchmark" };

const { config } = parseConfig(
  JSON.stringify({
    master_credentials: { access_key: "M", secret_key: "master-secret", endpoint: "https://b" },
    users: [{
      access_key: USER.accessKey,
      secret_key: USER.secretKey,
      allowed_buckets: ["bucket"],
    }],
    ...buildSessionSections("bucket"),
  }),
  { path: "bench", environment: () => undefined, readSecretFile: () => "" },
);
const sealer = new SessionSealer(config.sealingKeys);
const now = new Date();
let names = 0;

/** Reads and proves one request of the key's, again and again. */
function createCall(
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
  { headers = [], lookup = createKeyDirectory(config, sealer) }: {
    headers?: readonly Header[];
    lookup?: ReturnType<typeof createKeyDirectory>;
  } = {},
): () => void {
  const signed = signHeaders({
    method: "GET",
    target: "/bucket/path/to/key.bin",
    headers: [["host", "proxy.example"], ...headers],
    accessKey,
    secretKey,
    date: now,
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const raw = buildRawRequest({
    method: "GET",
    target: "/bucket/path/to/key.bin",
    headers: signed.headers,
  });
  return () => {
    verifySignature(parseS3Request(raw, SAMPLE_RULES), {
      lookup: (key) => lookup(key, now),
      now,
      clockSkewSecondsMax: 900,
      region: undefined,
    });
  };
}

function createSessionCall(): () => void {
  const credentials = sealer.seal(describeSession(`job-${names++}`));
  if (credentials === undefined) throw new Error("The session's token is not too long");
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return createCall({ accessKey: accessKeyId, secretKey: secretAccessKey }, {
    headers: [["x-amz-security-token", sessionToken]],
    lookup: shared,
  });
}

const shared = createKeyDirectory(config, sealer);

/** Microseconds a call. */
function time(calls: readonly (() => void)[]): number {
  const startedMs = performance.now();
  for (const call of calls) call();
  return (performance.now() - startedMs) * 1000 / calls.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
}

const user = new Array(REQUESTS_A_TURN).fill(createCall(USER));
const session = new Array(REQUESTS_A_TURN).fill(createSessionCall());
const turns = Array.from({ length: TURNS }, (_, turn) => {
  if (turn % 2 === 0) return { user: time(user), session: time(session) };
  const sessionFirst = time(session);
  return { user: time(user), session: sessionFirst };
}).slice(TURNS / 4); // warm by then
// By themselves: what they leave behind is no part of the others.
const fresh = median(
  Array.from(
    { length: TURNS },
    () => time(Array.from({ length: NEW_SESSIONS_A_TURN }, createSessionCall)),
  ),
);
const users = median(turns.map(({ user }) => user));
const sessions = median(turns.map(({ session }) => session));
const ratio = median(turns.map(({ user, session }) => session / user));
console.log(`a user's request: ${users.toFixed(1)} µs`);
console.log(`a session's request: ${sessions.toFixed(1)} µs, ${ratio.toFixed(2)} times a user's`);
console.log(`a session's first request: ${fresh.toFixed(1)} µs`);
