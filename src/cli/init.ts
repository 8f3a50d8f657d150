/**
 * `s3-proxy init`: a first configuration file, with the texts that everybody has to change, and two users.
 * @module
 */

import { createKeyPair } from "./keygen.ts";
import { parseEndpointOption } from "./option_values.ts";
import { UsageError } from "../explain/usage_error.ts";

/** What is known of the store. */
export interface NewConfig {
  readonly endpoint: string;
  readonly region: string;
}

/** Somebody at a terminal. */
export interface Terminal {
  /** Prints `question`, and resolves with the line that is typed; `undefined` where nobody is there. */
  ask(question: string): Promise<string | undefined>;
}

/** The longest answer; a terminal gives no more at a time. */
const LINE_BYTES = 4096;

/**
 * Completes what was given by asking for the rest.
 * @throws {UsageError} Where nobody is there to ask, and for an endpoint that is none.
 */
export async function completeNewConfig(
  { endpoint, region }: NewConfig,
  terminal: Terminal,
): Promise<NewConfig> {
  if (endpoint !== "") return { endpoint: parseEndpointOption(endpoint).origin, region };
  const typed = await terminal.ask(
    "Endpoint of the store, such as https://fsn1.your-objectstorage.com: ",
  );
  if (typed === undefined) throw new UsageError('Option "--endpoint" is missing');
  const origin = parseEndpointOption(typed).origin;
  const other = await terminal.ask(`Its region (${region}): `);
  return { endpoint: origin, region: other || region };
}

/** The program's own terminal: questions go to stderr, because the file goes to stdout. */
export function openTerminal(): Terminal {
  return {
    ask: async (question) => {
      if (!Deno.stdin.isTerminal()) return undefined;
      await Deno.stderr.write(new TextEncoder().encode(question));
      const line = new Uint8Array(LINE_BYTES);
      const length = await Deno.stdin.read(line);
      return length === null
        ? undefined
        : new TextDecoder().decode(line.subarray(0, length)).trim();
    },
  };
}

/** The file's text; its secrets are new. */
export function formatNewConfig({ endpoint, region }: NewConfig): string {
  return `# Configuration of s3-proxy. Every other setting: config.yaml.example, docs/CONFIGURATION.md. It holds secrets: chmod 0640.

# The store, and the one key pair it knows. \${NAME} is taken from the environment; the key may stand here itself, too.
master_credentials:
  access_key: "\${BACKEND_ACCESS_KEY}"
  secret_key: "\${BACKEND_SECRET_KEY}"
  endpoint: ${JSON.stringify(endpoint)}
  region: ${JSON.stringify(region)}

server:
  listen_addr: ":8080"
  # For clients that connect directly. Behind nginx or an ingress: serve, and its address in trusted_proxies.
  listener: "hardened"

# Metrics and health checks, for this machine only.
metrics:
  enabled: true
  address: "127.0.0.1:9090"

users:
  # May do everything in every bucket.
  - name: "admin"
${formatPair()}
    allowed_buckets: ["*"]

  # Reads and writes what begins with app/ in one bucket: the name, the bucket and the prefix are yours to change.
  - name: "app"
${formatPair()}
    grants:
      - {access: read-write, buckets: ["app-data"], prefixes: ["app/"]}
`;
}

function formatPair(): string {
  const { accessKey, secretKey } = createKeyPair();
  return `    access_key: ${JSON.stringify(accessKey)}\n    secret_key: ${
    JSON.stringify(secretKey)
  }`;
}
