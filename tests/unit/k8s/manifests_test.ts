import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../../deno.json" with { type: "json" };
import { parseArguments } from "../../../src/cli/arguments.ts";
import type { LoadedConfig } from "../../../src/config/build.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { respondAdmin } from "../../../src/server/admin.ts";

const ROOT = new URL("../../../", import.meta.url);
const MANIFESTS = new URL("k8s/", ROOT);
/** Not for everybody: it needs the Prometheus Operator. */
const OPTIONAL = ["service_monitor.yaml"];

// Of foreign documents, the members that tests look at are whatever YAML says.
// deno-lint-ignore no-explicit-any -- manifests have no types of their own
type Manifest = any;

const kustomization = parse(await readText("k8s/kustomization.yaml"));
const manifests = new Map<string, Manifest>();
for (const file of [...kustomization.resources, ...OPTIONAL]) {
  for (const document of parseAllDocuments(await readText(`k8s/${file}`))) {
    const one = document.toJS();
    manifests.set(`${one.kind}/${one.metadata.name}`, one);
  }
}
const pod = find("Deployment/s3-proxy").spec.template.spec;
const podLabels = find("Deployment/s3-proxy").spec.template.metadata.labels;
const [container] = pod.containers;
const secretFilesRead: string[] = [];
const { config, warnings } = loadMounted();

Deno.test("the kustomization has every manifest", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(MANIFESTS)) files.push(name);
  const named = [...kustomization.resources, ...OPTIONAL, "kustomization.yaml"];
  assert.deepEqual(files.sort(), named.sort());
});

Deno.test("the image is this version's", () => {
  const [{ name, newTag }] = kustomization.images;
  assert.deepEqual([name, newTag], [container.image, manifest.version]);
});

Deno.test("the program is told to read the configuration that is mounted", () => {
  assert.deepEqual(parseArguments(container.args), {
    name: "serve",
    configPath: `${mountPathOf("config")}/config.yaml`,
  });
});

Deno.test("the configuration is one that the proxy takes without a warning", () => {
  assert.deepEqual(warnings, []);
});

Deno.test("the listener is the one for clients that connect directly", () => {
  assert.equal(config.server.listener, "hardened");
});

Deno.test("every secret that the configuration names is mounted, and no other", () => {
  const secrets = Object.keys(find("Secret/s3-proxy").stringData);
  const mounted = secrets.map((key) => `${mountPathOf("secrets")}/${key}`);
  assert.deepEqual(secretFilesRead.toSorted(), mounted.toSorted());
});

Deno.test("the ports are those that the proxy listens on", () => {
  const ports = new Map(
    container.ports.map((port: Manifest) => [port.name, port.containerPort]),
  );
  assert.deepEqual(Object.fromEntries(ports), {
    http: config.server.listenAddress.port,
    metrics: config.metrics?.listenAddress.port,
  });
  for (const service of ["Service/s3-proxy", "Service/s3-proxy-metrics"]) {
    for (const { targetPort } of find(service).spec.ports) assert.ok(ports.has(targetPort));
  }
  const { ingress, egress } = find("NetworkPolicy/s3-proxy").spec;
  assert.deepEqual(
    ingress.flatMap((rule: Manifest) => rule.ports.map((port: Manifest) => port.port)).sort(),
    [...ports.keys()].sort(),
  );
  const { port, protocol } = config.masterCredentials.endpoint;
  const backendPort = Number(port || (protocol === "https:" ? 443 : 80));
  assert.ok(
    egress.some((rule: Manifest) => rule.ports.some((one: Manifest) => one.port === backendPort)),
  );
});

Deno.test("only Prometheus' namespace reaches the metrics", () => {
  for (const rule of find("NetworkPolicy/s3-proxy").spec.ingress) {
    const isOpen = rule.from === undefined;
    assert.deepEqual(rule.ports, [{ port: isOpen ? "http" : "metrics" }]);
  }
});

Deno.test("every probe asks for a path that the proxy answers with 200", async () => {
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const { path, port } = container[probe].httpGet;
    assert.equal(port, "metrics");
    assert.equal(await answerAdmin(path), 200, path);
  }
  assert.equal(container.readinessProbe.httpGet.path, "/readyz");
  assert.equal(container.livenessProbe.httpGet.path, "/healthz"); // draining is no reason to kill
  const [{ path, port }] = find("ServiceMonitor/s3-proxy").spec.endpoints;
  assert.equal(path, config.metrics?.path);
  assert.equal(port, find("Service/s3-proxy-metrics").spec.ports[0].name);
});

Deno.test("the pod is given the time that the proxy takes to stop", () => {
  const preStopSeconds = container.lifecycle.preStop.sleep.seconds;
  const { shutdownTimeoutMs } = config.server;
  assert.ok(pod.terminationGracePeriodSeconds > preStopSeconds + shutdownTimeoutMs / 1000);
});

Deno.test("the container may do nothing but run", () => {
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext;
  assert.deepEqual([runAsNonRoot, seccompProfile], [true, { type: "RuntimeDefault" }]);
  assert.ok(runAsUser > 0);
  assert.equal(pod.automountServiceAccountToken, false);
});

Deno.test("the configuration is mounted so that changes arrive, and readable for the pod only", () => {
  for (const mount of container.volumeMounts) {
    assert.equal(mount.subPath, undefined, mount.name);
    assert.equal(mount.readOnly, true, mount.name);
  }
  assert.equal(pod.securityContext.fsGroup, pod.securityContext.runAsGroup);
  const [configVolume, secretVolume] = pod.volumes;
  assert.deepEqual(configVolume.configMap, { name: "s3-proxy", defaultMode: 0o440 });
  assert.deepEqual(secretVolume.secret, { secretName: "s3-proxy", defaultMode: 0o440 });
});

Deno.test("everything that selects pods selects these", () => {
  assert.deepEqual(find("Deployment/s3-proxy").spec.selector.matchLabels, podLabels);
  assert.deepEqual(find("Service/s3-proxy").spec.selector, podLabels);
  assert.deepEqual(find("Service/s3-proxy-metrics").spec.selector, podLabels);
  assert.deepEqual(find("PodDisruptionBudget/s3-proxy").spec.selector.matchLabels, podLabels);
  assert.deepEqual(find("NetworkPolicy/s3-proxy").spec.podSelector.matchLabels, podLabels);
  assert.deepEqual(pod.topologySpreadConstraints[0].labelSelector.matchLabels, podLabels);
  const { scaleTargetRef, minReplicas } = find("HorizontalPodAutoscaler/s3-proxy").spec;
  assert.equal(scaleTargetRef.name, find("Deployment/s3-proxy").metadata.name);
  assert.equal(find("Deployment/s3-proxy").spec.replicas, undefined); // or the two would argue
  assert.ok(minReplicas > find("PodDisruptionBudget/s3-proxy").spec.maxUnavailable);
  const { selector } = find("ServiceMonitor/s3-proxy").spec;
  assert.deepEqual(selector.matchLabels, find("Service/s3-proxy-metrics").metadata.labels);
});

Deno.test("the Dockerfile builds what the pod runs", async () => {
  const lines = (await readText("Dockerfile")).split("\n");
  const [build, image] = lines.filter((line) => line.startsWith("FROM "));
  const [, deno] = /deno@([0-9.]+)/.exec(await readText(".ci/run")) ?? [];
  assert.ok(build?.endsWith(` denoland/deno:${deno} AS build`), build);
  assert.match(image ?? "", /distroless\/.*:nonroot$/);
  const { runAsUser, runAsGroup } = pod.securityContext;
  assert.ok(lines.includes(`USER ${runAsUser}:${runAsGroup}`));
  const ports = container.ports.map((port: Manifest) => port.containerPort);
  assert.ok(lines.includes(`EXPOSE ${ports.join(" ")}`));
});

Deno.test("the Dockerfile copies what .dockerignore lets in, and no more", async () => {
  const lines = (await readText("Dockerfile")).split("\n");
  const copied = lines.filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(" ").slice(1, -1));
  const [first, ...allowed] = (await readText(".dockerignore")).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(first, "*");
  assert.deepEqual(allowed.toSorted(), copied.map((path) => `!${path}`).toSorted());
});

function find(name: string): Manifest {
  return manifests.get(name) ?? assert.fail(`there is no ${name}`);
}

function mountPathOf(volume: string): string {
  return container.volumeMounts.find(({ name }: Manifest) => name === volume).mountPath;
}

function loadMounted(): LoadedConfig {
  return parseConfig(find("ConfigMap/s3-proxy").data["config.yaml"], {
    path: `${mountPathOf("config")}/config.yaml`,
    environment: () => undefined,
    readSecretFile: (path) => {
      const resolved = new URL(`file://${path}`).pathname;
      secretFilesRead.push(resolved);
      return `secret-of-this-test-in-${resolved}`;
    },
  });
}

/** The status that the admin listener answers with. */
async function answerAdmin(path: string): Promise<number> {
  const { status } = await respondAdmin({ method: "GET", path }, {
    path: "/metrics",
    enabled: true,
    metrics: { contentType: "text/plain", exposition: () => Promise.resolve("") },
    readiness: () => ({ ready: true, reason: "ok" }),
  });
  return status;
}

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}
