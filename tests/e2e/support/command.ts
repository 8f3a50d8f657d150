/**
 * Programs, run to their end, within a time limit.
 * @module
 */

/** What {@linkcode runCommand} takes beside the program. */
export interface CommandOptions {
  readonly args: readonly string[];
  /** Added to {@linkcode BARE_ENVIRONMENT}; without it, this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** A program that failed; `message` holds the command line and what it wrote. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** All that a client under test gets of this process's environment: no proxies, no credentials. */
export const BARE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: Deno.env.get("PATH") ?? "",
  HOME: "/nonexistent",
  LC_ALL: "C.UTF-8",
};

const TIMEOUT_MS = 120_000;

/**
 * Runs `program` and returns what it wrote to stdout.
 * @throws {CommandError} When it exits with anything but 0, or not in time.
 */
export async function runCommand(program: string, options: CommandOptions): Promise<Uint8Array> {
  const { args, env, cwd, timeoutMs = TIMEOUT_MS } = options;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      ...(env === undefined ? {} : { clearEnv: true, env: { ...BARE_ENVIRONMENT, ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
      stdin: "null",
      signal: timeout.signal,
    }).output();
    if (code === 0) return stdout;
    const outcome = timeout.signal.aborted ? `not done after ${timeoutMs} ms` : `exit code ${code}`;
    const written = [stdout, stderr].map(decodeText).join("").trim();
    throw new CommandError(`${[program, ...args].join(" ")}: ${outcome}\n${written}`);
  } finally {
    clearTimeout(timer);
  }
}

/** {@linkcode runCommand}, its output as text. */
export async function readCommand(program: string, options: CommandOptions): Promise<string> {
  return decodeText(await runCommand(program, options));
}

/** Whether a program of this name is on the PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  try {
    await runCommand("which", { args: [name] });
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
