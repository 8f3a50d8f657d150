/** Reloads of a running program: under load, of users and secrets, of bad files, and as Kubernetes does it. */

import assert from "node:assert/strict";
import { ConfigReloader } from "../../src/config/reload.ts";
import { readCommand } from "./support/command.ts";
import { ADMIN, type Key, RuntimeChild } from "./support/runtime_child.ts";

const OTHER: Key = { accessKey: "other-key", secretKey: "other-secret-of-the-tests" };
const RELOADED = '"msg":"configuration reloaded"';
const REFUSED = '"msg":"configuration not reloaded';
const RELOADS = 100;
const RELOADS_MS = 10_000;
const CONNECTIONS = 16;

for (const [workers, listener] of [[1, "hardened"], [2, "serve"]] as const) {
  const name = `${workers} workers, ${listener}`;
  Deno.test(`${RELOADS} reloads in ${RELOADS_MS / 1000} s, good and bad ones, fail no request [${name}]`, async () => {
    await using proxy = await RuntimeChild.start({ server: { workers, listener } });
    let isOver = false;
    const load = Array.from({ length: CONNECTIONS }, async () => {
      using connection = await proxy.connect();
      let answered = 0;
      while (!isOver) {
        const { status, text } = await proxy.sendOn(connection, { target: "/mine/key" });
        assert.equal(status, 200, text);
        answered++;
      }
      return answered;
    });
    const startedMs = Date.now();
    for (let reload = 1; reload <= RELOADS; reload++) {
      const good = proxy.formatConfig({ keys: [ADMIN, { ...OTHER, accessKey: `key-${reload}` }] });
      proxy.writeConfig(reload % 2 === 0 ? good : `${good}\nusers: again\n`);
      proxy.signal("SIGHUP");
      const dueMs = startedMs + reload * RELOADS_MS / RELOADS;
      const pauseMs = Math.max(0, dueMs - Date.now());
      await new Promise((resolve) => setTimeout(resolve, pauseMs)); // the pace is what is tested
    }
    isOver = true;
    const answered = (await Promise.all(load)).reduce((sum, one) => sum + one, 0);
    const counts = ["success", "failure"].map((result) =>
      proxy.readMetric(`s3_proxy_config_reloads_total\\{result="${result}"\\}`)
    );
    const [succeeded = 0, failed = 0] = await Promise.all(counts);
    console.log(
      `${name}: ${answered} requests during ${succeeded} good and ${failed} bad reloads`,
    );
    assert.ok(succeeded >= 40 && failed >= 40, "nearly each one was read by itself");
    assert.ok(answered > 1000);
  });
}

for (const workers of [1, 2]) {
  Deno.test(`A17 an old secret and a removed user are refused at once [${workers} workers]`, async () => {
    await using proxy = await RuntimeChild.start({ server: { workers } });
    proxy.writeConfig(proxy.formatConfig({ keys: [ADMIN, OTHER] }));
    await proxy.logged(RELOADED); // by itself: nobody has sent a signal
    using connection = await proxy.connect();
    const send = async (key: Key): Promise<string> => {
      const { status, errorCode = "" } = await proxy.sendOn(connection, {
        target: "/mine/key",
        key,
      });
      return errorCode || String(status);
    };
    assert.equal(await send(OTHER), "200");

    const renewed = { ...OTHER, secretKey: "renewed-secret-of-the-tests" };
    const from = proxy.log.length;
    proxy.writeConfig(proxy.formatConfig({ keys: [ADMIN, renewed] }));
    proxy.signal("SIGHUP");
    await proxy.logged(RELOADED, undefined, from);
    assert.equal(await send(OTHER), "SignatureDoesNotMatch");
    assert.equal(await send(renewed), "200");

    const last = proxy.log.length;
    proxy.writeConfig();
    proxy.signal("SIGHUP");
    await proxy.logged(RELOADED, undefined, last);
    assert.equal(await send(renewed), "InvalidAccessKeyId");
    assert.equal(await send(ADMIN), "200");
  });
}

Deno.test("R6 a bad file changes nothing, and is told with its place and a metric", async () => {
  await using proxy = await RuntimeChild.start({ server: { workers: 2 } });
  const gauge = "s3_proxy_config_last_reload_successful";
  assert.equal(await proxy.readMetric(gauge), 1);
  proxy.writeConfig(`${proxy.formatConfig({ keys: [OTHER] })}\n{`);
  await proxy.logged(REFUSED);
  assert.match(proxy.log, /config\.yaml:2:1: /);
  assert.equal(await proxy.readMetric(gauge), 0);
  assert.equal((await proxy.send({ target: "/mine/key" })).status, 200);
  assert.equal((await proxy.send({ target: "/mine/key", key: OTHER })).status, 403);

  proxy.writeConfig(proxy.formatConfig({ extra: { backend: { ca_file: "missing.pem" } } }));
  await proxy.logged("missing.pem: cannot be read");
  proxy.writeConfig(proxy.formatConfig({ keys: [OTHER] }));
  await proxy.logged(RELOADED);
  assert.equal(await proxy.readMetric(gauge), 1);
  assert.equal((await proxy.send({ target: "/mine/key", key: OTHER })).status, 200);
});

Deno.test("a link that is turned to another folder is a change, and secrets' files are watched", async () => {
  await using proxy = await RuntimeChild.start();
  // As Kubernetes mounts a Secret: config.yaml → ..data/config.yaml, ..data → a folder with a date.
  const publish = (name: string, secret: string): void => {
    const text = proxy.formatConfig({
      extra: {
        users: [{
          access_key: OTHER.accessKey,
          secret_key_file: "secret",
          allowed_buckets: ["*"],
        }],
      },
    });
    Deno.mkdirSync(`${proxy.directory}/${name}`);
    Deno.writeTextFileSync(`${proxy.directory}/${name}/config.yaml`, text, { mode: 0o600 });
    Deno.writeTextFileSync(`${proxy.directory}/${name}/secret`, secret);
    Deno.symlinkSync(name, `${proxy.directory}/..data_new`);
    Deno.renameSync(`${proxy.directory}/..data_new`, `${proxy.directory}/..data`);
  };
  publish("..one", OTHER.secretKey);
  Deno.symlinkSync("..data/secret", `${proxy.directory}/secret`);
  Deno.symlinkSync("..data/config.yaml", `${proxy.configFile}.new`);
  Deno.renameSync(`${proxy.configFile}.new`, proxy.configFile);
  await proxy.logged(RELOADED);
  assert.equal((await proxy.send({ target: "/mine/key", key: OTHER })).status, 200);

  const from = proxy.log.length;
  const renewed = { ...OTHER, secretKey: "renewed-secret-of-the-tests" };
  publish("..two", renewed.secretKey);
  await proxy.logged(RELOADED, undefined, from);
  assert.equal((await proxy.send({ target: "/mine/key", key: OTHER })).status, 403);
  assert.equal((await proxy.send({ target: "/mine/key", key: renewed })).status, 200);
});

Deno.test("a pipe is read once, and holds up neither the start nor a reload", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const pipe = `${directory}/config.yaml`;
    await readCommand("mkfifo", { args: [pipe] });
    const seed = new URL("../vectors/config/seed.yaml", import.meta.url).pathname;
    const writer = new Deno.Command("sh", { args: ["-c", `cat ${seed} > ${pipe}`] }).spawn();
    const reloader = new ConfigReloader(pipe);
    const { config } = await reloader.load();
    assert.equal(config.users.length, 2);
    await writer.status;
    const told: string[] = [];
    reloader.watch({
      loaded: () => assert.fail("it was read again"),
      refused: (error) => void told.push(String(error)),
    });
    for (let look = 0; look < 3; look++) await reloader.poll();
    assert.deepEqual(told, []);
    await reloader.reload();
    assert.match(told.join(), /config\.yaml: is no regular file, and was read at the start$/);
    await reloader.stop();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
