/**
 * The commands, with their arguments and options: one table.
 * @module
 */

import type { Question } from "../explain/explain.ts";
import {
  parseAddressOption,
  parseAsker,
  parseEndpointOption,
  parseExpiresOption,
  parseHeaderOption,
  parseHostOption,
  parseNameOption,
  parseObjectArgument,
  parsePortOption,
  parseSchemeOption,
  parseTargetArgument,
} from "./option_values.ts";
import type { NewConfig } from "./init.ts";
import type { PresignRequest } from "./presign.ts";
import type { LoginCommand } from "./run_login.ts";
import {
  parseClientIdOption,
  parseIssuerOption,
  parseProfileOption,
  parsePromptOption,
  parseProxyOption,
  parseRoleOption,
  parseScopeOption,
} from "./login/option_values.ts";

/** What the program was asked to do. */
export type Command =
  | { readonly name: "serve"; readonly configPath: string }
  | { readonly name: "demo"; readonly port: number; readonly hostname: string }
  | {
    readonly name: "check";
    readonly configPath: string;
    /** Whether the backend is asked, too. */
    readonly asksBackend: boolean;
  }
  | { readonly name: "probe"; readonly configPath: string; readonly bucket: string | undefined }
  | {
    readonly name: "explain";
    readonly configPath: string;
    /** A file of a token's claims, for who asks as a role. */
    readonly claimsPath: string | undefined;
    readonly question: Question;
  }
  | { readonly name: "init"; readonly file: NewConfig }
  | { readonly name: "keygen"; readonly user: string }
  | { readonly name: "presign"; readonly configPath: string; readonly request: PresignRequest }
  | { readonly name: "login"; readonly login: LoginCommand }
  | { readonly name: "help" }
  | { readonly name: "version" };

/** What a command was given. */
export interface Given {
  /** An option's last value, or its default. */
  option(name: string): string;
  /** Every value of an option. */
  all(name: string): readonly string[];
  /** The argument that is called so in the help text. */
  argument(name: string): string;
}

/** One option of a command. */
export interface OptionSpecification {
  /** What stands for the value in the help text; empty for an option that takes none, and is `""` or {@linkcode GIVEN}. */
  readonly value: string;
  /** `undefined`: it must be given, unless it repeats. */
  readonly default?: string;
  readonly repeats?: true;
  readonly summary: string;
  readonly short?: string;
}

/** One command: its options, and what they make. */
export interface CommandSpecification {
  readonly summary: string;
  /** Names of the arguments that it needs beside options. */
  readonly arguments?: readonly string[];
  readonly options: Readonly<Record<string, OptionSpecification>>;
  readonly build: (given: Given) => Command;
}

/** The value of an option that takes none. */
export const GIVEN = "given";

const CONFIG: OptionSpecification = {
  value: "FILE",
  default: "config.yaml",
  summary: "The configuration file",
  short: "c",
};
const USER: OptionSpecification = {
  value: "NAME",
  summary: "A user of the file, or its access key",
};
/** Every command by name. */
export const COMMANDS: Readonly<Record<string, CommandSpecification>> = {
  serve: {
    summary: "Run the proxy; this is the default",
    options: { config: CONFIG },
    build: ({ option }) => ({ name: "serve", configPath: option("config") }),
  },
  check: {
    summary: "Validate the file, and print who may do what where",
    options: {
      config: CONFIG,
      backend: { value: "", default: "", summary: "Ask the backend whether it can be used so" },
    },
    build: ({ option }) => ({
      name: "check",
      configPath: option("config"),
      asksBackend: option("backend") === GIVEN,
    }),
  },
  probe: {
    summary: "Measure what the backend does of S3, and compare it with the file",
    options: {
      config: CONFIG,
      bucket: {
        value: "NAME",
        default: "",
        summary: "A bucket that is there; else one is made, and removed",
      },
    },
    build: ({ option }) => ({
      name: "probe",
      configPath: option("config"),
      bucket: option("bucket") || undefined,
    }),
  },
  explain: {
    summary: "Print whether a request is allowed, and which rule says so",
    arguments: ["METHOD", "TARGET"],
    options: {
      config: CONFIG,
      user: { ...USER, default: "", summary: "A user of the file or its access key, or a role:" },
      role: { value: "NAME", default: "", summary: "A role that a token's claims are to get" },
      claims: { value: "FILE", default: "", summary: "Those claims, as JSON" },
      header: { value: "NAME=VALUE", repeats: true, summary: "A header of the request" },
      ip: { value: "ADDRESS", default: "127.0.0.1", summary: "Where the request comes from" },
      scheme: {
        value: "SCHEME",
        default: "auto",
        summary: "https or http; auto is what the file says",
      },
    },
    build: ({ option, all, argument }) => ({
      name: "explain",
      configPath: option("config"),
      claimsPath: option("claims") || undefined,
      question: {
        who: parseAsker({
          user: option("user"),
          role: option("role"),
          claims: option("claims"),
        }),
        method: argument("METHOD").toUpperCase(),
        target: parseTargetArgument(argument("TARGET")),
        headers: new Map(all("header").map(parseHeaderOption)),
        clientAddress: parseAddressOption(option("ip")),
        scheme: parseSchemeOption(option("scheme")),
      },
    }),
  },
  init: {
    summary: "Print a first configuration file",
    options: {
      endpoint: { value: "URL", default: "", summary: "The store; asked for if it is missing" },
      region: { value: "NAME", default: "us-east-1", summary: "The store's region" },
    },
    build: ({ option }) => ({
      name: "init",
      file: { endpoint: option("endpoint"), region: option("region") },
    }),
  },
  keygen: {
    summary: "Print a new key pair for the file",
    options: { user: { value: "NAME", default: "new-user", summary: "Whose it will be" } },
    build: ({ option }) => ({ name: "keygen", user: parseNameOption(option("user")) }),
  },
  presign: {
    summary: "Print a URL that a user's key signs",
    arguments: ["METHOD", "TARGET"],
    options: {
      config: CONFIG,
      user: USER,
      expires: { value: "TIME", default: "1h", summary: "How long it is valid, at most 168h" },
      endpoint: { value: "URL", summary: "Where clients reach the proxy" },
    },
    build: ({ option, argument }) => ({
      name: "presign",
      configPath: option("config"),
      request: {
        user: option("user"),
        method: argument("METHOD").toUpperCase(),
        ...parseObjectArgument(argument("TARGET")),
        expiresSeconds: parseExpiresOption(option("expires")),
        endpoint: parseEndpointOption(option("endpoint")),
      },
    }),
  },
  login: {
    summary: "Log in at an identity provider, and print a session of a role",
    options: {
      issuer: { value: "URL", summary: "The identity provider" },
      "client-id": { value: "ID", summary: "This program's name there" },
      role: { value: "NAME", summary: "The role, or its ARN" },
      endpoint: { value: "URL", summary: "Where clients reach the proxy" },
      profile: { value: "NAME", default: "", summary: "A profile of AWS's tools to write for it" },
      scope: { value: "NAMES", default: "openid offline_access", summary: "What is asked for" },
      "ca-file": { value: "FILE", default: "", summary: "Authorities in place of the system's" },
      prompt: { value: "WHEN", default: "auto", summary: "auto, or never: renew or fail" },
    },
    build: ({ option }) => ({
      name: "login",
      login: {
        client: {
          issuer: parseIssuerOption(option("issuer")),
          clientId: parseClientIdOption(option("client-id")),
          scope: parseScopeOption(option("scope")),
        },
        roleArn: parseRoleOption(option("role")),
        endpoint: parseProxyOption(option("endpoint")),
        asksPeople: parsePromptOption(option("prompt")),
        caFile: option("ca-file") || undefined,
        profile: parseProfileOption(option("profile")),
      },
    }),
  },
  demo: {
    summary: "Run it with a store in memory and two example users",
    options: {
      port: { value: "N", default: "8080", summary: "The port to listen on; 0 takes a free one" },
      listen: { value: "HOST", default: "127.0.0.1", summary: "The address to listen on" },
    },
    build: ({ option }) => ({
      name: "demo",
      port: parsePortOption(option("port")),
      hostname: parseHostOption(option("listen")),
    }),
  },
};
