/** monitoring/, checked by promtool and used by a real Prometheus that scrapes a running proxy. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { beforeDeadline } from "../support/deadline.ts";
import { readCommand } from "./support/command.ts";
import { openGateway } from "./support/gateway.ts";
import { type ProxyChild, startProxy, USERS } from "./support/proxy_child.ts";
import { sendSigned } from "./support/signed_request.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { startChild, type TaskChild } from "./support/task_child.ts";
import { findProgram } from "./support/tools.ts";

const MONITORING = `${REPOSITORY_DIRECTORY}/monitoring`;
const POLL_MS = 200;
const BUCKET = "e2e-alpha-monitoring";

const promtool = await findProgram("promtool", { debianPackage: "prometheus" });
const prometheus = await findProgram("prometheus");
const missing = promtool.missing ?? prometheus.missing;
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: monitoring: ${missing} ***\n`);

/** `promtool check config` checks the rules too. */
for (const args of [["check", "config", "prometheus.yml"], ["test", "rules", "rules_test.yml"]]) {
  Deno.test(`promtool ${args.join(" ")}`, { ignore }, async () => {
    await readCommand("promtool", { args, cwd: MONITORING });
  });
}

Deno.test("Prometheus scrapes the proxy, and every query of monitoring/ works", {
  ignore,
}, async (test) => {
  const [metricsPort = 0, webPort = 0] = findFreePorts(2);
  const metrics = { enabled: true, address: `127.0.0.1:${metricsPort}` };
  const gateway = await openGateway();
  const proxy = await startProxy({ gateway, transport: "http", name: "monitoring", metrics });
  const server = await startPrometheus({ metricsPort, webPort });
  const query = (expr: string): Promise<unknown[]> => queryPrometheus(webPort, expr);
  try {
    await sendTraffic(proxy);
    for (
      const expr of [
        's3_proxy_requests_total{job="s3-proxy",user="alpha",code="200"} > 0',
        's3_proxy_auth_errors_total{job="s3-proxy",reason="signature_mismatch"} > 0',
        's3_proxy_rbac_denied_total{job="s3-proxy",user="alpha"} > 0',
        "job:s3_proxy_requests:rate5m",
      ]
    ) {
      await test.step(`has data for ${expr}`, () =>
        waitUntil(async () => (await query(expr)).length > 0, expr));
    }
    await test.step("knows every metric that rules and dashboard ask for", async () => {
      const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
      const families = new Set(
        Array.from((await response.text()).matchAll(/^# TYPE (\S+)/gm), ([, name]) => name),
      );
      const asked = (await readQueries()).join("\n").match(
        /\b(?<!:)(?:s3_proxy|process)_\w+\b(?!:)/g,
      );
      const unknown = new Set(asked).values()
        .filter((name) => !families.has(name) && !families.has(name.replace(/_bucket$/, "")));
      assert.deepEqual([...unknown], []);
    });
    for (const expr of await readQueries()) {
      await test.step(expr.replaceAll(/\s+/g, " ").trim(), async () => {
        await query(expr);
      });
    }
  } finally {
    assert.equal(await server.stop(), 0);
    assert.equal(await proxy.stop(), 0);
  }
});

/** With monitoring/prometheus.yml, but for the target, and every second. */
async function startPrometheus(
  { metricsPort, webPort }: { metricsPort: number; webPort: number },
): Promise<TaskChild> {
  const directory = await Deno.makeTempDir({ dir: await openState() });
  const config = parse(await Deno.readTextFile(`${MONITORING}/prometheus.yml`));
  config.global = { scrape_interval: "1s", evaluation_interval: "1s" };
  config.rule_files = config.rule_files.map((file: string) => `${MONITORING}/${file}`);
  config.scrape_configs[0].static_configs[0].targets = [`127.0.0.1:${metricsPort}`];
  await Deno.writeTextFile(`${directory}/prometheus.yml`, JSON.stringify(config));
  return await startChild("prometheus", {
    args: [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${webPort}`,
    ],
    cwd: directory,
    logFile: `${directory}/prometheus.log`,
    isReady: () => isReady(webPort),
  });
}

async function isReady(webPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${webPort}/-/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Something of each kind: done, denied, not authenticated. */
async function sendTraffic({ endpoint }: ProxyChild): Promise<void> {
  const port = Number(new URL(endpoint).port);
  const send = async (method: string, target: string, user: typeof USERS.alpha, body = "") =>
    (await sendSigned({ port, method, target, user, body })).status;
  assert.equal(await send("PUT", `/${BUCKET}`, USERS.alpha), 200);
  assert.equal(await send("PUT", `/${BUCKET}/key`, USERS.alpha, "to be scraped"), 200);
  assert.equal(await send("PUT", "/e2e-other/key", USERS.alpha, "denied"), 403);
  const forger = { ...USERS.alpha, secretKey: "not-the-secret-of-alpha" } as const;
  assert.equal((await sendSigned({ port, method: "GET", target: "/", user: forger })).status, 403);
}

/** All of rules, dashboard and documentation, the dashboard's variables filled in. */
async function readQueries(): Promise<string[]> {
  const queries: string[] = [];
  for (const file of ["recording_rules.yml", "alerts.yml"]) {
    for (const { rules } of parse(await Deno.readTextFile(`${MONITORING}/${file}`)).groups) {
      queries.push(...rules.map(({ expr }: { expr: string }) => expr));
    }
  }
  const dashboard = JSON.parse(await Deno.readTextFile(`${MONITORING}/grafana_dashboard.json`));
  for (const { targets = [] } of dashboard.panels) {
    queries.push(...targets.map(({ expr }: { expr: string }) => expr));
  }
  const metrics = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/docs/METRICS.md`);
  const [, promql = ""] = /```promql\n(.*?)```/s.exec(metrics) ?? [];
  queries.push(...promql.split("\n").filter((line) => /^[a-z]/.test(line)));
  const operations = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/docs/OPERATIONS.md`);
  const [, questions = ""] = /\| question \| query \|\n(.*?)\n\n/s.exec(operations) ?? [];
  const documented = Array.from(questions.matchAll(/\| `(.*)` \|$/gm), ([, expr = ""]) => expr);
  assert.ok(promql !== "" && documented.length > 0);
  queries.push(...documented);
  return queries.map((expr) =>
    expr.replaceAll("$__rate_interval", "1m").replaceAll("$job", "s3-proxy")
      .replaceAll(/\$(?:instance|bucket)/g, ".*")
  );
}

/** The samples of an instant query; fails where Prometheus cannot evaluate it. */
async function queryPrometheus(webPort: number, expr: string): Promise<unknown[]> {
  const url = `http://127.0.0.1:${webPort}/api/v1/query?query=${encodeURIComponent(expr)}`;
  const { status, error, data } = await (await fetch(url)).json();
  assert.equal(status, "success", `${expr}: ${error}`);
  return data.result;
}

async function waitUntil(condition: () => Promise<boolean>, waitingFor: string): Promise<void> {
  const stop = new AbortController();
  async function poll(): Promise<void> {
    while (!stop.signal.aborted && !await condition()) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  try {
    await beforeDeadline(poll(), waitingFor);
  } finally {
    stop.abort();
  }
}
