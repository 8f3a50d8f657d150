/**
 * The identity providers of a test, as a process of their own.
 * @module
 */

import assert from "node:assert/strict";
import { isListening } from "../../support/is_listening.ts";
import type { Gateway } from "./gateway.ts";
import { E2E_DIRECTORY, findFreePorts, REPOSITORY_DIRECTORY } from "./state.ts";
import { startChild, type TaskChild } from "./task_child.ts";

/** A CI job that the provider knows, and what its tokens say beside `sub` and `aud`. */
export interface Job {
  readonly subject: string;
  readonly secret: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** What the process is told. */
export interface IdentityProviderOptions {
  readonly issuer: string;
  readonly port: number;
  readonly audience: string;
  readonly jobs: readonly Job[];
  /** `client_id` of people who log in with a device code. */
  readonly loginClient: string;
  readonly deviceCodeSeconds: number;
  /** `client_id` of the console's page. */
  readonly pageClient: string;
  /** Where the page is, if there is one. */
  readonly pageOrigin?: string | undefined;
  /** A Kubernetes cluster's two documents, over HTTPS. */
  readonly cluster: {
    readonly issuer: string;
    readonly port: number;
    readonly certificateFile: string;
    readonly privateKeyFile: string;
    /** JSON Web Key Set of the keys that sign its service accounts' tokens. */
    readonly keySet: string;
  };
}

/** The running process. */
export interface IdentityProviderChild extends TaskChild, IdentityProviderOptions {
  /** A token of the job's, as its CI service would put it into a file. */
  readonly signFor: (job: Job) => Promise<string>;
}

/** Starts it; what is not said is as below. */
export async function startIdentityProvider(
  { gateway, name, jobs = [], keySet = '{"keys":[]}', deviceCodeSeconds = 600, pageOrigin }: {
    gateway: Gateway;
    /** Names its log. */
    name: string;
    jobs?: readonly Job[];
    keySet?: string;
    deviceCodeSeconds?: number;
    pageOrigin?: string;
  },
): Promise<IdentityProviderChild> {
  const [port = 0, clusterPort = 0] = findFreePorts(2);
  const issuer = `http://127.0.0.1:${port}`;
  const options: IdentityProviderOptions = {
    issuer,
    port,
    audience: "s3-proxy",
    jobs,
    loginClient: "s3-proxy-login",
    deviceCodeSeconds,
    pageClient: "s3-proxy-console",
    pageOrigin,
    cluster: {
      issuer: `https://127.0.0.1:${clusterPort}`,
      port: clusterPort,
      certificateFile: gateway.certificateFile,
      privateKeyFile: gateway.privateKeyFile,
      keySet,
    },
  };
  const program = `${E2E_DIRECTORY}/support/identity_provider_main.ts`;
  const child = await startChild(Deno.execPath(), {
    args: ["run", "--frozen", "--no-check", "--allow-all", program, JSON.stringify(options)],
    cwd: REPOSITORY_DIRECTORY,
    logFile: `${gateway.directory}/${name}-identity-provider.log`,
    isReady: () => isListening(clusterPort),
  });
  return { ...child, ...options, signFor: (job) => signForJob(options, job) };
}

/** A token of the job's from the running provider. */
export async function signForJob(
  { issuer, audience }: IdentityProviderOptions,
  job: Job,
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: job.subject,
      client_secret: job.secret,
      resource: `urn:${audience}`,
    }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text).access_token;
}
