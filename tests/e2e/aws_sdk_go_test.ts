/** The AWS SDK for Go v2. See {@link https://docs.aws.amazon.com/sdk-for-go/v2/}. */

import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { testClient } from "./support/client_tests.ts";
import { LineClient } from "./support/line_client.ts";
import { E2E_DIRECTORY } from "./support/state.ts";
import { buildGoProgram } from "./support/tools.ts";

const { value: program = "", missing } = await buildGoProgram(`${E2E_DIRECTORY}/go`);

testClient({
  name: "aws-sdk-go-v2",
  missing,
  presigns: ["GET", "PUT"],
  create: (access) =>
    Promise.resolve(new LineClient({ program, args: [], env: buildAwsEnvironment(access) })),
});
