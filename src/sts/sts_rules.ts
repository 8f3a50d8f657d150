/**
 * What the configuration says of sessions.
 * @module
 */

import type { Role } from "../config/config.ts";
import type { KeyDirectory } from "../config/session_directory.ts";
import type { Identity } from "../iam/identity.ts";
import type { SessionSealer } from "../identity/session_sealer.ts";
import type { StsPace } from "./sts_pace.ts";
import type { WebIdentityVerifier } from "../identity/web_identity.ts";

/** It, as requests for STS meet it. */
export interface StsRules {
  readonly accountId: string;
  readonly roles: ReadonlyMap<string, Role>;
  readonly sealer: SessionSealer;
  readonly webIdentities: WebIdentityVerifier;
  readonly findKey: KeyDirectory;
  readonly clockSkewSecondsMax: number;
  readonly relaxedBucketNames: boolean;
}

/** What answering is told beside the request. */
export interface StsOptions {
  readonly rules: StsRules;
  readonly now: Date;
  readonly pace: StsPace;
  /** Who asks, for the pace. */
  readonly clientAddress: string;
  readonly requestId: string;
  /** Told what is asked, and by whom, as soon as it is known. */
  readonly asked: (action: string) => void;
  readonly authenticated: (identity: Identity) => void;
}
