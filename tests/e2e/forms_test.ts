/**
 * Form uploads on the real gateway: signed by boto3, sent by curl, which makes forms as browsers do.
 */

import assert from "node:assert/strict";
import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { readCommand } from "./support/command.ts";
import { TRANSPORTS } from "./support/gateway.ts";
import { LineClient, type SignedForm } from "./support/line_client.ts";
import { USERS } from "./support/proxy_child.ts";
import { openAccess, useStack } from "./support/stack.ts";
import { E2E_DIRECTORY } from "./support/state.ts";
import { findPythonTools } from "./support/tools.ts";

const { value: tools, missing } = await findPythonTools();
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: form uploads: ${missing} ***\n`);
const stack = useStack({ name: "forms", ignore });

for (const transport of TRANSPORTS) {
  Deno.test({
    name: `a form that boto3 signed stores files of any length over ${transport}`,
    ignore,
    fn: async () => {
      const access = await openAccess(stack(), { user: USERS.alpha, transport });
      const client = new LineClient({
        program: tools?.python ?? "python3",
        args: [`${E2E_DIRECTORY}/python/boto3_client.py`],
        env: buildAwsEnvironment(access),
      });
      const bucket = `e2e-alpha-forms-${transport}`;
      await client.makeBucket(bucket);
      const { directory, authorityFile } = access;
      const post = async (form: SignedForm, file: string): Promise<string> =>
        await readCommand("curl", {
          args: [
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            ...(authorityFile === undefined ? [] : ["--cacert", authorityFile]),
            ...Object.entries(form.fields).flatMap(([name, value]) => [
              "--form-string",
              `${name}=${value}`,
            ]),
            "--form",
            `file=@${file}`,
            "--write-out",
            "%{http_code}",
            form.url,
          ],
          env: {},
        });
      for (const bytes of [0, 1, 1_048_576, 1_048_577, 20_000_003]) {
        const file = `${directory}/${bytes}.bin`;
        const data = new Uint8Array(bytes).map((_, at) => at % 253);
        await Deno.writeFile(file, data);
        const fields = { "x-amz-meta-colour": "blue", success_action_status: "201" };
        const conditions = [
          { "x-amz-meta-colour": "blue" },
          { success_action_status: "201" },
          ["content-length-range", 0, 20_000_003],
        ];
        const form = await client.presignPost({
          bucket,
          key: "in/${filename}",
          fields,
          conditions,
        });
        assert.match(await post(form, file), /<PostResponse .*<Key>in\/\d+\.bin<\/Key>.*201$/s);
        await client.get({ bucket, key: `in/${bytes}.bin` }, `${file}.back`);
        assert.deepEqual(await Deno.readFile(`${file}.back`), data);
      }
      const limited = await client.presignPost({
        bucket,
        key: "limited",
        fields: {},
        conditions: [["content-length-range", 0, 1_000_000]],
      });
      assert.match(await post(limited, `${directory}/20000003.bin`), /EntityTooLarge.*400$/s);
      const changed = { ...limited, fields: { ...limited.fields, key: "elsewhere" } };
      assert.match(await post(changed, `${directory}/1.bin`), /AccessDenied.*403$/s);
      const foreign = await client.presignPost({
        bucket: "e2e-beta-forms",
        key: "k",
        fields: {},
        conditions: [],
      });
      assert.match(await post(foreign, `${directory}/1.bin`), /AccessDenied.*403$/s);
      const { keys } = await client.list(bucket, { prefix: "", folded: false });
      assert.equal(keys.length, 5);
      await client.close();
      await Deno.remove(directory, { recursive: true });
    },
  });
}
