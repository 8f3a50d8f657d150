/**
 * Identity providers on loopback: a certified one (npm `oidc-provider`), which stands for a CI service and for a company's
 * login, and the two documents that a Kubernetes cluster publishes, over HTTPS.
 * @module
 */

import { createServer as createPlainServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { type IdentityProviderOptions, signForJob } from "./identity_provider.ts";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

const options: IdentityProviderOptions = JSON.parse(Deno.args[0] ?? "");

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...await exportJWK(privateKey), kid: "key-1", alg: "RS256", use: "sig" };

const provider = new Provider(options.issuer, {
  jwks: { keys: [key] },
  clients: [
    ...options.jobs.map(({ subject, secret }) => ({
      client_id: subject,
      client_secret: secret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    })),
    {
      client_id: options.loginClient,
      application_type: "native",
      grant_types: [DEVICE_CODE, "refresh_token"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "none",
    },
    ...options.pageOrigin === undefined ? [] : [{
      client_id: options.pageClient,
      grant_types: ["authorization_code"],
      redirect_uris: [`${options.pageOrigin}/`],
      response_types: ["code" as const],
      token_endpoint_auth_method: "none" as const,
    }],
  ],
  // For a page that redeems its code by itself.
  clientBasedCORS: (_context: unknown, origin: string, client: { clientId: string }) =>
    client.clientId === options.pageClient && origin === options.pageOrigin,
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    // A job's access token is a JWT for one audience, as CI services make them.
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: "",
        audience: options.audience,
        accessTokenTTL: 600,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  // Who is a developer, as a company's login tells it in its ID tokens.
  claims: { openid: ["sub", "groups"] },
  conformIdTokenClaims: false,
  findAccount: (_context: unknown, accountId: string) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      groups: accountId === "alice" ? ["staff", "s3-developers"] : ["staff"],
    }),
  }),
  extraTokenClaims: (_context: unknown, token: { clientId: string }) =>
    options.jobs.find(({ subject }) => subject === token.clientId)?.claims,
  ttl: { DeviceCode: () => options.deviceCodeSeconds },
});

const answer = provider.callback();
createPlainServer(async (request, response) => {
  if (!request.url?.startsWith("/actions-token?")) return void answer(request, response);
  // As GitHub's runners offer it to a job; `id-token: write` gives the job the bearer token.
  const isJob = request.headers.authorization === "Bearer of-the-runner" &&
    request.url.endsWith(`&audience=${options.audience}`);
  const [job] = options.jobs;
  if (!isJob || job === undefined) return void response.writeHead(403).end();
  response.end(JSON.stringify({ value: await signForJob(options, job) }));
}).listen(options.port, "127.0.0.1");

const { cluster } = options;
const discovery = JSON.stringify({
  issuer: cluster.issuer,
  jwks_uri: `${cluster.issuer}/openid/v1/jwks`,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
});
createTlsServer({
  cert: await Deno.readTextFile(cluster.certificateFile),
  key: await Deno.readTextFile(cluster.privateKeyFile),
}, ({ url }, response) => {
  const document = url === "/.well-known/openid-configuration"
    ? discovery
    : url === "/openid/v1/jwks"
    ? cluster.keySet
    : undefined;
  response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(document);
}).listen(cluster.port, "127.0.0.1");
