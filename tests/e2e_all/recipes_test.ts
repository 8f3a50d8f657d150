/** Recipes whose programs take long to build or to run, as they are printed, on the real gateway. The others are in tests/e2e. */

import assert from "node:assert/strict";
import { readCommand } from "../e2e/support/command.ts";
import type { RecipeOptions } from "../e2e/support/recipe.ts";
import { testRecipes } from "../e2e/support/recipe_tests.ts";
import type { Stack } from "../e2e/support/stack.ts";
import { findFreePorts } from "../e2e/support/state.ts";
import { buildGoTests, findProgram, installGoProgram } from "../e2e/support/tools.ts";

const registry = await installGoProgram(
  "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
);
const pgbackrest = await findProgram("pgbackrest", { beside: ["postgresql"] });
const velero = await buildGoTests("github.com/vmware-tanzu/velero-plugin-for-aws@v1.14.3", {
  folder: "velero-plugin-for-aws",
  file: `${import.meta.dirname}/velero/recipe_test.go`,
});
const ruby = await findProgram("ruby", { beside: ["ruby-fog-aws"] });

await testRecipes([
  {
    name: "docker_registry",
    missing: registry.missing,
    buckets: ["registry"],
    options: runRegistries,
    writes: [/^the layer came back$/m, /^elsewhere: 5\d\d$/m, /AccessDenied/],
  },
  {
    name: "gitlab",
    missing: ruby.missing,
    buckets: [
      "gitlab-artifacts",
      "gitlab-lfs",
      "gitlab-packages",
      "gitlab-uploads",
      "gitlab-backups",
    ],
    options: () =>
      Promise.resolve({
        epilogue: `ruby ${import.meta.dirname}/programs/gitlab_job.rb gitlab.rb`,
      }),
    writes: [
      /^overwriting a backup is refused$/m,
      /^deleting a backup is refused$/m,
      /^another bucket is refused$/m,
    ],
  },
  {
    name: "pgbackrest",
    missing: pgbackrest.missing,
    buckets: ["backups"],
    options: runPostgres,
    writes: [
      /^ +full backup: \S+F$/m,
      /^ +incr backup: \S+I$/m,
      /^1001$/m,
      /ERROR: \[039\].* 403 \(Forbidden\):\s.*\s+HEAD \/backups\/elsewhere\//,
    ],
  },
  {
    name: "velero",
    missing: velero.missing,
    buckets: ["backups"],
    options: () =>
      Promise.resolve({ epilogue: `RECIPE=$PWD '${velero.value}' -test.run=Recipe -test.v` }),
    writes: [/^--- PASS: TestRecipe /m, /^--- PASS: TestRecipeElsewhere /m],
  },
], { name: "recipes_all" });

/** The page's, and one whose bucket is another. */
function runRegistries(): Promise<Partial<RecipeOptions>> {
  const [port = 0, other = 0] = findFreePorts(2);
  return Promise.resolve({
    startedPort: port,
    replacements: [["127.0.0.1:5000", `127.0.0.1:${port}`]],
    programs: { registry: `exec '${registry.value}' "$@"` },
    env: { OTEL_TRACES_EXPORTER: "none" }, // it would look for a collector
    epilogue: `echo "the layer came back" # or cmp would have ended the page
REGISTRY_STORAGE_S3_BUCKET=elsewhere REGISTRY_HTTP_ADDR=127.0.0.1:${other} registry serve registry.yml > elsewhere.log 2>&1 &
wait_for ${other} $!
curl --silent --output /dev/null --write-out 'elsewhere: %{http_code}\\n' -X POST http://127.0.0.1:${other}/v2/app/blobs/uploads/
cat elsewhere.log`,
  });
}

/** A server in a folder that belongs to its account: PostgreSQL does not run as root. */
async function runPostgres({ gateway, proxies }: Stack): Promise<Partial<RecipeOptions>> {
  const directory = await Deno.makeTempDir();
  const programs = (await readCommand("bash", {
    args: ["-c", "dirname $(ls /usr/lib/postgresql/*/bin/initdb | tail -1)"],
  })).trim();
  assert.notEqual(programs, "");
  await Deno.copyFile(gateway.authorityFile, `${directory}/authority.pem`);
  const { port } = new URL(proxies.https.endpoint);
  const start = `'${programs}/pg_ctl' -D '${directory}/data' -l '${directory}/server.log' -w`;
  return {
    directory,
    account: Deno.uid() === 0 ? "postgres" : undefined,
    timeoutMs: 300_000,
    replacements: [
      ["s3.example.com", "localhost"], // it takes no address from a certificate
      ["repo1-storage-port=443", `repo1-storage-port=${port}`],
      ["/etc/s3-proxy/authority.pem", `${directory}/authority.pem`],
      ["/var/lib/postgresql/15/main", `${directory}/data`],
    ],
    env: {
      PGBACKREST_CONFIG: `${directory}/pgbackrest.conf`,
      PGBACKREST_PG1_SOCKET_PATH: directory,
      PGBACKREST_LOG_PATH: directory,
      PGBACKREST_LOCK_PATH: directory,
      PGHOST: directory,
    },
    programs: { pg_ctlcluster: `${start} -m fast "$3"` },
    prologue: `'${programs}/initdb' -D data --auth=trust > initdb.log
cat archive.conf >> data/postgresql.conf
echo "listen_addresses = ''" >> data/postgresql.conf
echo "unix_socket_directories = '${directory}'" >> data/postgresql.conf
pg_ctlcluster 15 main start > start.log
trap 'pg_ctlcluster 15 main stop > stop.log' EXIT`,
  };
}
