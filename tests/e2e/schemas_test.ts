/** Files for programs that cannot be had here, by those programs' own schemas: Compose's and Kubernetes'. */

import assert from "node:assert/strict";
import { findCodeBlocks } from "../support/pages.ts";
import { CommandError, hasProgram, readCommand } from "./support/command.ts";
import { E2E_DIRECTORY, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { installPythonPackages } from "./support/tools.ts";

const COMPOSE = "github.com/compose-spec/compose-go/v2@v2.16.2";
const KUBERNETES = "1.36";

const python = await installPythonPackages("schemas", [
  "kubernetes-validate==1.37.0",
  "jsonschema==4.26.0",
]);
const missing = python.missing ??
  (await hasProgram("go")
    ? undefined
    : "there is no Go on this machine, whose registry has Compose's");
if (missing !== undefined) console.error(`\n*** SKIPPED: schemas: ${missing} ***\n`);
const ignore = missing !== undefined;

async function readBlock(page: string, file: string): Promise<string> {
  const path = `docs/recipes/${page}.md`;
  const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`);
  const block = findCodeBlocks({ path, text }).find(({ info }) => info.endsWith(`file=${file}`));
  return block?.text ?? assert.fail(`${path} has no ${file}`);
}

async function validateCompose(text: string): Promise<void> {
  const { Dir } = JSON.parse(
    await readCommand("go", { args: ["mod", "download", "-json", COMPOSE], cwd: "/" }),
  );
  const file = `${await openState()}/compose.yaml`;
  await Deno.writeTextFile(file, text);
  const script = `'${python.value}' '${E2E_DIRECTORY}/python/validate_schema.py' ` +
    `'${Dir}/schema/compose-spec.json' < '${file}'`;
  await readCommand("bash", { args: ["-c", script] });
}

async function validateKubernetes(text: string): Promise<void> {
  const file = `${await openState()}/manifests.yaml`;
  await Deno.writeTextFile(file, text);
  const args = ["-m", "kubernetes_validate", "--strict", "-k", KUBERNETES, file];
  await readCommand(python.value ?? "", { args });
}

Deno.test(
  { name: "docs/recipes/compose.md is what the Compose specification takes", ignore },
  async () => {
    const text = await readBlock("compose", "compose.yaml");
    await validateCompose(text);
    await assert.rejects(
      validateCompose(text.replace("read_only:", "read_onli:")),
      (error) =>
        error instanceof CommandError && error.message.includes("'read_onli' was unexpected"),
    );
  },
);

Deno.test(
  { name: "k8s/ and docs/recipes/ingress.md are what Kubernetes takes", ignore },
  async () => {
    const folder = `${REPOSITORY_DIRECTORY}/k8s`;
    const texts = [await readBlock("ingress", "ingress.yaml")];
    for await (const { name } of Deno.readDir(folder)) {
      if (["kustomization.yaml", "service_monitor.yaml"].includes(name)) continue; // not Kubernetes' own
      texts.push(await Deno.readTextFile(`${folder}/${name}`));
    }
    const text = texts.join("\n---\n");
    await validateKubernetes(text);
    await assert.rejects(
      validateKubernetes(text.replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:")),
      (error) => error instanceof CommandError && error.message.includes("readOnlyRootFileSystem"),
    );
  },
);
