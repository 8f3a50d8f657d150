/**
 * Addresses to listen on, as Go's `net.Listen` takes them: `:8080`, `127.0.0.1:8080`, `[::1]:8080`,
 * `localhost:8080`.
 * @module
 */

import { isIP, isIPv4, isIPv6 } from "node:net";

/** Where a listener listens. */
export interface ListenAddress {
  /** An IP address without brackets, or a name. */
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
}

const ALL_INTERFACES = "0.0.0.0";
const PORT_MAX = 65_535;
const HOST_AND_PORT = /^(?:\[(?<bracketed>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>[^:]*)$/;
// RFC 1123 §2.1. A name whose last label is a number is a failed IPv4 address.
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const NAME_CHARACTERS_MAX = 253;
const EXPECTED = 'expected "host:port" like ":8080", "127.0.0.1:8080" or "[::1]:8080"';

/**
 * Reads `host:port`; no host means every interface.
 * @throws {SyntaxError} When it is anything else, a port by name included.
 */
export function parseListenAddress(text: string): ListenAddress {
  const { bracketed, host = "", port } = HOST_AND_PORT.exec(text)?.groups ?? {};
  if (port === undefined) throw new SyntaxError(EXPECTED);
  return { hostname: parseListenHost({ bracketed, host }), port: parsePort(port) };
}

/**
 * Reads a port.
 * @throws {SyntaxError} When it is no number from 0 to 65535.
 */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > PORT_MAX) {
    throw new SyntaxError("expected a port from 0 to 65535");
  }
  return Number(text);
}

/** Whether `text` is an IP address, without brackets, or a host's name. */
export function isHostname(text: string): boolean {
  return isIP(text) !== 0 || isDomainName(text);
}

/** Whether `text` is a host's name and no IP address. */
export function isDomainName(text: string): boolean {
  if (text.length > NAME_CHARACTERS_MAX) return false;
  const labels = text.split(".");
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
}

/** Whether both cannot be listened on at once. */
export function collides(one: ListenAddress, other: ListenAddress): boolean {
  return one.port !== 0 && one.port === other.port &&
    (one.hostname === other.hostname || isUnspecified(one) || isUnspecified(other));
}

function parseListenHost(
  { bracketed, host }: { bracketed: string | undefined; host: string },
): string {
  if (bracketed !== undefined) {
    if (isIPv6(bracketed)) return bracketed;
  } else if (host === "") {
    return ALL_INTERFACES;
  } else if (isIPv4(host) || isDomainName(host)) {
    return host;
  }
  throw new SyntaxError(EXPECTED);
}

function isUnspecified({ hostname }: ListenAddress): boolean {
  return hostname === ALL_INTERFACES || hostname === "::";
}

/** A domain in lower case, without the dot at its end. Throws `SyntaxError` for what is none. */
export function parseDomain(text: string): string {
  const domain = text.toLowerCase().replace(/\.$/, "");
  if (isDomainName(domain)) return domain;
  throw new SyntaxError(
    'expected a domain like "s3.example.com", without port or star: all below it are meant',
  );
}
