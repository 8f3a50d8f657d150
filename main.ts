/**
 * s3-proxy: access control in front of S3 storage that has keys but no users.
 * This file only puts the parts together; the journey of a request is src/proxy.ts.
 * @module
 */

import { formatHelp, parseArguments, UsageError } from "./src/cli/arguments.ts";
import { startDemo } from "./src/cli/demo.ts";
import { loadCertificates } from "./src/config/certificates.ts";
import { loadConfig } from "./src/config/load.ts";
import { ConfigError } from "./src/config/problem.ts";
import { configureLogging, type Logger } from "./src/observability/log.ts";
import { awaitShutdownSignal } from "./src/server/shutdown.ts";
import { type RunningProxy, startProxy } from "./src/server/start_proxy.ts";
import { VERSION } from "./src/lib/version.ts";

/** Exit status for a command line or a configuration that cannot be used. */
const EXIT_USAGE = 2;

/** Runs the command; resolves with the exit status. */
async function run(argv: readonly string[]): Promise<number> {
  const command = parseArguments(argv);
  switch (command.name) {
    case "help":
      console.log(formatHelp());
      return 0;
    case "version":
      console.log(`s3-proxy ${VERSION} (Deno ${Deno.version.deno})`);
      return 0;
    case "demo": {
      const logger = configureLogging({ level: "warn", format: "text" });
      const write = (text: string): void => console.log(text);
      return await runUntilSignal(await startDemo({ ...command, logger, write }), logger);
    }
    case "serve":
      return await serve(command.configPath);
  }
}

async function serve(configPath: string): Promise<number> {
  const { config, warnings } = await loadConfig(configPath);
  const certificates = await loadCertificates(config);
  const logger = configureLogging(config.logging);
  for (const warning of warnings) logger.warn("configuration", { warning });
  return await runUntilSignal(await startProxy(config, { certificates, logger }), logger);
}

/** Runs until a signal asks for the end; then lets requests finish. */
async function runUntilSignal(proxy: RunningProxy, logger: Logger): Promise<number> {
  const signal = await awaitShutdownSignal();
  logger.info("stopping", { signal });
  const finished = await proxy.stop();
  logger.info("stopped", { requests_cut: !finished });
  await logger.flush();
  return 0;
}

try {
  Deno.exit(await run(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  console.error(error.message);
  Deno.exit(EXIT_USAGE);
}
