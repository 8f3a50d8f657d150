/**
 * The commands of README.md and docs/, read from the page and run as they are printed, in a fresh copy of the tree, in front
 * of a real gateway. Which test runs which block stands in tests/unit/docs/commands_test.ts; the clients' own are in client_setup_test.ts.
 */

import assert from "node:assert/strict";
import { type CodeBlock, findCodeBlocks } from "../support/pages.ts";
import { BackendView } from "./support/backend_view.ts";
import { type FreshCopy, makeFreshCopy } from "./support/fresh_copy.ts";
import { type Gateway, openGateway } from "./support/gateway.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

const { value: tools, missing: noPython } = await findPythonTools();
const { missing: noOpenssl } = await findProgram("openssl");
const missing = noPython ?? noOpenssl;
if (missing !== undefined) console.error(`\n*** SKIPPED: commands of the pages: ${missing} ***\n`);

/** A page, its names of machines and keys in place. */
class PageUnderTest implements AsyncDisposable {
  readonly #blocks: readonly CodeBlock[];
  readonly copy: FreshCopy;
  readonly gateway: Gateway;

  private constructor(blocks: readonly CodeBlock[], copy: FreshCopy, gateway: Gateway) {
    this.#blocks = blocks;
    this.copy = copy;
    this.gateway = gateway;
  }

  static async open(path: string): Promise<PageUnderTest> {
    const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`);
    const copy = await makeFreshCopy({ aws: `exec "${tools?.aws}" "$@"` });
    return new PageUnderTest(findCodeBlocks({ path, text }), copy, await openGateway());
  }

  /** The block in which `text` stands. */
  find(text: string): string {
    const block = this.#blocks.find((block) => `${block.info}\n${block.text}`.includes(text)) ??
      assert.fail(`no block with ${text}`);
    const { endpoints, accessKey, secretKey } = this.gateway;
    return [
      ["https://fsn1.your-objectstorage.com", endpoints.http],
      ["YOUR_HETZNER_ACCESS_KEY", accessKey],
      ["YOUR_HETZNER_SECRET_KEY", secretKey],
      ["localhost:8080", `127.0.0.1:${this.copy.port}`],
    ].reduce((changed, [from = "", to = ""]) => changed.replaceAll(from, to), block.text);
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.copy.directory}/${name}`, text, { mode: 0o600 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.copy[Symbol.asyncDispose]() as Promise<void>; // FreshCopy's is a promise
  }

  /** The sections that every file has, for a page that shows others. */
  get master(): string {
    const { endpoints, accessKey, secretKey } = this.gateway;
    return `server: {listen_addr: "127.0.0.1:${this.copy.port}"}
master_credentials: {access_key: ${accessKey}, secret_key: ${secretKey}, endpoint: "${endpoints.http}"}
`;
  }
}

function testPage(
  path: string,
  tests: Readonly<Record<string, (page: PageUnderTest) => Promise<void>>>,
): void {
  for (const [name, run] of Object.entries(tests)) {
    Deno.test({
      name: `${path}: ${name}, as it is printed`,
      ignore: missing !== undefined,
      fn: async () => {
        await using page = await PageUnderTest.open(path);
        await run(page);
      },
    });
  }
}

testPage("README.md", {
  "the demo, with the executable and without": async (page) => {
    const said = await page.copy.run([
      page.find("task compile"),
      ...page.find("s3-proxy demo").trim().split("\n")
        .flatMap((line) => [`start ${line.replace(/ +#.*$/, "")}`, "stop"]),
    ].join("\n"));
    assert.equal(said.match(/aws s3 mb s3:\/\/ci-builds/g)?.length, 2, said);
  },
  "the first configuration": async (page) => {
    const said = await page.copy.run([
      page.find("task compile"),
      page.find("s3-proxy init"),
      "stat --format=%a config.yaml",
      `start ${page.find("./s3-proxy -config config.yaml")}`,
      "stop",
    ].join("\n"));
    assert.match(said, /^640$/m);
    assert.match(said, /^ok +key +accepted$/m);
    assert.match(said, /"msg":"the backend answers"/);
  },
  "the least configuration, and a client": async (page) => {
    await page.write("config.yaml", listenThere(page, page.find("case=least")));
    const said = await page.copy.run([
      "start s3-proxy -config config.yaml",
      "echo hello > file.txt",
      page.find("aws s3 mb"),
      "stop",
    ].join("\n"));
    assert.match(said, /make_bucket: bucket-alpha/);
    assert.match(said, /^upload: .* to s3:\/\/bucket-alpha\/file\.txt/m);
    assert.match(said, / 6 file\.txt$/m);
    // "A secret that is copied from this page".
    assert.match(said, /"msg":"configuration","warning":"[^\n]*users\[0\]/);
  },
  "what it says of mistakes": async (page) => {
    const wrong = page.find("case=least").replace("allowed_buckets", "allowed_bucket")
      .replace("users:", 'server:\n  listen_adr: ":9000"\nusers:');
    await page.write("config.yaml", wrong);
    const said = await page.copy.run("s3-proxy -config config.yaml || echo status $?");
    for (const line of page.find("listen_adr: unknown").trim().split("\n")) {
      assert.ok(said.split("\n").includes(line), `${said} has no ${line}`);
    }
    assert.match(said, /^status 2$/m);
  },
  "the secrets of its cases": async (page) => {
    const said = await page.copy.run(
      `${page.find("openssl rand")}\nstat --format='%n %a %s' *.secret`,
    );
    const names = Array.from(
      (await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/README.md`))
        .matchAll(/secret_key_file: "([^"]+)"/g),
      ([, name]) => `${name} 640 41`,
    );
    assert.deepEqual(said.trim().split("\n"), names.toSorted());
  },
});

testPage("docs/OPERATIONS.md", {
  "the executable": async (page) => {
    await page.write("config.yaml", `${page.master}users: []\n`);
    const lines = page.find("./s3-proxy --version").trim().split("\n");
    const last = lines.pop();
    const said = await page.copy.run([...lines, `start ${last}`, "stop"].join("\n"));
    assert.match(said, /^s3-proxy \d+\.\d+\.\d+ .*Deno/m);
    assert.match(said, /^USER +BUCKETS/m);
    assert.match(said, /"msg":"stopped"/);
  },
});

testPage("docs/RIGHTS.md", {
  "check, explain, keygen and presign": async (page) => {
    await using readme = await PageUnderTest.open("README.md");
    await page.write(
      "config.yaml",
      `${page.master}${readme.find("case=ci-writer")}`.replace("ci-writer.secret", "secret"),
    );
    await page.write("secret", "ci-writer-secret-of-the-tests");
    await new BackendView(page.gateway).makeBucket("artifacts");
    const said = await page.copy.run(page.find("s3-proxy keygen"));
    const printed = page.find("operation  PutObject").replace(/:\d+:/, ":LINE:");
    assert.ok(said.replaceAll(/:\d+:users/g, ":LINE:users").includes(printed), said);
    assert.match(said, /^ok +key +accepted$/m);
    assert.match(said, /name: "new-team"\n +access_key: \w+\n +secret_key: \S{40}\n/);
    assert.match(
      said,
      /^https:\/\/s3\.example\.com\/artifacts\/ci\/build\.zip\?\S+&X-Amz-Signature=/m,
    );
  },
});

testPage("docs/BACKENDS.md", {
  probe: async (page) => {
    await page.write("config.yaml", `${page.master}users: []\n`);
    assert.match(
      await page.copy.run(page.find("s3-proxy probe")),
      /^conditions +put\.if-none-match put\.if-match +put\.if-none-match put\.if-match +agrees/m,
    );
  },
});

testPage("docs/PRESIGNED_URLS.md", {
  "aws-cli's one setting": async (page) => {
    const said = await page.copy.run(page.find("aws configure set"), {
      AWS_ACCESS_KEY_ID: "any",
      AWS_SECRET_ACCESS_KEY: "any",
    });
    assert.match(said, /^https:\S+X-Amz-Algorithm=AWS4-HMAC-SHA256/m);
  },
});

testPage("docs/IDENTITY.md", {
  "what claims may do": async (page) => {
    await page.write("config.yaml", `${page.master}users: []\n${page.find("yaml case=github")}`);
    await page.write("claims.json", page.find("json file=claims.json"));
    const said = await page.copy.run([
      `export STS_KEY=$(${page.find("openssl rand").trim()})`,
      page.find("explain -config config.yaml --role deploy"),
    ].join("\n"));
    assert.match(said, /^decision +allowed$/m);
  },
});

/** The file's address may be taken on this machine. */
function listenThere(page: PageUnderTest, text: string): string {
  return `${text}server: {listen_addr: "127.0.0.1:${page.copy.port}"}\n`;
}
