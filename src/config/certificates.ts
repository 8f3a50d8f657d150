/**
 * The PEM files that a configuration names.
 * @module
 */

import { readFile } from "node:fs/promises";
import type { CertificateFiles, Config } from "./config.ts";
import { describeReadError } from "./data.ts";
import { ConfigError } from "./problem.ts";

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

/** Reads them. @throws {ConfigError} For one that cannot be read or is not PEM. */
export async function loadCertificates({ server, backend }: Config): Promise<Certificates> {
  const { caFile } = backend;
  return {
    server: await loadCertificate(server.tls),
    client: await loadCertificate(backend.clientCertificate),
    authorities: caFile === undefined ? [] : [await loadPem(caFile)],
  };
}

async function loadCertificate(
  files: CertificateFiles | undefined,
): Promise<Certificate | undefined> {
  if (files === undefined) return undefined;
  return { cert: await loadPem(files.certFile), key: await loadPem(files.keyFile) };
}

async function loadPem(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${describeReadError(error)}`]);
  }
  if (!text.includes("-----BEGIN ")) throw new ConfigError([`${path}: is not a PEM file`]);
  return text;
}
