/**
 * Every operation, asked for by every kind of user: the running proxy and `explain` must both answer what
 * tests/vectors/iam/operations.txt says.
 * @module
 */

import assert from "node:assert/strict";
import { answerLikeS3 } from "../support/s3_answers.ts";
import { explain } from "../../src/explain/explain.ts";
import { UsageError } from "../../src/explain/usage_error.ts";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { OPERATIONS } from "../../src/s3/operation_table.ts";
import { buildForm } from "../support/form_builder.ts";
import { type Key, ProxyUnderTest } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

/** `A`llowed, allowed to `C`reate, `D`enied, `N`ot implemented. */
type Outcome = "A" | "C" | "D" | "N";

interface Row {
  readonly operation: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly outcomes: readonly Outcome[];
}

const ON_DATA = { buckets: ["data"] };
/** In the order of the file's columns. */
const USERS: readonly (readonly [name: string, rules: object])[] = [
  ["full", { grants: [{ access: "full", ...ON_DATA }] }],
  ["read-write", { grants: [{ access: "read-write", ...ON_DATA }] }],
  ["append-only", { grants: [{ access: "append-only", ...ON_DATA }] }],
  ["read-only", { grants: [{ access: "read-only", ...ON_DATA }] }],
  ["list-only", { grants: [{ access: "list-only", ...ON_DATA }] }],
  ["prefix", { grants: [{ access: "read-write", ...ON_DATA, prefixes: ["team/"] }] }],
  ["other", { grants: [{ access: "full", buckets: ["others"] }] }],
  ["nobody", {}],
];
const KEY: Omit<Key, "accessKey"> = { secretKey: "secret-of-these-tests" };
const BODIES: Readonly<Record<string, string>> = {
  CompleteMultipartUpload:
    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>",
  DeleteObjects: "<Delete><Object><Key>team/k</Key></Object></Delete>",
  PutBucketLogging: "<BucketLoggingStatus/>",
  PutBucketReplication: "<ReplicationConfiguration/>",
  PutBucketAcl: "<AccessControlPolicy/>",
  PutObjectAcl: "<AccessControlPolicy/>",
};
const HEADERS: Readonly<Record<string, readonly Header[]>> = {
  GetObjectAttributes: [["x-amz-object-attributes", "ETag"]],
};

const ROWS = parseRows(
  await Deno.readTextFile(new URL("../vectors/iam/operations.txt", import.meta.url)),
);

function parseRows(text: string): Row[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const pattern =
      /^(?<operation>\w+) +(?<method>[A-Z]+) (?<target>\S+)(?: < (?<source>\S+))?(?<outcomes>(?: +[ACDN]){8})$/;
    const { operation = "", method = "", target = "", source, outcomes = "" } =
      pattern.exec(line)?.groups ?? assert.fail(`Cannot read "${line}"`);
    return {
      operation,
      method,
      target,
      headers: source === undefined ? HEADERS[operation] ?? [] : [["x-amz-copy-source", source]],
      // `as` is true: the pattern has only these letters.
      outcomes: outcomes.trim().split(/ +/) as Outcome[],
    };
  });
}

function send(
  proxy: ProxyUnderTest,
  { operation, method, target, headers }: Row,
  key: Key,
): Promise<RawResponse> {
  if (operation === "PostObject") {
    const fields = { key: "team/k" };
    const form = buildForm({ bucket: "data", key, date: new Date(), fields });
    return proxy.sendRaw({ method, target, ...form });
  }
  const hasBody = method === "PUT" || method === "POST";
  return proxy.send({
    ...{ method, target, headers, key },
    ...(hasBody ? { body: BODIES[operation] ?? "" } : {}),
  });
}

function buildUsers(): object[] {
  return USERS.map(([name, rules]) => ({
    name,
    access_key: name,
    secret_key: KEY.secretKey,
    ...rules,
  }));
}

Deno.test("operations.txt asks for every operation there is", () => {
  const asked = new Set(ROWS.map(({ operation }) => operation));
  assert.deepEqual([...asked].toSorted(), OPERATIONS.map(({ name }) => name).toSorted());
});

for (const [column, [name]] of USERS.entries()) {
  Deno.test(`Z5 a ${name} user: the proxy decides on every operation as its row says`, async () => {
    await using proxy = await ProxyUnderTest.start({
      settings: { users: buildUsers() },
      // No object is there yet.
      respond: (request) => ({
        send: [
          request.method === "HEAD"
            ? formatResponse({ status: 404 })
            : formatResponse(answerLikeS3(request)),
        ],
      }),
    });
    for (const row of ROWS) {
      const { operation, method, target } = row;
      const seenBefore = proxy.backend.requests.length;
      const { status, errorCode } = await send(proxy, row, { accessKey: name, ...KEY });
      const seen = proxy.backend.requests.length - seenBefore;
      const expected = row.outcomes[column];
      const told = `${method} ${target}: ${status} ${errorCode}, ${seen} requests to the backend`;
      if (expected === "D" || expected === "N") {
        // HEAD's refusals have no document.
        assert.equal(status, expected === "D" ? 403 : 501, told);
        // A denied CreateBucket of a bucket that the user sees asks whether it is there.
        const asked = proxy.backend.requests.slice(seenBefore);
        const onlyLooks = operation === "CreateBucket" &&
          asked.every((request) => request.method === "HEAD");
        assert.ok(seen === 0 || onlyLooks, told);
      } else {
        assert.notEqual(status, 403, told);
        assert.notEqual(status, 501, told);
        // DeleteObjects goes on with the keys that may be deleted, if there are any.
        if (operation !== "DeleteObjects") assert.ok(seen > 0, told);
      }
    }
  });

  Deno.test(`explain() gives a ${name} user the proxy's answer to every operation`, () => {
    const config = readConfig();
    for (const { operation, method, target, headers, outcomes } of ROWS) {
      const question = {
        who: { kind: "user" as const, name },
        method,
        target,
        headers: new Map(headers),
        clientAddress: "192.0.2.1",
        scheme: "https" as const,
      };
      if (operation === "PostObject") {
        assert.throws(() => explain(config, { question, now: new Date() }), UsageError);
        continue;
      }
      const { allowed, lines } = explain(config, { question, now: new Date() });
      const expected = outcomes[column];
      const told = `${method} ${target}:\n${lines.join("\n")}`;
      assert.equal(allowed, expected === "A" || expected === "C", told);
      const text = lines.join("\n");
      assert.equal(text.includes("NotImplemented"), expected === "N", told);
      assert.equal(text.includes("allowed to create"), expected === "C", told);
      if (expected !== "N") assert.ok(text.includes(operation), told);
      // What is allowed names the statement that allows it.
      const decidesLater = ["ListBuckets", "HeadBucket", "DeleteObjects"].includes(operation);
      const names = /^statement +test\.yaml:1:users\[\d+\]\.grants\[0\]$/m.test(text);
      if (allowed && !decidesLater) assert.ok(names, told);
    }
  });
}

function readConfig(): Config {
  const text = JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-this-test",
      endpoint: "https://b",
    },
    users: buildUsers(),
  });
  return parseConfig(text, {
    path: "test.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  }).config;
}
