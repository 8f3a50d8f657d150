/**
 * The command line. An option may have one dash or two, as in Go: `-config FILE`, `--config=FILE`.
 * @module
 */

import { parseArgs } from "node:util";
import { nearestName } from "../lib/nearest_name.ts";
import { type Command, COMMANDS, type CommandSpecification, GIVEN } from "./commands.ts";
import { UsageError } from "../explain/usage_error.ts";

/** One option without a value. */
interface Flag {
  readonly name: "help" | "version";
  readonly summary: string;
  readonly short?: string;
}

const DEFAULT_COMMAND = "serve";
/** Options without a value, which every command has. */
const FLAGS: readonly Flag[] = [
  { name: "help", short: "h", summary: "Print this text" },
  { name: "version", summary: "Print the version" },
];
const HELP_COLUMN = 34;
const SINGLE_DASH = /^-(?=[A-Za-z])/;

/**
 * Reads the arguments behind the program's name.
 * @throws {UsageError} For an unknown command or option, a value that is missing, and arguments
 *   nothing was asked for.
 */
export function parseArguments(argv: readonly string[]): Command {
  const [first] = argv;
  const isNamed = first !== undefined && !first.startsWith("-");
  const { options, build, ...command } = findCommand(isNamed ? first : DEFAULT_COMMAND);
  const { values, positionals } = readArguments(isNamed ? argv.slice(1) : argv, options);
  for (const { name } of FLAGS) {
    if (values.has(name)) return { name };
  }
  const names = command.arguments ?? [];
  const surplus = positionals[names.length];
  if (surplus !== undefined) throw new UsageError(`Unexpected argument "${surplus}"`);
  return build({
    option: (name) => {
      const value = values.get(name)?.at(-1) ?? options[name]?.default;
      if (value === undefined) throw new UsageError(`Option "--${name}" is missing`);
      return value;
    },
    all: (name) => values.get(name) ?? [],
    argument: (name) => {
      const value = positionals[names.indexOf(name)];
      if (value === undefined) throw new UsageError(`Argument ${name} is missing`);
      return value;
    },
  });
}

/** The text that `--help` prints. */
export function formatHelp(): string {
  const lines = ["Usage: s3-proxy [COMMAND] [OPTION]...", ""];
  for (const [name, { summary, options, ...command }] of Object.entries(COMMANDS)) {
    lines.push(formatHelpLine(`  ${[name, ...command.arguments ?? []].join(" ")}`, summary));
    for (const [option, { value, short, ...rest }] of Object.entries(options)) {
      const names = `    ${formatOption({ name: option, short })} ${value}`.trimEnd();
      const ending = rest.repeats === true
        ? "; may be repeated"
        : value === ""
        ? ""
        : rest.default === undefined
        ? "; required"
        : rest.default === ""
        ? ""
        : ` (default: ${rest.default})`;
      lines.push(formatHelpLine(names, `${rest.summary}${ending}`));
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

/** The given options' values under their long names, and the other arguments. */
function readArguments(
  argv: readonly string[],
  options: CommandSpecification["options"],
): { values: ReadonlyMap<string, readonly string[]>; positionals: readonly string[] } {
  const known = new Map<string, KnownOption>();
  for (const { name, short = name } of FLAGS) {
    for (const alias of [name, short]) known.set(alias, { name, type: "boolean" });
  }
  for (const [name, { value, short = name }] of Object.entries(options)) {
    const type = value === "" ? "boolean" : "string";
    for (const alias of [name, short]) known.set(alias, { name, type });
  }
  const { tokens } = parseArgs({
    args: argv.map((argument) => argument.replace(SINGLE_DASH, "--")),
    options: Object.fromEntries([...known].map(([alias, { type }]) => [alias, { type }])),
    strict: false, // or its own messages come first, which know no nearest name
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) {
      const names = [...known.keys()].filter((name) => name.length > 1);
      throw new UsageError(`Unknown option "--${token.name}"${suggest(token.name, names)}`);
    }
    const value = readValue(option, token);
    values.set(option.name, [...values.get(option.name) ?? [], value]);
  }
  return { values, positionals };
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
  return type === "boolean" ? GIVEN : value;
}

function suggest(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `, expected one of ${known.join(", ")}`
    : `, did you mean "${nearest}"?`;
}
