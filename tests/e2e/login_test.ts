/**
 * `s3-proxy login`, against a certified provider's device flow: somebody logs in once, and AWS's tools go on by themselves.
 */

import assert from "node:assert/strict";
import { readCommand } from "./support/command.ts";
import { BUCKET, IdentityStage, PERSON } from "./support/identity_stage.ts";
import { type Answer, answerDevice } from "./support/person.ts";
import { buildPayload } from "./support/payload.ts";
import type { SessionAccess } from "./support/session_clients.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findPythonTools } from "./support/tools.ts";

const { value: tools, missing } = await findPythonTools();
if (missing !== undefined) console.error(`\n*** SKIPPED: login: ${missing} ***\n`);
const ignore = missing !== undefined;

let running: IdentityStage | undefined;
Deno.test.beforeAll(async () => {
  if (!ignore) running = await IdentityStage.start("login");
});
Deno.test.afterAll(() => running?.[Symbol.asyncDispose]());

function stage(): IdentityStage {
  assert.ok(running !== undefined, "the stage is there while tests run");
  return running;
}

/** What `deno task login` runs. */
const { tasks } = JSON.parse(await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/deno.json`));
const [, ...LOGIN] = String(tasks.login).split(" ");

function buildEnvironment({ home, authorityFile }: SessionAccess): Record<string, string> {
  return {
    HOME: home,
    AWS_CA_BUNDLE: authorityFile,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
  };
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; whoever it asks is `name`. */
async function logIn(
  access: SessionAccess,
  { options, name = PERSON, answer = "confirm" }: {
    options: readonly string[];
    name?: string;
    answer?: Answer;
  },
): Promise<Outcome> {
  const { issuer, loginClient } = stage().provider;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...LOGIN,
      ...["--issuer", issuer, "--client-id", loginClient, "--endpoint", access.endpoint],
      ...["--ca-file", access.authorityFile, ...options],
    ],
    cwd: REPOSITORY_DIRECTORY,
    env: buildEnvironment(access),
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
    if (url !== undefined) answered ??= answerDevice(url, { name, answer });
  }
  await answered;
  return { code: (await child.status).code, stdout: await stdout, stderr };
}

async function upload(access: SessionAccess, key: string): Promise<void> {
  const file = `${access.home}/file`;
  await Deno.writeFile(file, buildPayload(1000));
  const args = ["s3", "cp", "--profile", "work", "--no-progress", file, `s3://${BUCKET}/${key}`];
  await readCommand(tools?.aws ?? "aws", { args, env: buildEnvironment(access) });
  const stored = await stage().backend.listObjects(BUCKET);
  assert.ok(stored.some((line) => line.endsWith(` ${key}`)), key);
}

async function openHome(): Promise<SessionAccess> {
  return await stage().open({ role: "", token: "" });
}

Deno.test({
  name:
    "login writes a profile, with which aws-cli goes on by itself, each time with a new session",
  ignore,
  fn: async () => {
    const access = await openHome();
    const options = ["--role", "people-brief", "--profile", "work"];
    const { code, stdout, stderr } = await logIn(access, { options });
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^The profile "work" is in \S+\/\.aws\/config: aws s3 ls --profile work\n$/,
    );
    assert.match(
      stderr,
      /^Open http:\S+\/device and enter the code [A-Z]{4}-[A-Z]{4}, or open \S+\n$/,
    );
    // Its sessions are too short to be used again: each command renews it, by the token of the one before.
    for (const key of ["people/1", "people/2"]) await upload(access, key);
    const sessions = await stage().logged('"operation":"AssumeRoleWithWebIdentity"', 3);
    assert.ok(sessions.every((line) => JSON.parse(line).status === 200));
    await assert.rejects(upload(access, "ci/not-for-people"), /AccessDenied/);

    for await (const { name } of Deno.readDir(`${access.home}/.cache/s3-proxy`)) {
      const { mode } = await Deno.stat(`${access.home}/.cache/s3-proxy/${name}`);
      assert.equal((mode ?? 0) & 0o077, 0, `${name} is its owner's`);
    }
    await stage().proxy.reload(stage().buildSections({ "people-brief": undefined }));
    await assert.rejects(
      upload(access, "people/3"),
      /The proxy gives no session of \S+: AccessDenied/,
    );
    await stage().proxy.reload(stage().buildSections());
  },
});

Deno.test({
  name: "login prints a session for credential_process, and the same again while it is good",
  ignore,
  fn: async () => {
    const access = await openHome();
    const options = ["--role", "people"];
    const first = await logIn(access, { options });
    assert.equal(first.code, 0, first.stderr);
    const { Version, Expiration, ...keys } = JSON.parse(first.stdout);
    assert.equal(Version, 1);
    assert.ok(Date.parse(Expiration) > Date.now() + 3_500_000);
    assert.deepEqual(Object.keys(keys), ["AccessKeyId", "SecretAccessKey", "SessionToken"]);
    const again = await logIn(access, { options: [...options, "--prompt", "never"] });
    assert.deepEqual(again, { code: 0, stdout: first.stdout, stderr: "" });
  },
});

Deno.test({
  name:
    "login fails in one sentence with status 2: refused in the browser, not trusted, not logged in",
  ignore,
  fn: async () => {
    const access = await openHome();
    const options = ["--role", "people"];
    const never = await logIn(access, { options: [...options, "--prompt", "never"] });
    assert.deepEqual(never, {
      code: 2,
      stdout: "",
      stderr: 'The login is over: run the same command with "--prompt auto"\n',
    });
    const refused = await logIn(access, { options, answer: "refuse" });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /\nThe login was refused\n$/);
    const stranger = await logIn(access, { options, name: "mallory" });
    assert.equal(stranger.code, 2);
    assert.match(
      stranger.stderr,
      /\nThe proxy gives no session of \S+:role\/people: AccessDenied: .+\n$/,
    );
    for (const { stdout } of [refused, stranger]) assert.equal(stdout, "");
  },
});

Deno.test("login alone may write: what serves gives the permission up", async () => {
  const program = `${REPOSITORY_DIRECTORY}/tests/e2e/support/writing_main.ts`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--allow-all", program, "demo", "--port", "0"],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (/written: .+\n/.test(text)) child.kill("SIGTERM");
  }
  await child.status;
  assert.match(text, /written: NotCapable\n/);
});
