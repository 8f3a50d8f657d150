/**
 * Clients that have no key: each takes a session by itself, told by nothing but the environment variables that its makers
 * document.
 * @module
 */

import { type Client, type ObjectName, REGION } from "./client.ts";
import { readCommand } from "./command.ts";
import { LineClient } from "./line_client.ts";
import { E2E_DIRECTORY, REPOSITORY_DIRECTORY } from "./state.ts";
import { buildGoProgram, findPythonTools } from "./tools.ts";

/** As whom, and where. */
export interface SessionAccess {
  readonly endpoint: string;
  readonly authorityFile: string;
  readonly roleArn: string;
  readonly tokenFile: string;
  /** The client's home: what it keeps from one run to the next is there. */
  readonly home: string;
}

/** What is asked of it. */
export type SessionClient = Pick<Client, "put" | "get" | "close">;

/** One that is tested. */
export interface SessionClientKind {
  readonly name: string;
  readonly missing: string | undefined;
  readonly create: (access: SessionAccess) => SessionClient;
}

/** What the makers of all of them document. */
export function buildSessionEnvironment(access: SessionAccess): Record<string, string> {
  return {
    AWS_ROLE_ARN: access.roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: access.tokenFile,
    AWS_ENDPOINT_URL: access.endpoint,
    AWS_ENDPOINT_URL_STS: access.endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CA_BUNDLE: access.authorityFile,
    HOME: access.home,
  };
}

class AwsCliSession implements SessionClient {
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(program: string, access: SessionAccess) {
    this.#program = program;
    this.#env = buildSessionEnvironment(access);
  }

  async put(object: ObjectName, file: string): Promise<void> {
    await this.#copy(file, formatUrl(object));
  }

  async get(object: ObjectName, file: string): Promise<void> {
    await this.#copy(formatUrl(object), file);
  }

  async close(): Promise<void> {}

  async #copy(from: string, to: string): Promise<void> {
    const args = ["s3", "cp", "--no-progress", from, to];
    await readCommand(this.#program, { args, env: this.#env });
  }
}

function formatUrl({ bucket, key }: ObjectName): string {
  return `s3://${bucket}/${key}`;
}

/** Those of the end-to-end tests. */
export async function findSessionClients(): Promise<SessionClientKind[]> {
  const { value: python, missing: noPython } = await findPythonTools();
  const { value: go = "", missing: noGo } = await buildGoProgram(`${E2E_DIRECTORY}/go`);
  const runProgram =
    (program: string, args: readonly string[]) => (access: SessionAccess): SessionClient =>
      new LineClient({ program, args, env: buildSessionEnvironment(access) });
  const options = ["--frozen", "--no-check", "--quiet", "--allow-all"];
  const script = `${E2E_DIRECTORY}/js/session_client.ts`;
  return [
    {
      name: "boto3",
      missing: noPython,
      create: runProgram(python?.python ?? "", [`${E2E_DIRECTORY}/python/boto3_client.py`]),
    },
    {
      name: "aws-cli",
      missing: noPython,
      create: (access) => new AwsCliSession(python?.aws ?? "", access),
    },
    {
      name: "@aws-sdk/client-s3",
      missing: undefined,
      create: (access) =>
        new LineClient({
          program: Deno.execPath(),
          args: ["run", ...options, `--config=${REPOSITORY_DIRECTORY}/deno.json`, script],
          // Its packages are where this process has them; Deno has its own name for AWS_CA_BUNDLE.
          env: {
            ...buildSessionEnvironment(access),
            DENO_CERT: access.authorityFile,
            DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
          },
        }),
    },
    { name: "aws-sdk-go-v2", missing: noGo, create: runProgram(go, []) },
  ];
}
