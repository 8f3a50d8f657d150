/**
 * A page of docs/recipes/, as a reader follows it: its files are written, its programs started, its commands run in one
 * shell, in a folder of its own.
 *
 * A block says what it is behind its language: `yaml case=users` are sections of the proxy's configuration, `ini file=NAME`
 * is a file, `sh start` runs until the end, `sh run` to its end.
 * @module
 */

import { parse } from "yaml";
import { type CodeBlock, findCodeBlocks } from "../../support/pages.ts";
import { readCommand } from "./command.ts";
import { REPOSITORY_DIRECTORY } from "./state.ts";

/** What stands for what in a page: `localhost:8080` for where the proxy is. */
export type Replacements = readonly (readonly [text: string, by: string])[];

/** How to follow one. */
export interface RecipeOptions {
  readonly directory: string;
  readonly replacements: Replacements;
  /** Programs that the page calls, each a shell script that stands for one. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the program that a `sh start` block starts listens. */
  readonly startedPort?: number;
  /** Run before all that the page says, its files written. */
  readonly prologue?: string;
  /** Run behind all that the page says. */
  readonly epilogue?: string;
  /** Whom its programs run as, who owns `directory`. Default: whoever runs the tests. */
  readonly account?: string | undefined;
  /** Default: two minutes. */
  readonly timeoutMs?: number;
}

/** Waits until somebody listens on port $1, as long as the program $2 lives. */
const WAIT_FOR = `exec 2>&1
wait_for() {
  for _ in $(seq 600); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    kill -0 "$2" || break
    sleep 0.05
  done
  cat started.log
  return 1
}
trap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT
`;

const SECRET_FILE = /secret_key_file: "([^"]+)\.secret"/g;

/** A recipe's blocks. */
export class Recipe {
  readonly #blocks: readonly CodeBlock[];
  readonly path: string;

  private constructor(path: string, blocks: readonly CodeBlock[]) {
    this.path = path;
    this.#blocks = blocks;
  }

  /** Reads `docs/recipes/NAME.md`. */
  static async read(name: string): Promise<Recipe> {
    const path = `docs/recipes/${name}.md`;
    const text = await Deno.readTextFile(`${REPOSITORY_DIRECTORY}/${path}`);
    return new Recipe(path, findCodeBlocks({ path, text }));
  }

  /** Sections of its configuration; `host1.secret` holds `host1-secret-of-the-tests`. */
  get settings(): { readonly users?: readonly object[]; readonly cors?: readonly object[] } {
    const [block] = this.#select("case=users");
    return parse(
      (block?.text ?? "").replaceAll(SECRET_FILE, 'secret_key: "$1-secret-of-the-tests"'),
    ) ?? {};
  }

  /** The names of users whose secret is in a file. */
  get #secretNames(): string[] {
    const [block] = this.#select("case=users");
    return Array.from((block?.text ?? "").matchAll(SECRET_FILE), ([, name = ""]) => name);
  }

  /** Does all that the page says, in one shell; resolves with what its commands wrote. */
  async follow(options: RecipeOptions): Promise<string> {
    const { directory, env = {}, programs = {}, startedPort, account, timeoutMs } = options;
    const { prologue = "", epilogue = "" } = options;
    const place = (text: string): string => this.#replace(text, options.replacements);
    for (const name of this.#secretNames) {
      await Deno.writeTextFile(`${directory}/${name}.secret`, `${name}-secret-of-the-tests`);
    }
    for (const { info, text } of this.#select("file=")) {
      const [, file = ""] = /file=(\S+)/.exec(info) ?? [];
      await Deno.writeTextFile(`${directory}/${file}`, place(text));
    }
    await Deno.mkdir(`${directory}/bin`);
    for (const [name, script] of Object.entries(programs)) {
      await Deno.writeTextFile(`${directory}/bin/${name}`, `#!/bin/bash\n${script}\n`, {
        mode: 0o755,
      });
    }
    const steps = this.#blocks.filter(({ info }) => info === "sh run" || info === "sh start")
      .map(({ info, text }) =>
        info === "sh run"
          ? place(text)
          : `${place(text).trim()} >started.log 2>&1 &\nwait_for ${startedPort} $!`
      );
    const script = [WAIT_FOR, place(prologue), ...steps, place(epilogue)].join("\n");
    const command = ["bash", "-euo", "pipefail", "-c", script];
    if (account !== undefined) {
      await readCommand("chown", { args: ["--recursive", account, directory] });
      command.unshift("runuser", "-u", account, "--");
    }
    return await readCommand(command[0] ?? "", {
      args: command.slice(1),
      cwd: directory,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      env: { HOME: directory, ...env, PATH: `${directory}/bin:${Deno.env.get("PATH")}` },
    });
  }

  #select(what: string): CodeBlock[] {
    return this.#blocks.filter(({ info }) => info.includes(what));
  }

  #replace(text: string, replacements: Replacements): string {
    const secrets = this.#secretNames.map((name) =>
      [`${name.toUpperCase()}_SECRET`, `${name}-secret-of-the-tests`] as const
    );
    return [...replacements, ...secrets]
      .reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
  }
}
