/** chart/, by Helm: it is well-formed, says the same as k8s/, and refuses what cannot run. */

import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import { CommandError, readCommand } from "../e2e/support/command.ts";
import { openState, REPOSITORY_DIRECTORY } from "../e2e/support/state.ts";
import { installGoProgram, installPythonPackages } from "../e2e/support/tools.ts";

const CHART = `${REPOSITORY_DIRECTORY}/chart`;
const EXAMPLE = ["--values", `${CHART}/example-values.yaml`];
const KUBERNETES = "1.36";

// Of foreign documents, the members that tests look at are whatever YAML says.
// deno-lint-ignore no-explicit-any -- manifests have no types of their own
type Manifest = any;

const helm = await installGoProgram("helm.sh/helm/v4/cmd/helm@v4.3.1");
const validator = await installPythonPackages("schemas", [
  "kubernetes-validate==1.37.0",
  "jsonschema==4.26.0",
]);
for (const { missing } of [helm, validator]) {
  if (missing !== undefined) console.error(`\n*** SKIPPED: the chart: ${missing} ***\n`);
}
const ignore = helm.missing !== undefined;

async function runHelm(...args: readonly string[]): Promise<string> {
  const env = { HOME: await openState() };
  return await readCommand(helm.value ?? "", {
    args: [...args, "--kube-version", KUBERNETES],
    env,
  });
}

/** By kind and name. */
async function render(...args: readonly string[]): Promise<Map<string, Manifest>> {
  const text = await runHelm("template", "s3-proxy", CHART, ...EXAMPLE, ...args);
  return collect(text);
}

function collect(text: string): Map<string, Manifest> {
  const documents = parseAllDocuments(text).map((document) => document.toJS())
    .filter((document) => document !== null);
  return new Map(documents.map((one) => [`${one.kind}/${one.metadata.name}`, one]));
}

/** k8s/ as `kubectl apply -k` would send it, without the namespace. */
async function readPlain(): Promise<Map<string, Manifest>> {
  const folder = `${REPOSITORY_DIRECTORY}/k8s`;
  const { images: [image], resources } = parse(
    await Deno.readTextFile(`${folder}/kustomization.yaml`),
  );
  const plain = new Map<string, Manifest>();
  for (const file of [...resources, "service_monitor.yaml"]) {
    for (const [name, one] of collect(await Deno.readTextFile(`${folder}/${file}`))) {
      if (one.kind !== "Namespace") plain.set(name, one);
    }
  }
  const [container] = plain.get("Deployment/s3-proxy").spec.template.spec.containers;
  container.image = `${image.newName}:${image.newTag}`;
  return plain;
}

/** Without the labels that Helm wants, and with the configuration as what it says. */
function normalize(one: Manifest): Manifest {
  const text = JSON.stringify(one, (_, value) => {
    if (typeof value !== "object" || value === null) return value;
    const { ["app.kubernetes.io/instance"]: _instance, ["helm.sh/chart"]: _chart, ...rest } = value;
    delete rest["app.kubernetes.io/managed-by"];
    return Array.isArray(value) ? value : rest;
  });
  const normal = JSON.parse(text);
  const { labels = {} } = normal.metadata;
  delete labels["app.kubernetes.io/name"]; // which kustomization.yaml gives to all of them
  normal.metadata = { name: normal.metadata.name, labels };
  if (normal.kind === "ServiceMonitor") {
    delete normal.spec.selector.matchLabels["app.kubernetes.io/name"];
  }
  for (const container of normal.spec?.template?.spec?.containers ?? []) {
    delete container.imagePullPolicy;
  }
  if (normal.kind === "ConfigMap") normal.data = parse(normal.data["config.yaml"]);
  return normal;
}

Deno.test({ name: "helm lint finds nothing", ignore }, async () => {
  const said = await runHelm("lint", CHART, "--strict", "--quiet", ...EXAMPLE);
  assert.equal(said.trim(), "");
});

Deno.test({ name: "the chart says what k8s/ says", ignore }, async () => {
  const [rendered, plain] = [
    await render("--set", "serviceMonitor.enabled=true"),
    await readPlain(),
  ];
  assert.deepEqual([...rendered.keys()].toSorted(), [...plain.keys()].toSorted());
  for (const [name, one] of plain) {
    assert.deepEqual(normalize(rendered.get(name)), normalize(one), name);
  }
});

Deno.test({ name: "every selector of a release selects its own pods only", ignore }, async () => {
  const text = await runHelm("template", "other", CHART, ...EXAMPLE);
  const rendered = collect(text);
  const expected = {
    "app.kubernetes.io/name": "s3-proxy",
    "app.kubernetes.io/instance": "other",
  };
  const { spec } = rendered.get("Deployment/other");
  assert.deepEqual(spec.template.metadata.labels, expected);
  assert.deepEqual(spec.selector.matchLabels, expected);
  assert.deepEqual(
    spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels,
    expected,
  );
  assert.deepEqual(rendered.get("Service/other").spec.selector, expected);
  assert.deepEqual(rendered.get("Service/other-metrics").spec.selector, expected);
  assert.deepEqual(rendered.get("PodDisruptionBudget/other").spec.selector.matchLabels, expected);
  assert.deepEqual(rendered.get("NetworkPolicy/other").spec.podSelector.matchLabels, expected);
  assert.equal(rendered.get("HorizontalPodAutoscaler/other").spec.scaleTargetRef.name, "other");
});

Deno.test({ name: "the values do what they say", ignore }, async () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const values = [
    `image.digest=${digest},image.repository=registry.example.com/s3-proxy`,
    "existingSecret=from-a-store,networkPolicy.enabled=false",
    "service.type=LoadBalancer,service.externalTrafficPolicy=Local,service.annotations.a=b",
    "nodeSelector.disk=ssd,tolerations[0].key=x,imagePullSecrets[0].name=pull",
    "terminationGracePeriodSeconds=90,config.server.shutdown_timeout=75s",
  ];
  const rendered = await render(...values.flatMap((value) => ["--set", value]));
  const { spec: pod } = rendered.get("Deployment/s3-proxy").spec.template;
  assert.equal(pod.containers[0].image, `registry.example.com/s3-proxy@${digest}`);
  assert.equal(pod.volumes[1].secret.secretName, "from-a-store");
  assert.deepEqual([pod.nodeSelector, pod.tolerations, pod.imagePullSecrets], [
    { disk: "ssd" },
    [{ key: "x" }],
    [{ name: "pull" }],
  ]);
  assert.equal(pod.terminationGracePeriodSeconds, 90);
  assert.ok(!rendered.has("Secret/s3-proxy") && !rendered.has("NetworkPolicy/s3-proxy"));
  assert.ok(!rendered.has("ServiceMonitor/s3-proxy"));
  const { metadata, spec: service } = rendered.get("Service/s3-proxy");
  assert.deepEqual([service.type, service.externalTrafficPolicy, metadata.annotations], [
    "LoadBalancer",
    "Local",
    { a: "b" },
  ]);
  const config = parse(rendered.get("ConfigMap/s3-proxy").data["config.yaml"]);
  assert.equal(config.server.shutdown_timeout, "75s");
  assert.equal(config.server.listener, "hardened");
});

for (
  const [what, args, message] of [
    ["without users", [...EXAMPLE, "--set-json", "config.users=[]"], /config\.users: expected/],
    ["without secrets", [...EXAMPLE, "--set", "secrets=null"], /secrets: expected/],
    ["without values", [], /: expected /],
    ["with a value that there is not", [...EXAMPLE, "--set", "replicas=3"], /replicas/],
    ["with another port", [...EXAMPLE, "--set", "config.server.listen_addr=:80"], /listen_addr/],
    ["with a short secret", [...EXAMPLE, "--set", "secrets.master=short"], /secrets/],
    ["with one replica", [...EXAMPLE, "--set", "autoscaling.minReplicas=1"], /minReplicas/],
    ["with a tag as digest", [...EXAMPLE, "--set", "image.digest=latest"], /digest/],
  ] as const
) {
  Deno.test({ name: `the chart is not rendered ${what}`, ignore }, async () => {
    await assert.rejects(
      runHelm("template", "s3-proxy", CHART, ...args),
      (error) => error instanceof CommandError && message.test(error.message),
    );
  });
}

Deno.test({
  name: "Kubernetes' own schemas take every manifest, of the chart and of k8s/",
  ignore: ignore || validator.missing !== undefined,
}, async () => {
  const file = `${await openState()}/chart.yaml`;
  const documents = [...(await render()).values(), ...(await readPlain()).values()]
    .filter(({ kind }) => kind !== "ServiceMonitor"); // the operator's, not Kubernetes'
  await Deno.writeTextFile(file, documents.map((one) => JSON.stringify(one)).join("\n---\n"));
  const args = ["-m", "kubernetes_validate", "--strict", "-k", KUBERNETES, file];
  await readCommand(validator.value ?? "", { args });
});
