/**
 * The device authorization grant: a program without a browser asks for a login, and a person confirms it in any browser.
 * See {@link https://www.rfc-editor.org/rfc/rfc8628 RFC 8628}.
 * @module
 */

import { LIMITS } from "../../limits.ts";
import { isAddress } from "./address.ts";
import { LoginError, quoteForeign } from "./login_error.ts";
import {
  type Ask,
  askFor,
  type Endpoints,
  type Members,
  type OAuthClient,
  readTokens,
  type Tokens,
} from "./oauth.ts";

/** What it needs beside the provider. */
export interface DeviceGrantOptions {
  readonly client: OAuthClient;
  readonly endpoints: Endpoints;
  readonly ask: Ask;
  /** Tells whoever has asked where to go. */
  readonly tell: (text: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
  /** Milliseconds on a clock that never jumps. */
  readonly monotonicMs: () => number;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code";
/** §3.2: where the answer has no `interval`; §3.5: what `slow_down` adds. */
const INTERVAL_SECONDS = 5;

/** @throws {LoginError} For who refuses, lets the time pass, or is not a client there. */
export async function logInByDevice(options: DeviceGrantOptions): Promise<Tokens> {
  const { client: { clientId, scope }, endpoints, ask, tell, monotonicMs } = options;
  const startedMs = monotonicMs();
  const form = new URLSearchParams({ client_id: clientId, scope });
  const { status, members } = await askFor(ask, { uri: endpoints.deviceAuthorization, form });
  if (status !== 200) throw new LoginError(`The issuer gives no code: ${describeError(members)}`);
  const { deviceCode, invitation, lifeSeconds, intervalSeconds } = readCode(members);
  tell(invitation);
  return await poll(options, {
    form: new URLSearchParams({
      grant_type: GRANT_TYPE,
      device_code: deviceCode,
      client_id: clientId,
    }),
    untilMs: startedMs + lifeSeconds * 1000,
    intervalSeconds,
  });
}

/** §3.2 */
function readCode(members: Members): {
  deviceCode: string;
  invitation: string;
  lifeSeconds: number;
  intervalSeconds: number;
} {
  const { device_code: deviceCode, user_code: userCode, verification_uri: uri } = members;
  const { verification_uri_complete: complete, expires_in: life, interval } = members;
  if (
    typeof deviceCode !== "string" || typeof userCode !== "string" || typeof uri !== "string" ||
    !/^[!-~]{1,64}$/.test(userCode) || !isAddress(uri) || typeof life !== "number"
  ) throw new LoginError("The issuer's answer has no code that could be shown");
  const direct = typeof complete === "string" && isAddress(complete) ? `, or open ${complete}` : "";
  return {
    deviceCode,
    invitation: `Open ${uri} and enter the code ${userCode}${direct}`,
    lifeSeconds: Math.min(life, LIMITS.deviceCodeSecondsMax),
    intervalSeconds: typeof interval === "number" ? Math.max(1, interval) : INTERVAL_SECONDS,
  };
}

/** §3.4 and §3.5; the code's life bounds how often it asks. */
async function poll(
  { endpoints, ask, sleep, monotonicMs }: DeviceGrantOptions,
  { form, untilMs, ...first }: { form: URLSearchParams; untilMs: number; intervalSeconds: number },
): Promise<Tokens> {
  let { intervalSeconds } = first;
  for (;;) {
    const waitMs = intervalSeconds * 1000;
    if (monotonicMs() + waitMs >= untilMs) {
      throw new LoginError("Nobody has entered the code in time");
    }
    await sleep(waitMs);
    const answer = await askFor(ask, { uri: endpoints.token, form }).catch(takeForSilence);
    if (answer === undefined || answer.status >= 500) {
      intervalSeconds *= 2; // §3.5: exponential backoff where no answer comes
      continue;
    }
    if (answer.status === 200) return readTokens(answer.members);
    switch (answer.members["error"]) {
      case "authorization_pending":
        break;
      case "slow_down":
        intervalSeconds += INTERVAL_SECONDS;
        break;
      case "access_denied":
        throw new LoginError("The login was refused");
      case "expired_token":
        throw new LoginError("Nobody has entered the code in time");
      default:
        throw new LoginError(`The issuer gives no token: ${describeError(answer.members)}`);
    }
  }
}

function takeForSilence(error: unknown): undefined {
  if (!(error instanceof LoginError && error.kind === "unreachable")) throw error;
}

function describeError({ error, error_description: description }: Members): string {
  const texts = [error, description].filter((text) => typeof text === "string");
  return texts.length === 0 ? "it says not why" : quoteForeign(texts.join(": "));
}
