/**
 * Where the end-to-end tests keep things: `.state/PID/` for one run of `deno test`, shared by all of
 * its files, and a cache outside the repository for what was installed.
 * @module
 */

/** This folder's parent: `tests/e2e/`. */
export const E2E_DIRECTORY = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
/** The root of the repository. */
export const REPOSITORY_DIRECTORY = new URL("../../..", import.meta.url).pathname.replace(
  /\/$/,
  "",
);

const STATES_DIRECTORY = `${E2E_DIRECTORY}/.state`;

/** This run's folder; made when first asked for, and then those of runs that are over removed. */
export async function openState(): Promise<string> {
  const directory = `${STATES_DIRECTORY}/${Deno.pid}`;
  await Deno.mkdir(directory, { recursive: true });
  for await (const { name } of Deno.readDir(STATES_DIRECTORY)) {
    if (await exists(`/proc/${name}`)) continue;
    await stopGateway(`${STATES_DIRECTORY}/${name}/gateway`);
    await Deno.remove(`${STATES_DIRECTORY}/${name}`, { recursive: true });
  }
  return directory;
}

/** Its watcher may be slower than the next run, and would not find it without its folder. */
async function stopGateway(state: string): Promise<void> {
  if (!await exists(`${state}/run`)) return;
  const { success } = await new Deno.Command(`${E2E_DIRECTORY}/radosgw.sh`, {
    args: [state, "stop"],
    stdout: "null",
  }).output();
  if (!success) throw new Error(`The gateway of ${state} does not end`);
}

/** A folder that outlives the run: `s3-proxy-e2e` among the user's caches. */
export async function openCache(): Promise<string> {
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const directory = `${caches}/s3-proxy-e2e`;
  await Deno.mkdir(directory, { recursive: true });
  return directory;
}

/** Runs `action` while nothing else, in this process or another, holds the lock `file`. */
export async function whileLocked<Value>(
  file: string,
  action: () => Promise<Value>,
): Promise<Value> {
  using lock = await Deno.open(file, { create: true, write: true });
  await lock.lock(true);
  return await action();
}

/** Whether there is such a file or folder. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** `count` ports of 127.0.0.1 that nothing listened on a moment ago. */
export function findFreePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
