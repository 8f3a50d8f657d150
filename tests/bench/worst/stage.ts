/**
 * What a measurement needs: the proxy as a process with one thread, the backend and the quiet user each in a thread.
 * @module
 */

import { findFreePorts } from "../../e2e/support/state.ts";
import { type Child, startChild } from "../child.ts";
import { readStartTask } from "../targets.ts";
import type { Errand, Experience } from "./quiet_worker.ts";
import { DENIED, formatRequest, GREEDY, type Key, QUIET, type Script } from "./worst_case.ts";

/** `server.listener`. */
export type ListenerName = "serve" | "hardened";

const DENIED_STATEMENTS = 500;

/** The backend in its thread. */
export class WorstBackend implements Disposable {
  readonly #worker = startWorker("./backend_worker.ts");
  #told = Promise.withResolvers<void>();
  port = 0;

  /** Starts it. */
  static async start(): Promise<WorstBackend> {
    const backend = new WorstBackend();
    backend.#worker.onmessage = ({ data }) => {
      backend.port = data;
      backend.#told.resolve();
    };
    await backend.#told.promise;
    return backend;
  }

  /** What it answers from now on. */
  async play(script: Script): Promise<void> {
    this.#told = Promise.withResolvers();
    this.#worker.postMessage(script);
    await this.#told.promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** The quiet user in its thread. */
export class QuietUser implements Disposable {
  readonly #worker = startWorker("./quiet_worker.ts");

  /** Sends until the returned function is called, which tells how it was. */
  begin(port: number): () => Promise<Experience> {
    const { promise, resolve } = Promise.withResolvers<Experience>();
    this.#worker.onmessage = ({ data }) => resolve(data);
    const request = formatRequest({ target: "/quiet/key", key: QUIET }, port);
    const errand: Errand = { port, head: new TextDecoder("latin1").decode(request) };
    this.#worker.postMessage(errand);
    return () => {
      this.#worker.postMessage("end");
      return promise;
    };
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** The proxy as a process. */
export class WorstProxy implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;
  readonly #lag: Deno.Conn;

  private constructor({ port, child, lag }: { port: number; child: Child; lag: Deno.Conn }) {
    this.port = port;
    this.#child = child;
    this.#lag = lag;
  }

  /** Starts it in front of `backend`; its log goes to `directory`. */
  static async start(
    { listener, backend, directory }: {
      listener: ListenerName;
      backend: { readonly port: number };
      directory: string;
    },
  ): Promise<WorstProxy> {
    const [port = 0, lagPort = 0] = findFreePorts(2);
    const configFile = `${directory}/${port}.yaml`;
    await Deno.writeTextFile(configFile, JSON.stringify(buildConfig({ listener, port, backend })));
    const program = new URL("./program.ts", import.meta.url).pathname;
    const start = (await readStartTask()).map((word) => /main\.ts$/.test(word) ? program : word);
    start.splice(2, 0, "--allow-ffi"); // for the clock of a thread
    const command = ["env", `WORST_LAG_PORT=${lagPort}`, ...start, "-config", configFile];
    const child = await startChild(command, { port, logFile: `${directory}/${port}.log` });
    const lag = await Deno.connect({ hostname: "127.0.0.1", port: lagPort });
    return new WorstProxy({ port, child, lag });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The longest turn of its event loop since this was last asked: until it was over, and processor time, in milliseconds. */
  async readLag(): Promise<{ lagMs: number; keptMs: number }> {
    await this.#lag.write(new Uint8Array([10]));
    const line = new Uint8Array(64);
    const length = await this.#lag.read(line);
    if (length === null) throw new Error("The program has ended");
    const [lagMs = NaN, keptMs = NaN] = JSON.parse(
      new TextDecoder().decode(line.subarray(0, length)),
    );
    return { lagMs, keptMs };
  }

  /** Processor time of the thread that answers, in milliseconds; sched-stats count in nanoseconds. */
  async readCpuMs(): Promise<number> {
    const [nanoseconds] = (await Deno.readTextFile(`/proc/${this.pid}/task/${this.pid}/schedstat`))
      .split(" ");
    return Number(nanoseconds) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lag.close();
    await this.#child[Symbol.asyncDispose]();
  }
}

function startWorker(file: string): Worker {
  return new Worker(new URL(file, import.meta.url), { type: "module" });
}

function buildConfig(
  { listener, port, backend }: {
    listener: ListenerName;
    port: number;
    backend: { readonly port: number };
  },
): unknown {
  const user = ({ accessKey, secretKey }: Key, rules: object): object => ({
    access_key: accessKey,
    secret_key: secretKey,
    ...rules,
  });
  const statements = Array.from({ length: DENIED_STATEMENTS }, (_, at) => ({
    Effect: "Allow",
    Action: "s3:*",
    Resource: `arn:aws:s3:::other-${at}/*a*a*${at}*`,
  }));
  return {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-benchmark",
      endpoint: `http://127.0.0.1:${backend.port}`,
    },
    server: { listen_addr: `127.0.0.1:${port}`, shutdown_timeout: "1s", workers: 1, listener },
    security: { block_public_access: true },
    users: [
      user(GREEDY, { allowed_buckets: ["worst", "worst-*"] }),
      user(DENIED, { policy: { Version: "2012-10-17", Statement: statements } }),
      user(QUIET, { allowed_buckets: ["quiet"] }),
    ],
    logging: { level: "info", format: "json" },
  };
}
