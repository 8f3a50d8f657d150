/**
 * rclone with a CI job's token: the newest from Go's module proxy, as Debian's reads no AWS_ENDPOINT_URL_STS. Building it
 * takes minutes, so it is here.
 */

import assert from "node:assert/strict";
import { BRIEF_SECONDS, BUCKET, IdentityStage, JOB } from "../e2e/support/identity_stage.ts";
import { CommandError, readCommand } from "../e2e/support/command.ts";
import { buildPayload } from "../e2e/support/payload.ts";
import { buildSessionEnvironment, type SessionAccess } from "../e2e/support/session_clients.ts";
import { installGoProgram } from "../e2e/support/tools.ts";

const { value: program = "", missing } = await installGoProgram("github.com/rclone/rclone@v1.76.0");
if (missing !== undefined) console.error(`\n*** SKIPPED: rclone: ${missing} ***\n`);

const FILES = 12;
const FILE_BYTES = 512 << 10;

async function copy(access: SessionAccess, to: string, options: string[] = []): Promise<void> {
  await readCommand(program, {
    args: ["copy", "--transfers=1", "--retries=1", ...options, `${access.home}/files`, `e2e:${to}`],
    env: {
      ...buildSessionEnvironment(access),
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_E2E_TYPE: "s3",
      RCLONE_CONFIG_E2E_PROVIDER: "Other",
      RCLONE_CONFIG_E2E_ENV_AUTH: "true",
      RCLONE_CONFIG_E2E_NO_CHECK_BUCKET: "true",
      RCLONE_CONFIG_E2E_ENDPOINT: access.endpoint,
      RCLONE_CA_CERT: access.authorityFile,
    },
  });
}

Deno.test({
  name: "rclone copies for longer than its session lasts, and is refused after a revocation",
  ignore: missing !== undefined,
  fn: async () => {
    await using stage = await IdentityStage.start("identity-rclone");
    const token = await stage.provider.signFor(JOB);
    const access = await stage.open({ role: "brief", token });
    await Deno.mkdir(`${access.home}/files`);
    for (let file = 0; file < FILES; file++) {
      await Deno.writeFile(`${access.home}/files/${file}`, buildPayload(FILE_BYTES));
    }
    const mebibytes = FILES * FILE_BYTES / (1 << 20) / (BRIEF_SECONDS + 4);
    await copy(access, `${BUCKET}/ci/rclone`, [`--bwlimit=${mebibytes.toFixed(2)}M`]);
    const stored = await stage.backend.listObjects(BUCKET);
    assert.equal(stored.filter((line) => line.includes(" ci/rclone/")).length, FILES);
    await stage.logged('"operation":"AssumeRoleWithWebIdentity"', 2); // in one run

    await stage.proxy.reload(stage.buildSections({ brief: undefined }));
    // Without a session it says "is a file not a directory", whatever STS has answered.
    await assert.rejects(copy(access, `${BUCKET}/ci/refused`), CommandError);
    const [refused] = await stage.logged('"reason":"no_such_role"', 1);
    assert.match(refused ?? "", /"code":"AccessDenied"/);
    assert.ok(!(await stage.backend.listObjects(BUCKET)).some((line) => line.includes("refused")));
  },
});
