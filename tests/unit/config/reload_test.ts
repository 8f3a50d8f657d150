import assert from "node:assert/strict";
import { ConfigReloader } from "../../../src/config/reload.ts";

const SEED = new URL("../../vectors/config/seed.yaml", import.meta.url).pathname;

Deno.test("ConfigReloader reloads no more once it was stopped", async () => {
  const reloader = new ConfigReloader(SEED);
  await reloader.load();
  let loaded = 0;
  reloader.watch({
    loaded: () => Promise.resolve(void loaded++),
    refused: (error) => assert.fail(String(error)),
  });
  await reloader.reload();
  assert.equal(loaded, 1);
  const late = reloader.reload();
  await reloader.stop();
  await late;
  await reloader.reload();
  assert.equal(loaded, 1);
});
