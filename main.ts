/**
 * s3-proxy: access control in front of S3 storage that has keys but no users.
 * This file only puts the parts together; the journey of a request is src/proxy.ts.
 * @module
 */

import { formatHelp, parseArguments } from "./src/cli/arguments.ts";
import { formatRights } from "./src/cli/check.ts";
import { formatFindings } from "./src/cli/check_backend.ts";
import { startDemo } from "./src/cli/demo.ts";
import { explain } from "./src/explain/explain.ts";
import { completeNewConfig, formatNewConfig, openTerminal } from "./src/cli/init.ts";
import { formatNewUser } from "./src/cli/keygen.ts";
import { explainPresigned, presign } from "./src/cli/presign.ts";
import { formatProbe } from "./src/cli/probe.ts";
import { readClaims } from "./src/cli/read_claims.ts";
import { runLogin } from "./src/cli/run_login.ts";
import { UsageError } from "./src/explain/usage_error.ts";
import { guessWorkers } from "./src/config/guess_workers.ts";
import { loadConfig } from "./src/config/load.ts";
import { ConfigError } from "./src/config/problem.ts";
import { ConfigReloader } from "./src/config/reload.ts";
import { configureLogging, type Logger } from "./src/observability/log.ts";
import { readCheckOptions } from "./src/server/backend_watch.ts";
import { ProbeError } from "./src/probe/probe.ts";
import { probeBackend, verifyBackend } from "./src/server/probe_backend.ts";
import { ListenError } from "./src/server/listen_error.ts";
import type { RunningProxy } from "./src/server/running_proxy.ts";
import { awaitShutdownSignal, onReloadSignal } from "./src/server/signals.ts";
import { countWorkers, startProxy, startWorkers } from "./src/server/start_proxy.ts";
import { WorkerThreads } from "./src/server/worker_threads.ts";
import { systemClock } from "./src/lib/clock.ts";
import { COMMIT, VERSION } from "./src/lib/version.ts";
import { checkBackend } from "./src/upstream/backend_check.ts";

/** Exit status for a command line or a configuration that cannot be used. */
const EXIT_USAGE = 2;
/** Exit status of a program that cannot listen or wants to be started anew, and of a request that is denied. */
const EXIT_FAILURE = 1;

/** Runs the command; resolves with the exit status. */
async function run(argv: readonly string[]): Promise<number> {
  const command = parseArguments(argv);
  // Only `login` keeps anything. What serves may write no file, whatever the program was started with.
  if (command.name !== "login") await Deno.permissions.revoke({ name: "write" });
  switch (command.name) {
    case "help":
      console.log(formatHelp());
      return 0;
    case "version":
      console.log(`s3-proxy ${VERSION} (commit ${COMMIT}, Deno ${Deno.version.deno})`);
      return 0;
    case "demo": {
      const logger = configureLogging({ level: "warn", format: "text" });
      const write = (text: string): void => console.log(text);
      return await runUntilSignal(() => startDemo({ ...command, logger, write }), logger);
    }
    case "serve":
      return await serve(command.configPath);
    case "check": {
      const file = await loadConfig(command.configPath);
      for (const warning of file.warnings) console.error(`warning: ${warning}`);
      console.log(formatRights(file.config, systemClock()));
      if (!command.asksBackend) return 0;
      const findings = await checkBackend(readCheckOptions(file, { buckets: "named" }));
      const { lines, usable } = formatFindings(findings);
      console.log(`\n${lines.join("\n")}`);
      return usable ? 0 : EXIT_FAILURE;
    }
    case "probe": {
      const file = await loadConfig(command.configPath);
      const { capabilities: configured, kind } = file.config.backend;
      const probe = await probeBackend(file, command);
      const { lines, isSafe } = formatProbe(configured, { probe, kind });
      console.log(lines.join("\n"));
      return isSafe ? 0 : EXIT_FAILURE;
    }
    case "explain": {
      const { config } = await loadConfig(command.configPath);
      const { claimsPath, question: { who, ...asked } } = command;
      const claims = claimsPath === undefined ? {} : await readClaims(claimsPath);
      const question = { ...asked, who: who.kind === "role" ? { ...who, claims } : who };
      const { allowed, lines } = explain(config, { question, now: systemClock() });
      console.log(lines.join("\n"));
      return allowed ? 0 : EXIT_FAILURE;
    }
    case "login":
      console.log(await runLogin(command.login));
      return 0;
    case "init": {
      const file = await completeNewConfig(command.file, openTerminal());
      console.log(formatNewConfig(file).trimEnd());
      return 0;
    }
    case "keygen":
      console.log(formatNewUser(command.user));
      return 0;
    case "presign": {
      const { config } = await loadConfig(command.configPath);
      const { request } = command;
      const now = systemClock();
      const url = presign(config, { request, now });
      const refusal = explainPresigned(config, { url, request, now });
      if (refusal !== undefined) {
        console.error(`warning: the proxy would refuse this URL: ${refusal}`);
      }
      console.log(url);
      return 0;
    }
  }
}

async function serve(configPath: string): Promise<number> {
  const reloader = new ConfigReloader(configPath);
  onReloadSignal(() => void reloader.reload());
  const threads = new WorkerThreads();
  const file = await reloader.load({
    textRead: (text) => {
      const workers = countWorkers(guessWorkers(text));
      if (workers > 1) threads.begin(workers);
    },
  });
  const { config, certificates, warnings } = file;
  const logger = configureLogging(config.logging);
  for (const warning of warnings) logger.warn("configuration", { warning });
  if (!await verifyBackend(file, logger)) {
    threads.endUnused();
    await reloader.stop();
    await logger.flush();
    return EXIT_FAILURE;
  }
  const workers = countWorkers(config.server.workers);
  const start = async (): Promise<Stoppable> => {
    const proxy = workers === 1
      ? await startProxy(config, { certificates, logger, path: file.checked.path, warnings })
      : await startWorkers(file, { workers, threads, logger });
    threads.endUnused();
    reloader.watch({
      loaded: (next) => proxy.reload(next),
      refused: (error) => proxy.refuseReload(error),
    });
    const stop = async (): Promise<boolean> => {
      await reloader.stop(); // or a reload would open the port again
      return await proxy.stop();
    };
    return { failed: proxy.failed, stop };
  };
  return await runUntilSignal(start, logger);
}

type Stoppable = Pick<RunningProxy, "failed" | "stop">;

/**
 * Starts, and runs until a signal asks for the end, or the program cannot go on; then lets requests finish. Signals are heard
 * before anything listens, so that whoever had an answer can have it end in order.
 */
async function runUntilSignal(start: () => Promise<Stoppable>, logger: Logger): Promise<number> {
  const asked = awaitShutdownSignal();
  const proxy = await start();
  const { status, fields } = await Promise.race([
    asked.then((signal) => ({ status: 0, fields: { signal } })),
    proxy.failed.then((reason) => ({ status: EXIT_FAILURE, fields: { reason } })),
  ]);
  logger[status === 0 ? "info" : "error"]("stopping", fields);
  const finished = await proxy.stop();
  logger.info("stopped", { requests_cut: !finished });
  await logger.flush();
  return status;
}

try {
  Deno.exit(await run(Deno.args));
} catch (error) {
  const isFailure = error instanceof ListenError || error instanceof ProbeError;
  if (!(isFailure || error instanceof UsageError || error instanceof ConfigError)) throw error;
  console.error(error.message);
  Deno.exit(isFailure ? EXIT_FAILURE : EXIT_USAGE);
}
