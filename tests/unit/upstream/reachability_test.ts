import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { Reachability } from "../../../src/upstream/reachability.ts";

/** A backend that can be taken away, and a clock. */
interface Scene {
  isThere: boolean;
  nowMs: number;
  probes: number;
}

function createScene(): { scene: Scene; reachability: Reachability } {
  const scene: Scene = { isThere: false, nowMs: 1_000_000, probes: 0 };
  const reachability = new Reachability({
    probe: () => {
      scene.probes++;
      return Promise.resolve(scene.isThere);
    },
    nowMs: () => scene.nowMs,
  });
  return { scene, reachability };
}

Deno.test("Reachability has seen nothing before the backend was there", async () => {
  const { scene, reachability } = createScene();
  assert.equal(await reachability.wasSeenLately(), false);
  scene.isThere = true;
  assert.equal(await reachability.wasSeenLately(), false, "it does not look again at once");
  scene.nowMs += LIMITS.readinessProbeIntervalMs;
  assert.equal(await reachability.wasSeenLately(), true);
});

Deno.test("Reachability forgives a backend a short silence, and no longer one", async () => {
  const { scene, reachability } = createScene();
  scene.isThere = true;
  assert.equal(await reachability.wasSeenLately(), true);
  scene.isThere = false;
  scene.nowMs += LIMITS.backendSilenceMsMax;
  assert.equal(await reachability.wasSeenLately(), true);
  scene.nowMs += 1;
  assert.equal(await reachability.wasSeenLately(), false);
});

Deno.test("Reachability looks once for all who ask at the same time", async () => {
  const { scene, reachability } = createScene();
  await Promise.all(Array.from({ length: 50 }, () => reachability.wasSeenLately()));
  assert.equal(scene.probes, 1);
});
