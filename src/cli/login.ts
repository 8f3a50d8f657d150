/**
 * `s3-proxy login`: a session for people, who log in at their identity provider in a browser. What it prints is what
 * `credential_process` of AWS's tools and SDKs takes, so that they renew it by themselves.
 * @module
 */

import type { Clock } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";
import { type DeviceGrantOptions, logInByDevice } from "./login/device_grant.ts";
import type { LoginCache } from "./login/login_cache.ts";
import { LoginError } from "./login/login_error.ts";
import { findEndpoints, type OAuthClient, renewTokens, type Tokens } from "./login/oauth.ts";
import { openSession, type SessionCredentials } from "./login/proxy_session.ts";

/** Who logs in where, and as which role. */
export interface LoginRequest {
  readonly client: OAuthClient;
  readonly roleArn: string;
  /** Of the proxy; without a slash at its end. */
  readonly endpoint: string;
  /** Whether somebody is there who can be asked to open a browser. */
  readonly asksPeople: boolean;
}

/** The world around it. */
export interface LoginWorld extends Omit<DeviceGrantOptions, "client" | "endpoints"> {
  readonly clock: Clock;
  readonly cache: LoginCache;
}

/**
 * A session: the one of before while it is good for long enough, else another one, without asking anybody where that can be.
 * @throws {LoginError} Where there is none.
 */
export async function login(
  request: LoginRequest,
  world: LoginWorld,
): Promise<SessionCredentials> {
  const kept = world.cache.read().session;
  if (kept !== undefined && leftMs(kept, world) > LIMITS.loginRenewedBeforeMs) return kept;
  const renewed = await world.cache.alone(() => renew(request, world));
  if (renewed !== undefined) return renewed;
  if (!request.asksPeople) {
    throw new LoginError('The login is over: run the same command with "--prompt auto"', {
      kind: "again",
    });
  }
  const { client } = request;
  const endpoints = await findEndpoints(client, world.ask);
  const tokens = await logInByDevice({ ...world, client, endpoints });
  return await keepSession(tokens, { request, world });
}

/** `undefined` where nothing is left that could be renewed. */
async function renew(
  request: LoginRequest,
  world: LoginWorld,
): Promise<SessionCredentials | undefined> {
  // Another process may have renewed it a moment ago.
  const { session, refreshToken } = world.cache.read();
  const left = session === undefined ? 0 : leftMs(session, world);
  if (session !== undefined && left > LIMITS.loginRenewedBeforeMs) return session;
  if (refreshToken === undefined) return left > LIMITS.loginUsableMs ? session : undefined;
  try {
    const { client } = request;
    const endpoints = await findEndpoints(client, world.ask);
    const tokens = await renewTokens(refreshToken, { client, endpoints, ask: world.ask });
    if (tokens === undefined) return undefined;
    // A provider that sends no new refresh token means that this one stays valid.
    const next = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
    return await keepSession(next, { request, world });
  } catch (error) {
    const isSilent = error instanceof LoginError && error.kind === "unreachable";
    if (isSilent && left > LIMITS.loginUsableMs) return session;
    throw error;
  }
}

async function keepSession(
  { idToken, refreshToken }: Tokens,
  { request: { endpoint, roleArn }, world: { ask, cache } }: {
    request: LoginRequest;
    world: LoginWorld;
  },
): Promise<SessionCredentials> {
  // Stored before anything can fail, because the provider may not accept the old refresh token any more.
  await cache.write({ session: undefined, refreshToken });
  const session = await openSession(idToken, { endpoint, roleArn, ask });
  await cache.write({ session, refreshToken });
  return session;
}

function leftMs({ Expiration }: SessionCredentials, { clock }: LoginWorld): number {
  return Date.parse(Expiration) - clock().getTime();
}

/** What `credential_process` is to write. */
export function formatCredentials(session: SessionCredentials): string {
  return JSON.stringify({ Version: 1, ...session });
}
