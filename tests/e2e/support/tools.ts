/**
 * The programs under test: found where they are, installed where that can be done.
 * @module
 */

import { CommandError, hasProgram, readCommand } from "./command.ts";
import { exists, openCache, whileLocked } from "./state.ts";

/** A tool that can be used, or why it cannot. */
export type Tool<Value> =
  | { readonly value: Value; readonly missing?: undefined }
  | { readonly value?: undefined; readonly missing: string };

/** Python with boto3, and the AWS command line. */
export interface PythonTools {
  readonly python: string;
  readonly aws: string;
}

const INSTALL_TIMEOUT_MS = 600_000;

/**
 * A Debian package's program, installed with apt-get where this is root; default: their name is one.
 * Packages that it only suggests are installed `beside` it.
 */
export async function findProgram(
  name: string,
  { debianPackage = name, beside = [] }: { debianPackage?: string; beside?: readonly string[] } =
    {},
): Promise<Tool<string>> {
  return await installing(async () => {
    if (!await hasProgram(name)) await installPackages([debianPackage, ...beside]);
    return name;
  });
}

/** The newest from PyPI, in an environment of their own; without PyPI, Debian's. */
export async function findPythonTools(): Promise<Tool<PythonTools>> {
  return await installing(async (cache) => {
    try {
      return await installFromPypi(`${cache}/venv`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(
        `\n*** boto3 and awscli not from PyPI, trying Debian's: ${error.message} ***\n`,
      );
    }
    const python = "/usr/bin/python3";
    const aws = "/usr/bin/aws";
    if (!await exists(aws)) await installPackages(["python3-boto3", "awscli"]);
    await readCommand(python, { args: ["-c", "import boto3"] });
    return { python, aws };
  });
}

/**
 * Pinned packages from PyPI, in one environment that all of them share; the answer is its Python.
 * A second run installs nothing.
 */
export async function installPythonPackages(
  name: string,
  requirements: readonly string[],
): Promise<Tool<string>> {
  return await installing(async (cache) => {
    const directory = `${cache}/jobs`;
    const python = `${directory}/bin/python`;
    if (!await exists(`${directory}/bin/pip`)) { // the last that a venv gets
      const args = ["-m", "venv", directory];
      await readCommand("python3", { args, timeoutMs: INSTALL_TIMEOUT_MS });
    }
    const installed = `${directory}/${name}-${requirements.join("-").replaceAll(/[^\w.=-]/g, "_")}`;
    if (await exists(installed)) return python;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const args = [...pip, "--only-binary=:all:", ...requirements];
    await readCommand(python, { args, timeoutMs: INSTALL_TIMEOUT_MS });
    await Deno.writeTextFile(installed, "");
    return python;
  });
}

/** The Go program in `directory`, built. */
export async function buildGoProgram(directory: string): Promise<Tool<string>> {
  if (!await hasProgram("go")) return { missing: "there is no Go on this machine" };
  return await installing(async (cache) => {
    const program = `${cache}/aws_sdk_go`;
    const args = ["build", "-o", program, "."];
    await readCommand("go", { args, cwd: directory, timeoutMs: INSTALL_TIMEOUT_MS });
    return program;
  });
}

/** A program of Go's module proxy, built: `example.com/program@v1.2.3`. A second run builds nothing. */
export async function installGoProgram(version: string): Promise<Tool<string>> {
  if (!await hasProgram("go")) return { missing: "there is no Go on this machine" };
  return await installing(async (cache) => {
    const directory = `${cache}/${version.replaceAll("/", "_")}`;
    const [, name = ""] = /([^/]+)@/.exec(version) ?? [];
    if (!await exists(`${directory}/${name}`)) {
      const args = [`GOBIN=${directory}`, "go", "install", version];
      await readCommand("env", { args, timeoutMs: 3 * INSTALL_TIMEOUT_MS });
    }
    return `${directory}/${name}`;
  });
}

/** The tests of a folder of a Go module, with `file` put among its sources, built; the answer is the program. */
export async function buildGoTests(
  version: string,
  { folder, file }: { folder: string; file: string },
): Promise<Tool<string>> {
  if (!await hasProgram("go")) return { missing: "there is no Go on this machine" };
  return await installing(async (cache) => {
    const sources = `${cache}/${version.replaceAll("/", "_")}`;
    if (!await exists(sources)) {
      const download = ["mod", "download", "-json", version];
      const { Dir } = JSON.parse(await readCommand("go", { args: download, cwd: "/" }));
      await readCommand("cp", { args: ["--recursive", "--no-preserve=mode", Dir, sources] });
    }
    await Deno.copyFile(file, `${sources}/${folder}/${file.replace(/^.*\//, "")}`);
    const args = ["test", "-c", "-o", `${sources}.test`, `./${folder}`];
    await readCommand("go", { args, cwd: sources, timeoutMs: 3 * INSTALL_TIMEOUT_MS });
    return `${sources}.test`;
  });
}

/** The Java program in `directory`, compiled; the answer is its class path. Programs have names of their own. */
export async function buildJavaProgram(
  directory: string,
  { name = "java" }: { name?: string } = {},
): Promise<Tool<string>> {
  if (!await hasProgram("mvn")) return { missing: "there is no Maven on this machine" };
  return await installing(async (cache) => {
    const output = `${cache}/${name}`;
    const goals = ["compile", "dependency:build-classpath"];
    const options = [`-DoutputFolder=${output}`, `-Dmdep.outputFile=${output}/classpath.txt`];
    const args = ["--quiet", "--batch-mode", ...options, ...goals];
    await readCommand("mvn", { args, cwd: directory, timeoutMs: INSTALL_TIMEOUT_MS });
    return `${output}/classes:${await Deno.readTextFile(`${output}/classpath.txt`)}`;
  });
}

/** The Rust program in `directory`, built. */
export async function buildRustProgram(directory: string): Promise<Tool<string>> {
  if (!await hasProgram("cargo")) return { missing: "there is no Cargo on this machine" };
  return await installing(async (cache) => {
    const output = `${cache}/rust`;
    const args = ["build", "--quiet", "--target-dir", output];
    await readCommand("cargo", { args, cwd: directory, timeoutMs: 3 * INSTALL_TIMEOUT_MS });
    return `${output}/debug/e2e-rust`;
  });
}

async function installFromPypi(directory: string): Promise<PythonTools> {
  const tools = { python: `${directory}/bin/python`, aws: `${directory}/bin/aws` };
  if (!await exists(`${directory}/bin/pip`)) {
    const args = ["-m", "venv", directory];
    await readCommand("python3", { args, timeoutMs: INSTALL_TIMEOUT_MS });
  }
  const pip = ["-m", "pip", "install", "--quiet", "--upgrade", "awscli", "boto3"];
  try {
    await readCommand(tools.python, { args: pip, timeoutMs: INSTALL_TIMEOUT_MS });
  } catch (error) {
    // Not the newest, but there.
    if (!(error instanceof CommandError && await exists(tools.aws))) throw error;
  }
  return tools;
}

async function installPackages(packages: readonly string[]): Promise<void> {
  if (Deno.uid() !== 0) {
    throw new CommandError(`not found; as root: apt-get install ${packages.join(" ")}`);
  }
  const install = ["install", "--yes", "--quiet=2", "--no-install-recommends", ...packages];
  for (const args of [["update", "--quiet=2"], install]) {
    await readCommand("env", {
      args: ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...args],
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
  }
}

/** One installation at a time, in every test file; what it cannot do becomes the reason to skip. */
async function installing<Value>(
  install: (cache: string) => Promise<Value>,
): Promise<Tool<Value>> {
  const cache = await openCache();
  try {
    return { value: await whileLocked(`${cache}/lock`, () => install(cache)) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { missing: error.message };
  }
}
