/** boto3. See {@link https://boto3.amazonaws.com/v1/documentation/api/latest/}. */

import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { testClient } from "./support/client_tests.ts";
import { LineClient } from "./support/line_client.ts";
import { E2E_DIRECTORY } from "./support/state.ts";
import { findPythonTools } from "./support/tools.ts";

const { value: tools, missing } = await findPythonTools();

testClient({
  name: "boto3",
  missing,
  presigns: ["GET", "PUT"],
  create: (access) =>
    Promise.resolve(
      new LineClient({
        program: tools?.python ?? "python3",
        args: [`${E2E_DIRECTORY}/python/boto3_client.py`],
        env: buildAwsEnvironment(access),
      }),
    ),
});
