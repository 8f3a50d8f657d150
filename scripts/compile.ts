/**
 * `deno task compile`: makes one executable of the proxy, with the permissions of `deno task login`, of which main.ts gives up what serving does not need.
 *
 * `--target TRIPLE` compiles for another system, `--output FILE` names the executable. The compiler is
 * this Deno, or the one that DENO_COMPILE names; DENORT_BIN is the base binary to use instead of a
 * download.
 * @module
 */

import { parseArgs } from "node:util";
import manifest from "../deno.json" with { type: "json" };

/** Read by src/lib/version.ts; here only while compiling. */
const COMMIT_FILE = "src/lib/commit.txt";

const compiler = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
const { values } = parseArgs({
  options: { target: { type: "string" }, output: { type: "string", default: "s3-proxy" } },
});
Deno.chdir(new URL("..", import.meta.url));
Deno.exit(await compile(values));

async function compile(
  { target, output }: { target?: string | undefined; output: string },
): Promise<number> {
  const cached = await run(Deno.execPath(), ["cache", "--quiet", "--frozen", "main.ts"]);
  if (cached !== 0) return cached;
  const args = [
    ...listPermissions(),
    "--no-prompt",
    // It would be kept in a folder that others can write to.
    "--no-code-cache",
    ...await listKnownOptions(["--exclude-unused-npm"]), // what only tests use; from Deno 2.9 on
    ...(await findSampleData()).map((folder) => `--exclude=${folder}`),
    `--include=${COMMIT_FILE}`,
    ...(await findWorkers("src")).map((file) => `--include=${file}`),
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--output=${output}`,
    "main.ts",
  ];
  await Deno.writeTextFile(COMMIT_FILE, await readCommit());
  await Deno.utime(COMMIT_FILE, 0, 0); // an executable holds the times of its files
  try {
    return await run(compiler, ["compile", "--quiet", "--frozen", "--no-check", ...args]);
  } finally {
    await Deno.remove(COMMIT_FILE);
  }
}

/** What `deno task start` may do, and writing, which `login` does. */
function listPermissions(): string[] {
  return manifest.tasks.login.split(" ").filter((word) => word.startsWith("--allow-"));
}

/** The commit, marked where files differ from it; COMMIT says it where there is no repository. */
async function readCommit(): Promise<string> {
  const given = Deno.env.get("COMMIT");
  if (given !== undefined) return given;
  try {
    const args = ["describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"];
    const { success, stdout } = await new Deno.Command("git", { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown"; // there is no git
    throw error;
  }
}

/** Modules that are started as workers: no import leads to them. */
async function findWorkers(folder: string): Promise<string[]> {
  const workers: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) workers.push(...await findWorkers(path));
    else if (name === "worker.ts") workers.push(path);
  }
  return workers;
}

/**
 * Folders of packages that hold no modules: the compiler reads them as such, and overflows its stack
 * on bintrees' (which prom-client needs) list of ten thousand instructions.
 */
async function findSampleData(): Promise<string[]> {
  const { npmCache }: { npmCache: string } = JSON.parse(await read(["info", "--json"]));
  const folders: string[] = [];
  for await (const { name: registry } of Deno.readDir(npmCache)) {
    const packages = `${npmCache}/${registry}/bintrees`;
    try {
      for await (const { name, isDirectory } of Deno.readDir(packages)) {
        if (isDirectory) folders.push(`${packages}/${name}/test`);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return folders;
}

async function listKnownOptions(options: readonly string[]): Promise<string[]> {
  const help = await read(["compile", "--help"]);
  return options.filter((option) => help.includes(option));
}

/** The program's exit status. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = new Deno.Command(program, { args: [...args], stdin: "null" }).spawn();
  return (await child.status).code;
}

/** What the compiler prints. */
async function read(args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(compiler, { args: [...args] }).output();
  return new TextDecoder().decode(stdout);
}
