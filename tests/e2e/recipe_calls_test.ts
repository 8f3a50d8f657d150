/** Recipes whose programs cannot be had here: boto3 sends what they send, as the users that the pages describe. */

import { USERS } from "./support/proxy_child.ts";
import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { readCommand } from "./support/command.ts";
import { Recipe } from "./support/recipe.ts";
import { openAccess, useStack } from "./support/stack.ts";
import { E2E_DIRECTORY } from "./support/state.ts";
import { findPythonTools } from "./support/tools.ts";

const aws = await findPythonTools();
if (aws.missing !== undefined) {
  console.error(
    `\n*** SKIPPED: what Terraform's provider and Nextcloud send: ${aws.missing} ***\n`,
  );
}
const { settings: { users = [] } } = await Recipe.read("nextcloud");
const NEXTCLOUD = {
  accessKey: "nextcloud-key",
  secretKey: "nextcloud-secret-of-the-tests",
  allowedBuckets: [],
};
const stack = useStack({
  name: "recipe_calls",
  settings: { users },
  ignore: aws.missing !== undefined,
});

for (
  const { page, program, user, bucket } of [
    // Its user, too, has buckets of some names, and all rights in them.
    { page: "terraform", program: "terraform_provider_calls", user: USERS.alpha, bucket: "" },
    { page: "nextcloud", program: "nextcloud_calls", user: NEXTCLOUD, bucket: "nextcloud" },
  ]
) {
  Deno.test({
    name: `docs/recipes/${page}.md: ${program}.py`,
    ignore: aws.missing !== undefined,
    fn: async () => {
      if (bucket !== "") await stack().backend.makeBucket(bucket);
      const access = await openAccess(stack(), { user, transport: "https" });
      await readCommand(aws.value?.python ?? "", {
        args: [`${E2E_DIRECTORY}/python/${program}.py`],
        env: {
          ...buildAwsEnvironment(access),
          JOB_BUCKET: bucket === "" ? `e2e-alpha-${page}` : bucket,
          PYTHONDONTWRITEBYTECODE: "1",
        },
      });
    },
  });
}
