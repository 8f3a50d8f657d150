/** The recipes of docs/recipes/, as they are printed, on the real gateway; those whose tools take long to build or to run are in tests/e2e_all. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { findCodeBlocks } from "../support/pages.ts";
import { readCommand } from "./support/command.ts";
import type { Gateway } from "./support/gateway.ts";
import { Recipe, type RecipeOptions } from "./support/recipe.ts";
import { testRecipes } from "./support/recipe_tests.ts";
import { TERRAFORM_EXAMPLE } from "./support/terraform.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

/** What the commands of a page may call, in whatever folder they are; Deno's cache is where it is for everybody. */
const S3_PROXY = [
  "env",
  ...Object.entries(Deno.env.toObject()).filter(([name]) => /^(?:HOME$|DENO_)/.test(name))
    .map(([name, value]) => `'${name}=${value}'`),
  `'${Deno.execPath()}' run --no-check --allow-all '${REPOSITORY_DIRECTORY}/main.ts'`,
].join(" ");

const MISSING = new Map<string, string | undefined>();
for (const tool of ["restic", "rclone", "curl", "nginx"]) {
  MISSING.set(tool, (await findProgram(tool)).missing);
}

const stack = await testRecipes([
  {
    name: "restic",
    missing: MISSING.get("restic"),
    buckets: ["backups"],
    writes: [/snapshot \w+ saved/, /restoring/, /remove 1 snapshots/, /no errors were found/],
  },
  {
    name: "rclone",
    missing: MISSING.get("rclone"),
    writes: [/^album\/1\.jpg$/m, /^cover\.jpg$/m],
  },
  {
    name: "curl",
    missing: MISSING.get("curl"),
    writes: [/^hello$/m, /<Key>folder\/file\.txt<\/Key>/, /HTTP\S+ 200/],
  },
  {
    name: "presigned_uploads",
    missing: MISSING.get("curl"),
    buckets: ["uploads"],
    options: () => Promise.resolve({ programs: { "s3-proxy": `exec ${S3_PROXY} "$@"` } }),
    writes: [
      /^access-control-allow-origin: https:\/\/app\.example\.com/im,
      /warning: the proxy would refuse this URL: denied \(no_allow\): s3:GetObject/,
    ],
  },
  {
    name: "static_site",
    missing: MISSING.get("rclone") ?? MISSING.get("nginx"),
    buckets: ["website"],
    options: serveSite,
    writes: [/<h1>hello<\/h1>/],
  },
  TERRAFORM_EXAMPLE,
], { name: "recipes" });

/** nginx with the page's site, in front of the server that the page starts. */
function serveSite(): Promise<Partial<RecipeOptions>> {
  const [started = 0, port = 0] = findFreePorts(2);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path temp_${name};`).join(" ");
  const main =
    `${
      Deno.uid() === 0 ? "user root; " : ""
    }daemon off; pid nginx.pid; error_log error.log; events {} ` +
    `http { access_log off; ${temporary} include site.conf; }`;
  return Promise.resolve({
    startedPort: started,
    replacements: [
      ["127.0.0.1:8081", `127.0.0.1:${started}`],
      ["listen 80;", `listen 127.0.0.1:${port};`],
      ["/var/cache/nginx/site", "cache"],
    ],
    epilogue: `echo '${main}' > nginx.conf
nginx -p . -c nginx.conf 2>/dev/null &
wait_for ${port} $!
curl --fail --silent --show-error -H 'Host: www.example.com' http://127.0.0.1:${port}/
test "$(curl --silent -o /dev/null -w '%{http_code}' -X PUT http://127.0.0.1:${port}/index.html)" = 403`,
  });
}

const aws = await findPythonTools();

Deno.test({
  name: "docs/recipes/hetzner.md, line by line",
  ignore: aws.missing !== undefined,
  fn: async () => {
    const { gateway } = stack();
    const directory = await Deno.makeTempDir({ dir: gateway.directory });
    const recipe = await Recipe.read("hetzner");
    const said = await recipe.follow(buildHetzner(gateway, directory));
    for (
      const expected of [
        /^ok +key +accepted$/m,
        /make_bucket: app-data/,
        /^upload: \.\/file\.txt to s3:\/\/app-data\/app\/file\.txt/m,
        /^decision +denied \(no_allow\): s3:PutObject on arn:aws:s3:::app-data\/other\/file\.txt$/m,
      ]
    ) assert.match(said, expected);
  },
});

function buildHetzner(gateway: Gateway, directory: string): RecipeOptions {
  const [port = 0, operators = 0] = findFreePorts(2);
  // The ports of the file that init makes may be taken.
  const ports = `sed -e 's/":8080"/"127.0.0.1:${port}"/' -e 's/:9090"/:${operators}"/'`;
  return {
    directory,
    startedPort: port,
    replacements: [
      ["https://fsn1.your-objectstorage.com", gateway.endpoints.http],
      ["localhost:8080", `127.0.0.1:${port}`],
      ["YOUR_HETZNER_ACCESS_KEY", gateway.accessKey],
      ["YOUR_HETZNER_SECRET_KEY", gateway.secretKey],
    ],
    programs: {
      "s3-proxy":
        `if [ "$1" = init ]; then ${S3_PROXY} "$@" | ${ports}; else exec ${S3_PROXY} "$@"; fi`,
      aws: `exec "${aws.value?.aws}" "$@"`,
    },
    env: { AWS_EC2_METADATA_DISABLED: "true" },
  };
}

Deno.test("docs/recipes/port_443.md: the hook copies the certificate, and the configuration takes it", async () => {
  const path = "docs/recipes/port_443.md";
  const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`);
  const blocks = findCodeBlocks({ path, text });
  const find = (info: string): string =>
    blocks.find((block) => block.info === info)?.text ?? assert.fail(`no ${info}`);
  const directory = await Deno.makeTempDir({ dir: await openState() });
  await Deno.writeTextFile(`${directory}/hook`, find("sh file=deploy-hook"), { mode: 0o755 });
  await Deno.mkdir(`${directory}/live`);
  await Deno.mkdir(`${directory}/etc`);
  await Deno.writeTextFile(`${directory}/live/privkey.pem`, TEST_PRIVATE_KEY);
  await Deno.writeTextFile(`${directory}/live/fullchain.pem`, TEST_CERTIFICATE);
  if (Deno.uid() === 0) {
    await readCommand(`${directory}/hook`, {
      args: [],
      env: {
        RENEWED_LINEAGE: `${directory}/live`,
        S3_PROXY_FOLDER: `${directory}/etc`,
        S3_PROXY_GROUP: "root",
      },
    });
    const { mode } = await Deno.stat(`${directory}/etc/privkey.pem`);
    assert.equal((mode ?? 0) & 0o777, 0o640);
    assert.equal(await Deno.readTextFile(`${directory}/etc/fullchain.pem`), TEST_CERTIFICATE);
  }
  const master = "master_credentials: {access_key: M, secret_key: master-secret-of-the-tests, " +
    "endpoint: 'http://127.0.0.1:7480'}\nusers: []\n";
  const { config } = parseConfig(`${master}${find("yaml case=port-443")}`, {
    path: `${directory}/etc/config.yaml`,
    environment: () => undefined,
    readSecretFile: () => "",
  });
  assert.equal(config.server.listenAddress.port, 443);
  assert.deepEqual(config.server.tls, {
    certFile: `${directory}/etc/fullchain.pem`,
    keyFile: `${directory}/etc/privkey.pem`,
  });
});
