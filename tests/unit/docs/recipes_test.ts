/** What the pages of docs/recipes/ hold beside commands: configurations that load, and files for other programs. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { type CodeBlock, findCodeBlocks, type Page, readPages } from "../../support/pages.ts";

const ROOT = new URL("../../../", import.meta.url);
const MASTER =
  'master_credentials: {access_key: M, secret_key: master-secret-of-tests, endpoint: "http://127.0.0.1:7480"}\n';
const recipes = (await readPages()).filter(({ path }) => path.startsWith("docs/recipes/"));

function findBlocks(page: Page, what: RegExp): CodeBlock[] {
  return findCodeBlocks(page).filter(({ info }) => what.test(info));
}

function readFile(name: string): ReturnType<typeof parse> {
  const [block] = recipes.flatMap((page) => findBlocks(page, new RegExp(`file=${name}$`)));
  return parse(block?.text ?? assert.fail(`no ${name}`));
}

for (const page of recipes) {
  for (const { info, text } of findBlocks(page, /^yaml case=/)) {
    Deno.test(`${page.path}: the configuration of ${info} loads without a warning`, () => {
      const users = /^users:/m.test(text)
        ? ""
        : "users: [{access_key: a, secret_key: a-secret-of-the-tests, allowed_buckets: [alpha]}]\n";
      let secrets = 0;
      const { warnings } = parseConfig(`${MASTER}${users}${text}`, {
        path: "config.yaml",
        environment: () => undefined,
        readSecretFile: () => `secret-${secrets++}-of-the-tests`,
      });
      assert.deepEqual(warnings, []);
    });
  }
}

Deno.test("docs/recipes/compose.md runs the proxy, by its image's digest, with what may be read only", () => {
  const { services: { "s3-proxy": service } } = readFile("compose.yaml");
  assert.deepEqual(parseArguments(service.command), {
    name: "serve",
    configPath: "/etc/s3-proxy/config.yaml",
  });
  assert.match(service.image, /@sha256:[0-9a-f]{64}$/);
  assert.deepEqual([service.read_only, service.cap_drop], [true, ["ALL"]]);
  assert.ok(service.volumes.every((volume: string) => volume.endsWith(":/etc/s3-proxy:ro")));
});

Deno.test("docs/recipes/ingress.md leads to the service of k8s/", async () => {
  const service = parse(
    (await Deno.readTextFile(new URL("k8s/service.yaml", ROOT))).split("\n---")[0] ?? "",
  );
  const ingress = readFile("ingress.yaml");
  const { backend } = ingress.spec.rules[0].http.paths[0];
  assert.deepEqual(backend.service, {
    name: service.metadata.name,
    port: { name: service.spec.ports[0].name },
  });
  const kustomization = parse(await Deno.readTextFile(new URL("k8s/kustomization.yaml", ROOT)));
  assert.equal(ingress.metadata.namespace, kustomization.namespace);
});
