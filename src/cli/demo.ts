/**
 * `s3-proxy demo`: the proxy in front of a store in memory, with two example users. Nothing to install, no file needed,
 * nothing kept.
 * @module
 */

import { toHex } from "../lib/bytes.ts";
import { readHeaders } from "../lib/headers.ts";
import { systemClock } from "../lib/clock.ts";
import { parseConfig } from "../config/load.ts";
import type { Logger } from "../observability/log.ts";
import { findFreePort } from "../server/free_port.ts";
import { createServeListener } from "../server/serve_listener.ts";
import type { RunningProxy } from "../server/running_proxy.ts";
import { startProxy } from "../server/start_proxy.ts";
import { createDemoBackend } from "./demo/backend.ts";
import { parseAccessKeyId } from "../s3/names.ts";
import { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import { assert } from "../lib/assert.ts";

/** What {@linkcode startDemo} takes. */
export interface DemoOptions {
  readonly hostname: string;
  /** TCP port; 0 for any free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Where the greeting goes. */
  readonly write: (text: string) => void;
}

/** A key pair of the demo. */
interface DemoKey {
  readonly accessKey: string;
  readonly secretKey: string;
}

const MASTER_ID = "demo-master";
/** Of the console; where it is taken, any free one. */
const PAGE_PORT = 9091;

/** Starts the store and the proxy, and tells how to try them. */
export async function startDemo(
  { hostname, logger, write, ...given }: DemoOptions,
): Promise<Pick<RunningProxy, "failed" | "stop">> {
  const isLocal = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "::1";
  const masterSecret = createSecret();
  const store = startStore(masterSecret);
  const admin = {
    accessKey: "demo-admin",
    secretKey: isLocal ? "demo-admin-secret" : createSecret(),
  };
  const ci = { accessKey: "demo-ci", secretKey: isLocal ? "demo-ci-secret-key" : createSecret() };
  if (!isLocal) {
    logger.warn("the demo can be reached from other machines, so its keys are random", {
      hostname,
    });
  }
  // Of both before anything listens: the page has to be told where S3 is, and S3 which page may ask.
  const port = given.port || findFreePort({ hostname, port: 0 });
  const page = `127.0.0.1:${
    findFreePort({ hostname: "127.0.0.1", port: given.port && PAGE_PORT })
  }`;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const endpoint = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
  const { config } = parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: MASTER_ID,
        secret_key: masterSecret,
        endpoint: `http://127.0.0.1:${store.port}`,
      },
      server: { listen_addr: `${host}:${port}` },
      console: { enabled: true, address: page, s3_url: endpoint, admins: [admin.accessKey] },
      users: [
        { access_key: admin.accessKey, secret_key: admin.secretKey, allowed_buckets: ["*"] },
        { access_key: ci.accessKey, secret_key: ci.secretKey, allowed_buckets: ["ci-*"] },
      ],
      logging: { level: "warn", format: "text" },
    }),
    { path: "demo", environment: () => undefined, readSecretFile: () => "" },
  );
  const certificates = { server: undefined, client: undefined, authorities: [] };
  const proxy = await startProxy(config, { certificates, logger });
  write(formatDemoGreeting({ endpoint, page: `http://${page}`, admin, ci }));
  return {
    failed: proxy.failed,
    stop: async () => {
      const finished = await proxy.stop();
      await store.shutdown();
      return finished;
    },
  };
}

/** What the demo says when it runs: where, with which keys, and three commands to try. */
export function formatDemoGreeting(
  { endpoint, page, admin, ci }: { endpoint: string; page: string; admin: DemoKey; ci: DemoKey },
): string {
  const as = ({ accessKey, secretKey }: DemoKey): string =>
    `AWS_ACCESS_KEY_ID=${accessKey} AWS_SECRET_ACCESS_KEY=${secretKey} AWS_REGION=us-east-1`;
  return `s3-proxy demo on ${endpoint}, in front of an S3 store in memory. Ctrl-C ends it.

The console is a page in the browser, on this machine only:

  ${page}   access key ${admin.accessKey}, secret key ${admin.secretKey}

Two users: demo-admin may do everything, demo-ci everything in buckets called ci-*.
Three commands to try, in another terminal:

  ${as(admin)} aws s3 mb s3://ci-builds --endpoint-url ${endpoint}
  ${as(ci)} aws s3 cp README.md s3://ci-builds/ --endpoint-url ${endpoint}
  ${as(ci)} aws s3 mb s3://other --endpoint-url ${endpoint}

The last one is refused. Without aws-cli, curl does it, too:

  curl --aws-sigv4 aws:amz:us-east-1:s3 --user ${ci.accessKey}:${ci.secretKey} -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T README.md ${endpoint}/ci-builds/

README.md tells how to put the proxy in front of a real store.
`;
}

function startStore(masterSecret: string): { port: number; shutdown(): Promise<void> } {
  const accessKeyId = parseAccessKeyId(MASTER_ID);
  assert(accessKeyId !== undefined, "The demo's master key has a valid id");
  const answer = createDemoBackend({
    masterCredentials: {
      accessKeyId,
      secretAccessKey: new SecretAccessKey(masterSecret),
      region: "us-east-1",
    },
    now: systemClock,
  });
  const options = { hostname: "127.0.0.1", port: 0, tls: undefined };
  return createServeListener(options, async (raw) => {
    const { status, headers, body } = await answer(raw);
    return {
      answer: { status, headers: [...readHeaders(headers)], body, code: undefined },
      ended: () => {},
    };
  });
}

function createSecret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(20)));
}
