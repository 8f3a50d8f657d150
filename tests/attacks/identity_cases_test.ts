/**
 * The cases of docs/IDENTITY.md: their configurations, as they are printed there, give a session to whom they say, and to
 * nobody beside.
 * @module
 */

import assert from "node:assert/strict";
import { explain } from "../../src/explain/explain.ts";
import { parseConfig } from "../../src/config/load.ts";
import { readBlocks, readYaml } from "../support/page_cases.ts";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import {
  assertStsRefused,
  assume,
  get,
  issuer,
  readSession,
  STS_KEY,
} from "../support/sts_client.ts";

type Claims = Readonly<Record<string, unknown>>;

interface Case {
  readonly issuer: string;
  readonly role: string;
  readonly audience: string;
  /** What whoever is trusted has in the token. */
  readonly claims: Claims;
  /** What others have there instead. */
  readonly others: readonly Claims[];
  readonly allowed: string;
  readonly denied: readonly string[];
}

const GITHUB: Claims = {
  sub: "repo:octo-org@987654/octo-repo@123456789:environment:production",
  repository: "octo-org/octo-repo",
  repository_id: "123456789",
  environment: "production",
};
const GITLAB: Claims = {
  sub: "project_path:group/project:ref_type:branch:ref:main",
  project_id: "42",
  ref: "main",
  ref_type: "branch",
  ref_protected: "true",
};
const KUBERNETES: Claims = {
  sub: "system:serviceaccount:builds:runner",
  "kubernetes.io": { namespace: "builds", serviceaccount: { name: "runner", uid: "1" } },
};
const KUBERNETES_OTHERS: readonly Claims[] = [
  {
    sub: "system:serviceaccount:builds:runner-2",
    "kubernetes.io": { namespace: "builds", serviceaccount: { name: "runner-2" } },
  },
  {
    sub: "system:serviceaccount:other:runner",
    "kubernetes.io": { namespace: "other", serviceaccount: { name: "runner" } },
  },
  { aud: ["https://kubernetes.default.svc.cluster.local"] },
];
const CLUSTER = "https://kubernetes.default.svc.cluster.local";

const CASES: Readonly<Record<string, Case>> = {
  github: {
    issuer: "https://token.actions.githubusercontent.com",
    role: "deploy",
    audience: "s3-proxy",
    claims: GITHUB,
    others: [
      { repository_id: "1234567890" },
      { environment: "staging" },
      { environment: undefined },
      { aud: "https://github.com/octo-org" },
    ],
    allowed: "/artifacts/app/1",
    denied: ["/artifacts/other/1", "/other/app/1"],
  },
  gitlab: {
    issuer: "https://gitlab.example.com",
    role: "deploy",
    audience: "s3-proxy",
    claims: GITLAB,
    others: [
      { project_id: "421" },
      { ref_protected: "false" },
      { ref_type: "tag" },
      { aud: ["https://gitlab.example.com"] },
    ],
    allowed: "/artifacts/app/1",
    denied: ["/artifacts/other/1"],
  },
  kubernetes: {
    issuer: CLUSTER,
    role: "runner",
    audience: "s3-proxy",
    claims: KUBERNETES,
    others: KUBERNETES_OTHERS,
    allowed: "/artifacts/runner/1",
    denied: ["/artifacts/app/1"],
  },
  "kubernetes-asked": {
    issuer: CLUSTER,
    role: "runner",
    audience: "s3-proxy",
    claims: KUBERNETES,
    others: KUBERNETES_OTHERS,
    allowed: "/artifacts/runner/1",
    denied: ["/artifacts/app/1"],
  },
  people: {
    issuer: "https://id.example.com/realms/company",
    role: "developer",
    audience: "s3-proxy-login",
    claims: { sub: "f:1:alice", groups: ["staff", "s3-developers"] },
    others: [{ groups: ["staff"] }, { groups: undefined }, { groups: "s3-developers-2" }, {
      aud: "another-client",
    }],
    allowed: "/artifacts/people/1",
    denied: ["/artifacts/app/1"],
  },
  vault: {
    issuer: "https://vault.example.com/v1/identity/oidc",
    role: "batch",
    audience: "s3-proxy",
    claims: { sub: "5b1f0f8e-9f0c-4a5e-8a39-1f2a3b4c5d6e", namespace: "root" },
    others: [{ sub: "5b1f0f8e-9f0c-4a5e-8a39-1f2a3b4c5d6f" }, { aud: "another-client" }],
    allowed: "/artifacts/batch/1",
    denied: ["/artifacts/app/1"],
  },
};

/** The sections as printed, but for how the provider's keys are got: those are the test's. */
function readSections(name: string, identity: Case): Record<string, unknown> {
  const sections = readYaml(`case=${name}`, { "${STS_KEY}": STS_KEY });
  return {
    ...sections,
    identity_providers: [{ issuer: identity.issuer, jwks_file: "/keys.json" }],
  };
}

for (const [name, identity] of Object.entries(CASES)) {
  testListeners(`docs/IDENTITY.md: ${name}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      certificates: { identityFiles: new Map([["/keys.json", issuer.keySet]]) },
      settings: readSections(name, identity),
    });
    const sign = (claims: Claims): Promise<string> =>
      issuer.sign({ iss: identity.issuer, aud: identity.audience, ...identity.claims, ...claims });
    const RoleArn = `arn:aws:iam::000000000000:role/${identity.role}`;
    for (const claims of identity.others) {
      assertStsRefused(proxy, await assume(proxy, await sign(claims), { RoleArn }), "AccessDenied");
    }
    const session = readSession(await assume(proxy, await sign({}), { RoleArn }));
    for (const target of identity.denied) {
      proxy.assertRefused(await get(proxy, { target, session }), "AccessDenied");
    }
    assert.equal((await get(proxy, { target: identity.allowed, session })).status, 200);
  });

  Deno.test(`docs/IDENTITY.md: ${name} is a configuration, with the providers that are printed`, () => {
    parse(readYaml(`case=${name}`, { "${STS_KEY}": STS_KEY }));
  });
}

function parse(sections: Record<string, unknown>): ReturnType<typeof parseConfig> {
  const text = JSON.stringify({
    master_credentials: { access_key: "M", secret_key: "master-secret", endpoint: "https://b" },
    users: [],
    ...sections,
  });
  return parseConfig(text, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
}

Deno.test("docs/IDENTITY.md: explain allows the job of the first case what it prints", () => {
  const [text = ""] = readBlocks("file=claims.json");
  const { config } = parse(readYaml("case=github", { "${STS_KEY}": STS_KEY }));
  const ask = (claims: Record<string, unknown>): boolean =>
    explain(config, {
      question: {
        who: { kind: "role", name: "deploy", claims },
        method: "PUT",
        target: "/artifacts/app/1",
        headers: new Map(),
        clientAddress: "127.0.0.1",
        scheme: "auto",
      },
      now: new Date(),
    }).allowed;
  assert.equal(ask(JSON.parse(text)), true);
  assert.equal(ask({ ...JSON.parse(text), repository_id: "1" }), false);
});
