/** Every command of README.md and docs/ is run by a test that reads it from the page, or stands here with what is missing for it. */

import assert from "node:assert/strict";
import { type CodeBlock, findCodeBlocks, readPages } from "../../support/pages.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Blocks by a text of their fence or their first lines, and the test that runs them as they are printed. */
const RUN: readonly (readonly [path: string, holds: string, test: string])[] = [
  ["README.md", "task compile", "tests/e2e/pages_test.ts"],
  ["README.md", "s3-proxy demo", "tests/e2e/pages_test.ts"],
  ["README.md", "s3-proxy init", "tests/e2e/pages_test.ts"],
  ["README.md", "./s3-proxy -config config.yaml", "tests/e2e/pages_test.ts"],
  ["README.md", "aws s3 mb", "tests/e2e/pages_test.ts"],
  ["README.md", "openssl rand", "tests/e2e/pages_test.ts"],
  ["docs/BACKENDS.md", "s3-proxy probe", "tests/e2e/pages_test.ts"],
  ["docs/CLIENT_SETUP.md", "aws s3 mb", "tests/e2e/client_setup_test.ts"],
  ["docs/CLIENT_SETUP.md", "curl --aws-sigv4", "tests/e2e/client_setup_test.ts"],
  ["docs/CLIENT_SETUP.md", "s3fs bucket-alpha", "tests/e2e/client_setup_test.ts"],
  ["docs/IDENTITY.md", "openssl rand", "tests/e2e/pages_test.ts"],
  ["docs/IDENTITY.md", "explain -config config.yaml --role deploy", "tests/e2e/pages_test.ts"],
  // kubectl and vault are stand-ins there, which know these command lines and no others.
  ["docs/IDENTITY.md", "run=kubernetes", "tests/e2e/identity_page_test.ts"],
  ["docs/IDENTITY.md", "run=people", "tests/e2e/identity_page_test.ts"],
  ["docs/IDENTITY.md", "run=vault", "tests/e2e/identity_page_test.ts"],
  ["docs/OPERATIONS.md", "./s3-proxy --version", "tests/e2e/pages_test.ts"],
  ["docs/PRESIGNED_URLS.md", "aws configure set", "tests/e2e/pages_test.ts"],
  ["docs/RIGHTS.md", "s3-proxy keygen", "tests/e2e/pages_test.ts"],
  ["docs/recipes/private_ca.md", "self-signed", "tests/e2e/recipe_private_ca_test.ts"],
  ["docs/recipes/private_ca.md", "authority", "tests/e2e/recipe_private_ca_test.ts"],
];

/** Blocks that cannot be run where the tests are, and why. */
const NOT_RUN: readonly (readonly [path: string, holds: string, why: string])[] = [
  [
    "docs/OPERATIONS.md",
    "install-systemd.sh",
    "it needs a machine that systemd runs; tests/e2e/systemd_test.ts installs into a folder and has systemd judge the unit",
  ],
  [
    "docs/OPERATIONS.md",
    "kubectl apply",
    "it needs a cluster; tests/unit/k8s/manifests_test.ts reads what would be applied",
  ],
  [
    "docs/OPERATIONS.md",
    "helm install",
    "it needs a cluster; tests/e2e_all/chart_test.ts has Helm render the chart with the same values",
  ],
  [
    "docs/PERFORMANCE.md",
    "task bench",
    "two hours of benchmarks; CI runs bench:quick, and tests/unit/docs/pages_test.ts holds the names of the others",
  ],
  [
    "docs/recipes/velero.md",
    "velero install",
    "it needs a cluster; tests/e2e_all/recipes_test.ts has Velero's plugin do its work with the page's files",
  ],
  ["docs/S3_TESTS.md", "tox", "Ceph's suite is third party's code that is not in this tree"],
  [
    "docs/recipes/port_443.md",
    "certbot certonly",
    "it needs a public name and a certificate authority",
  ],
  ["docs/recipes/port_443.md", "systemctl restart", "it needs a machine that systemd runs"],
];

/** A page of docs/recipes/ says by its fences what is run; the test that does so names it. */
const RECIPE_FENCE = /^sh (?:run|start|file=\S+)$/;

const pages = (await readPages()).filter(({ path }) => path !== "CHANGELOG.md");
const blocks = pages.flatMap((page) =>
  findCodeBlocks(page).map((block): CodeBlock & { path: string } => ({ path: page.path, ...block }))
);
const commands = blocks.filter(({ info }) =>
  ["sh", "bash", "shell", "console"].includes(info.split(" ")[0] ?? "")
);

function isMeant(
  [path, holds]: readonly [string, string, string],
  block: CodeBlock & { path: string },
): boolean {
  return path === block.path && `${block.info}\n${block.text}`.includes(holds);
}

async function readTests(): Promise<Map<string, string>> {
  const tests = new Map<string, string>();
  for (const folder of ["tests/e2e", "tests/e2e_all"]) {
    for await (const { name } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
      if (!name.endsWith("_test.ts")) continue;
      const path = `${folder}/${name}`;
      tests.set(path, await Deno.readTextFile(new URL(path, ROOT)));
    }
  }
  return tests;
}

Deno.test("every block of a page says what language it is in, so that no command hides", () => {
  for (const { path, info, text } of blocks) assert.notEqual(info, "", `${path}: ${text}`);
});

Deno.test("every block of commands is run as it is printed, or there is a reason why not", () => {
  assert.ok(commands.length >= 35, `${commands.length} blocks were found`);
  for (const block of commands) {
    const isExcused = NOT_RUN.some((row) => isMeant(row, block));
    if (block.path.startsWith("docs/recipes/") && RECIPE_FENCE.test(block.info)) {
      assert.ok(!isExcused, `${block.path} is run, and excused:\n${block.text}`);
      continue;
    }
    const meant = [...RUN, ...NOT_RUN].filter((row) => isMeant(row, block));
    assert.ok(meant.length > 0, `${block.path}: nobody runs\n${block.text}`);
  }
});

Deno.test("the tables of commands name blocks that are there, and tests that read them", async () => {
  const tests = await readTests();
  for (const row of [...RUN, ...NOT_RUN]) {
    assert.ok(commands.some((block) => isMeant(row, block)), `${row[0]} has no ${row[1]}`);
  }
  for (const [path, holds, test] of RUN) {
    const source = tests.get(test) ?? assert.fail(`there is no ${test}`);
    assert.ok(source.includes(holds), `${test} does not look for ${holds} of ${path}`);
    const readsPage = source.includes(path) || source.includes("page_cases.ts");
    assert.ok(readsPage, `${test} does not read ${path}`);
  }
});

Deno.test("every recipe with commands is followed by a test", async () => {
  const sources = [...(await readTests()).values()];
  const followed = commands.filter(({ path, info }) =>
    path.startsWith("docs/recipes/") && RECIPE_FENCE.test(info)
  );
  for (const path of new Set(followed.map(({ path }) => path))) {
    const [, name = ""] = /([^/]+)\.md$/.exec(path) ?? [];
    assert.ok(
      sources.some((source) => source.includes(`"${name}"`) || source.includes(path)),
      `no test follows ${path}`,
    );
  }
});
