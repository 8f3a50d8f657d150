/**
 * Where tokens and secrets may be sent: by https, or on this machine.
 * @module
 */

const ADDRESS =
  /^(https|http):\/\/(?:([A-Za-z0-9.-]+)|\[([0-9A-Fa-f:.]+)\])(?::\d{1,5})?(?:\/[!-~]*)?$/;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/;

/** Whether `text` is such a URL, without userinfo and fragment. */
export function isAddress(text: string): boolean {
  const [, scheme, name, ipv6] = ADDRESS.exec(text) ?? [];
  if (scheme === undefined || /["#\\]/.test(text)) return false;
  return scheme === "https" || LOOPBACK.test(name ?? ipv6 ?? "");
}
