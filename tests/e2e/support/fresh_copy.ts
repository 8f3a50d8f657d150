/**
 * A fresh copy of the tree, for commands as a newcomer types them: `./s3-proxy`, `s3-proxy` and `npx -y deno@VERSION task …`
 * are the program of this tree, run by the Deno that runs the tests.
 * @module
 */

import { readCommand } from "./command.ts";
import { findFreePorts, REPOSITORY_DIRECTORY } from "./state.ts";

/** Where commands are run, and what the program's own ports are there. */
export interface FreshCopy extends AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  readonly adminPort: number;
  /** Runs a script to its end, and resolves with all that it wrote, to stdout and stderr. */
  run(script: string, env?: Readonly<Record<string, string>>): Promise<string>;
}

/** What a program that is run is called, and the shell script that stands for it. */
export type Programs = Readonly<Record<string, string>>;

/**
 * `start COMMAND` runs the program in the background and waits until it says that it listens; `stop` ends it, and writes what
 * it wrote.
 */
const FUNCTIONS = `exec 2>&1
start() {
  "$@" >started.log &
  started=$!
  for _ in $(seq 1200); do
    if grep --quiet --extended-regexp '"msg":"listening"|README.md tells' started.log; then return; fi
    kill -0 "$started" || break
    sleep 0.05
  done
  cat started.log
  return 1
}
stop() { kill "$started"; wait "$started"; cat started.log; }
trap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT
`;

/** Of a script, which starts the program several times. */
const RUN_TIMEOUT_MS = 300_000;

/** What Git knows of the tree, and what it would know, but for the tests. */
const COPY = `git ls-files -z --cached --others --exclude-standard --deduplicate ':!tests' |
  tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$0"`;

/** Makes one, with `programs` beside its own. */
export async function makeFreshCopy(programs: Programs = {}): Promise<FreshCopy> {
  const directory = await Deno.makeTempDir({ prefix: "s3-proxy-" });
  await readCommand("bash", { args: ["-ec", COPY, directory], cwd: REPOSITORY_DIRECTORY });
  const [port = 0, adminPort = 0] = findFreePorts(2);
  const bin = `${directory}/bin`;
  await Deno.mkdir(bin);
  const all = { "s3-proxy": await standForProgram(), npx: NPX, ...programs };
  for (const [name, script] of Object.entries(all)) {
    await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  }
  return {
    directory,
    port,
    adminPort,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    run: (script, env = {}) =>
      readCommand("bash", {
        args: ["-euo", "pipefail", "-c", `${FUNCTIONS}${script}`],
        cwd: directory,
        timeoutMs: RUN_TIMEOUT_MS,
        env: {
          HOME: directory,
          PATH: `${bin}:${Deno.env.get("PATH")}`,
          PORT: String(port),
          ADMIN_PORT: String(adminPort),
          COPY: directory,
          AWS_EC2_METADATA_DISABLED: "true",
          ...env,
        },
      }),
  };
}

/** main.ts with its task's permissions; the ports that it would choose may be taken. */
async function standForProgram(): Promise<string> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/deno.json`));
  const [, ...args] = String(tasks.start).replace("main.ts", '"$COPY/main.ts"').split(" ");
  const environment = Object.entries(Deno.env.toObject())
    .filter(([name]) => /^(?:HOME$|DENO_)/.test(name)) // where Deno's cache is
    .map(([name, value]) => `'${name}=${value}'`).join(" ");
  const program = `env ${environment} '${Deno.execPath()}' ${args.join(" ")}`;
  return `case "\${1-}" in
    init) ${program} "$@" | sed -e 's/":8080"/"127.0.0.1:'"$PORT"'"/' -e 's/:9090"/:'"$ADMIN_PORT"'"/' ;;
    demo) exec ${program} "$@" --port "$PORT" ;;
    *) exec ${program} "$@" ;;
  esac`;
}

/** Of Deno's tasks those that the pages run; \`compile\` puts the stand-in where the executable would be. */
const NPX = `[ "$1 $2 $3" = "-y deno@${Deno.version.deno} task" ] || exit 64
  case $4 in
    compile) ln --symbolic "$(command -v s3-proxy)" s3-proxy ;;
    start) shift 4 && exec s3-proxy "$@" ;;
    *) exit 64 ;;
  esac`;
