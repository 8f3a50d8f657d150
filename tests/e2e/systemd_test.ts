/** scripts/install-systemd.sh, into a folder, and what systemd says of the unit. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { CommandError, readCommand } from "./support/command.ts";
import { openState, REPOSITORY_DIRECTORY } from "./support/state.ts";
import { findProgram } from "./support/tools.ts";

const SCRIPT = `${REPOSITORY_DIRECTORY}/scripts/install-systemd.sh`;
const UNIT = `${REPOSITORY_DIRECTORY}/scripts/s3-proxy.service`;
/** Ten times what `systemd-analyze security` prints. */
const EXPOSURE_TENTHS_MAX = 16;
const ADMINISTRATOR = "edited by an administrator\n";

/** What is installed: path → mode. */
const INSTALLED: Readonly<Record<string, number>> = {
  "etc/default/s3-proxy": 0o640,
  "etc/s3-proxy": 0o750,
  "etc/s3-proxy/config.yaml": 0o640,
  "etc/systemd/system/s3-proxy.service": 0o644,
  "usr/local/bin/s3-proxy": 0o755,
  "var/log/s3-proxy": 0o750,
};

const shellcheck = await findProgram("shellcheck");
const analyze = await findProgram("systemd-analyze", { debianPackage: "systemd" });
for (const { missing } of [shellcheck, analyze]) {
  if (missing !== undefined) console.error(`\n*** SKIPPED: systemd: ${missing} ***\n`);
}

Deno.test("install-systemd.sh refuses options it does not know", async () => {
  const root = await makeRoot();
  await assert.rejects(install(root, ["--unistall"]), CommandError);
  assert.deepEqual(await listTree(root), []);
});

Deno.test("install-systemd.sh refuses to install a program that is not there", async () => {
  const root = await makeRoot();
  await assert.rejects(install(root, ["--binary", `${root}/none`]), /there is no/);
  assert.deepEqual(await listTree(root), []);
});

Deno.test("install-systemd.sh --dry-run tells every file and changes nothing", async () => {
  const root = await makeRoot();
  const said = await install(root, ["--dry-run", "--binary", Deno.execPath()]);
  for (const path of Object.keys(INSTALLED)) assert.ok(said.includes(`${root}/${path}`), path);
  assert.deepEqual(await listTree(root), []);
});

Deno.test("install-systemd.sh installs, and again without touching what was edited", async () => {
  const root = await makeRoot();
  await install(root, ["--binary", SCRIPT]);
  for (const [path, mode] of Object.entries(INSTALLED)) {
    const { mode: found } = await Deno.stat(`${root}/${path}`);
    assert.equal((found ?? 0) & 0o7777, mode, path);
  }
  const once = await listTree(root);
  const config = `${root}/etc/s3-proxy/config.yaml`;
  for (const path of [config, `${root}/etc/default/s3-proxy`]) {
    await Deno.writeTextFile(path, ADMINISTRATOR);
  }
  await Deno.writeTextFile(`${root}/etc/systemd/system/s3-proxy.service`, "old\n");
  await install(root, ["--binary", UNIT]);
  assert.deepEqual(await listTree(root), once);
  assert.equal(await Deno.readTextFile(config), ADMINISTRATOR);
  assert.equal(await Deno.readTextFile(`${root}/etc/default/s3-proxy`), ADMINISTRATOR);
  const [program, unit] = ["usr/local/bin/s3-proxy", "etc/systemd/system/s3-proxy.service"];
  const text = await Deno.readTextFile(UNIT);
  assert.equal(await Deno.readTextFile(`${root}/${program}`), text);
  assert.equal(await Deno.readTextFile(`${root}/${unit}`), text);
});

Deno.test("install-systemd.sh adds what a port below 1024 needs, and takes it away again", async () => {
  const root = await makeRoot();
  const file = `${root}/etc/systemd/system/s3-proxy.service.d/privileged-port.conf`;
  const setPort = async (line: string): Promise<boolean> => {
    await install(root, ["--binary", SCRIPT]);
    await Deno.writeTextFile(`${root}/etc/s3-proxy/config.yaml`, `server:\n${line}\n`);
    await install(root, ["--binary", SCRIPT]);
    return (await listTree(root)).includes(file.slice(root.length));
  };
  assert.equal(await setPort('  listen_addr: ":443" # HTTPS'), true);
  assert.match(await Deno.readTextFile(file), /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
  assert.equal(await setPort('  listen_addr: ":8443"'), false);
  assert.equal(await setPort("  listen_addr: 0.0.0.0:80"), true);
  assert.equal(await setPort('  listen_addr: "[::1]:1024"'), false);
  assert.equal(await setPort("  #listen_addr: :80"), false);
});

Deno.test("install-systemd.sh says what it has done where a later step fails", async () => {
  const root = await makeRoot();
  await Deno.mkdir(`${root}/usr/local/bin/s3-proxy.new`, { recursive: true }); // no file can be put there
  await assert.rejects(
    install(root, ["--binary", SCRIPT]),
    /stopped half-way; this was done: \S*\/etc\/systemd\/system\/ /,
  );
});

Deno.test("install-systemd.sh wants a machine that systemd runs, and somebody to ask", {
  ignore: await isThere("/run/systemd/system") || Deno.uid() !== 0,
}, async () => {
  await assert.rejects(
    readCommand(SCRIPT, { args: ["--yes"], env: {} }),
    /systemd does not run this machine \(there is no \/run\/systemd\/system\)/,
  );
});

Deno.test("install-systemd.sh --uninstall keeps the configuration and the log folder", async () => {
  const root = await makeRoot();
  await install(root, ["--binary", SCRIPT]);
  await Deno.writeTextFile(`${root}/etc/s3-proxy/config.yaml`, ADMINISTRATOR);
  const before = await listTree(root);
  const said = await install(root, ["--uninstall", "--dry-run"]);
  assert.match(said, /would run: rm .*s3-proxy\.service/);
  assert.deepEqual(await listTree(root), before);
  for (let count = 0; count < 2; count++) await install(root, ["--uninstall"]);
  const gone = ["/etc/systemd/system/s3-proxy.service", "/usr/local/bin/s3-proxy"];
  assert.deepEqual(await listTree(root), before.filter((path) => !gone.includes(path)));
  const config = await Deno.readTextFile(`${root}/etc/s3-proxy/config.yaml`);
  assert.equal(config, ADMINISTRATOR);
});

Deno.test("install-systemd.sh installs a configuration that the proxy takes, and warns of nothing but its secrets", async () => {
  const root = await makeRoot();
  await install(root, ["--binary", SCRIPT]);
  const path = `${root}/etc/s3-proxy/config.yaml`;
  const { config, warnings } = parseConfig(await Deno.readTextFile(path), {
    path,
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  assert.notEqual(warnings.length, 0);
  for (const warning of warnings) {
    assert.match(warning, /secret_key: is an example's, which everybody knows$/);
  }
  assert.equal(config.server.listener, "hardened");
  assert.deepEqual(config.metrics?.listenAddress, { hostname: "127.0.0.1", port: 9090 });
});

Deno.test("shellcheck finds nothing wrong with the scripts", {
  ignore: shellcheck.missing !== undefined,
}, async () => {
  const scripts = [".ci/run", "scripts/install-systemd.sh", "tests/e2e/radosgw.sh"];
  const args = scripts.map((path) => `${REPOSITORY_DIRECTORY}/${path}`);
  await readCommand(shellcheck.value ?? "", { args });
});

Deno.test("systemd finds nothing wrong with the unit", {
  ignore: analyze.missing !== undefined,
}, async () => {
  const root = await makeRoot();
  const unit = `${root}/s3-proxy.service`;
  const text = await Deno.readTextFile(UNIT);
  // The program must be there.
  await Deno.writeTextFile(unit, text.replace("=/usr/local/bin/s3-proxy", "=/bin/true"));
  const args = ["verify", "--man=no", unit];
  const script = 'exec "$0" "$@" 2>&1';
  const said = await readCommand("bash", { args: ["-c", script, analyze.value ?? "", ...args] });
  assert.equal(said, "");
});

Deno.test(`the unit's exposure is at most ${EXPOSURE_TENTHS_MAX / 10}`, {
  ignore: analyze.missing !== undefined,
}, async () => {
  const said = await readCommand(analyze.value ?? "", {
    args: ["security", "--offline=true", "--no-pager", `--threshold=${EXPOSURE_TENTHS_MAX}`, UNIT],
  });
  console.log(said.trim().split("\n").at(-1));
});

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

async function makeRoot(): Promise<string> {
  return await Deno.makeTempDir({ dir: await openState() });
}

async function install(root: string, args: readonly string[]): Promise<string> {
  return await readCommand(SCRIPT, { args, env: { DESTDIR: root } });
}

/** Every file and folder below `root`. */
async function listTree(root: string): Promise<string[]> {
  const found = await readCommand("find", { args: [root, "-mindepth", "1", "-printf", "/%P\n"] });
  return found.split("\n").filter((line) => line !== "").sort();
}
