/**
 * The probe of the backend that a configuration names.
 * @module
 */

import type { CompleteConfig } from "../config/compile.ts";
import { createRequestId } from "../lib/request_id.ts";
import type { Logger } from "../observability/log.ts";
import { compareFacts, type Probe, probeShortly, probeStore } from "../probe/probe.ts";
import { readCheckOptions } from "./backend_watch.ts";

/** Measures everything, in `bucket` or in one that it makes. Rejects where there is no bucket to be had. */
export async function probeBackend(
  complete: CompleteConfig,
  { bucket }: { bucket: string | undefined },
): Promise<Probe> {
  const options = readCheckOptions(complete, { buckets: undefined });
  return await probeStore({ ...options, bucket, name: nameProbe() });
}

/**
 * The short part, where `backend.verify` asks for it: whether nothing is trusted that is not so. A backend that cannot be
 * asked contradicts nothing.
 */
export async function verifyBackend(complete: CompleteConfig, logger: Logger): Promise<boolean> {
  const { capabilities, verify, kind } = complete.config.backend;
  if (!verify) return true;
  const options = readCheckOptions(complete, { buckets: undefined });
  let probe: Probe;
  try {
    probe = await probeShortly({ ...options, bucket: undefined, name: nameProbe() });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    logger.warn("the backend cannot be verified", { problem });
    return true;
  }
  const wrong = compareFacts(capabilities, probe).filter(({ verdict }) => verdict === "trusts");
  for (const { name, configured, measured } of wrong) {
    const fact = `backend.capabilities.${name}`;
    logger.error("the backend contradicts the configuration", { fact, kind, configured, measured });
  }
  for (const thing of probe.left) logger.warn("the probe could not remove", { thing });
  if (wrong.length === 0) logger.info("the backend does what the configuration trusts", { kind });
  return wrong.length === 0;
}

/** A name that no bucket and no key of anybody else has. */
function nameProbe(): string {
  return `s3-proxy-probe-${createRequestId().toLowerCase()}`;
}
