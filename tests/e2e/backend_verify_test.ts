/** The program in front of a store that does not do what the configuration trusts it with. */

import assert from "node:assert/strict";
import { formatResponse, startRecordingBackend } from "../support/recording_backend.ts";

Deno.test("backend.verify: the program ends with status 1 and has not listened", async () => {
  // It does whatever it is asked, remembers nothing and heeds no condition.
  await using store = startRecordingBackend(({ method }) => ({
    send: [formatResponse(method === "DELETE" ? { status: 204 } : {})],
  }));
  const configFile = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    const config = {
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-tests",
        endpoint: `http://127.0.0.1:${store.port}`,
      },
      users: [],
      backend: { kind: "minio", verify: true },
      server: { listen_addr: "127.0.0.1:0" },
    };
    await Deno.writeTextFile(configFile, JSON.stringify(config)); // JSON is YAML
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", "main.ts", "-config", configFile],
      cwd: new URL("../../", import.meta.url),
      signal: AbortSignal.timeout(30_000), // of one that does not end
    }).output();
    const log = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 1, log);
    assert.match(log, /"fact":"backend\.capabilities\.versions"/);
    assert.doesNotMatch(log, /"msg":"listening"/);
  } finally {
    await Deno.remove(configFile);
  }
});
