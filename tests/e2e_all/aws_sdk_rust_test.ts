/** The AWS SDK for Rust. See {@link https://docs.aws.amazon.com/sdk-for-rust/latest/dg/}. */

import { buildAwsEnvironment } from "../e2e/support/aws_environment.ts";
import { testClient } from "../e2e/support/client_tests.ts";
import { LineClient } from "../e2e/support/line_client.ts";
import { buildRustProgram } from "../e2e/support/tools.ts";

const { value: program = "", missing } = await buildRustProgram(`${import.meta.dirname}/rust`);

testClient({
  name: "AWS SDK for Rust",
  missing,
  presigns: ["GET", "PUT"],
  create: (access) =>
    Promise.resolve(
      new LineClient({
        program,
        args: [],
        env: {
          ...buildAwsEnvironment(access),
          ...(access.authorityFile === undefined ? {} : { SSL_CERT_FILE: access.authorityFile }),
        },
      }),
    ),
});
