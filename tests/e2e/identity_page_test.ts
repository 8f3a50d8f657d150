/**
 * docs/IDENTITY.md, run as it is printed, but for the names of machines: its configurations by the proxy, its scripts by bash,
 * with aws-cli. `kubectl` and `vault` are stand-ins that know these command lines and no others.
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { readBlocks, readYaml } from "../support/page_cases.ts";
import { BARE_ENVIRONMENT } from "./support/command.ts";
import {
  GITLAB_JOB,
  IdentityStage,
  JOB,
  PERSON,
  POD,
  VAULT_JOB,
} from "./support/identity_stage.ts";
import { answerDevice } from "./support/person.ts";
import type { SessionAccess } from "./support/session_clients.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

const { value: tools, missing: noTools } = await findPythonTools();
const { missing: noJq } = await findProgram("jq");
const missing = noTools ?? noJq;
if (missing !== undefined) console.error(`\n*** SKIPPED: docs/IDENTITY.md: ${missing} ***\n`);
const ignore = missing !== undefined;

const ENDPOINT = "https://s3.example.com";
const CLUSTER = "https://kubernetes.default.svc.cluster.local";
const STS_KEY = "a-sealing-key-of-the-tests-that-is-long-enough";
const BUCKET = "artifacts";

let running: IdentityStage | undefined;
Deno.test.beforeAll(async () => {
  if (ignore) return;
  running = await IdentityStage.start("identity-page");
  await running.backend.makeBucket(BUCKET);
});
Deno.test.afterAll(() => running?.[Symbol.asyncDispose]());

function stage(): IdentityStage {
  assert.ok(running !== undefined, "the stage is there while tests run");
  return running;
}

/** Has the proxy read the configuration that is printed. */
async function configure(name: string, replaced: Readonly<Record<string, string>>): Promise<void> {
  const sections = readYaml(`case=${name}`, { "${STS_KEY}": STS_KEY, ...replaced });
  const [provider] = sections["identity_providers"] as object[]; // as it is printed
  await stage().proxy.reload({
    ...sections,
    identity_providers: [{ ...provider, allow_private_addresses: true }],
  });
}

/** Somebody's home, with stand-ins for programs that are not on this machine. */
async function openHome(token = ""): Promise<SessionAccess> {
  const access = await stage().open({ role: "", token });
  const main = `${REPOSITORY_DIRECTORY}/main.ts`;
  const { authorityFile } = access;
  const programs = {
    "s3-proxy":
      `exec "${Deno.execPath()}" run --quiet --allow-all "${main}" "$@" --ca-file "${authorityFile}"`,
    kubectl: `case "$*" in
      "get --raw /"*) exec curl --fail --silent --cacert "${authorityFile}" "${stage().provider.cluster.issuer}$3" ;;
      "create clusterrolebinding show-keys --clusterrole=system:service-account-issuer-discovery --group=system:unauthenticated") ;;
      *) exit 1 ;;
      esac`,
    vault: `case "$*" in
      "write identity/oidc/key/s3-proxy allowed_client_ids=s3-proxy") ;;
      "write identity/oidc/role/s3-proxy key=s3-proxy client_id=s3-proxy ttl=1h") ;;
      "read -field=token identity/oidc/token/s3-proxy") cat "${access.home}/of-vault" ;;
      *) exit 1 ;;
      esac`,
  };
  await Deno.mkdir(`${access.home}/bin`);
  for (const [name, script] of Object.entries(programs)) {
    await Deno.writeTextFile(`${access.home}/bin/${name}`, `#!/bin/bash\n${script}\n`, {
      mode: 0o755,
    });
  }
  return access;
}

/** Runs a script in the home; if it asks for a login, somebody is there who confirms it. */
async function run(
  { home, authorityFile, endpoint, tokenFile }: SessionAccess,
  { script, env = {} }: { script: string; env?: Readonly<Record<string, string>> },
): Promise<string> {
  const here = (text: string): string =>
    text.replaceAll(ENDPOINT, endpoint).replaceAll("/tmp/identity-token", tokenFile)
      .replaceAll("/var/run/secrets/s3-proxy/token", tokenFile);
  const child = new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", here(script)],
    cwd: home,
    clearEnv: true,
    env: {
      ...BARE_ENVIRONMENT,
      PATH: `${home}/bin:${tools?.aws.replace(/\/aws$/, "")}:${BARE_ENVIRONMENT["PATH"]}`,
      HOME: home,
      AWS_CA_BUNDLE: authorityFile,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Response(child.stdout).text();
  let stderr = "";
  let answered: Promise<string> | undefined;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    stderr += text;
    const [, url] = /or open (\S+)\n/.exec(stderr) ?? [];
    if (url !== undefined) answered ??= answerDevice(url, { name: PERSON, answer: "confirm" });
  }
  await answered;
  assert.equal((await child.status).code, 0, `${script}\n${stderr}`);
  return await stdout;
}

async function isStored(key: string): Promise<void> {
  const stored = await stage().backend.listObjects(BUCKET);
  assert.ok(stored.some((line) => line.endsWith(` ${key}`)), `${key}: ${stored}`);
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `docs/IDENTITY.md: ${name}`, ignore, fn });
}

test("the job of GitHub Actions", async () => {
  const { issuer } = stage().provider;
  await configure("github", { "https://token.actions.githubusercontent.com": issuer });
  const [workflow = ""] = readBlocks("job=github");
  const { env, steps } = parse(workflow).jobs.deploy;
  const access = await openHome();
  await Deno.mkdir(`${access.home}/.github`);
  await run(access, {
    script: steps.map(({ run }: { run: string }) => run).join("\n"),
    env: {
      ...env,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-runner",
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/actions-token?api-version=2.0`,
    },
  });
  await isStored("app/app.tar.gz");
  const [line] = await stage().logged(`"principal":"web:${issuer}:${JOB.subject}"`, 1);
  assert.ok(line !== undefined);
});

test("the job of GitLab CI", async () => {
  const { issuer } = stage().provider;
  await configure("gitlab", { "https://gitlab.example.com": issuer });
  const [text = ""] = readBlocks("job=gitlab");
  const { variables, script, id_tokens } = parse(text).deploy;
  assert.deepEqual(id_tokens, { IDENTITY_TOKEN: { aud: stage().provider.audience } });
  const access = await openHome();
  await Deno.writeTextFile(`${access.home}/.gitlab-ci.yml`, text);
  const IDENTITY_TOKEN = await stage().provider.signFor(GITLAB_JOB);
  await run(access, { script: script.join("\n"), env: { ...variables, IDENTITY_TOKEN } });
  await isStored("app/app.tar.gz");
});

for (const name of ["kubernetes", "kubernetes-asked"]) {
  test(`the pod of ${name}`, async () => {
    const published = stage().provider.cluster.issuer;
    const iss = name === "kubernetes" ? CLUSTER : published;
    const [text = ""] = readBlocks("job=kubernetes");
    const { spec: { containers: [{ env, command, volumeMounts: [mount] }], volumes } } = parse(
      text,
    );
    const [{ serviceAccountToken: { audience, path } }] = volumes[0].projected.sources;
    const sub = `system:serviceaccount:${parse(text).metadata.namespace}:${
      parse(text).spec.serviceAccountName
    }`;
    assert.equal(sub, POD);
    const access = await openHome(
      await stage().signForPod(name === "kubernetes" ? "file" : "published", {
        sub,
        aud: [audience],
      }),
    );
    const printed = await run(access, { script: readBlocks("run=kubernetes").join("\n") });
    assert.equal(printed, `${published}\n`);
    await configure(
      name,
      name === "kubernetes"
        ? { "/etc/s3-proxy/cluster-keys.json": `${access.home}/cluster-keys.json` }
        : {
          [CLUSTER]: iss,
          "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt": access.authorityFile,
        },
    );
    const variables = Object.fromEntries(
      env.map(({ name, value }: Record<string, string>) => [name, value]),
    );
    assert.equal(variables.AWS_WEB_IDENTITY_TOKEN_FILE, `${mount.mountPath}/${path}`);
    assert.deepEqual(command.slice(0, 2), ["bash", "-c"]);
    await run(access, { script: command[2], env: variables });
    await isStored("runner/result");
  });
}

test("people log in", async () => {
  const issuer = "https://id.example.com/realms/company";
  await configure("people", { [issuer]: stage().provider.issuer });
  const access = await openHome();
  await Deno.writeTextFile(`${access.home}/notes.txt`, "notes");
  const [script = ""] = readBlocks("run=people");
  await run(access, { script: script.replaceAll(issuer, stage().provider.issuer) });
  await isStored("people/notes.txt");
});

test("a job with a token of Vault's", async () => {
  await configure("vault", {
    "https://vault.example.com/v1/identity/oidc": stage().provider.issuer,
  });
  const access = await openHome(await stage().provider.signFor(VAULT_JOB));
  const [setup = ""] = readBlocks("run=vault");
  await run(access, { script: setup });
  await Deno.rename(access.tokenFile, `${access.home}/of-vault`);
  const [script = ""] = readBlocks("run=vault-job");
  await run(access, { script });
  await isStored("batch/result");
});
