/**
 * What deciding costs: a thousand statements of several shapes, and users by the thousand. Run it with
 * `deno task bench:rights`; every line is the median of many decisions.
 * @module
 */

import { authorize, type Need } from "../../src/iam/authorize.ts";
import { parseConfig } from "../../src/config/load.ts";
import { createUserDirectory } from "../../src/config/user_directory.ts";
import { Policy } from "../../src/iam/policy.ts";
import { parsePolicyDocument } from "../../src/iam/policy_document.ts";
import type { AccessKeyId } from "../../src/s3/names.ts";
import { buildContext, buildNeed, SAMPLE_DOCUMENT } from "../unit/iam/sample_request.ts";

const STATEMENTS = 1000;
const DECISIONS = 3000;
const LAST = STATEMENTS - 1;
/** Where the sample request comes from. */
const SOURCE_RANGE = "203.0.113.0/24";

/** The statement at an index; only the last one is about the request. */
const SHAPES: Readonly<Record<string, (index: number) => object>> = {
  "a bucket each": (index) => ({
    Effect: index % 10 === 9 ? "Allow" : "Deny",
    Action: ["s3:Get*", "s3:List*"],
    Resource: [`arn:aws:s3:::bucket-${index}`, `arn:aws:s3:::bucket-${index}/team-*`],
  }),
  "one bucket, a prefix each": (index) => ({
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::bucket-${LAST}/team-${index}/*`,
  }),
  "a bucket pattern each": (index) => ({
    Effect: index % 10 === 9 ? "Allow" : "Deny",
    Action: "s3:Get*",
    Resource: `arn:aws:s3:::b*-${index}/*`,
  }),
  "a policy variable each": (index) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: "arn:aws:s3:::b*/" + (index === LAST ? "team-*" : "home/${aws:username}/*"),
  }),
  "a condition each, all of which hold": (index) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: "*",
    Condition: { IpAddress: { "aws:SourceIp": [`10.${index % 256}.0.0/16`, SOURCE_RANGE] } },
  }),
  "a condition each, the last of which holds": (index) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: "*",
    Condition: {
      IpAddress: {
        "aws:SourceIp": [`10.${index % 256}.0.0/16`, index === LAST ? SOURCE_RANGE : "10.0.0.0/8"],
      },
    },
  }),
  "two texts in a condition each, the last of which holds": (index) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: "*",
    Condition: {
      StringLike: { "aws:username": [index === LAST ? "*" : `user-${index}-*`, "other-*"] },
    },
  }),
  "two conditions each, the last two of which hold": (index) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: "*",
    Condition: {
      DateLessThan: { "aws:CurrentTime": "2099-01-01T00:00:00Z" },
      IpAddress: { "aws:SourceIp": index === LAST ? SOURCE_RANGE : `10.${index % 256}.0.0/16` },
    },
  }),
};

const context = buildContext();
const need = buildNeed("s3:GetObject", `bucket-${LAST}/team-${LAST}/a/b/some-file.parquet`);

for (const [name, build] of Object.entries(SHAPES)) {
  const Statement = Array.from({ length: STATEMENTS }, (_, index) => build(index));
  const document = { Version: "2012-10-17", Statement };
  const policy = new Policy(parsePolicyDocument(document, SAMPLE_DOCUMENT));
  console.log(
    `${STATEMENTS} statements, ${name}: ${formatMicroseconds(timeDecision(policy, need))}`,
  );
}
for (const count of [10, 100, 1000, 10_000]) timeUsers(count);

function timeDecision(policy: Policy, need: Need): number {
  const decide = (): boolean => authorize(policy, { needs: [need], context }).allowed;
  return timeMedian(() => {
    if (!decide()) throw new Error("The statements were to allow it");
  });
}

/** Starting with `count` users, and finding and asking one of them. */
function timeUsers(count: number): void {
  const users = Array.from({ length: count }, (_, index) => ({
    name: `user-${index}`,
    access_key: `key-${index}`,
    secret_key: `secret-of-the-user-${index}`,
    allowed_buckets: [`bucket-${index}`, `app-${index}-*`],
  }));
  const text = JSON.stringify(
    {
      master_credentials: { access_key: "M", secret_key: "master-secret", endpoint: "https://b" },
      users,
    },
    undefined,
    1,
  );
  const startedMs = performance.now();
  const { config } = parseConfig(text, {
    path: "bench",
    environment: () => undefined,
    readSecretFile: () => "",
  });
  const findUser = createUserDirectory(config.users);
  const startMs = performance.now() - startedMs;
  const ids = config.users.flatMap(({ keys }) => keys.map(({ accessKeyId }) => accessKeyId));
  const now = new Date();
  const ask = (id: AccessKeyId | undefined): void => {
    const known = id === undefined ? undefined : findUser(id, now);
    if (known === undefined || known === "inactive") throw new Error("The user is in the file");
    authorize(known.identity.policy, { needs: [need], context });
  };
  for (const id of ids) ask(id); // a user's first request makes the policy
  let turn = 0;
  const time = timeMedian(() => ask(ids[turn++ % ids.length]));
  console.log(
    `${count} users: start ${startMs.toFixed(0)} ms, ${formatMicroseconds(time)} a request`,
  );
}

/** Median of {@linkcode DECISIONS} calls, in microseconds. */
function timeMedian(call: () => void): number {
  for (let warmUp = 0; warmUp < DECISIONS; warmUp++) call();
  const times = Array.from({ length: DECISIONS }, () => {
    const startedMs = performance.now();
    call();
    return (performance.now() - startedMs) * 1000;
  }).toSorted((one, other) => one - other);
  return times[DECISIONS >> 1] ?? NaN;
}

function formatMicroseconds(time: number): string {
  return `${time.toFixed(1)} µs`;
}
