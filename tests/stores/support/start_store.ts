/**
 * Real stores, installed from public registries at pinned versions and run on 127.0.0.1, each with one key pair.
 * @module
 */

import type { BackendKind } from "../../../src/stores/presets.ts";
import { CommandError, hasProgram, readCommand } from "../../e2e/support/command.ts";
import { openGateway } from "../../e2e/support/gateway.ts";
import { exists, findFreePorts, openCache, whileLocked } from "../../e2e/support/state.ts";
import { installGoProgram, installPythonPackages, type Tool } from "../../e2e/support/tools.ts";

/** A store that runs. */
export interface RunningStore extends AsyncDisposable {
  readonly endpoint: string;
}

/** Their key pair. */
export const MASTER = { accessKey: "MASTERKEY", secretKey: "mastersecret" };

/** Stores that are installed here. */
export type StoreName = Extract<
  BackendKind,
  "ceph" | "minio" | "moto" | "rclone" | "s3proxy" | "seaweedfs" | "versitygw"
>;

const SEAWEEDFS = "github.com/seaweedfs/seaweedfs@v0.0.0-20261109003541-7506e5f91cd6";
const BUILD_TIMEOUT_MS = 1_800_000;
const START_TIMEOUT_MS = 120_000;

/** How a store is started in a folder of its own, on a free port. */
interface Recipe {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Prepare = (place: { directory: string; port: number }) => Promise<Tool<Recipe>>;

const RECIPES: Readonly<Record<Exclude<StoreName, "ceph">, Prepare>> = {
  minio: async ({ directory, port }) =>
    recipe(
      await installGoProgram("github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"),
      ["server", "--address", `127.0.0.1:${port}`, ...await makeFolders(directory, 4)],
      {
        MINIO_ROOT_USER: MASTER.accessKey,
        MINIO_ROOT_PASSWORD: MASTER.secretKey,
        MINIO_BROWSER: "off",
        MINIO_CI_CD: "1", // several drives on one disk
      },
    ),
  moto: async ({ port }) => {
    const python = await installPythonPackages("moto", ["moto[server]==5.2.5"]);
    return recipe(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)]);
  },
  rclone: async ({ directory, port }) => {
    const keys = `${MASTER.accessKey},${MASTER.secretKey}`;
    const [folder = ""] = await makeFolders(directory, 1);
    const args = ["serve", "s3", "--addr", `127.0.0.1:${port}`, "--auth-key", keys, folder];
    return recipe(await installGoProgram("github.com/rclone/rclone@v1.76.0"), args);
  },
  s3proxy: async ({ directory, port }) => {
    const [folder = ""] = await makeFolders(directory, 1);
    await Deno.writeTextFile(`${directory}/logback.xml`, LOGBACK);
    await Deno.writeTextFile(
      `${directory}/s3proxy.conf`,
      [
        `s3proxy.endpoint=http://127.0.0.1:${port}`,
        "s3proxy.authorization=aws-v2-or-v4",
        `s3proxy.identity=${MASTER.accessKey}`,
        `s3proxy.credential=${MASTER.secretKey}`,
        "jclouds.provider=filesystem-nio2",
        "jclouds.identity=none",
        "jclouds.credential=none",
        `jclouds.filesystem.basedir=${folder}`,
      ].join("\n"),
    );
    const jars = await installS3Proxy();
    if (jars.value === undefined) return jars;
    const log = `-Dlogback.configurationFile=${directory}/logback.xml`;
    const main = ["org.gaul.s3proxy.Main", "--properties", `${directory}/s3proxy.conf`];
    return { value: { program: "java", args: [log, "-cp", `${jars.value}/*`, ...main] } };
  },
  seaweedfs: async ({ directory, port }) => {
    const [folder = ""] = await makeFolders(directory, 1);
    const config = `${directory}/s3.json`;
    const actions = ["Admin", "Read", "Write", "List", "Tagging"];
    const credentials = [MASTER];
    const identities = [{ name: "master", credentials, actions }];
    await Deno.writeTextFile(config, JSON.stringify({ identities }));
    const [master, volume, filer] = findFreePorts(3);
    return recipe(await buildSeaweedFs(), [
      ...["server", `-dir=${folder}`, "-ip=127.0.0.1", "-volume.max=50", "-filer", "-s3"],
      ...[`-master.port=${master}`, `-volume.port=${volume}`, `-filer.port=${filer}`],
      ...[`-master.port.grpc=${findFreePorts(1)}`, `-volume.port.grpc=${findFreePorts(1)}`],
      ...[`-filer.port.grpc=${findFreePorts(1)}`, `-s3.port.grpc=${findFreePorts(1)}`],
      ...["-master.volumeSizeLimitMB=64", `-s3.port=${port}`, `-s3.config=${config}`],
    ]);
  },
  versitygw: async ({ directory, port }) => {
    const [objects = "", versions = ""] = await makeFolders(directory, 2);
    const keys = ["--access", MASTER.accessKey, "--secret", MASTER.secretKey];
    const posix = ["posix", "--versioning-dir", versions, objects];
    const version = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
    const program = await installGoProgram(version);
    return recipe(program, ["--port", `127.0.0.1:${port}`, ...keys, ...posix]);
  },
};

const LOGBACK = '<configuration><root level="WARN"/></configuration>';
/** With the annotations that it needs, and Maven's own resolution leaves older. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>stores</groupId><artifactId>stores</artifactId><version>1</version><dependencies>
<dependency><groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>4.1.0</version></dependency>
<dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-annotations</artifactId>
<version>2.21</version></dependency></dependencies></project>`;

/** Starts it; or tells why it cannot be had. */
export async function startStore(name: StoreName): Promise<Tool<RunningStore>> {
  if (name === "ceph") {
    const { endpoints: { http } } = await openGateway();
    return { value: { endpoint: http, [Symbol.asyncDispose]: () => Promise.resolve() } };
  }
  const directory = await Deno.makeTempDir({ prefix: `s3-proxy-${name}-` });
  const [port = 0] = findFreePorts(1);
  const tool = await RECIPES[name]({ directory, port });
  if (tool.value === undefined) return tool;
  const { program, args, env = {} } = tool.value;
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...env, HOME: directory },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(directory, { recursive: true });
  };
  if (!await answers(endpoint)) {
    await stop();
    return { missing: `${name} does not answer within ${START_TIMEOUT_MS / 1000} s` };
  }
  return { value: { endpoint, [Symbol.asyncDispose]: stop } };
}

function recipe(
  program: Tool<string>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Tool<Recipe> {
  return program.value === undefined ? program : { value: { program: program.value, args, env } };
}

async function makeFolders(directory: string, count: number): Promise<string[]> {
  const folders = Array.from({ length: count }, (_, at) => `${directory}/data${at}`);
  for (const folder of folders) await Deno.mkdir(folder);
  return folders;
}

/** Any answer but that it is not ready yet. */
async function answers(endpoint: string): Promise<boolean> {
  const until = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < until) {
    try {
      const response = await fetch(endpoint);
      await response.body?.cancel();
      if (response.status < 500) return true;
    } catch {
      // it does not listen yet
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return false;
}

async function installS3Proxy(): Promise<Tool<string>> {
  if (!await hasProgram("mvn")) return { missing: "there is no Maven on this machine" };
  return await install("s3proxy-4.1.0", async (directory) => {
    await Deno.writeTextFile(`${directory}/pom.xml`, POM);
    const output = `-DoutputDirectory=${directory}`;
    const args = ["--quiet", "--batch-mode", "dependency:copy-dependencies", output];
    await readCommand("mvn", { args, cwd: directory, timeoutMs: BUILD_TIMEOUT_MS });
    return directory;
  });
}

/** Its module has replacements, so that it is built where it was downloaded to, in a copy. */
async function buildSeaweedFs(): Promise<Tool<string>> {
  if (!await hasProgram("go")) return { missing: "there is no Go on this machine" };
  return await install(`seaweedfs-${SEAWEEDFS.split("@")[1]}`, async (directory) => {
    if (await exists(`${directory}/weed`)) return `${directory}/weed`;
    const told = await readCommand("go", {
      args: ["mod", "download", "-json", SEAWEEDFS],
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    const source = `${directory}/source`;
    await readCommand("cp", { args: ["--recursive", JSON.parse(told).Dir, source] });
    await readCommand("chmod", { args: ["--recursive", "u+w", source] });
    const args = ["build", "-o", `${directory}/weed`, "./weed"];
    await readCommand("go", { args, cwd: source, timeoutMs: BUILD_TIMEOUT_MS });
    await Deno.remove(source, { recursive: true });
    return `${directory}/weed`;
  });
}

async function install(
  name: string,
  make: (directory: string) => Promise<string>,
): Promise<Tool<string>> {
  const cache = await openCache();
  const directory = `${cache}/${name}`;
  await Deno.mkdir(directory, { recursive: true });
  try {
    return { value: await whileLocked(`${cache}/lock`, () => make(directory)) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { missing: error.message };
  }
}
