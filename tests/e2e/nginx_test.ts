/** nginx/s3-proxy.conf in front of the default listener: nothing that is signed changes on the way, and nobody harms others. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connectRaw, type RawConnection, type RawResponse } from "../support/raw_client.ts";
import { type Header, presign, uriEncode } from "../support/signer.ts";
import { buildAwsEnvironment } from "./support/aws_environment.ts";
import { readCommand } from "./support/command.ts";
import { curl } from "./support/curl.ts";
import { type NginxChild, startNginx } from "./support/nginx_child.ts";
import { AWKWARD_KEYS, buildPayload } from "./support/payload.ts";
import { USERS } from "./support/proxy_child.ts";
import { readResidentMemory, watchPeak } from "./support/resident_memory.ts";
import { sendSigned } from "./support/signed_request.ts";
import { openAccess, useStack } from "./support/stack.ts";
import { findProgram, findPythonTools } from "./support/tools.ts";

const BUCKET = "e2e-alpha-nginx";
const KEYS = [...AWKWARD_KEYS, "a//b", "a%2Fb", "a+b", "under_score"];
const MIB = 1 << 20;
const LARGE_MIB = 64;
const SLOW_CLIENTS = 200;
const FLOOD_MIB = 256;
const GROWTH_MIB_MAX = 64;
const REQUESTS_MEANWHILE = 50;

const nginx = await findProgram("nginx");
const tools = await findPythonTools();
const missing = nginx.missing ?? tools.missing;
const ignore = missing !== undefined;
if (ignore) console.error(`\n*** SKIPPED: nginx: ${missing} ***\n`);
const stack = useStack({ name: "nginx", ignore });

Deno.test("behind nginx, every request arrives as it was signed", { ignore }, async (test) => {
  await withNginx(async ({ send, endpoint }) => {
    assert.equal((await send("PUT", `/${BUCKET}`)).status, 200);
    const { gateway, backend } = stack();
    const { authorityFile } = gateway;

    for (const key of KEYS) {
      await test.step(`key ${key.slice(0, 40)}`, async () => {
        const target = `/${BUCKET}/${key.split("/").map(uriEncode).join("/")}`;
        const bytes = buildPayload(1000 + key.length);
        assertOk(await send("PUT", target, { body: bytes }));
        assert.deepEqual(Buffer.from((await send("GET", target)).body), Buffer.from(bytes));
      });
    }
    await test.step("the listing has them all", async () => {
      const text = (await send("GET", `/${BUCKET}?list-type=2&prefix=a%2F`)).text;
      assert.match(text, /<Key>a\/\/b<\/Key>/);
      const stored = (await backend.listObjects(BUCKET)).map((line) =>
        line.split(" ").slice(3).join(" ")
      );
      assert.deepEqual(stored.toSorted(), KEYS.toSorted());
    });
    await test.step("headers with underscores and odd names are signed, too", async () => {
      const headers: Header[] = [["x-amz-meta-under_score", "kept"], [
        "x-amz-meta-dot.dot",
        "kept",
      ]];
      const target = `/${BUCKET}/headers`;
      assertOk(await send("PUT", target, { headers, body: "x" }));
      assert.equal((await send("GET", target)).header("x-amz-meta-dot.dot"), "kept");
    });
    await test.step("an Expect that is signed, which nginx answers and takes away", async () => {
      const target = `/${BUCKET}/expected`;
      const expect = (value: string): Promise<RawResponse> =>
        send("PUT", target, { headers: [["expect", value]], body: "x" });
      assertOk(await expect("100-continue"));
      assert.equal((await send("GET", target)).text, "x");
      assert.equal((await expect("100-Continue")).errorCode, "SignatureDoesNotMatch");
    });
    await test.step("what is not allowed is denied", async () => {
      assert.equal((await send("GET", "/e2e-other/key")).errorCode, "AccessDenied");
    });
    await test.step("curl over HTTP/2, with presigned URLs", async () => {
      const directory = await Deno.makeTempDir({ dir: gateway.directory });
      const upload = `${directory}/file`;
      await Deno.writeFile(upload, buildPayload(MIB));
      const options = { authorityFile, directory };
      const put = presignUrl(endpoint, { method: "PUT" });
      assert.equal((await curl(put, { ...options, upload })).status, 200);
      const { body } = await curl(presignUrl(endpoint, { method: "GET" }), options);
      assert.deepEqual(Buffer.from(body), Buffer.from(buildPayload(MIB)));
    });
    await test.step("aws-cli with its defaults: parts, checksums in trailers", async () => {
      const access = await openAccess(stack(), { user: USERS.alpha, transport: "https" });
      const env = buildAwsEnvironment({ ...access, endpoint });
      const [from, to] = [`${access.directory}/from`, `${access.directory}/to`];
      await Deno.writeFile(from, buildPayload(20 * MIB));
      const copy = (source: string, target: string): Promise<string> =>
        readCommand(tools.value?.aws ?? "", { args: ["s3", "cp", source, target], env });
      await copy(from, `s3://${BUCKET}/large`);
      await copy(`s3://${BUCKET}/large`, to);
      assert.deepEqual(await Deno.readFile(to), await Deno.readFile(from));
    });
  });
});

Deno.test(
  "behind nginx, slow and greedy clients cost the proxy nothing",
  { ignore },
  async (test) => {
    await withNginx(async ({ send, port, endpoint, authority }) => {
      const { proxies } = stack();
      const { pid } = proxies.http;
      const target = `/${BUCKET}/download`;
      await send("PUT", `/${BUCKET}`);
      assertOk(await send("PUT", target, { body: new Uint8Array(LARGE_MIB * MIB) }));
      await serveOthers(send);
      const idle = (await readResidentMemory(pid)).now;
      const measure = async (name: string, attack: () => Promise<void>): Promise<void> => {
        const peak = await watchPeak(pid, attack);
        console.log(
          `resident memory, MiB: ${name}: idle ${idle.toFixed(1)}, peak ${peak.toFixed(1)}`,
        );
        assert.ok(peak < idle + GROWTH_MIB_MAX);
      };

      await test.step(`${SLOW_CLIENTS} clients that never end their heads`, async () => {
        const slow: RawConnection[] = [];
        await measure("slow heads", async () => {
          for (let count = 0; count < SLOW_CLIENTS; count++) {
            const connection = await connectRaw({ port, caCert: authority });
            slow.push(connection);
            await connection.write(
              `GET /${BUCKET} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-slow-${count}: `,
            );
          }
          await serveOthers(send);
        });
        for (const connection of slow) connection.close();
      });
      await test.step(`${FLOOD_MIB} MiB sent while a download stands still`, async () => {
        using connection = await connectRaw({ port, caCert: authority });
        await measure("flood during a download", async () => {
          const url = new URL(presignUrl(endpoint, { method: "GET", target }));
          await connection.write(
            `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`,
          );
          assert.equal((await connection.readHead())?.status, 200);
          const flooded = flood(connection); // stands still, once buffers are full
          await serveOthers(send);
          connection.close();
          await flooded;
        });
      });
    });
  },
);

type Send = (
  method: string,
  target: string,
  options?: { headers?: readonly Header[]; body?: string | Uint8Array },
) => Promise<RawResponse>;

/** What a test knows of the nginx in front of the proxy. */
interface Front {
  readonly port: number;
  readonly endpoint: string;
  /** PEM. */
  readonly authority: string;
  readonly send: Send;
}

async function withNginx(
  run: (front: Front) => Promise<void>,
  { upstreamPort = proxyPort() }: { upstreamPort?: number } = {},
): Promise<void> {
  const { gateway } = stack();
  const child: NginxChild = await startNginx({ gateway, upstreamPort });
  const { port } = child;
  const authority = await Deno.readTextFile(gateway.authorityFile);
  const send: Send = (method, target, options = {}) =>
    sendSigned({ port, caCert: authority, method, target, user: USERS.alpha, ...options });
  try {
    await run({ port, endpoint: `https://127.0.0.1:${port}`, authority, send });
  } finally {
    assert.equal(await child.stop(), 0);
  }
}

function proxyPort(): number {
  return Number(new URL(stack().proxies.http.endpoint).port);
}

async function serveOthers(send: Send): Promise<void> {
  for (let count = 0; count < REQUESTS_MEANWHILE; count++) {
    assertOk(await send("PUT", `/${BUCKET}/small`, { body: `${count}` }));
    assert.equal((await send("GET", `/${BUCKET}/small`)).text, `${count}`);
  }
}

/** Sends until it may not any more. */
async function flood(connection: RawConnection): Promise<void> {
  const block = new Uint8Array(MIB).fill(0x61);
  for (let count = 0; count < FLOOD_MIB; count++) {
    if (!await connection.write(block)) return;
  }
}

function presignUrl(
  endpoint: string,
  { method, target = `/${BUCKET}/presigned` }: { method: string; target?: string },
): string {
  const { host } = new URL(endpoint);
  const signed = presign({
    method,
    target,
    headers: [["host", host]],
    ...USERS.alpha,
    date: new Date(),
    expires: 600,
  });
  return `${endpoint}${signed.target}`;
}

function assertOk(response: RawResponse): void {
  assert.equal(response.status, 200, response.text);
}
