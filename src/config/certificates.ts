/**
 * The PEM files that a configuration names.
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateFiles, Config } from "./config.ts";
import { describeReadError } from "./data.ts";
import { ConfigError } from "./problem.ts";

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
  /** What the proxy proves itself with to the backend. */
  readonly client: Certificate | undefined;
  /** Trusted beside the system's. */
  readonly authorities: readonly string[];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Reads them.
 * @throws {ConfigError} For one that cannot be read, is not PEM, or does not belong to its key.
 */
export function loadCertificates({ server, backend }: Config, readFile: ReadFile): Certificates {
  const load = (files: CertificateFiles | undefined): Certificate | undefined =>
    files && loadCertificate(files, readFile);
  const { caFile } = backend;
  return {
    server: load(server.tls),
    client: load(backend.clientCertificate),
    authorities: caFile === undefined ? [] : [loadChain(caFile, readFile).pem],
  };
}

function loadCertificate({ certFile, keyFile }: CertificateFiles, readFile: ReadFile): Certificate {
  const { pem: cert, first } = loadChain(certFile, readFile);
  const key = loadText(keyFile, readFile);
  if (!first.checkPrivateKey(parsePrivateKey(key, keyFile))) {
    throw new ConfigError([`${keyFile}: is not the private key of ${certFile}`]);
  }
  return { cert, key };
}

function loadChain(path: string, readFile: ReadFile): { pem: string; first: X509Certificate } {
  const pem = loadText(path, readFile);
  try {
    const [first] = (pem.match(CERTIFICATE) ?? []).map((one) => new X509Certificate(one));
    if (first !== undefined) return { pem, first };
  } catch {
    // Its message tells of ASN.1, and nobody can use that.
  }
  throw new ConfigError([`${path}: is not a PEM file of certificates`]);
}

function parsePrivateKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigError([`${path}: is not a PEM file of a private key without a password`]);
  }
}

function loadText(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${describeReadError(error)}`]);
  }
}
