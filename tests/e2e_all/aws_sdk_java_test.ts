/** The AWS SDK for Java v2. See {@link https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/}. */

import { buildAwsEnvironment } from "../e2e/support/aws_environment.ts";
import { testClient } from "../e2e/support/client_tests.ts";
import { LineClient } from "../e2e/support/line_client.ts";
import { buildJavaProgram } from "../e2e/support/tools.ts";

const { value: classPath = "", missing } = await buildJavaProgram(`${import.meta.dirname}/java`);

testClient({
  name: "AWS SDK for Java",
  missing,
  presigns: ["GET", "PUT"],
  create: (access) =>
    Promise.resolve(
      new LineClient({
        program: "java",
        args: ["-classpath", classPath, "Main"],
        env: buildAwsEnvironment(access),
      }),
    ),
});
