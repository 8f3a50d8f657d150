/**
 * The cases of the README: their YAML, as it is printed there, keeps its promises.
 * @module
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { explain } from "../../src/explain/explain.ts";
import { parseConfig } from "../../src/config/load.ts";
import { ProxyUnderTest, type SignedRequest } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const RIGHTS = await Deno.readTextFile(new URL("../../docs/RIGHTS.md", import.meta.url));
const SECRET = "secret-of-these-tests";

/** What a user asks, and whether it is carried out. */
interface Ask extends Omit<SignedRequest, "key"> {
  readonly user: string;
  readonly over?: "http" | "https";
  /** The client, as a trusted proxy tells. */
  readonly from?: string;
}

/** The YAML behind "```yaml case=NAME", with secrets in place of the files it names. */
function readText(name: string): string {
  const [, text = assert.fail(`no case ${name}`)] =
    new RegExp(`\n\`\`\`yaml case=${name}\n(.*?)\n\`\`\`\n`, "s").exec(README) ?? [];
  return text.replaceAll(/secret_key_file: "[^"]+"/g, `secret_key: "${SECRET}"`);
}

function readCase(name: string): Record<string, unknown> {
  return parse(readText(name));
}

async function assertOutcomes(
  name: string,
  { allowed, denied }: { allowed: readonly Ask[]; denied: readonly Ask[] },
): Promise<void> {
  await using proxy = await ProxyUnderTest.start({
    settings: { server: { trusted_proxies: ["127.0.0.1"] }, ...readCase(name) },
    respond: ({ method }) => ({
      send: [formatResponse({ status: method === "HEAD" ? 404 : 200 })],
    }),
  });
  const send = ({ user, over = "https", from = "10.20.0.7", ...request }: Ask) =>
    proxy.send({
      ...request,
      key: { accessKey: `${user}-key`, secretKey: SECRET },
      unsigned: [["x-forwarded-for", from], ["x-forwarded-proto", over]],
      ...(request.method === "PUT" ? { body: "body" } : {}),
    });
  for (const ask of denied) {
    const response = await send(ask);
    assert.equal(response.status, 403, `${name}: ${JSON.stringify(ask)}: ${response.text}`);
    assert.deepEqual(proxy.backend.requests.map(({ startLine }) => startLine), []);
  }
  for (const ask of allowed) {
    const seen = proxy.backend.requests.length;
    const response = await send(ask);
    assert.notEqual(response.status, 403, `${name}: ${JSON.stringify(ask)}: ${response.text}`);
    assert.ok(proxy.backend.requests.length > seen, `${name}: ${JSON.stringify(ask)}`);
  }
}

Deno.test("README: a CI job writes artifacts, from one network, and deletes nothing", async () => {
  const user = "ci-writer";
  const target = "/artifacts/ci/build.zip";
  await assertOutcomes("ci-writer", {
    denied: [
      { user, method: "DELETE", target },
      { user, method: "PUT", target: "/artifacts/releases/1.zip" },
      { user, method: "PUT", target: "/other/ci/build.zip" },
      { user, target: "/artifacts?prefix=ci/" },
      { user, method: "PUT", target, from: "192.0.2.1" },
    ],
    allowed: [{ user, method: "PUT", target }, { user, target }],
  });
});

Deno.test("README: a CDN reads one bucket, does not list it, and only over TLS", async () => {
  const user = "cdn";
  const target = "/website/public/index.html";
  await assertOutcomes("cdn", {
    denied: [
      { user, target, over: "http" },
      { user, target: "/website" },
      { user, target: "/website/private/index.html" },
      { user, method: "PUT", target },
    ],
    allowed: [{ user, target }, { user, method: "HEAD", target }],
  });
});

Deno.test("README: a backup agent destroys no backup; the pruner may", async () => {
  const user = "backup-agent";
  const target = "/backups/data/00/00ff";
  await assertOutcomes("backup", {
    denied: [
      { user, method: "DELETE", target },
      { user, method: "DELETE", target: "/backups/snapshots/1" },
      { user, method: "PUT", target: "/backups?versioning" },
      { user, method: "PUT", target: "/backups?lifecycle" },
      { user, method: "DELETE", target: "/backups" },
    ],
    allowed: [
      { user, method: "PUT", target },
      { user, target },
      { user, target: "/backups?list-type=2" },
      { user, method: "DELETE", target: "/backups/locks/1" },
      { user: "backup-pruner", method: "DELETE", target },
    ],
  });
});

Deno.test("README: a backup agent cannot overwrite: its writes carry If-None-Match", async () => {
  await using proxy = await ProxyUnderTest.start({
    settings: readCase("backup"),
    respond: ({ method, target }) => ({
      send: [
        target.includes("?versioning")
          ? formatResponse({ body: "<VersioningConfiguration/>" })
          : formatResponse({ status: method === "HEAD" ? 404 : 200 }),
      ],
    }),
  });
  const key = { accessKey: "backup-agent-key", secretKey: SECRET };
  await proxy.send({ method: "PUT", target: "/backups/data/1", body: "body", key });
  const { requests } = proxy.backend;
  assert.deepEqual(requests.map(({ method }) => method).toSorted(), ["GET", "HEAD", "PUT"]);
  assert.equal(requests.at(-1)?.header("if-none-match"), "*");
});

Deno.test("README: teams work under their names and read what is common", async () => {
  await assertOutcomes("teams", {
    denied: [
      { user: "team-a", target: "/shared/team-b/k" },
      { user: "team-a", target: "/shared?list-type=2" },
      { user: "team-a", target: "/shared?list-type=2&prefix=team-b/" },
      { user: "team-b", method: "PUT", target: "/shared/common/k" },
      { user: "team-b", method: "DELETE", target: "/shared/team-a/k" },
    ],
    allowed: [
      { user: "team-a", method: "PUT", target: "/shared/team-a/k" },
      { user: "team-b", target: "/shared/common/k" },
      { user: "team-b", target: "/shared?list-type=2&prefix=team-b/" },
    ],
  });
});

Deno.test("README: a key and the one that replaces it both read, and neither writes", async () => {
  const target = "/shared/team-a/k";
  for (const user of ["reports-old", "reports-new"]) {
    await assertOutcomes("rotation", {
      denied: [
        { user, method: "PUT", target },
        { user, method: "DELETE", target },
        { user, target: "/artifacts/ci/build.zip" },
      ],
      allowed: [{ user, target }, { user, target: "/shared?list-type=2" }],
    });
  }
});

Deno.test("README: an administrator may do everything but publish data", async () => {
  const user = "storage-admin";
  await assertOutcomes("admin", {
    denied: [
      { user, method: "PUT", target: "/any/k", headers: [["x-amz-acl", "public-read"]] },
      { user, method: "PUT", target: "/any?policy" },
    ],
    allowed: [
      { user, method: "PUT", target: "/any/k" },
      { user, method: "DELETE", target: "/any/k?versionId=v" },
      { user, target: "/" },
    ],
  });
});

Deno.test("docs/RIGHTS.md: explain prints what it says there", () => {
  const master =
    'master_credentials: {access_key: M, secret_key: master-secret, endpoint: "https://b"}';
  const { config } = parseConfig(`${master}\n${readText("ci-writer")}`, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  const [, printed = ""] = /\n```text\n(operation .*?)\n```\n/s.exec(RIGHTS) ?? [];
  const { lines } = explain(config, {
    question: {
      who: { kind: "user", name: "ci-writer" },
      method: "PUT",
      target: "/artifacts/ci/build.zip",
      headers: new Map(),
      clientAddress: "10.20.0.7",
      scheme: "https",
    },
    now: new Date(),
  });
  assert.equal(lines.join("\n"), printed);
});
