/**
 * Which hosts the console answers for. A page of another site can have its own name lead to this machine, and ask as if it
 * were of one origin with whatever listens there (DNS rebinding); the browser still says in Host which name that is.
 * @module
 */

/** Where a browser believes to be. */
export interface ConsoleHost {
  /** Without a port; an IPv6 address in brackets. */
  readonly hostname: string;
}

/** RFC 9110 §7.2: `authority`, in lower case. */
const AUTHORITY = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The host that `authority` names; `undefined` unless it is that of one of `origins`, or this machine by a name that no
 * site can have. The port of the latter may be any: it may be forwarded.
 */
export function readConsoleHost(
  authority: string,
  origins: readonly string[],
): ConsoleHost | undefined {
  const [whole, hostname, port] = AUTHORITY.exec(authority.toLowerCase()) ?? [];
  if (whole === undefined || hostname === undefined) return undefined;
  if (LOOPBACK.has(hostname)) return { hostname };
  const isKnown = origins.some((origin) => {
    const known = origin.slice(origin.indexOf("://") + 3);
    // Browsers leave out the scheme's own port, other clients may not.
    const standard = origin.startsWith("https:") ? "443" : "80";
    return whole === known || port === standard && hostname === known;
  });
  return isKnown ? { hostname } : undefined;
}
