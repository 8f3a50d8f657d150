/**
 * The values of `login`'s options. They end up in a command line of a file, so none may have quotes or line ends.
 * @module
 */

import { cannotParse } from "../option_values.ts";
import { isAddress } from "./address.ts";

const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@-]{1,64}$/;
/** Of `server.account_id` where nothing is said. */
const ACCOUNT_ID = "000000000000";

/** `--issuer`, to the letter. */
export function parseIssuerOption(value: string): string {
  if (isAddress(value)) return value;
  throw cannotParse("--issuer", { value, problem: 'expected a URL like "https://id.example.com"' });
}

/** `--endpoint`, without a slash at its end. */
export function parseProxyOption(value: string): string {
  const endpoint = value.replace(/\/$/, "");
  // Behind the host there is nothing: one SDK drops a path.
  if (isAddress(value) && !/^https?:\/\/.*\//.test(endpoint)) return endpoint;
  const problem = "expected a URL of https without a path, or of http on this machine";
  throw cannotParse("--endpoint", { value, problem });
}

/** `--client-id` */
export function parseClientIdOption(value: string): string {
  if (/^[!#-[\]-~]{1,256}$/.test(value)) return value;
  throw cannotParse("--client-id", { value, problem: "expected a client's id" });
}

/** `--scope` */
export function parseScopeOption(value: string): string {
  if (/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(value)) return value;
  throw cannotParse("--scope", { value, problem: 'expected names like "openid offline_access"' });
}

/** `--role`: an ARN. */
export function parseRoleOption(value: string): string {
  if (ROLE_ARN.test(value)) return value;
  if (ROLE_NAME.test(value)) return `arn:aws:iam::${ACCOUNT_ID}:role/${value}`;
  throw cannotParse("--role", { value, problem: "expected a role's name or ARN" });
}

/** `--profile`; empty: none. */
export function parseProfileOption(value: string): string | undefined {
  if (value === "" || /^[\w.@-]{1,64}$/.test(value)) return value || undefined;
  throw cannotParse("--profile", { value, problem: "expected letters, digits and ._@-" });
}

/** `--prompt`: whether people may be asked. */
export function parsePromptOption(value: string): boolean {
  if (value === "auto" || value === "never") return value === "auto";
  throw cannotParse("--prompt", { value, problem: 'expected "auto" or "never"' });
}
