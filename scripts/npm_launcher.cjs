#!/usr/bin/env node
// The npm package's program: runs main.ts, which lies beside this folder, by the `deno` package that this one depends on.
// Signals are passed on, so that what stops or reloads this program does so to the proxy.
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

const ROOT = join(__dirname, "..");
const given = process.argv.slice(2);
const permissions = ["--allow-net", "--allow-read", "--allow-env", "--allow-sys"];
if (given[0] === "login") permissions.push("--allow-write");

// The executable itself: the `deno` package's own launcher keeps signals to itself. Where npm was told to run no scripts, it
// is not there yet.
const installed = join(
  dirname(require.resolve("deno/package.json")),
  process.platform === "win32" ? "deno.exe" : "deno",
);
const deno = existsSync(installed) ? installed : require("deno/install_api.cjs").runInstall();

// DENO_NO_PACKAGE_JSON: the packages are those of deno.lock, wherever npm has put this one.
const child = spawn(deno, [
  "run",
  `--config=${join(ROOT, "deno.json")}`,
  `--lock=${join(ROOT, "deno.lock")}`,
  "--frozen",
  "--node-modules-dir=none",
  "--no-check",
  "--no-prompt",
  ...permissions,
  join(ROOT, "main.ts"),
  ...given,
], {
  stdio: "inherit",
  env: { ...process.env, DENO_NO_PACKAGE_JSON: "1", DENO_NO_UPDATE_CHECK: "1" },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`s3-proxy: Deno cannot be started: ${error.message}`);
  process.exit(1);
});
child.on("exit", (status, signal) => process.exit(status ?? (signal === "SIGINT" ? 130 : 143)));
