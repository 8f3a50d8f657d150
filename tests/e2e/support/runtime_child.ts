/**
 * The proxy as a process of its own, in front of a backend in the test: for what it does over its life, from reloads to
 * its end.
 * @module
 */

import assert from "node:assert/strict";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../../support/certificate.ts";
import { beforeDeadline } from "../../support/deadline.ts";
import {
  connectRaw,
  type Destination,
  formatRequestHead,
  type RawConnection,
  type RawResponse,
} from "../../support/raw_client.ts";
import {
  type RecordingBackend,
  type Respond,
  startRecordingBackend,
} from "../../support/recording_backend.ts";
import { signHeaders } from "../../support/signer.ts";
import { findFreePorts, openState, REPOSITORY_DIRECTORY } from "./state.ts";

/** A key pair. */
export interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** May do everything in every bucket. */
export const ADMIN: Key = { accessKey: "admin-key", secretKey: "admin-secret-of-the-tests" };
/** May do the same, and has shares of its own. */
export const QUIET: Key = { accessKey: "quiet-key", secretKey: "quiet-secret-of-the-tests" };

/** What {@linkcode RuntimeChild.start} takes. */
export interface RuntimeOptions {
  readonly respond?: Respond;
  readonly server?: Readonly<Record<string, unknown>>;
  /** Clients come over TLS. */
  readonly tls?: boolean;
  /** Runs workers that a request can break. */
  readonly isFaulty?: boolean;
  /** `ulimit -n`. Default: this process's own. */
  readonly openFilesMax?: number;
}

const START_TIMEOUT_MS = 20_000;

/** A running process, its backend and its configuration file. */
export class RuntimeChild implements AsyncDisposable {
  readonly backend: RecordingBackend;
  readonly directory: string;
  readonly port: number;
  readonly adminPort: number;
  readonly #server: Readonly<Record<string, unknown>>;
  readonly #tls: boolean;
  readonly #child: Deno.ChildProcess;
  #log = "";
  #logged = Promise.withResolvers<void>();
  readonly #readLog: Promise<void>;

  private constructor(
    { backend, directory, ports: [port = 0, adminPort = 0], server, tls, isFaulty, openFilesMax }: {
      backend: RecordingBackend;
      directory: string;
      ports: readonly number[];
      server: Readonly<Record<string, unknown>>;
      tls: boolean;
      isFaulty: boolean;
      openFilesMax: number | undefined;
    },
  ) {
    this.backend = backend;
    this.directory = directory;
    this.port = port;
    this.adminPort = adminPort;
    this.#server = server;
    this.#tls = tls;
    const program = isFaulty ? ["tests/e2e/support/faulty_main.ts"] : ["main.ts", "-config"];
    if (tls) {
      Deno.writeTextFileSync(`${directory}/cert.pem`, TEST_CERTIFICATE);
      Deno.writeTextFileSync(`${directory}/key.pem`, TEST_PRIVATE_KEY, { mode: 0o600 });
    }
    this.writeConfig();
    const bound = openFilesMax === undefined ? "" : `ulimit -n ${openFilesMax}; `;
    this.#child = new Deno.Command("sh", {
      args: [
        ...["-c", `${bound}exec "$0" "$@"`, Deno.execPath()],
        ...["run", "--frozen", "--allow-net", "--allow-read", "--allow-env", "--allow-sys"],
        ...program,
        this.configFile,
      ],
      cwd: REPOSITORY_DIRECTORY,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#readLog = this.#collectLog();
  }

  /** Starts one and waits until it listens. */
  static async start(
    { respond, server = {}, tls = false, isFaulty = false, openFilesMax }: RuntimeOptions = {},
  ): Promise<RuntimeChild> {
    const child = new RuntimeChild({
      backend: startRecordingBackend(respond, { keepBodies: false }),
      directory: await Deno.makeTempDir({ dir: await openState() }),
      ports: findFreePorts(2),
      server,
      tls,
      isFaulty,
      openFilesMax,
    });
    await child.logged('"listening"', START_TIMEOUT_MS);
    return child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get configFile(): string {
    return `${this.directory}/config.yaml`;
  }

  /** Everything on stdout so far. */
  get log(): string {
    return this.#log;
  }

  /** The text of a configuration with `keys` as its users, besides whatever `extra` says. */
  formatConfig(
    { keys = [ADMIN, QUIET], extra = {} }: {
      keys?: readonly Key[];
      extra?: Readonly<Record<string, unknown>>;
    } = {},
  ): string {
    return JSON.stringify({
      master_credentials: {
        access_key: "MASTER",
        secret_key: "master-secret-of-the-tests",
        endpoint: `http://127.0.0.1:${this.backend.port}`,
      },
      server: {
        listen_addr: `127.0.0.1:${this.port}`,
        shutdown_timeout: "5s",
        ...(this.#tls ? { tls: { cert_file: "cert.pem", key_file: "key.pem" } } : {}),
        ...this.#server,
      },
      users: keys.map(({ accessKey, secretKey }) => ({
        access_key: accessKey,
        secret_key: secretKey,
        allowed_buckets: ["*"],
      })),
      // The backend sees the clients' requests and no other.
      backend: { check_at_start: false },
      metrics: { enabled: true, address: `127.0.0.1:${this.adminPort}` },
      ...extra,
    });
  }

  /** Replaces the configuration file at once, as editors do. */
  writeConfig(text: string = this.formatConfig()): void {
    Deno.writeTextFileSync(`${this.configFile}.new`, text, { mode: 0o600 });
    Deno.renameSync(`${this.configFile}.new`, this.configFile);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit status, once it has ended by itself. */
  async ended(): Promise<number> {
    const { code } = await beforeDeadline(this.#child.status, "the proxy to end");
    await this.#readLog;
    return code;
  }

  /** Resolves once the log holds `text`, counted from `from`. */
  async logged(text: string, timeoutMs = START_TIMEOUT_MS, from = 0): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.#log.includes(text, from)) {
      assert.ok(Date.now() < deadline, `the log never said ${text}:\n${this.#log.slice(-4000)}`);
      const timer = Promise.withResolvers<void>();
      const handle = setTimeout(timer.resolve, 100);
      await Promise.race([this.#logged.promise, timer.promise]);
      clearTimeout(handle);
    }
  }

  /** Sends a signed request on `connection`, and reads the answer. */
  async sendOn(
    connection: RawConnection,
    { method = "GET", target, key = ADMIN, close = false }: SentRequest,
  ): Promise<RawResponse> {
    await connection.write(this.formatRequest({ method, target, key, close }));
    return await connection.readResponse({ method });
  }

  /** Sends a signed request on a connection of its own. */
  async send(request: SentRequest): Promise<RawResponse> {
    using connection = await this.connect();
    return await this.sendOn(connection, { ...request, close: true });
  }

  formatRequest({ method = "GET", target, key = ADMIN, close = false }: SentRequest): string {
    const host = `127.0.0.1:${this.port}`;
    const { headers } = signHeaders({
      method,
      target,
      headers: [["host", host]],
      ...key,
      date: new Date(),
      payloadHash: "UNSIGNED-PAYLOAD",
    });
    return formatRequestHead({
      method,
      target,
      port: this.port,
      headers: close ? [...headers, ["Connection", "close"]] : headers,
    });
  }

  get destination(): Destination {
    return { port: this.port, caCert: this.#tls ? TEST_CERTIFICATE : undefined };
  }

  connect(): Promise<RawConnection> {
    return connectRaw(this.destination);
  }

  /** The status and text of a page for operators. */
  async readAdmin(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** The value of a metric without labels. */
  async readMetric(name: string): Promise<number> {
    const { text } = await this.readAdmin("/metrics");
    return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended by itself
    }
    await this.#child.status;
    await this.#readLog;
    await this.backend[Symbol.asyncDispose]();
  }

  async #collectLog(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      this.#logged.resolve();
      this.#logged = Promise.withResolvers();
    }
  }
}

/** A request to be signed. */
export interface SentRequest {
  readonly method?: string;
  readonly target: string;
  readonly key?: Key;
  /** Whether the connection is to end with it. */
  readonly close?: boolean;
}
