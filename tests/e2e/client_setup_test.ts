/** The lines of docs/CLIENT_SETUP.md, as they are printed: for a user with everything, and for one of grants. */

import assert from "node:assert/strict";
import { type CodeBlock, findCodeBlocks } from "../support/pages.ts";
import { readCommand } from "./support/command.ts";
import { useStack } from "./support/stack.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";
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

const { value: python, missing } = await findPythonTools();
const rclone = await findProgram("rclone");
for (const reason of [missing, rclone.missing]) {
  if (reason !== undefined) console.error(`\n*** SKIPPED: ${path}: ${reason} ***\n`);
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

for (const { accessKey } of USERS) {
  Deno.test({
    name: `${path}: aws-cli, curl, rclone and boto3 work for ${accessKey} as it is printed`,
    ignore: (missing ?? rclone.missing) !== undefined,
    fn: async () => {
      const { gateway, backend, proxies: { http } } = stack();
      await backend.makeBucket("bucket-alpha");
      const directory = await Deno.makeTempDir({ dir: gateway.directory });
      const place = ({ text }: CodeBlock): string =>
        text.replaceAll("http://localhost:8080", http.endpoint).replaceAll("user1-key", accessKey);
      // The bucket is there; whether a user may make buckets is another matter.
      const aws = place(findBlock("aws s3 mb")).replace(/^aws s3 mb .*$/m, "")
        .replaceAll(/^aws /gm, `${python?.aws} `);
      await Deno.writeTextFile(`${directory}/rclone.conf`, place(findBlock("[s3proxy]")));
      await Deno.writeTextFile(`${directory}/boto.py`, place(findBlock("import boto3")));
      const said = await readCommand("bash", {
        args: [
          "-euo",
          "pipefail",
          "-c",
          [
            "echo hello > file.txt",
            aws,
            place(findBlock("curl --aws-sigv4")).replace(
              "curl ",
              "curl --fail --silent --show-error ",
            ),
            "rclone --config rclone.conf copy file.txt s3proxy:bucket-alpha",
            `url=$(${python?.python} boto.py)`,
            'curl --fail --silent --show-error "$url"',
          ].join("\n"),
        ],
        cwd: directory,
        env: { HOME: directory, AWS_EC2_METADATA_DISABLED: "true" },
      });
      assert.match(said, /upload: \.\/file\.txt to s3:\/\/bucket-alpha\/file\.txt/);
      assert.match(said, /^hello$/m); // what the presigned URL reads
    },
  });
}
