/**
 * What is tested on every store: its preset is what the probe measures, clients do their list, and no attack crosses a Deny
 * or changes an object.
 * @module
 */

import assert from "node:assert/strict";
import { compareFacts, probeStore } from "../../../src/probe/probe.ts";
import { MEASURED_ON, PRESETS } from "../../../src/stores/presets.ts";
import { testAttacks } from "./attacks.ts";
import { testAwsCli, testBoto3, testMinioJs } from "./clients.ts";
import { LISTENERS, openScene, type Scene } from "./scene.ts";
import { startStore, type StoreName } from "./start_store.ts";

/** Registers the tests of one store; they are skipped, loudly, where it cannot be had. */
export function testStore(name: StoreName): void {
  registerTest(name, async (scene, step) => {
    await step("boto3 does its list", testBoto3);
    await step("aws-cli does its list, and its checksums come back", testAwsCli);
    await step("minio-js does its list", testMinioJs);
    await testOnBoth(scene, step);
  });
}

/** The same with one client; and with the guards of a store that folds slashes, whether this one does or not. */
export function testStoreBriefly(name: StoreName): void {
  registerTest(name, async (scene, step) => {
    await step("boto3 does its list", testBoto3);
    await testOnBoth(scene, step);
    await using folded = await openScene(scene.store, { name, keys: "folded" });
    await testOnBoth(folded, step);
  });
}

type Step = (name: string, run: (scene: Scene) => Promise<void>) => Promise<void>;

function registerTest(
  name: StoreName,
  run: (scene: Scene, step: Step) => Promise<void>,
): void {
  Deno.test(`${name} (${MEASURED_ON[name]})`, async ({ step }) => {
    const tool = await startStore(name);
    if (tool.value === undefined) {
      console.error(`\n*** SKIPPED: ${name} cannot be had: ${tool.missing} ***\n`);
      return;
    }
    await using store = tool.value;
    await using scene = await openScene(store, { name });
    const stepWith: Step = async (title, action) => {
      await step(title, () => action(scene));
    };
    await stepWith("the probe measures its preset", testProbe);
    await run(scene, stepWith);
  });
}

async function testOnBoth(scene: Scene, step: Step): Promise<void> {
  for (const listener of LISTENERS) {
    const title = `no attack crosses a rule where keys are ${scene.keys} [${listener}]`;
    await step(title, () => testAttacks(scene, listener));
  }
}

/** A newer store that does more, or less, fails this, and says which fact. */
async function testProbe({ name, options }: Scene): Promise<void> {
  const probe = await probeStore({ ...options, bucket: undefined, name: "s3-proxy-probe-tests" });
  assert.deepEqual([probe.failures, probe.left], [[], []]);
  // What Ceph tells of encryption depends on its configuration, so that its preset does without.
  const differing = compareFacts(PRESETS[name], probe)
    .filter(({ name, verdict }) =>
      verdict === "trusts" || verdict === "gives" && name !== "encryption_told"
    )
    .map(({ name, configured, measured }) => `${name}: ${configured}, but measured: ${measured}`);
  assert.deepEqual(differing, []);
}
