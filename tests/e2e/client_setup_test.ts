/** The lines of docs/CLIENT_SETUP.md, as they are printed: for a user with everything, and for one of grants. */

import assert from "node:assert/strict";
import { type CodeBlock, findCodeBlocks } from "../support/pages.ts";
import { readCommand } from "./support/command.ts";
import { useStack } from "./support/stack.ts";
import { E2E_DIRECTORY, exists, openCache, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

const path = "docs/CLIENT_SETUP.md";
const blocks = findCodeBlocks({
  path,
  text: await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`),
});
const SECRET = "a-secret-of-at-least-16-characters"; // as the page has it
const USERS = [
  { accessKey: "user1-key", rules: { allowed_buckets: ["bucket-alpha"] } },
  {
    accessKey: "granted-key",
    rules: { grants: [{ access: "read-write", buckets: ["bucket-alpha"] }] },
  },
] as const;

/** What the page's Go stands in. */
const GO_FRAME: readonly [before: string, after: string] = [
  `package main

import (
	"context"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	ctx := context.Background()
`,
  "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n",
];

/** A client: the block that sets it up, and how it is run in a folder where `file.txt` is. */
interface Client {
  readonly name: string;
  /** A text in the page's block. */
  readonly block: string;
  readonly missing: string | undefined;
  /** The script, of the block with its names in place. */
  readonly script: (block: string) => string | Promise<string>;
  /** What it has to write. */
  readonly writes: RegExp;
  /** The object that it makes. */
  readonly key: string;
}

const { value: python, missing: noPython } = await findPythonTools();
const rclone = await findProgram("rclone");
const s3cmd = await findProgram("s3cmd");
const s3fs = await findProgram("s3fs");
const go = await findProgram("go");

const CLIENTS: readonly Client[] = [
  {
    name: "aws-cli",
    block: "aws s3 mb",
    missing: noPython,
    // The bucket is there; whether a user may make buckets is another matter.
    script: (block) =>
      block.replace(/^aws s3 mb .*$/m, "").replaceAll(/^aws /gm, `${python?.aws} `),
    writes: /upload: \.\/file\.txt to s3:\/\/bucket-alpha\/file\.txt/,
    key: "file.txt",
  },
  {
    name: "curl",
    block: "curl --aws-sigv4",
    missing: (await findProgram("curl")).missing,
    script: (block) => block.replace("curl ", "curl --fail --silent --show-error "),
    writes: /^/,
    key: "file.txt",
  },
  {
    name: "rclone",
    block: "[s3proxy]",
    missing: rclone.missing,
    script: (block) =>
      `mkdir -p .config/rclone\n${write(".config/rclone/rclone.conf", block)}\n` +
      "rclone copy file.txt s3proxy:bucket-alpha",
    writes: /^/,
    key: "file.txt",
  },
  {
    name: "s3cmd",
    block: "host_base",
    missing: s3cmd.missing,
    script: (block) => `${write(".s3cfg", block)}\ns3cmd put file.txt s3://bucket-alpha/file.txt`,
    writes: /^upload: 'file\.txt' -> 's3:\/\/bucket-alpha\/file\.txt'/m,
    key: "file.txt",
  },
  {
    name: "s3fs",
    block: "s3fs bucket-alpha",
    missing: s3fs.missing ?? (await exists("/dev/fuse") ? undefined : "there is no /dev/fuse"),
    script: (block) =>
      `mkdir mnt && umask 077 && echo USER:${SECRET} > passwd
${block.replace("/mnt/bucket-alpha", "mnt").replace("/etc/s3fs.passwd", "passwd")}
trap 'umount --lazy mnt' EXIT
cp file.txt mnt/of-s3fs.txt && cat mnt/of-s3fs.txt`,
    writes: /^hello$/m,
    key: "of-s3fs.txt",
  },
  {
    name: "Go",
    block: "config.LoadDefaultConfig",
    missing: go.missing,
    script: async (block) => {
      const source = GO_FRAME.join(block.replaceAll(/^(?=.)/gm, "\t"));
      const cache = await openCache(); // where aws-sdk-go's own test builds
      return `cp '${E2E_DIRECTORY}'/go/go.mod '${E2E_DIRECTORY}'/go/go.sum .
${write("main.go", source)}
HOME='${
        Deno.env.get("HOME")
      }' GOFLAGS=-mod=mod go build -o '${cache}/client_setup' . && '${cache}/client_setup'`;
    },
    writes: /^/,
    key: "go.txt",
  },
  {
    name: "boto3",
    block: "import boto3",
    missing: noPython,
    script: (block) =>
      `${
        write("boto.py", block)
      }\ncurl --fail --silent --show-error "$('${python?.python}' boto.py)"`,
    writes: /^hello$/m,
    key: "python.txt",
  },
  {
    name: "JavaScript",
    block: "new S3Client",
    missing: undefined,
    script: (block) =>
      `${write("client.js", `${block}s3.destroy();\n`)}
env HOME='${Deno.env.get("HOME")}' '${Deno.execPath()}' run --quiet --no-check --allow-all \\
  --config='${REPOSITORY_DIRECTORY}/deno.json' client.js`,
    writes: /^/,
    key: "js.txt",
  },
];

for (const { name, missing } of CLIENTS) {
  if (missing !== undefined) console.error(`\n*** SKIPPED: ${path}: ${name}: ${missing} ***\n`);
}

const stack = useStack({
  name: "client_setup",
  settings: {
    users: USERS.map(({ accessKey, rules }) => ({
      access_key: accessKey,
      secret_key: SECRET,
      ...rules,
    })),
  },
});

function findBlock(holds: string): CodeBlock {
  return blocks.find(({ text }) => text.includes(holds)) ?? assert.fail(`no block with ${holds}`);
}

/** A command that writes a file. */
function write(name: string, text: string): string {
  return `cat > ${name} <<'END_OF_FILE'\n${text}END_OF_FILE`;
}

Deno.test(`${path}: every block is that of a client`, () => {
  const known = CLIENTS.map(({ block }) => findBlock(block));
  assert.deepEqual(new Set(blocks), new Set(known));
});

for (const { accessKey } of USERS) {
  for (const { name, block, missing, script, writes, key } of CLIENTS) {
    Deno.test({
      name: `${path}: ${name} works for ${accessKey} as it is printed`,
      ignore: missing !== undefined,
      fn: async () => {
        const { gateway, backend, proxies: { http } } = stack();
        await backend.makeBucket("bucket-alpha");
        const directory = await Deno.makeTempDir({ dir: gateway.directory });
        const text = findBlock(block).text
          .replaceAll("localhost:8080", new URL(http.endpoint).host)
          .replaceAll("user1-key", accessKey);
        await backend.put({ bucket: "bucket-alpha", key }, "what was there before");
        const before = await backend.listObjects("bucket-alpha");
        const commands = (await script(text)).replaceAll("USER:", `${accessKey}:`);
        const said = await readCommand("bash", {
          args: ["-euo", "pipefail", "-c", `exec 2>&1\necho hello > file.txt\n${commands}`],
          cwd: directory,
          env: { HOME: directory, AWS_EC2_METADATA_DISABLED: "true" },
          timeoutMs: 600_000, // Go compiles the SDK where no test has yet
        });
        assert.match(said, writes);
        const after = await backend.listObjects("bucket-alpha");
        const isNew = (line: string): boolean => !before.includes(line);
        assert.ok(after.some((line) => line.endsWith(` ${key}`) && isNew(line)), `${after}`);
      },
    });
  }
}
