/** The program in front of a store that does not do what the configuration trusts it with, or cannot hold a rule. */

import assert from "node:assert/strict";
import { formatResponse, startRecordingBackend } from "../support/recording_backend.ts";

/** Runs the program to its end, in front of a store that does whatever it is asked, remembers nothing and heeds no condition. */
async function run(
  args: readonly string[],
  { backend, users = [] }: { backend: Record<string, unknown>; users?: readonly object[] },
): Promise<{ code: number; output: string }> {
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
      users,
      backend: { ...backend, verify: true },
      server: { listen_addr: "127.0.0.1:0" },
    };
    await Deno.writeTextFile(configFile, JSON.stringify(config)); // JSON is YAML
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", "main.ts", ...args, "-config", configFile],
      cwd: new URL("../../", import.meta.url),
      signal: AbortSignal.timeout(60_000), // of one that does not end
    }).output();
    return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(configFile);
  }
}

Deno.test("backend.verify: the program ends with status 1 and has not listened", async () => {
  const { code, output } = await run([], { backend: { kind: "minio" } });
  assert.equal(code, 1, output);
  assert.match(output, /"fact":"backend\.capabilities\.versions"/);
  assert.doesNotMatch(output, /"msg":"listening"/);
});

Deno.test("append-only on a store without conditions is warned of at the start and in check", async () => {
  const grants = [{ buckets: ["logs"], access: "append-only" }];
  const users = [{ access_key: "writer-key", secret_key: "writer-secret-of-the-tests", grants }];
  const warning =
    /users\[0\]: may only create objects \(append-only\), which a backend of the kind/;
  // It is trusted with versions, which it has not, so that the program ends.
  const backend = { kind: "garage", capabilities: { versions: true } };
  const started = await run([], { backend, users });
  assert.equal(started.code, 1, started.output);
  assert.match(started.output, warning);
  assert.match(started.output, /"level":"warn"/);
  const checked = await run(["check"], { backend, users });
  assert.equal(checked.code, 0, checked.output);
  assert.match(checked.output, warning);
  const held = await run(["check"], { backend: { kind: "minio" }, users });
  assert.doesNotMatch(held.output, warning);
});
