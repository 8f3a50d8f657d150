/**
 * The first hour of somebody who has only README.md: the configuration of a whole team, made of the page's own texts, in front of a
 * real gateway over HTTPS. Each mistake on the way is named by the program, by `check --backend` and at the start, before a client
 * meets it; then everybody may do what the page says, and nothing else.
 */

import assert from "node:assert/strict";
import { findCodeBlocks } from "../support/pages.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { BackendView } from "./support/backend_view.ts";
import { readCommand } from "./support/command.ts";
import { type FreshCopy, makeFreshCopy } from "./support/fresh_copy.ts";
import { type Gateway, openGateway } from "./support/gateway.ts";
import { sendSigned } from "./support/signed_request.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram } from "./support/tools.ts";

const openssl = await findProgram("openssl");
if (openssl.missing !== undefined) {
  console.error(`\n*** SKIPPED: the first hour: ${openssl.missing} ***\n`);
}

const README = findCodeBlocks({
  path: "README.md",
  text: await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/README.md`),
});
const CASES = ["ci-writer", "cdn", "backup", "teams", "admin", "rotation"];
const THIRD_TEAM = ["team-b", "team-c"] as const;

function find(text: string): string {
  const block = README.find((block) => `${block.info}\n${block.text}`.includes(text)) ??
    assert.fail(`README.md has no ${text}`);
  return block.text;
}

/** The lines below each section of a text. */
function readSections(yaml: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of yaml.trimEnd().split("\n")) {
    if (/^\w+:$/.test(line)) sections.set(line, lines = []);
    else lines.push(line);
  }
  return sections;
}

/** What `init` has made, its two users replaced by those of the page's cases, and a third team beside the two. */
function writeTeam(made: string): string {
  const sections = new Map<string, string[]>();
  for (const name of CASES) {
    for (const [title, lines] of readSections(find(`case=${name}\n`))) {
      const all = lines.flatMap((line) => {
        const isCopied = line.includes(`- {name: "${THIRD_TEAM[0]}"`);
        // The CI jobs are on this machine.
        const own = line.replace("10.20.0.0/16", "127.0.0.0/8");
        return isCopied ? [own, own.replaceAll(...THIRD_TEAM)] : [own];
      });
      sections.set(title, [...sections.get(title) ?? [], ...all]);
    }
  }
  const team = Array.from(sections, ([title, lines]) => [title, ...lines].join("\n"));
  return `${made.slice(0, made.indexOf("\nusers:"))}\n${team.join("\n")}\n`;
}

/** Follows the page: the program, secrets, certificates of several kinds, and the configuration that is returned. */
async function prepare(copy: FreshCopy, gateway: Gateway): Promise<string> {
  const init = find("s3-proxy init").split("\n").find((line) => line.includes(" init ")) ?? "";
  const secrets = find("openssl rand").replace(THIRD_TEAM[0], THIRD_TEAM.join(" "));
  const newCa = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 ";
  await copy.run([
    find("task compile"),
    init.replace("https://fsn1.your-objectstorage.com", gateway.endpoints.https),
    secrets,
    `${newCa} -subj /CN=other -keyout other.key -out other.pem`,
    `${newCa} -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout self.key -out self.pem`,
    `cp '${gateway.authorityFile}' ca.pem`,
  ].join("\n"));
  return writeTeam(await Deno.readTextFile(`${copy.directory}/config.yaml`));
}

/** What is changed in the right configuration, and what the program has to say of it. */
interface Mistake {
  readonly name: string;
  readonly endpoint?: string;
  readonly authority?: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly region?: string;
  /** The setting to change, and what is wrong. */
  readonly setting: string;
  readonly says: RegExp;
}

interface Others {
  readonly webPage: string;
  readonly elsewhere: string;
  readonly selfSigned: string;
}

function listMistakes({ endpoints }: Gateway, others: Others): Mistake[] {
  const endpoint = "master_credentials.endpoint";
  const authority = "backend.ca_file";
  return [
    {
      name: "http:// to a port of TLS",
      endpoint: endpoints.https.replace("https:", "http:"),
      setting: endpoint,
      says: /TLS is spoken at this port: write https:\/\//,
    },
    {
      name: "https:// to a port without TLS",
      endpoint: endpoints.http.replace("http:", "https:"),
      setting: endpoint,
      says: /no TLS is spoken at this port: write http:\/\//,
    },
    {
      name: "no authority",
      setting: authority,
      says: /from an authority that is not trusted: name that authority's PEM file/,
    },
    {
      name: "another authority",
      authority: "other.pem",
      setting: authority,
      says: /from an authority that is not trusted: name that authority's PEM file/,
    },
    {
      name: "a self-signed certificate for an authority",
      endpoint: others.selfSigned,
      authority: "self.pem",
      setting: authority,
      says: /basicConstraints=CA:FALSE and a subjectAltName, see docs\/recipes\/private_ca\.md/,
    },
    {
      name: "a web page in place of S3",
      endpoint: others.webPage,
      setting: endpoint,
      says: /is not S3: expected the host and port of the store's S3 API/,
    },
    {
      name: "a wrong access key",
      authority: "ca.pem",
      accessKey: "MASTERKEX",
      setting: "master_credentials.access_key",
      says: /the backend does not know this access key: correct it/,
    },
    {
      name: "a wrong secret key",
      authority: "ca.pem",
      secretKey: "mastersecre7",
      setting: "master_credentials.secret_key",
      says: /is not the secret of this access key: correct it/,
    },
    {
      // Ceph takes any region; AWS and others say which one they want.
      name: "a wrong region",
      endpoint: others.elsewhere,
      region: "eu-central-2",
      setting: "master_credentials.region",
      says: /the backend wants requests signed for "eu-central-1", not "eu-central-2": set it/,
    },
  ];
}

/** Makes the configuration with a mistake; the environment that goes with it. */
async function write(
  { copy, config, gateway }: { copy: FreshCopy; config: string; gateway: Gateway },
  { endpoint, authority, region, accessKey, secretKey }: Partial<Mistake>,
): Promise<Record<string, string>> {
  const changed = config
    .replace(gateway.endpoints.https, endpoint ?? gateway.endpoints.https)
    .replace('region: "us-east-1"', `region: "${region ?? "us-east-1"}"`);
  const file = authority === undefined ? "" : `ca_file: "${authority}", `;
  const backend = `backend: {${file}connect_timeout: 60s}\n`; // a busy machine is no mistake
  await Deno.writeTextFile(`${copy.directory}/config.yaml`, `${changed}${backend}`);
  return {
    BACKEND_ACCESS_KEY: accessKey ?? gateway.accessKey,
    BACKEND_SECRET_KEY: secretKey ?? gateway.secretKey,
  };
}

/** Servers that are not what the newcomer means: a web page, a store of another region, one with a certificate of its own. */
async function serveOthers(directory: string): Promise<Others & AsyncDisposable> {
  const wanted =
    "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>";
  const quiet = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const [cert, key] = await Promise.all(
    ["self.pem", "self.key"].map((name) => Deno.readTextFile(`${directory}/${name}`)),
  );
  const page = Deno.serve(
    { ...quiet, cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY },
    () => new Response("<html>It works!</html>", { headers: { "content-type": "text/html" } }),
  );
  const region = Deno.serve(quiet, () => new Response(wanted, { status: 400 }));
  const own = Deno.serve({ ...quiet, cert: cert ?? "", key: key ?? "" }, () => new Response());
  return {
    webPage: `https://127.0.0.1:${page.addr.port}`,
    elsewhere: `http://127.0.0.1:${region.addr.port}`,
    selfSigned: `https://127.0.0.1:${own.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([page, region, own].map((server) => server.shutdown()));
    },
  };
}

Deno.test({
  name:
    "README.md alone: every mistake on the way to a team's configuration is named before a client meets it",
  ignore: openssl.missing !== undefined,
  fn: async (test) => {
    const gateway = await openGateway();
    await using copy = await makeFreshCopy();
    const config = await prepare(copy, gateway);
    await Deno.writeTextFile(`${copy.directory}/web.pem`, TEST_CERTIFICATE);
    await using others = await serveOthers(copy.directory);
    for (const mistake of listMistakes(gateway, others)) {
      await test.step(mistake.name, async () => {
        const isPage = mistake.endpoint === others.webPage;
        const chosen = isPage ? { ...mistake, authority: "web.pem" } : mistake;
        const environment = await write({ copy, config, gateway }, chosen);
        const said = await copy.run(CHECK_AND_START, environment);
        const [checked = "", started = ""] = said.split("STARTED\n");
        const line = checked.split("\n").find((line) => line.startsWith("error ")) ?? "";
        assert.match(line, mistake.says, said);
        assert.ok(line.includes(`${mistake.setting}: `), line);
        assert.match(checked, /^status 1$/m);
        const logged = started.split("\n").find((line) =>
          /"level":"error".*"msg":"the backend"/.test(line)
        ) ??
          "";
        const { setting, problem } = JSON.parse(logged);
        assert.match(problem, mistake.says, said);
        assert.equal(setting, mistake.setting);
        assert.match(started, /^ready 503$/m);
        // Nobody has asked anything.
        assert.doesNotMatch(started, /"msg":"request completed"/);
      });
    }
    await test.step("the right configuration", async () => {
      await work({ copy, config, gateway });
    });
  },
});

/** The page's own commands, and what a load balancer is told. */
const CHECK_AND_START = `
./s3-proxy check --backend -config config.yaml || echo "status $?"
echo STARTED
start ./s3-proxy -config config.yaml
for _ in $(seq 1200); do
  if grep --quiet '"level":"error".*"msg":"the backend"' started.log; then break; fi
  sleep 0.05
done
curl --silent --output /dev/null --write-out 'ready %{http_code}\\n' "http://127.0.0.1:$ADMIN_PORT/readyz"
stop
`;

/** Who asks what, and what the status of the answer is. */
type Ask = readonly [user: string, method: string, target: string, status: number];

const ASKS: readonly Ask[] = [
  ["storage-admin", "PUT", "/shared", 200],
  ["storage-admin", "PUT", "/backups", 200],
  ["team-a", "PUT", "/shared/team-a/one", 200],
  ["team-b", "PUT", "/shared/team-b/one", 200],
  ["team-c", "PUT", "/shared/team-c/one", 200],
  ["team-c", "GET", "/shared/team-c/one", 200],
  ["team-c", "GET", "/shared?list-type=2&prefix=team-c/", 200],
  ["team-c", "GET", "/shared/team-a/one", 403],
  ["team-a", "PUT", "/shared/team-c/one", 403],
  ["team-a", "DELETE", "/shared/team-b/one", 403],
  ["team-b", "GET", "/shared?list-type=2", 403],
  ["storage-admin", "PUT", "/artifacts", 200],
  ["ci-writer", "PUT", "/artifacts/ci/build.zip", 200],
  ["ci-writer", "PUT", "/artifacts/releases/build.zip", 403],
  ["ci-writer", "DELETE", "/artifacts/ci/build.zip", 403],
  // Its policy wants TLS.
  ["cdn", "GET", "/website/public/index.html", 403],
  ["backup-agent", "PUT", "/backups/data/one", 200],
  ["backup-agent", "PUT", "/backups/data/one", 403],
  ["backup-agent", "DELETE", "/backups/data/one", 403],
  ["backup-agent", "GET", "/backups/data/one", 200],
  ["backup-pruner", "DELETE", "/backups/data/one", 204],
  ["reports-old", "GET", "/shared/team-a/one", 200],
  ["reports-new", "GET", "/shared/team-a/one", 200],
  ["reports-new", "PUT", "/shared/team-a/one", 403],
  ["reports-new", "DELETE", "/shared/team-a/one", 403],
];

async function work(team: { copy: FreshCopy; config: string; gateway: Gateway }): Promise<void> {
  const { copy, gateway } = team;
  const environment = await write(team, { authority: "ca.pem" });
  const checked = await copy.run("./s3-proxy check --backend -config config.yaml", environment);
  assert.doesNotMatch(checked, /^error/m);
  assert.match(checked, /^ok +key +accepted$/m);
  for (const name of ["team-c", "ci-writer", "backup-agent", "storage-admin", "reports"]) {
    assert.match(checked, new RegExp(`^${name} `, "m"));
  }
  const running = copy.run(
    "start ./s3-proxy -config config.yaml\ntouch up\nwhile [ ! -e done ]; do sleep 0.05; done\nstop",
    environment,
  );
  try {
    await readCommand("bash", {
      args: ["-c", "until [ -e up ]; do sleep 0.05; done"],
      cwd: copy.directory,
    });
    for (const [user, method, target, status] of ASKS) {
      const secretKey = (await Deno.readTextFile(`${copy.directory}/${user}.secret`)).trim();
      const answer = await sendSigned({
        port: copy.port,
        method,
        target,
        user: { accessKey: `${user}-key`, secretKey },
        ...(method === "PUT" && target.split("/").length > 2 ? { body: "content" } : {}),
      });
      assert.equal(answer.status, status, `${user} ${method} ${target}: ${answer.text}`);
    }
  } finally {
    await Deno.writeTextFile(`${copy.directory}/done`, "");
  }
  const log = await running;
  assert.match(log, /"msg":"the backend answers"/);
  const held = await new BackendView(gateway).listObjects("shared");
  assert.deepEqual(
    held.map((line) => line.split(" ").at(-1)),
    ["team-a/one", "team-b/one", "team-c/one"],
  );
}
