/**
 * A program as a process of its own; mostly a task of deno.json, with the permissions that the task
 * gives it.
 * @module
 */

import { REPOSITORY_DIRECTORY } from "./state.ts";

/** A running task. */
export interface TaskChild {
  readonly pid: number;
  /** Everything it wrote to stdout and stderr. */
  readonly logFile: string;
  signal(name: Deno.Signal): void;
  /** Ends it as an operator would; resolves with its exit status. */
  stop(): Promise<number>;
}

/** What {@linkcode startChild} takes beside the program. */
export interface ChildOptions extends Omit<TaskOptions, "program"> {
  readonly cwd: string;
  /** The whole environment; without it, this process's is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What {@linkcode startTask} takes. */
export interface TaskOptions {
  /** Behind those that the task has. */
  readonly args: readonly string[];
  readonly logFile: string;
  /** Asked again and again, until it says yes. */
  readonly isReady: () => Promise<boolean>;
  /** Between two questions; 50 unless it is given. */
  readonly pollMs?: number | undefined;
  /** Run in place of the task's own program. */
  readonly program?: string | undefined;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/** Starts a task that is one `deno run` and waits until it is ready. */
export async function startTask(
  task: string,
  { program = "main.ts", ...options }: TaskOptions,
): Promise<TaskChild> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/deno.json`));
  const [, ...taskArgs] = String(tasks[task]).split(" ");
  return await startChild(Deno.execPath(), {
    ...options,
    args: [...taskArgs.map((arg) => arg === "main.ts" ? program : arg), ...options.args],
    cwd: REPOSITORY_DIRECTORY,
  });
}

/** Starts a program and waits until it is ready. */
export async function startChild(program: string, options: ChildOptions): Promise<TaskChild> {
  const { args, cwd, env, logFile } = options;
  await Deno.writeTextFile(logFile, "");
  const child = new Deno.Command("bash", { // which becomes the program: its pid, its signals
    args: ["-c", 'exec "$@" >"$0" 2>&1', logFile, program, ...args],
    cwd,
    ...(env === undefined ? {} : { clearEnv: true, env: { ...env } }),
    stdin: "null",
  }).spawn();
  try {
    await waitUntilReady(child, options);
  } catch (cause) {
    await stop(child);
    const written = await Deno.readTextFile(logFile);
    throw new Error(`${[program, ...args].join(" ")}: ${written}`, { cause });
  }
  return {
    pid: child.pid,
    logFile,
    signal: (name) => child.kill(name),
    stop: () => stop(child),
  };
}

async function waitUntilReady(
  child: Deno.ChildProcess,
  { isReady, pollMs = POLL_MS }: ChildOptions,
): Promise<void> {
  let running = true;
  child.status.then(() => running = false);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!await isReady()) {
    if (!running) throw new Error("the process ended");
    if (Date.now() > deadline) throw new Error(`not ready after ${READY_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function stop(child: Deno.ChildProcess): Promise<number> {
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself
  }
  const { code } = await child.status;
  clearTimeout(timer);
  return code;
}
