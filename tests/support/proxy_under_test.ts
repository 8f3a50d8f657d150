/**
 * The whole proxy in this process, in front of a backend that records what reaches it.
 * @module
 */

import assert from "node:assert/strict";
import type { Certificates } from "../../src/config/certificates.ts";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { configureLogging } from "../../src/observability/log.ts";
import type { RunningProxy } from "../../src/server/running_proxy.ts";
import { startProxy } from "../../src/server/start_proxy.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "./certificate.ts";
import { type Destination, type RawBody, type RawResponse, request } from "./raw_client.ts";
import {
  type BackendOptions,
  type RecordingBackend,
  type Respond,
  startRecordingBackend,
} from "./recording_backend.ts";
import { type Header, presign, type PresignInput, signHeaders } from "./signer.ts";

/** A key pair of the proxy. */
export interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** May do everything in `mine` and `app-*`. */
export const ALICE: Key = { accessKey: "alice-key", secretKey: "alice-secret-of-the-tests" };
/** May do everything. */
export const ADMIN: Key = { accessKey: "admin-key", secretKey: "admin-secret-of-the-tests" };
/** May do nothing. */
export const NOBODY: Key = { accessKey: "nobody-key", secretKey: "nobody-secret-of-the-tests" };
/** Was somebody until 2001. */
export const EXPIRED: Key = { accessKey: "expired-key", secretKey: "expired-secret-of-the-tests" };

/** What a test may say of a request that is signed in its header. */
export interface SignedRequest {
  readonly method?: string;
  readonly target: string;
  readonly headers?: readonly Header[];
  readonly key?: Key;
  readonly body?: RawBody;
  readonly date?: Date;
  readonly payloadHash?: string;
  readonly signedHeaders?: readonly string[];
  /** Headers sent beside those that were signed. */
  readonly unsigned?: readonly Header[];
  readonly region?: string;
  readonly service?: string;
}

/** `server.listener`. */
export type ListenerName = "serve" | "hardened";

/** Registers a test once for each listener. */
export function testListeners(
  name: string,
  test: (listener: ListenerName) => void | Promise<void>,
): void {
  for (const listener of ["serve", "hardened"] as const) {
    Deno.test(`${name} [${listener}]`, () => test(listener));
  }
}

/** What a test may say of the proxy and its backend. */
export interface ProxyOptions {
  /** Default: `serve`. */
  readonly listener?: ListenerName;
  /** Whether clients connect by TLS, to {@linkcode TEST_CERTIFICATE}. */
  readonly tls?: boolean;
  readonly respond?: Respond;
  /** Sections of the configuration; those of `server` beside the tests' own. */
  readonly settings?: Readonly<Record<string, unknown>> & {
    readonly server?: Readonly<Record<string, unknown>>;
    readonly backend?: Readonly<Record<string, unknown>>;
  };
  readonly backend?: BackendOptions;
  readonly certificates?: Partial<Certificates>;
}

/** A running proxy and its backend. */
export class ProxyUnderTest implements AsyncDisposable {
  readonly backend: RecordingBackend;
  /** What was logged so far. */
  readonly log: readonly string[];
  readonly #proxy: RunningProxy;
  readonly #caCert: string | undefined;
  readonly #flush: () => Promise<void>;
  #stopped: Promise<boolean> | undefined;

  private constructor(
    { backend, log, proxy, caCert, flush }: {
      backend: RecordingBackend;
      log: readonly string[];
      proxy: RunningProxy;
      caCert: string | undefined;
      flush: () => Promise<void>;
    },
  ) {
    this.backend = backend;
    this.log = log;
    this.#proxy = proxy;
    this.#caCert = caCert;
    this.#flush = flush;
  }

  /** Starts both, on ports that the system chooses. */
  static async start(options: ProxyOptions = {}): Promise<ProxyUnderTest> {
    const { tls = false, certificates } = options;
    const backend = startRecordingBackend(options.respond, options.backend);
    const log: string[] = [];
    const logger = configureLogging({
      level: "debug",
      format: "json",
      write: (lines) => Promise.resolve(void log.push(lines)),
    });
    const config = readConfig(options, backend.port);
    const server = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
    const proxy = await startProxy(config, {
      certificates: {
        server: tls ? server : undefined,
        client: undefined,
        authorities: [],
        ...certificates,
      },
      logger,
    });
    const caCert = tls ? TEST_CERTIFICATE : undefined;
    return new ProxyUnderTest({ backend, log, proxy, caCert, flush: () => logger.flush() });
  }

  get port(): number {
    return this.#proxy.port;
  }

  /** The status and text of a page for operators; `settings` has to have a `metrics.address`. */
  async readAdmin(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#proxy.adminPort}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** Of the console; `settings` has to enable it. */
  get consolePort(): number {
    return this.#proxy.consolePort ?? assert.fail("there is no console");
  }

  /** Where clients connect. */
  get destination(): Destination {
    return { port: this.port, caCert: this.#caCert };
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Sends a request whose header is signed. */
  send(
    { method = "GET", target, headers = [], key = ALICE, ...input }: SignedRequest,
  ): Promise<RawResponse> {
    const { body, date = new Date(), unsigned = [], ...signing } = input;
    const signed = signHeaders({
      method,
      target,
      headers: [["host", this.host], ...headers],
      ...key,
      date,
      payloadHash: "UNSIGNED-PAYLOAD",
      ...signing,
    });
    return this.sendRaw({ method, target, headers: [...signed.headers, ...unsigned], body });
  }

  /** Sends a presigned request. */
  sendPresigned(
    input: Partial<PresignInput> & { target: string; expires: number | string; body?: RawBody },
  ): Promise<RawResponse> {
    const { method = "GET", body, headers = [], ...rest } = input;
    const { target } = presign({
      method,
      headers: [["host", this.host], ...headers],
      ...ALICE,
      date: new Date(),
      ...rest,
    });
    return this.sendRaw({ method, target, headers: [["host", this.host], ...headers], body });
  }

  /** Sends a request as it is. */
  sendRaw(
    input: {
      method: string;
      target: string;
      headers: readonly Header[];
      body?: RawBody | undefined;
    },
  ): Promise<RawResponse> {
    return request({ ...this.destination, ...input });
  }

  /** That `response` is the refusal `code`, and the backend has seen nothing. */
  assertRefused(response: RawResponse, code: string): void {
    assert.equal(response.errorCode, code, response.text);
    assert.deepEqual(this.backend.requests.map(({ startLine }) => startLine), []);
  }

  /** Stops the proxy; once is enough. */
  stop(): Promise<boolean> {
    return this.#stopped ??= this.#proxy.stop();
  }

  /** Everything logged, once it is written. */
  async readLog(): Promise<string> {
    await this.#flush();
    return this.log.join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#flush();
    await this.backend[Symbol.asyncDispose]();
  }
}

/** Stands for the backend's in a configuration that many tests have. */
const BACKEND_PORT = "9999";

/** Configurations by their files: reading one takes more than all the rest of a short test, and most tests have the same. */
const configs = new Map<string, Config>();

/** The configuration whose backend listens on `port`. */
function readConfig(options: ProxyOptions, port: number): Config {
  const text = JSON.stringify(buildConfig(options));
  const config = configs.get(text) ?? parseConfig(text, {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  }).config;
  configs.set(text, config);
  if (config.masterCredentials.endpoint.port !== BACKEND_PORT) return config;
  const endpoint = new URL(config.masterCredentials.endpoint);
  endpoint.port = String(port);
  return { ...config, masterCredentials: { ...config.masterCredentials, endpoint } };
}

/** The file's data, with a port that stands for the backend's. */
function buildConfig({ listener = "serve", settings = {}, backend }: ProxyOptions): unknown {
  const { users = [], server, backend: backendSettings = {}, ...sections } = settings;
  const user = ({ accessKey, secretKey }: Key, rules: object): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    ...rules,
  });
  return {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: `${backend?.tls === undefined ? "http" : "https"}://127.0.0.1:${BACKEND_PORT}`,
    },
    server: {
      listen_addr: "127.0.0.1:0",
      virtual_host_domains: ["s3.test"],
      listener,
      ...server,
    },
    // Tests count what reaches the backend.
    backend: { check_at_start: false, ...backendSettings },
    users: [
      user(ALICE, { allowed_buckets: ["mine", "app-*"] }),
      user(ADMIN, { allowed_buckets: ["*"] }),
      user(NOBODY, {}),
      user(EXPIRED, { allowed_buckets: ["*"], expires_at: "2001-01-01T00:00:00Z" }),
      ...(Array.isArray(users) ? users : []),
    ],
    ...sections,
  };
}
