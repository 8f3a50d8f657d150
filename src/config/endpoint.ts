/**
 * The backend's address: a scheme, a host, a port, and nothing that would get lost or leak.
 * @module
 */

import { isIPv4 } from "node:net";

const HTTP_SCHEME = /^https?:\/\//i;
// https://fetch.spec.whatwg.org/#port-blocking
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101],
  ...[102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389],
  ...[427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636],
  ...[989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665],
  ...[6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/**
 * Reads the backend's address. Messages never quote it: it may hold a password.
 * @throws {SyntaxError} When it is no http or https URL of a host and a port only, or has a port
 *   that `fetch` refuses.
 */
export function parseEndpoint(text: string): URL {
  if (!HTTP_SCHEME.test(text)) {
    throw new SyntaxError('expected a URL like "https://fsn1.your-objectstorage.com"');
  }
  const authority = text.replace(HTTP_SCHEME, "").replace(/\/$/, "");
  if (authority.includes("@")) throw new SyntaxError("may not hold a user or password");
  // Looked for in the text: the parsed URL no longer shows an empty query, `.` or a backslash.
  if (/[/\\?#]/.test(authority)) throw new SyntaxError("may not have a path, query or fragment");
  const url = URL.parse(text);
  if (url === null || /\s/.test(text)) throw new SyntaxError("expected a URL with a valid host");
  if (BLOCKED_PORTS.has(Number(url.port || "443"))) {
    throw new SyntaxError("has a port that is reserved for another protocol; fetch refuses it");
  }
  return url;
}

/** Whether the backend is on this machine, where plain HTTP cannot be overheard. */
export function isLoopback({ hostname }: Readonly<URL>): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    (isIPv4(hostname) && hostname.startsWith("127."));
}
