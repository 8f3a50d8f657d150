/**
 * Asks the backend whether it can be used as the configuration says: one signed ListBuckets tells of name, address, TLS,
 * key, clock, region, and whether it is S3. Nothing is written.
 * @module
 */

import { childOf, childrenOf, textOf, type XmlElement } from "../s3/xml.ts";
import { BrokenRule } from "../http1/refusals.ts";
import { LIMITS } from "../limits.ts";
import { askBackend, NotAnswered, readDocument, type Reply } from "./ask_backend.ts";
import { type BackendCheckOptions, checkBuckets, checkRegion } from "./bucket_checks.ts";
import { guessKind } from "./guess_kind.ts";
import { findAddress, speaksTls } from "./connect.ts";
import {
  describeForeigner,
  explainFailure,
  explainRefusal,
  type Finding,
  ok,
  PLAIN_HTTP_TO_TLS,
  warn,
} from "./finding.ts";

const SHOWN_CHARACTERS = 80;
/** How exactly one request can tell the difference of two clocks. */
const CLOCK_SECONDS_SHOWN = 2;
const CLOCK_SECONDS_WARN = 60;

/** What was found, in the order of {@linkcode Subject}. Never rejects for what the backend does. */
export async function checkBackend(options: BackendCheckOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (options.buckets !== undefined) {
    const address = await checkAddress(options);
    findings.push(address);
    if (address.level !== "ok") return findings;
  }
  try {
    const reply = await askBackend({ method: "GET", resource: { level: "service" } }, options);
    findings.push(...await readReply(reply, options));
  } catch (error) {
    findings.push(await describeError(error, options));
  }
  return findings;
}

async function checkAddress(
  { transport: { endpoint }, connectTimeoutMs }: BackendCheckOptions,
): Promise<Finding> {
  try {
    const address = await findAddress(endpoint, connectTimeoutMs);
    return ok("address", `${address} accepts connections`);
  } catch (error) {
    return explainFailure(error) ??
      describeSilence({ timeoutMs: connectTimeoutMs, isConnected: false });
  }
}

async function readReply(reply: Reply, options: BackendCheckOptions): Promise<Finding[]> {
  const { status, headers, text } = reply;
  const root = readDocument(text);
  if (root?.name !== "ListAllMyBucketsResult" && root?.name !== "Error") {
    return [await describeOther(reply, options)];
  }
  const s3 = ok("S3", guessKind(headers));
  const clock = checkClock(reply);
  const { credentials: { region }, transport: { endpoint } } = options;
  if (root.name === "ListAllMyBucketsResult" && status === 200) {
    const rights = await checkBuckets(listNames(root), options);
    return [
      ...endpoint.protocol === "https:" ? [ok("TLS", "the certificate is trusted")] : [],
      s3,
      ok("key", "accepted"),
      clock,
      await checkRegion(listNames(root), options),
      ...rights,
    ];
  }
  const code = textOf(childOf(root, "Code"));
  const refusal = readRefusal(root, { code, region });
  if (refusal !== undefined) return [s3, ...clock.level === "ok" ? [] : [clock], refusal];
  if (status === 403) {
    const rights = warn("rights", {
      setting: "master_credentials",
      message: `the key may not list buckets (${code}), so users see none in ListBuckets`,
    });
    return [s3, clock, rights, ...await checkBuckets(undefined, options)];
  }
  const message = `ListBuckets is answered ${status} ${code}`.trim();
  return [s3, clock, warn("S3", { setting: undefined, message })];
}

/** Why no answer was of use; with http://, whether https:// would be right. */
async function describeError(error: unknown, options: BackendCheckOptions): Promise<Finding> {
  if (error instanceof NotAnswered) return describeSilence(error);
  const explained = explainFailure(error);
  if (explained !== undefined) return explained;
  if (await isTlsMissing(options)) return PLAIN_HTTP_TO_TLS;
  return describeForeigner(
    findBrokenRule(error) ? " does not speak HTTP, and" : " breaks off, and",
  );
}

async function describeOther(
  { status, headers, server }: Reply,
  options: BackendCheckOptions,
): Promise<Finding> {
  if (await isTlsMissing(options)) return PLAIN_HTTP_TO_TLS;
  const type = headers.get("content-type");
  const named = [
    ` (status ${status}`,
    type === null ? "" : `, ${type.slice(0, SHOWN_CHARACTERS)}`,
    server === undefined ? ")" : `, ${server.slice(0, SHOWN_CHARACTERS)})`,
  ];
  return describeForeigner(named.join(""));
}

async function isTlsMissing({ transport: { endpoint } }: BackendCheckOptions): Promise<boolean> {
  return endpoint.protocol === "http:" && await speaksTls(endpoint, LIMITS.tlsProbeTimeoutMs);
}

function readRefusal(
  root: XmlElement,
  { code, region }: { code: string; region: string },
): Finding | undefined {
  const wanted = textOf(childOf(root, "Region"));
  const refusal = explainRefusal(code);
  if (refusal?.subject !== "region" || wanted === "") return refusal;
  const message = `the backend wants requests signed for "${wanted}", not "${region}": set it`;
  return { ...refusal, message };
}

/** How far this machine's clock is from the backend's `Date`. */
function checkClock({ headers, askedAt, answeredAt }: Reply): Finding {
  const told = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(told)) return ok("clock", "not told by the backend");
  const middle = (askedAt.getTime() + answeredAt.getTime()) / 2;
  const ahead = Math.round((middle - told) / 1000);
  const seconds = Math.abs(ahead);
  if (seconds <= CLOCK_SECONDS_SHOWN) return ok("clock", `${seconds} s off`);
  const message = `this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} ` +
    "the backend's";
  if (seconds < CLOCK_SECONDS_WARN) return ok("clock", message);
  return warn("clock", {
    setting: undefined,
    message: `${message}: set it (timedatectl set-ntp true); from 900 s on requests are refused`,
  });
}

function listNames(root: XmlElement): Set<string> {
  const buckets = childOf(root, "Buckets");
  const names = (buckets === undefined ? [] : childrenOf(buckets))
    .map((bucket) => textOf(childOf(bucket, "Name")));
  return new Set(names);
}

function findBrokenRule(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof BrokenRule) return true;
  }
  return false;
}

function describeSilence(
  { timeoutMs, isConnected }: Pick<NotAnswered, "timeoutMs" | "isConnected">,
): Finding {
  const seconds = `${timeoutMs / 1000} s`;
  return isConnected
    ? {
      level: "error",
      subject: "S3",
      setting: "master_credentials.endpoint",
      message: `a connection is accepted, and no answer comes within ${seconds}`,
    }
    : {
      level: "error",
      subject: "address",
      setting: "master_credentials.endpoint",
      message: `no connection within ${seconds}: correct host and port, look at firewalls, ` +
        "or start the backend",
    };
}
