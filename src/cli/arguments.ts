/**
 * The command line. An option may have one dash or two, as in Go: `-config FILE`, `--config=FILE`.
 * @module
 */

import { parseArgs } from "node:util";
import { isHostname, parsePort } from "../config/listen_address.ts";
import { nearestName } from "../lib/nearest_name.ts";

/** What the program was asked to do. */
export type Command =
  | { readonly name: "serve"; readonly configPath: string }
  | { readonly name: "demo"; readonly port: number; readonly hostname: string }
  | { readonly name: "help" }
  | { readonly name: "version" };

/** A command line that means nothing: one sentence for the operator. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** An option's value as given, or its default. */
type ReadOption = (name: string) => string;

/** One option of a command; every option takes a value. */
interface OptionSpecification {
  /** What stands for the value in the help text. */
  readonly value: string;
  readonly default: string;
  readonly summary: string;
  readonly short?: string;
}

/** One option without a value. */
interface Flag {
  readonly name: "help" | "version";
  readonly summary: string;
  readonly short?: string;
}

/** One command: its options, and what they make. */
interface CommandSpecification {
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSpecification>>;
  readonly build: (read: ReadOption) => Command;
}

const DEFAULT_COMMAND = "serve";
const COMMANDS: Readonly<Record<string, CommandSpecification>> = {
  serve: {
    summary: "Run the proxy; this is the default",
    options: {
      config: {
        value: "FILE",
        default: "config.yaml",
        summary: "The configuration file",
        short: "c",
      },
    },
    build: (read) => ({ name: "serve", configPath: read("config") }),
  },
  demo: {
    summary: "Run the proxy in front of a store in memory, with two example users",
    options: {
      port: { value: "N", default: "8080", summary: "The port to listen on; 0 takes a free one" },
      listen: { value: "HOST", default: "127.0.0.1", summary: "The address to listen on" },
    },
    build: (read) => ({
      name: "demo",
      port: parsePortOption(read("port")),
      hostname: parseHostOption(read("listen")),
    }),
  },
};
/** Options without a value, which every command has. */
const FLAGS: readonly Flag[] = [
  { name: "help", short: "h", summary: "Print this text" },
  { name: "version", summary: "Print the version" },
];
const HELP_COLUMN = 26;
const SINGLE_DASH = /^-(?=[A-Za-z])/;

/**
 * Reads the arguments behind the program's name.
 * @throws {UsageError} For an unknown command or option, a value that is missing, and arguments
 *   nothing was asked for.
 */
export function parseArguments(argv: readonly string[]): Command {
  const [first] = argv;
  const isNamed = first !== undefined && !first.startsWith("-");
  const specification = findCommand(isNamed ? first : DEFAULT_COMMAND);
  const values = readOptions(isNamed ? argv.slice(1) : argv, specification.options);
  for (const { name } of FLAGS) {
    if (values.has(name)) return { name };
  }
  return specification.build((name) =>
    values.get(name) ?? specification.options[name]?.default ?? ""
  );
}

/** The text that `--help` prints. */
export function formatHelp(): string {
  const lines = ["Usage: s3-proxy [COMMAND] [OPTION]...", ""];
  for (const [name, { summary, options }] of Object.entries(COMMANDS)) {
    lines.push(formatHelpLine(`  ${name}`, summary));
    for (const [option, { value, short, ...rest }] of Object.entries(options)) {
      const names = `    ${formatOption({ name: option, short })} ${value}`;
      lines.push(formatHelpLine(names, `${rest.summary} (default: ${rest.default})`));
    }
  }
  lines.push("");
  for (const { name, short, summary } of FLAGS) {
    lines.push(formatHelpLine(`  ${formatOption({ name, short })}`, summary));
  }
  return `${lines.join("\n")}\n`;
}

function formatHelpLine(left: string, right: string): string {
  return `${left.padEnd(HELP_COLUMN)}${right}`;
}

function formatOption({ name, short }: { name: string; short: string | undefined }): string {
  return short === undefined ? `--${name}` : `-${short}, --${name}`;
}

function findCommand(name: string): CommandSpecification {
  const specification = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (specification !== undefined) return specification;
  throw new UsageError(`Unknown command "${name}"${suggest(name, Object.keys(COMMANDS))}`);
}

/** An option under any of its names. */
interface KnownOption {
  readonly name: string;
  readonly type: "boolean" | "string";
}

/** The given options under their long names; a flag's value is empty. */
function readOptions(
  argv: readonly string[],
  options: CommandSpecification["options"],
): ReadonlyMap<string, string> {
  const known = new Map<string, KnownOption>();
  for (const { name, short = name } of FLAGS) {
    for (const alias of [name, short]) known.set(alias, { name, type: "boolean" });
  }
  for (const [name, { short = name }] of Object.entries(options)) {
    for (const alias of [name, short]) known.set(alias, { name, type: "string" });
  }
  const { tokens } = parseArgs({
    args: argv.map((argument) => argument.replace(SINGLE_DASH, "--")),
    options: Object.fromEntries([...known].map(([alias, { type }]) => [alias, { type }])),
    strict: false, // or its own messages come first, which know no nearest name
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") throw new UsageError(`Unexpected argument "${token.value}"`);
    if (token.kind === "option-terminator") continue;
    const option = known.get(token.name);
    if (option === undefined) {
      const names = [...known.keys()].filter((name) => name.length > 1);
      throw new UsageError(`Unknown option "--${token.name}"${suggest(token.name, names)}`);
    }
    values.set(option.name, readValue(option, token));
  }
  return values;
}

function readValue(
  { name, type }: KnownOption,
  { value = "", inlineValue = false }: {
    value?: string | undefined;
    inlineValue?: boolean | undefined;
  },
): string {
  if (type === "boolean" && inlineValue) throw new UsageError(`Option "--${name}" takes no value`);
  // The next option is not the value of the one before.
  if (type === "string" && (value === "" || (value.startsWith("-") && !inlineValue))) {
    throw new UsageError(`Option "--${name}" needs a value`);
  }
  return value;
}

function suggest(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `, expected one of ${known.join(", ")}`
    : `, did you mean "${nearest}"?`;
}

function parsePortOption(value: string): number {
  try {
    return parsePort(value);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UsageError(`Cannot parse "--port": got "${value}", ${cause.message}`, { cause });
  }
}

function parseHostOption(value: string): string {
  if (isHostname(value)) return value;
  throw new UsageError(
    `Cannot parse "--listen": got "${value}", expected an address or a host's name`,
  );
}
