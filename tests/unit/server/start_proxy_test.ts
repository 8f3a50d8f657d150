import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import { ListenError } from "../../../src/server/listen_error.ts";
import { startProxy } from "../../../src/server/start_proxy.ts";
import { createQuietLogger } from "../../support/quiet_logger.ts";

const CERTIFICATES = { server: undefined, client: undefined, authorities: [] };

function start(addresses: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { config } = parseConfig(
    JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: "http://127.0.0.1:9000",
      },
      users: [],
      ...addresses,
    }),
    { path: "test", environment: () => undefined, readSecretFile: () => "" },
  );
  return startProxy(config, { certificates: CERTIFICATES, logger: createQuietLogger().logger });
}

Deno.test("startProxy() says in one sentence which port is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const address = `127.0.0.1:${port}`;
  const isTold = (error: unknown): boolean =>
    error instanceof ListenError &&
    error.message.startsWith(`Cannot listen on ${address}: Address already in use`);
  await assert.rejects(start({ server: { listen_addr: address } }), isTold);
  const metrics = { enabled: true, address };
  await assert.rejects(start({ server: { listen_addr: "127.0.0.1:0" }, metrics }), isTold);
});
