/** docs/recipes/private_ca.md: its commands make certificates that the proxy trusts, and what it warns of is refused. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { readCheckOptions } from "../../src/server/backend_watch.ts";
import { checkBackend } from "../../src/upstream/backend_check.ts";
import { findCodeBlocks } from "../support/pages.ts";
import { readCommand } from "./support/command.ts";
import { openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram } from "./support/tools.ts";

const path = "docs/recipes/private_ca.md";
const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`);
const openssl = await findProgram("openssl");
if (openssl.missing !== undefined) {
  console.error(`\n*** SKIPPED: ${path}: ${openssl.missing} ***\n`);
}

const ORDINARY = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost " +
  "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout gateway.key -out gateway.pem";

/** The setting that is told of a gateway with `gateway.pem`; `undefined` where nothing is wrong with TLS. */
async function findTlsSetting(folder: string, authority: string): Promise<string | undefined> {
  const [cert, key, ca] = await Promise.all(
    ["gateway.pem", "gateway.key", authority].map((name) => Deno.readTextFile(`${folder}/${name}`)),
  );
  assert.ok(cert !== undefined && key !== undefined && ca !== undefined);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
    () => new Response("<ListAllMyBucketsResult/>"),
  );
  const { config } = parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: `https://localhost:${server.addr.port}`,
      },
      users: [],
    }),
    { path: "test", environment: () => undefined, readSecretFile: () => "" },
  );
  const certificates = { server: undefined, client: undefined, authorities: [ca] };
  const findings = await checkBackend(
    readCheckOptions({ config, certificates }, { buckets: undefined }),
  );
  await server.shutdown();
  return findings.find(({ level }) => level === "error")?.setting;
}

function readCase(name: string): string {
  const block = findCodeBlocks({ path, text }).find(({ info }) => info === `bash case=${name}`);
  return block?.text ?? assert.fail(`no case ${name}`);
}

for (
  const [what, commands, authority, setting] of [
    ["an ordinary self-signed certificate is refused", ORDINARY, "gateway.pem", "backend.ca_file"],
    ["one certificate", readCase("self-signed"), "gateway.pem", undefined],
    ["an authority", readCase("authority"), "authority.pem", undefined],
  ] as const
) {
  Deno.test({
    name: `${path}: ${what}`,
    ignore: openssl.missing !== undefined,
    fn: async () => {
      const folder = await Deno.makeTempDir({ dir: await openState() });
      await readCommand("bash", { args: ["-ec", commands], env: {}, cwd: folder });
      assert.equal(await findTlsSetting(folder, authority), setting);
    },
  });
}
