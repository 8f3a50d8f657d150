/**
 * The Go peer: the same work by `net/http` and the AWS SDK's signer, in one thread; go_peer/main.go says what it does and does not.
 * @module
 */

import { hasProgram, readCommand } from "../e2e/support/command.ts";

const BUILD_TIMEOUT_MS = 1_800_000;

/** Builds it, once, into `directory`; `undefined`, and says so loudly, where there is no Go. */
export async function buildGoPeer(directory: string): Promise<string | undefined> {
  if (!await hasProgram("go")) {
    console.error("\n*** THE GO PEER IS NOT MEASURED: there is no go; install Go 1.26 ***\n");
    return undefined;
  }
  await Deno.mkdir(directory, { recursive: true });
  const program = `${directory}/go_peer`;
  await readCommand("go", {
    args: ["build", "-C", new URL("go_peer/", import.meta.url).pathname, "-o", program, "."],
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  return program;
}
