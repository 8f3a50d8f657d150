/**
 * A profile of AWS's tools and SDKs that asks this program for its keys.
 * See {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html}.
 * @module
 */

import { LoginError } from "./login_error.ts";

/** A profile's settings by name. */
export type ProfileSettings = Readonly<Record<string, string>>;

const PROCESS = "credential_process";

/**
 * The configuration file `text` with `settings` in the profile `name`, whose other settings stay. `defaults` are set where
 * the profile has none of their names.
 * @throws {LoginError} For a profile that has other keys.
 */
export function editProfile(
  text: string,
  { name, settings, defaults }: {
    name: string;
    settings: ProfileSettings;
    defaults: ProfileSettings;
  },
): string {
  const header = name === "default" ? "[default]" : `[profile ${name}]`;
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const at = lines.findIndex((line) => line.trim() === header);
  if (at < 0) {
    const gap = lines.length === 0 ? [] : [""];
    return format([...lines, ...gap, header, ...list({ ...settings, ...defaults })]);
  }
  const next = lines.findIndex((line, index) => index > at && line.startsWith("["));
  const end = next < 0 ? lines.length : next;
  const own = lines.slice(at + 1, end);
  const before = own.find((line) => readName(line) === PROCESS);
  if (!(before === undefined ? own.every(isBlank) : before.includes(" login "))) {
    throw new LoginError(`The profile "${name}" is there already, and not by this command`);
  }
  const kept = own.filter((line) => !Object.hasOwn(settings, readName(line)));
  const names = new Set(kept.map(readName));
  const missing = Object.entries(defaults).filter(([key]) => !names.has(key));
  const added = list({ ...settings, ...Object.fromEntries(missing) });
  return format([...lines.slice(0, at + 1), ...added, ...kept, ...lines.slice(end)]);
}

/** A command line for `credential_process`, which is split as a shell would. */
export function formatCommand(words: readonly string[]): string {
  return words.map((word) => /^[\w@%+=:,./~-]+$/.test(word) ? word : `"${word}"`).join(" ");
}

function list(settings: ProfileSettings): string[] {
  return Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
}

function format(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function isBlank(line: string): boolean {
  return line.trim() === "" || /^[#;]/.test(line);
}

/** Of a line `name = value`; nested settings, which are indented, have none. */
function readName(line: string): string {
  const [name = ""] = line.split("=", 1);
  return /^\s/.test(line) ? "" : name.trim();
}
