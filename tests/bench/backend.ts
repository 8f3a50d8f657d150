/**
 * The benchmark's own backend: Debian's nginx with one worker, static files and WebDAV PUT, in a folder that goes away.
 * @module
 */

import { findFreePorts } from "../e2e/support/state.ts";
import { type Child, startChild } from "./child.ts";

/** Objects are read in turn, so that nothing is fast because it was just asked for. */
export const OBJECTS = 100;
/** The bucket everything happens in. */
export const BUCKET = "bench-bucket";
/** Sizes of small objects; the empty ones are for HEAD, behind whose answers wrk would wait for a body. */
export const SMALL_KIBIBYTES = [0, 1, 64, 1024];
const LISTED_KEYS = 1000;
const KIB = 1024;
const MIB = 1024 * KIB;
const MEMORY_DIRECTORY = "/dev/shm";

/** A file to read, and its length. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** The large object of `mebibytes`; {@linkcode storeLarge} makes it. */
export function largeObject(mebibytes: number): StoredObject {
  return { key: `large-${mebibytes}`, bytes: mebibytes * MIB };
}

/** One of the {@linkcode OBJECTS} of `kibibytes` each. */
export function smallObject(kibibytes: number, index: number): StoredObject {
  return { key: `small-${kibibytes}/${index % OBJECTS}`, bytes: kibibytes * KIB };
}

/** A folder for everything the run needs: in memory where that can be, so that no disk is measured. */
export async function makeDirectory(): Promise<string> {
  const options = { prefix: "s3-proxy-bench-" };
  try {
    return await Deno.makeTempDir({ ...options, dir: MEMORY_DIRECTORY });
  } catch {
    return await Deno.makeTempDir(options);
  }
}

/** Starts the backend with its objects in place. */
export async function startBackend(directory: string): Promise<Child & { readonly port: number }> {
  const root = `${directory}/objects`;
  await Deno.mkdir(`${root}/${BUCKET}/put`, { recursive: true });
  for (const kibibytes of SMALL_KIBIBYTES) {
    await Deno.mkdir(`${root}/${BUCKET}/small-${kibibytes}`);
    for (let index = 0; index < OBJECTS; index++) {
      const { key, bytes } = smallObject(kibibytes, index);
      await Deno.writeFile(`${root}/${BUCKET}/${key}`, new Uint8Array(bytes).fill(index));
    }
  }
  await Deno.writeTextFile(`${directory}/list.xml`, formatListing());
  const server = `
    root ${root};
    location = /${BUCKET} { default_type application/xml; alias ${directory}/list.xml; }
    add_header ETag '"d41d8cd98f00b204e9800998ecf8427e"'; # without it, the proxy takes no PUT for stored
    location / { dav_methods PUT DELETE; }`;
  return await startNginx(`${directory}/backend`, server);
}

/** Puts {@linkcode largeObject} in place; sparse, as what is in it makes no difference. */
export async function storeLarge(directory: string, mebibytes: number): Promise<void> {
  const { key, bytes } = largeObject(mebibytes);
  using file = await Deno.create(`${directory}/objects/${BUCKET}/${key}`);
  await file.truncate(bytes);
}

/** Starts nginx as a reverse proxy in front of `backendPort`. */
export function startReverseProxy(
  directory: string,
  backendPort: number,
): Promise<Child & { readonly port: number }> {
  return startNginx(
    `${directory}/reverse_proxy`,
    `
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering on;
      proxy_max_temp_file_size 0;
    }`,
    `upstream backend { server 127.0.0.1:${backendPort}; keepalive 1000; }`,
  );
}

// deno-lint-ignore default-param-last -- read from outside to inside
async function startNginx(
  directory: string,
  server: string,
  beside = "",
): Promise<Child & { readonly port: number }> {
  const [port = 0] = findFreePorts(1);
  await Deno.mkdir(directory);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join(" ");
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    `daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary}
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 1m;
  open_file_cache max=1000;
  ${beside}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${server}
  }
}
`,
  );
  const command = ["nginx", "-p", directory, "-c", `${directory}/nginx.conf`];
  const child = await startChild(command, { port, logFile: `${directory}/nginx.log` });
  return { ...child, port };
}

/** A ListBucketResult of {@linkcode LISTED_KEYS} keys, as RGW writes it. */
function formatListing(): string {
  const contents = Array.from(
    { length: LISTED_KEYS },
    (_, index) =>
      `<Contents><Key>documents/2026/report-${index}.pdf</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
      `<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${index}</Size>` +
      "<StorageClass>STANDARD</StorageClass></Contents>",
  );
  return '<?xml version="1.0" encoding="UTF-8"?>' +
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>${BUCKET}</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>` +
    `${contents.join("")}<KeyCount>${LISTED_KEYS}</KeyCount></ListBucketResult>`;
}
