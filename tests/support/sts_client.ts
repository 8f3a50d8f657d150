/**
 * A client of STS, and a proxy that gives sessions.
 * @module
 */

import assert from "node:assert/strict";
import { AUDIENCE, ISSUER, TestIssuer } from "./identity.ts";
import { ALICE, type Key, type ListenerName, ProxyUnderTest } from "./proxy_under_test.ts";
import type { RawResponse } from "./raw_client.ts";
import { sha256 } from "./signer.ts";

/** Whom the proxy believes. */
export const issuer = await TestIssuer.create();
/** Whom it does not. */
export const stranger = await TestIssuer.create();
/** `sts.keys`. */
export const STS_KEY = "a-sealing-key-of-the-tests-that-is-long-enough";
/** Of the role `builder`. */
export const ROLE_ARN = "arn:aws:iam::000000000000:role/builder";
const FORM = "application/x-www-form-urlencoded; charset=utf-8";

/** What a session is known by. */
export interface SessionKey extends Key {
  readonly token: string;
}

/** What a test may say of the proxy. */
export interface StartOptions {
  readonly listener?: ListenerName;
  /** What is changed in the role `builder`; `null`: there is none. */
  readonly builder?: Readonly<Record<string, unknown>> | null;
  readonly sts?: Readonly<Record<string, unknown>>;
  readonly users?: readonly unknown[];
  /** What is added to the identity provider. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** Further sections. */
  readonly sections?: Readonly<Record<string, unknown>> & {
    readonly server?: Readonly<Record<string, unknown>>;
  };
}

const BUILDER = {
  grants: [{ access: "read-write", buckets: ["artifacts"], prefixes: ["builds/"] }],
  trust: [
    { issuer: ISSUER, audience: AUDIENCE, subject: "repo:example/app:*" },
    { users: ["alice-key"] },
  ],
};

/** A proxy whose role `builder` trusts {@linkcode issuer} and a user. */
export function start(
  { listener = "serve", builder = {}, sts = { keys: [STS_KEY] }, users = [], provider, sections }:
    StartOptions = {},
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    certificates: { identityFiles: new Map([["/keys.json", issuer.keySet]]) },
    settings: {
      ...sections,
      users,
      identity_providers: [{ issuer: ISSUER, jwks_file: "/keys.json", ...provider }],
      sts,
      roles: {
        ...(builder === null ? {} : { builder: { ...BUILDER, ...builder } }),
        untrusting: { grants: [{ access: "full", buckets: ["*"] }] },
        claimed: {
          grants: [{ access: "read-only", buckets: ["artifacts"] }],
          trust: [{
            issuer: ISSUER,
            audience: AUDIENCE,
            claims: { repository_id: "42", "/kubernetes.io/namespace": ["ci", "cd"] },
          }],
        },
      },
    },
  });
}

/** Asks STS, unsigned. */
export function ask(
  proxy: ProxyUnderTest,
  parameters: Readonly<Record<string, string>>,
): Promise<RawResponse> {
  const body = new URLSearchParams({ Version: "2011-06-15", ...parameters }).toString();
  return proxy.sendRaw({
    method: "POST",
    target: "/",
    headers: [["host", proxy.host], ["content-type", FORM]],
    body,
  });
}

/** Asks STS, signed. */
export async function askSigned(
  proxy: ProxyUnderTest,
  { parameters, key = ALICE, token, service = "sts" }: {
    parameters: Readonly<Record<string, string>>;
    key?: Key;
    token?: string;
    service?: string;
  },
): Promise<RawResponse> {
  const body = new URLSearchParams({ Version: "2011-06-15", ...parameters }).toString();
  return await proxy.send({
    method: "POST",
    target: "/",
    headers: [
      ["content-type", FORM],
      ...(token === undefined ? [] : [["x-amz-security-token", token] as const]),
    ],
    key,
    payloadHash: sha256(body),
    service,
    body,
  });
}

/** AssumeRoleWithWebIdentity. */
export function assume(proxy: ProxyUnderTest, token: string, more = {}): Promise<RawResponse> {
  return ask(proxy, {
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: ROLE_ARN,
    RoleSessionName: "job-17",
    WebIdentityToken: token,
    ...more,
  });
}

/** The text of an element. */
export function readElement(response: RawResponse, name: string): string {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(response.text) ?? [];
  assert.notEqual(text, undefined, response.text);
  return text ?? "";
}

/** The session that was given. */
export function readSession(response: RawResponse): SessionKey {
  assert.equal(response.status, 200, response.text);
  return {
    accessKey: readElement(response, "AccessKeyId"),
    secretKey: readElement(response, "SecretAccessKey"),
    token: readElement(response, "SessionToken"),
  };
}

/** A GET by a session. */
export function get(
  proxy: ProxyUnderTest,
  { target, session }: { target: string; session: SessionKey },
): Promise<RawResponse> {
  return proxy.send({
    target,
    key: session,
    headers: [["x-amz-security-token", session.token]],
  });
}

/** STS's own error, and nothing given. */
export function assertStsRefused(proxy: ProxyUnderTest, response: RawResponse, code: string): void {
  assert.match(
    response.text,
    /<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">/,
  );
  assert.equal(readElement(response, "Code"), code, response.text);
  assert.doesNotMatch(response.text, /<SessionToken>/);
  assert.deepEqual(proxy.backend.requests, []);
}
