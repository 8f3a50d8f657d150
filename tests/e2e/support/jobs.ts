/**
 * Clients that do the job they are made for: a small program each, run as three users over HTTP and
 * over HTTPS. What it is told stands in its environment, what it did in its exit status.
 *
 * A program knows three commands. `version` prints the client's version. `work` writes under
 * `JOB_PREFIX` of the bucket `JOB_BUCKET`, reads it back, lists it, overwrites it and deletes it,
 * and exits with an error unless all that was seen to be so. `write` writes one object, under the
 * same name each time.
 * @module
 */

import assert from "node:assert/strict";
import { buildAwsEnvironment } from "./aws_environment.ts";
import type { Access } from "./client.ts";
import { CommandError, readCommand } from "./command.ts";
import { type Transport, TRANSPORTS } from "./gateway.ts";

import { type User, USERS } from "./proxy_child.ts";
import { openAccess, type Stack, useStack } from "./stack.ts";
import { E2E_DIRECTORY } from "./state.ts";

/** A client and its program. */
export interface JobClient {
  readonly name: string;
  /** Why it cannot run here; told on stderr, and its tests are ignored. */
  readonly missing?: string | undefined;
  /** What is run, the command behind it. */
  readonly command: readonly string[];
  /** Added to the program's environment. */
  readonly env?: (access: Access) => Readonly<Record<string, string>>;
  /** The client cannot delete: what its `work` made is left. */
  readonly leaves?: boolean;
  /** Over which it can be told to trust a test's authority. Default: both. */
  readonly transports?: readonly Transport[];
  /** Its errors do not say that access was denied. */
  readonly saysNotWhy?: boolean;
  /** Its `write` overwrites nothing, or deletes something: append-only has nothing to refuse, or all. */
  readonly neverOverwrites?: boolean;
}

/** Whose job it is. */
const TEAM = describeUser("job-team");
const KEEPER = describeUser("job-keeper");
const BUCKETS = ["e2e-alpha-*"];
const JOB_TIMEOUT_MS = 90_000;
/** How clients say that they may not: the status, S3's code, or what they make of it. Some take a 412 for success. */
const DENIED =
  /\b403\b|access[ _-]?denied|forbidden|permission[ _]?denied|insufficient permissions|unauthorized/i;

const USERS_OF_JOBS: readonly object[] = [
  configureUser(TEAM, { access: "read-write", buckets: BUCKETS, prefixes: ["${user}/"] }),
  configureUser(KEEPER, { access: "append-only", buckets: BUCKETS, prefixes: ["${user}/"] }),
];

/** The tests of one client, by what stands above their column in the table. */
const COLUMNS = {
  "full user": workEverywhere,
  "prefix user": workUnderPrefix,
  "append-only user": keepObject,
} as const satisfies Record<string, (job: Job) => Promise<void>>;

/** One client at work. */
interface Job {
  readonly client: JobClient;
  readonly transport: Transport;
  readonly bucket: string;
  readonly stack: Stack;
}

/** Registers the tests of all `clients`, and prints the table of their results after the last. */
export function testJobs(
  clients: readonly JobClient[],
  { name, server = {} }: { name: string; server?: Readonly<Record<string, unknown>> },
): void {
  const ignore = clients.every(({ missing }) => missing !== undefined);
  const stack = useStack({ name, ignore, settings: { users: USERS_OF_JOBS, server } });
  const results = new Map<string, string>();
  for (const client of clients) {
    if (client.missing !== undefined) {
      console.error(`\n*** SKIPPED: ${client.name}: ${client.missing} ***\n`);
    }
    for (const [column, run] of Object.entries(COLUMNS)) {
      if (column === "append-only user" && client.neverOverwrites) continue;
      for (const transport of client.transports ?? TRANSPORTS) {
        const bucket = `e2e-alpha-job-${client.name.toLowerCase().replaceAll(/\W+/g, "-")}`;
        Deno.test({
          name: `${client.name} does its job as ${column} over ${transport}`,
          ignore: client.missing !== undefined,
          fn: async () => {
            const cell = `${client.name} ${column} ${transport}`;
            results.set(cell, "fails");
            await run({ client, transport, bucket: `${bucket}-${transport}`, stack: stack() });
            results.set(cell, "ok");
          },
        });
      }
    }
  }
  Deno.test.afterAll(async () => console.log(await formatTable(clients, results)));
}

async function workEverywhere(job: Job): Promise<void> {
  await job.stack.backend.makeBucket(job.bucket);
  await runJob(job, { user: USERS.alpha, prefix: "", command: "work" });
  if (!job.client.leaves) assert.deepEqual(await listUnder(job, ""), []);
}

async function workUnderPrefix(job: Job): Promise<void> {
  await job.stack.backend.makeBucket(job.bucket);
  await runJob(job, { user: TEAM, prefix: "job-team/", command: "work" });
  if (!job.client.leaves) assert.deepEqual(await listUnder(job, "job-team/"), []);
  await assert.rejects(
    runJob(job, { user: TEAM, prefix: "elsewhere/", command: "write" }),
    (error) => isDenial(job, error),
  );
  assert.deepEqual(await listUnder(job, "elsewhere/"), []);
}

/** An object is written, and is the same one after it was to be written again. */
async function keepObject(job: Job): Promise<void> {
  await job.stack.backend.makeBucket(job.bucket);
  const write = { user: KEEPER, prefix: "job-keeper/", command: "write" };
  await runJob(job, write);
  const kept = await listUnder(job, "job-keeper/");
  assert.notDeepEqual(kept, []);
  await assert.rejects(runJob(job, write), (error) => isDenial(job, error));
  assert.deepEqual(await listUnder(job, "job-keeper/"), kept);
}

async function runJob(
  { client, transport, bucket, stack }: Job,
  { user, prefix, command }: { user: User; prefix: string; command: string },
): Promise<string> {
  const access = await openAccess(stack, { user, transport });
  const [program = "", ...args] = client.command;
  try {
    return await readCommand(program, {
      args: [...args, command],
      cwd: access.directory,
      env: {
        ...buildJobEnvironment(access),
        JOB_BUCKET: bucket,
        JOB_PREFIX: prefix,
        ...client.env?.(access),
      },
      timeoutMs: JOB_TIMEOUT_MS,
    });
  } finally {
    await Deno.remove(access.directory, { recursive: true });
  }
}

/** AWS's own variables, and the authority for whatever library a client is made of. */
function buildJobEnvironment(access: Access): Record<string, string> {
  const { authorityFile, directory, endpoint } = access;
  const authority = authorityFile === undefined ? {} : {
    SSL_CERT_FILE: authorityFile,
    CURL_CA_BUNDLE: authorityFile,
    REQUESTS_CA_BUNDLE: authorityFile,
  };
  return {
    ...buildAwsEnvironment(access),
    AWS_ENDPOINT_URL: endpoint,
    HOME: directory,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPATH: `${E2E_DIRECTORY}/python`,
    ...authority,
  };
}

/** The objects there, without the empty ones that stand for folders. */
async function listUnder({ stack, bucket }: Job, prefix: string): Promise<string[]> {
  const lines = await stack.backend.listObjects(bucket);
  return lines.filter((line) => {
    const key = line.split(" ").slice(3).join(" ");
    return key.startsWith(prefix) && !key.endsWith("/");
  });
}

function isDenial({ client }: Job, error: unknown): boolean {
  return error instanceof CommandError && (client.saysNotWhy || DENIED.test(error.message));
}

async function formatTable(
  clients: readonly JobClient[],
  results: ReadonlyMap<string, string>,
): Promise<string> {
  const columns = Object.keys(COLUMNS);
  const rows = await Promise.all(clients.map(async (client) => {
    if (client.missing !== undefined) {
      return [client.name, "skipped", ...columns.map(() => "")];
    }
    const cells = columns.map((column) =>
      TRANSPORTS.map((transport) => {
        const result = results.get(`${client.name} ${column} ${transport}`);
        return result === undefined ? "" : `${transport} ${result}`;
      }).filter((cell) => cell !== "").join(", ")
    );
    return [client.name, await readVersion(client), ...cells];
  }));
  const head = ["client", "version", ...columns];
  const lines = [head, head.map(() => "---"), ...rows];
  return `\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

async function readVersion({ command: [program = "", ...args] }: JobClient): Promise<string> {
  const env = {
    PYTHONPATH: `${E2E_DIRECTORY}/python`,
    PYTHONDONTWRITEBYTECODE: "1",
    ...buildNowhere(),
  };
  return (await readCommand(program, { args: [...args, "version"], env })).trim();
}

/** Variables that programs read before they know that only their version is asked for. */
function buildNowhere(): Record<string, string> {
  return { AWS_REGION: "us-east-1", JOB_BUCKET: "none", JOB_PREFIX: "", AWS_ENDPOINT_URL: "" };
}

function describeUser(name: string): User {
  return { accessKey: `${name}-key`, secretKey: `${name}-secret-of-the-tests`, allowedBuckets: [] };
}

function configureUser({ accessKey, secretKey }: User, grant: object): object {
  const name = accessKey.replace(/-key$/, "");
  return { name, access_key: accessKey, secret_key: secretKey, grants: [grant] };
}
