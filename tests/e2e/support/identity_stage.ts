/**
 * What tests of identities without keys need: the gateway, identity providers, and a proxy over HTTPS whose roles trust CI
 * jobs and pods.
 * @module
 */

import assert from "node:assert/strict";
import { TestIssuer } from "../../support/identity.ts";
import { BackendView } from "./backend_view.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import {
  type IdentityProviderChild,
  type Job,
  startIdentityProvider,
} from "./identity_provider.ts";
import { type ProxyChild, type Sections, startProxy } from "./proxy_child.ts";
import type { SessionAccess } from "./session_clients.ts";

/** Where clients write; below `ci/` and `pods/`. */
export const BUCKET = "e2e-identity";
/** How long sessions of the role `brief` and of `pods` last. */
export const BRIEF_SECONDS = 8;
/** Whom the roles `people` and `people-brief` trust. */
export const PERSON = "alice";
/** A pod's service account, as `sub`. */
export const POD = "system:serviceaccount:builds:runner";

const LOGGED_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

const GITHUB_CLAIMS = {
  repository: "octo-org/octo-repo",
  repository_id: "123456789",
  repository_owner: "octo-org",
  repository_owner_id: "987654",
  ref: "refs/heads/main",
  ref_type: "branch",
  event_name: "push",
  runner_environment: "github-hosted",
  job_workflow_ref: "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
};

/** A job of GitHub Actions, with the `sub` of 2026 or of before. */
export const JOB: Job = {
  subject: "repo:octo-org@987654/octo-repo@123456789:environment:production",
  secret: "of-the-job",
  claims: { ...GITHUB_CLAIMS, environment: "production" },
};
/** The same repository, in an environment that nobody trusts; and another repository of its name. */
export const OTHER_JOBS: readonly Job[] = [
  {
    subject: "repo:octo-org/octo-repo:environment:staging",
    secret: "of-the-staging-job",
    claims: { ...GITHUB_CLAIMS, environment: "staging" },
  },
  {
    subject: "repo:octo-org@987654/octo-repo@999:environment:production",
    secret: "of-a-repository-of-the-same-name",
    claims: { ...GITHUB_CLAIMS, repository_id: "999", environment: "production" },
  },
];

/** A job of GitLab's, and one that Vault vouches for. */
export const GITLAB_JOB: Job = {
  subject: "project_path:group/project:ref_type:branch:ref:main",
  secret: "of-the-gitlab-job",
  claims: { project_id: "42", ref: "main", ref_type: "branch", ref_protected: "true" },
};
export const VAULT_JOB: Job = {
  subject: "5b1f0f8e-9f0c-4a5e-8a39-1f2a3b4c5d6e",
  secret: "of-the-vault-job",
  claims: {},
};

/** All that runs. */
export class IdentityStage implements AsyncDisposable {
  readonly backend: BackendView;
  readonly proxy: ProxyChild;
  readonly provider: IdentityProviderChild;
  /** Signs the tokens of service accounts; its keys are in a file for one cluster, and published by another. */
  readonly cluster: TestIssuer;
  readonly #gateway: Gateway;
  #homes = 0;

  private constructor(parts: {
    gateway: Gateway;
    proxy: ProxyChild;
    provider: IdentityProviderChild;
    cluster: TestIssuer;
  }) {
    this.#gateway = parts.gateway;
    this.backend = new BackendView(parts.gateway);
    this.proxy = parts.proxy;
    this.provider = parts.provider;
    this.cluster = parts.cluster;
  }

  static async start(name: string): Promise<IdentityStage> {
    const gateway = await openGateway();
    const cluster = await TestIssuer.create();
    const provider = await startIdentityProvider({
      gateway,
      name,
      jobs: [JOB, ...OTHER_JOBS, GITLAB_JOB, VAULT_JOB],
      keySet: cluster.keySet,
    });
    await Deno.writeTextFile(`${gateway.directory}/${name}-jwks.json`, cluster.keySet);
    const proxy = await startProxy({
      gateway,
      transport: "https",
      name,
      program: "tests/e2e/support/brief_sessions_main.ts",
      sections: buildSections(provider, { gateway, name }),
    }).catch(async (error) => {
      await provider.stop();
      throw error;
    });
    const stage = new IdentityStage({ gateway, proxy, provider, cluster });
    await stage.backend.makeBucket(BUCKET);
    return stage;
  }

  /** The proxy's further sections, a role's keys replaced by `roles`, or the role left out. */
  buildSections(roles: Readonly<Record<string, object | undefined>> = {}): Sections {
    const name = this.proxy.configFile.split("/").at(-1)?.replace("-https.yaml", "") ?? "";
    const sections = buildSections(this.provider, { gateway: this.#gateway, name });
    const changed = Object.entries(sections.roles)
      .filter(([role]) => !Object.hasOwn(roles, role) || roles[role] !== undefined)
      .map(([role, keys]) => [role, { ...keys, ...roles[role] }]);
    return { ...sections, roles: Object.fromEntries(changed) };
  }

  /** For a client with a new home, and the token in a file there, which ends in a line end. */
  async open(
    { role, token }: { role: string; token: string },
  ): Promise<SessionAccess> {
    const home = `${this.#gateway.directory}/identity-home-${this.proxy.pid}-${this.#homes++}`;
    await Deno.mkdir(home);
    const tokenFile = `${home}/token`;
    await Deno.writeTextFile(tokenFile, `${token}\n`);
    return {
      endpoint: this.proxy.endpoint,
      authorityFile: this.#gateway.authorityFile,
      roleArn: `arn:aws:iam::000000000000:role/${role}`,
      tokenFile,
      home,
    };
  }

  /** A projected token: its audience is a list, and its header has no `typ`. */
  signForPod(
    issuer: "file" | "published",
    claims: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    return this.cluster.sign({
      iss: issuer === "file" ? FILE_CLUSTER : this.provider.cluster.issuer,
      aud: ["s3-proxy"],
      sub: POD,
      "kubernetes.io": {
        namespace: "builds",
        node: { name: "node-1", uid: "1c5f5f4b-0000-4000-8000-000000000001" },
        pod: { name: "runner-7", uid: "1c5f5f4b-0000-4000-8000-000000000002" },
        serviceaccount: { name: "runner", uid: "1c5f5f4b-0000-4000-8000-000000000003" },
      },
      ...claims,
    });
  }

  /** Lines of the proxy's log with `text`. */
  async readLog(text: string): Promise<string[]> {
    const log = await Deno.readTextFile(this.proxy.logFile);
    return log.split("\n").filter((line) => line.includes(text));
  }

  /** The same, once there are `count` of them: lines wait in a buffer before they are written. */
  async logged(text: string, count: number): Promise<string[]> {
    const deadline = Date.now() + LOGGED_TIMEOUT_MS;
    for (;;) {
      const lines = await this.readLog(text);
      if (lines.length >= count) return lines;
      assert.ok(Date.now() < deadline, `${lines.length} of ${count} lines with ${text}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.equal(await this.proxy.stop(), 0, `exit status, see ${this.proxy.logFile}`);
    await this.provider.stop();
    assert.deepEqual(await this.readLog('"status":500'), []);
  }
}

/** A cluster that nobody can reach from where the proxy is. */
const FILE_CLUSTER = "https://kubernetes.default.svc.cluster.local";

function buildSections(
  { issuer, audience, cluster, loginClient }: IdentityProviderChild,
  { gateway, name }: { gateway: Gateway; name: string },
): { identity_providers: object[]; sts: object; roles: Record<string, object> } {
  const claims = { repository_id: "123456789", environment: "production" };
  const job = {
    grants: [{ access: "read-write", buckets: [BUCKET], prefixes: ["ci/"] }],
    trust: [{ issuer, audience, claims }],
  };
  const person = {
    grants: [{ access: "read-write", buckets: [BUCKET], prefixes: ["people/"] }],
    trust: [{ issuer, audience: loginClient, subject: PERSON }],
  };
  return {
    identity_providers: [
      { issuer, allow_private_addresses: true },
      { issuer: FILE_CLUSTER, jwks_file: `${gateway.directory}/${name}-jwks.json`, clock_skew: 0 },
      {
        issuer: cluster.issuer,
        ca_file: gateway.authorityFile,
        allow_private_addresses: true,
        clock_skew: 0,
      },
    ],
    sts: { keys: ["a-sealing-key-of-the-tests-that-is-long-enough"] },
    roles: {
      brief: { ...job, max_session_duration: `${BRIEF_SECONDS}s` },
      lasting: job,
      people: person,
      "people-brief": { ...person, max_session_duration: `${BRIEF_SECONDS}s` },
      pods: {
        grants: [{ access: "read-write", buckets: [BUCKET], prefixes: ["pods/"] }],
        trust: [FILE_CLUSTER, cluster.issuer].map((issuer) => ({
          issuer,
          audience,
          subject: POD,
          claims: { "/kubernetes.io/namespace": "builds" },
        })),
        max_session_duration: `${BRIEF_SECONDS}s`,
      },
    },
  };
}
