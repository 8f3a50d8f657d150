/**
 * nginx with the site of nginx/s3-proxy.conf, in front of a proxy under test.
 * @module
 */

import assert from "node:assert/strict";
import { isListening } from "../../support/is_listening.ts";
import { readCommand } from "./command.ts";
import type { Gateway } from "./gateway.ts";
import { findFreePorts, REPOSITORY_DIRECTORY } from "./state.ts";
import { startChild, type TaskChild } from "./task_child.ts";

/** A running nginx. */
export interface NginxChild extends TaskChild {
  /** HTTPS, on 127.0.0.1. */
  readonly port: number;
}

const SITE = `${REPOSITORY_DIRECTORY}/nginx/s3-proxy.conf`;

/** Starts nginx on a free port, with the gateway's certificate, once it has found its configuration good. */
export async function startNginx(
  { gateway, upstreamPort }: { gateway: Gateway; upstreamPort: number },
): Promise<NginxChild> {
  const [port = 0] = findFreePorts(1);
  const directory = await Deno.makeTempDir({ dir: gateway.directory });
  const site = replaceAll(await Deno.readTextFile(SITE), [
    ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`],
    ["listen [::]:443 ssl http2;", ""],
    ["server 127.0.0.1:8080;", `server 127.0.0.1:${upstreamPort};`],
    ["/etc/ssl/s3.example.com.crt", gateway.certificateFile],
    ["/etc/ssl/s3.example.com.key", gateway.privateKeyFile],
  ]);
  const main = `${directory}/nginx.conf`;
  await Deno.writeTextFile(main, formatMain(directory, site));
  const args = ["-c", main, "-e", `${directory}/error.log`];
  await readCommand("nginx", { args: ["-t", ...args] });
  const logFile = `${directory}/nginx.log`;
  const isReady = () => isListening(port);
  const child = await startChild("nginx", { args, cwd: directory, logFile, isReady });
  return { ...child, port };
}

function formatMain(directory: string, site: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`);
  return [
    Deno.uid() === 0 ? "user root;" : "", // or its workers could not read the certificate
    "daemon off;",
    "worker_processes 1;",
    `pid ${directory}/nginx.pid;`,
    "events { worker_connections 1024; }",
    "http {",
    "access_log off;",
    ...temporary,
    site,
    "}",
  ].join("\n");
}

/** Fails where the site no longer says what the tests replace. */
function replaceAll(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [from, to]) => {
    assert.ok(result.includes(from), `nginx/s3-proxy.conf has no "${from}"`);
    return result.replace(from, to);
  }, text);
}
