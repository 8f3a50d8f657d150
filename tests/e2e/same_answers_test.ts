/**
 * One request, sent to the gateway itself and through the proxy by a user who may do everything: the answers are the same,
 * but for what docs/COMPATIBILITY.md tells, which the tables say line by line.
 */

import assert from "node:assert/strict";
import { parseMethod, parseOperation } from "../../src/s3/operation.ts";
import { type Operation, type OperationName, OPERATIONS } from "../../src/s3/operation_table.ts";
import { verifyKnownSetting } from "../../src/s3/settings.ts";
import { PRESETS } from "../../src/stores/presets.ts";
import type { Row } from "./same_answers/row.ts";
import { SCENES } from "./same_answers/scenes.ts";
import { openStage, playScene, type Stage } from "./same_answers/stage.ts";
import { REPOSITORY_DIRECTORY } from "./support/state.ts";

let stage: Stage | undefined;
Deno.test.beforeAll(async () => {
  stage = await openStage();
});
Deno.test.afterAll(async () => {
  for (const child of stage?.children ?? []) assert.equal(await child.stop(), 0, child.logFile);
});

for (const scene of SCENES) {
  Deno.test(`${scene.name}: the gateway and both listeners answer alike`, async () => {
    assert.ok(stage);
    const played = await playScene(scene, stage);
    const found = played.flatMap(({ row, proxies }) =>
      proxies.flatMap(({ name, found }) =>
        found.map((difference) => `${name}: ${describe(row)}: ${difference}`)
      )
    );
    assert.deepEqual(found, []);
  });
}

function describe({ request, headers = {} }: Row): string {
  return `${request} ${JSON.stringify(headers)}`;
}

Deno.test("whatever differs is told in docs/COMPATIBILITY.md", async () => {
  const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/docs/COMPATIBILITY.md`);
  const words = text.replaceAll(/\s+/g, " ");
  const told = SCENES.flatMap(({ rows }) => rows.flatMap(({ differs }) => differs?.told ?? []));
  assert.deepEqual([...new Set(told)].filter((part) => !words.includes(part)), []);
});

const ROWS_MIN = 3;

Deno.test("the table has each operation that goes to Ceph, several times", () => {
  const rows = new Map<OperationName, number>();
  for (const row of SCENES.flatMap(({ rows }) => rows)) {
    const name = findOperation(row);
    if (name !== undefined) rows.set(name, (rows.get(name) ?? 0) + 1);
  }
  const missing = OPERATIONS.filter(isForwarded)
    .filter(({ name }) => (rows.get(name) ?? 0) < ROWS_MIN);
  assert.deepEqual(missing.map(({ name }) => name), []);
});

function isForwarded(operation: Operation): boolean {
  try {
    verifyKnownSetting(operation, PRESETS.ceph);
    return operation.forwarded;
  } catch {
    return false;
  }
}

/** What the proxy takes it for; nothing, where it refuses it. */
function findOperation({ request, headers = {} }: Row): OperationName | undefined {
  const [method = "", target = ""] = request.split(/ (.*)/);
  const [path = "", query = ""] = target.split(/\?(.*)/);
  const names = [...new URLSearchParams(query).keys()].filter((name) => !/^x-/i.test(name));
  const level = path === "/" ? "service" : /^\/[^/]+\/?$/.test(path) ? "bucket" : "object";
  const copies = JSON.stringify(headers).includes('"x-amz-copy-source"');
  try {
    return parseOperation({ method: parseMethod(method), level, copies, names }).name;
  } catch {
    return undefined;
  }
}
