/**
 * Connections to the backend, TCP and TLS. The runtime looks its name up for each new one, and tries the addresses in turn.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { TransportOptions } from "./transport.ts";

/** What {@linkcode Connector} needs. */
export interface ConnectorOptions
  extends Pick<TransportOptions, "caCertificates" | "clientCertificate"> {
  readonly endpoint: Endpoint;
}

/** Where somebody listens. */
type Endpoint = Readonly<Pick<URL, "protocol" | "hostname" | "port">>;

interface Address {
  readonly hostname: string;
  readonly port: number;
}

const HTTP_1_1 = ["http/1.1"];

/** Connects to one endpoint. */
export class Connector {
  readonly #address: Address;
  readonly #isTls: boolean;
  readonly #caCerts: string[];
  readonly #clientCertificate: ConnectorOptions["clientCertificate"];
  /** How many handshakes were given up since one succeeded. */
  #givenUp = 0;
  #running = 0;

  constructor({ endpoint, caCertificates, clientCertificate }: ConnectorOptions) {
    this.#isTls = endpoint.protocol === "https:";
    this.#address = readAddress(endpoint);
    this.#caCerts = [...caCertificates];
    this.#clientCertificate = clientCertificate;
  }

  /** Connects, and shakes hands where that is due. Rejects with the runtime's error, and when `signal` fires. */
  async connect(signal: AbortSignal): Promise<Deno.Conn> {
    if (!this.#isTls) return await this.#connectPlainly(signal);
    // The runtime never lets go of a connection whose peer does not finish its handshake (2.9.6).
    if (this.#givenUp >= LIMITS.handshakesGivenUpMax && this.#running > 0) {
      throw new Error("Too many connections to the backend have come to nothing");
    }
    this.#running++;
    try {
      const connection = await this.#connectSecurely(signal);
      this.#givenUp = 0;
      return connection;
    } finally {
      this.#running--;
    }
  }

  async #connectPlainly(signal: AbortSignal): Promise<Deno.TcpConn> {
    const connection = await Deno.connect({ ...this.#address, signal });
    connection.setNoDelay(true); // a body's last packet does not wait for the one before to be acknowledged
    return connection;
  }

  async #connectSecurely(signal: AbortSignal): Promise<Deno.TlsConn> {
    const options = {
      ...this.#address,
      caCerts: this.#caCerts,
      alpnProtocols: HTTP_1_1,
    };
    // Only `connectTls` takes a client's certificate, and it cannot be called off (2.9.6).
    const connecting = this.#clientCertificate === undefined
      ? this.#connectPlainly(signal).then((connection) => Deno.startTls(connection, options))
      : Deno.connectTls({ ...options, ...this.#clientCertificate });
    const ready = connecting.then(async (connection) => {
      try {
        await connection.handshake();
        signal.throwIfAborted();
        return connection;
      } catch (error) {
        closeQuietly(connection);
        throw error;
      }
    });
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      this.#givenUp++;
      connecting.then(closeQuietly, () => {});
      aborted.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([ready, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      ready.catch(() => {}); // when it was given up, nobody else hears of it
    }
  }
}

/** Throws a `TypeError` for certificates that the runtime's TLS does not take: connecting would, too, again and again. */
export function verifyCertificates(
  { caCertificates, clientCertificate }: Omit<ConnectorOptions, "endpoint">,
): void {
  Deno.createHttpClient({ caCerts: [...caCertificates], ...clientCertificate }).close();
}

/** Whether `endpoint` accepts a connection within `timeoutMs`. */
export async function isReachable(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  try {
    await findAddress(endpoint, timeoutMs);
    return true;
  } catch {
    return false;
  }
}

/** Which address of `endpoint` accepts a connection: `192.0.2.1:443`. Rejects with the runtime's error, or after `timeoutMs`. */
export async function findAddress(endpoint: Endpoint, timeoutMs: number): Promise<string> {
  return await withinTimeout(timeoutMs, async (signal) => {
    const connection = await Deno.connect({ ...readAddress(endpoint), signal });
    const { hostname, port } = connection.remoteAddr;
    connection.close();
    return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  });
}

/** Whether TLS is spoken at the port of `endpoint`, trusted or not. */
export async function speaksTls(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  const { hostname, port } = readAddress(endpoint);
  const connector = new Connector({
    endpoint: { protocol: "https:", hostname, port: String(port) },
    caCertificates: [],
    clientCertificate: undefined,
  });
  try {
    closeQuietly(await withinTimeout(timeoutMs, (signal) => connector.connect(signal)));
    return true;
  } catch (error) {
    return error instanceof Error && error.message.includes("certificate");
  }
}

async function withinTimeout<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function readAddress({ hostname, port, protocol }: Endpoint): Address {
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}

/** Closes a connection that may have been closed already. */
export function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was.
  }
}
