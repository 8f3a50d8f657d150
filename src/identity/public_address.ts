/**
 * Whether an address is one of the public Internet's: a URL of the configuration must not lead into the private network
 * unless the configuration says so.
 * See {@link https://www.iana.org/assignments/iana-ipv4-special-registry} and
 * {@link https://www.iana.org/assignments/iana-ipv6-special-registry}.
 * @module
 */

import { BlockList, isIPv4, isIPv6 } from "node:net";

const PRIVATE = new BlockList();
for (
  const [network, prefix] of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 3],
  ] as const
) PRIVATE.addSubnet(network, prefix, "ipv4");
/** Of IPv6 only what is given out, RFC 4291 §2.4, less what stands for IPv4 addresses and tunnels. */
const PUBLIC_IPV6 = new BlockList();
PUBLIC_IPV6.addSubnet("2000::", 3, "ipv6");
const SPECIAL_IPV6 = new BlockList();
SPECIAL_IPV6.addSubnet("2001::", 23, "ipv6");
SPECIAL_IPV6.addSubnet("2001:db8::", 32, "ipv6");
SPECIAL_IPV6.addSubnet("2002::", 16, "ipv6");

/** Whether `address`, as text, is public. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !PRIVATE.check(address, "ipv4");
  return isIPv6(address) && PUBLIC_IPV6.check(address, "ipv6") &&
    !SPECIAL_IPV6.check(address, "ipv6");
}
