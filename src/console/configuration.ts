/**
 * `/api/configuration`: what is loaded, since when, and what is wrong with it. The file stays the truth: nothing is changed here.
 * @module
 */

import { listKeyExpiries } from "../config/expiry.ts";
import { VERSION } from "../lib/version.ts";
import { LIMITS } from "../limits.ts";
import type { Question } from "./question.ts";

const DAY_MS = 24 * 3_600_000;

/** What it answers. */
export async function describeConfiguration(
  { config, now, readProgram }: Question,
): Promise<unknown> {
  const program = readProgram();
  const { server, backend, masterCredentials, users, roles, identityProviders } = config;
  const { refused } = program;
  const until = now.getTime() + LIMITS.keyExpiryWarningDays * DAY_MS;
  return {
    file: program.path,
    loaded: program.loadedAt.toISOString(),
    started: program.startedAt.toISOString(),
    reloads: program.reloads,
    version: VERSION,
    deno: program.denoVersion,
    listener: server.listener,
    workers: program.workers,
    warnings: program.warnings,
    refused: refused && { time: refused.at.toISOString(), problems: refused.problems },
    restart: program.restartKeys,
    backend: {
      endpoint: masterCredentials.endpoint.origin,
      kind: backend.kind,
      problem: await program.findBackendProblem(),
    },
    users: users.length,
    roles: roles.length,
    providers: identityProviders.length,
    expiring: listKeyExpiries(config).filter(({ at }) => at.getTime() < until)
      .map(({ user, accessKey, at }) => ({ user, key: accessKey, expires: at.toISOString() })),
  };
}
