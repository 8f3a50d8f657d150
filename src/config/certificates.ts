/**
 * The PEM files that a configuration names.
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { parseKeySet } from "../identity/key_set.ts";
import type { CertificateFiles, Config } from "./config.ts";
import { describeReadError } from "./data.ts";
import { ConfigError, formatProblems, type KeyPath, type Problem, type Source } from "./problem.ts";

/** Reads a file's text; throws what the file system does. */
export type ReadFile = (path: string) => string;

/** A certificate chain and its private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What the files held. */
export interface Certificates {
  /** Of the listener; `undefined`: plain HTTP. */
  readonly server: Certificate | undefined;
  /** Of the console's listener; `undefined`: plain HTTP. */
  readonly console?: Certificate | undefined;
  /** What the proxy proves itself with to the backend. */
  readonly client: Certificate | undefined;
  /** Trusted beside the system's. */
  readonly authorities: readonly string[];
  /** Texts of identity providers' key sets and authorities, by path. */
  readonly identityFiles?: ReadonlyMap<string, string>;
}

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/**
 * Reads them.
 * @throws {ConfigError} With every one that cannot be read, is not PEM, or does not belong to its key.
 */
export function loadCertificates(
  { server, backend, identityProviders, ...rest }: Config,
  { readFile, place, hideValues }: {
    readFile: ReadFile;
    place: Source;
    /** Makes a message safe to show. */
    hideValues: (message: string) => string;
  },
): Certificates {
  const reader = new CertificateReader(readFile);
  const certificates = {
    server: reader.readPair(server.tls, TLS_PATHS),
    console: reader.readPair(rest.console?.tls, CONSOLE_PATHS),
    client: reader.readPair(backend.clientCertificate, CLIENT_PATHS),
    authorities: reader.readAuthorities(backend.caFile, ["backend", "ca_file"]),
    identityFiles: reader.readIdentityFiles(identityProviders),
  };
  if (reader.problems.length > 0) {
    throw new ConfigError(formatProblems(reader.problems, place).map(hideValues));
  }
  return certificates;
}

type PairPaths = readonly [cert: KeyPath, key: KeyPath];
const TLS_PATHS: PairPaths = [["server", "tls", "cert_file"], ["server", "tls", "key_file"]];
const CONSOLE_PATHS: PairPaths = [["console", "tls", "cert_file"], ["console", "tls", "key_file"]];
const CLIENT_PATHS: PairPaths = [["backend", "client_cert_file"], ["backend", "client_key_file"]];

/** Reads one file after the other, and notes what is wrong. */
class CertificateReader {
  readonly problems: Problem[] = [];
  readonly #readFile: ReadFile;

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  readAuthorities(file: string | undefined, path: KeyPath): string[] {
    const chain = file === undefined ? undefined : this.#readChain(file, path);
    return chain === undefined ? [] : [chain.pem];
  }

  readIdentityFiles(
    providers: Config["identityProviders"],
  ): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [index, { caFile, jwksFile }] of providers.entries()) {
      const path = ["identity_providers", index];
      if (caFile !== undefined) {
        const chain = this.#readChain(caFile, [...path, "ca_file"]);
        texts.set(caFile, chain?.pem ?? "");
      }
      if (jwksFile === undefined) continue;
      const text = this.#readText(jwksFile, [...path, "jwks_file"]);
      if (text !== undefined && !isKeySet(text)) {
        this.#report([...path, "jwks_file"], `${jwksFile}: is not a JSON Web Key Set`);
      }
      texts.set(jwksFile, text ?? "");
    }
    return texts;
  }

  readPair(
    files: CertificateFiles | undefined,
    [certPath, keyPath]: PairPaths,
  ): Certificate | undefined {
    if (files === undefined) return undefined;
    const { certFile, keyFile } = files;
    const chain = this.#readChain(certFile, certPath);
    const pem = this.#readText(keyFile, keyPath);
    const key = pem === undefined ? undefined : parsePrivateKey(pem);
    if (pem !== undefined && key === undefined) {
      this.#report(keyPath, `${keyFile}: is not a PEM file of a private key without a password`);
    }
    if (chain === undefined || pem === undefined || key === undefined) return undefined;
    if (!chain.first.checkPrivateKey(key)) {
      this.#report(keyPath, `${keyFile}: is not the private key of ${certFile}`);
      return undefined;
    }
    const refusal = findRefusal({ cert: chain.pem, key: pem });
    if (refusal !== undefined) {
      this.#report(certPath, `${certFile}: cannot be used: ${refusal}`);
    }
    return { cert: chain.pem, key: pem };
  }

  #readChain(file: string, path: KeyPath): Chain | undefined {
    const pem = this.#readText(file, path);
    if (pem === undefined) return undefined;
    const chain = parseChain(pem);
    if (chain === undefined) this.#report(path, `${file}: is not a PEM file of certificates`);
    return chain;
  }

  #readText(file: string, path: KeyPath): string | undefined {
    try {
      return this.#readFile(file);
    } catch (error) {
      this.#report(path, `${file}: cannot be read: ${describeReadError(error)}`);
    }
  }

  #report(path: KeyPath, message: string): void {
    this.problems.push({ path, message });
  }
}

function isKeySet(text: string): boolean {
  try {
    parseKeySet(text);
    return true;
  } catch {
    return false; // its message is the JSON parser's, and may quote the text
  }
}

interface Chain {
  readonly pem: string;
  readonly first: X509Certificate;
}

function parseChain(pem: string): Chain | undefined {
  try {
    const [first] = splitCertificates(pem).map((one) => new X509Certificate(one));
    return first && { pem, first };
  } catch {
    return undefined; // its message tells of ASN.1, and nobody can use that
  }
}

/** Each certificate of a PEM file; what stands between them is nothing to it. */
function splitCertificates(pem: string): string[] {
  return pem.split(BEGIN).slice(1).flatMap((text) => {
    const endAt = text.indexOf("-");
    return endAt >= 0 && text.startsWith(END, endAt) ? [BEGIN + text.slice(0, endAt) + END] : [];
  });
}

/** Why the runtime's own TLS refuses a pair: it takes fewer kinds of keys and certificates than `node:crypto` reads. */
function findRefusal(pair: Certificate): string | undefined {
  try {
    Deno.createHttpClient(pair).close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
