/**
 * IP addresses and CIDR ranges, of both families. An IPv4 address mapped into IPv6
 * (`::ffff:192.0.2.1`, as dual-stack sockets report it) is that IPv4 address.
 * See {@link https://www.rfc-editor.org/rfc/rfc4632#section-3.1}.
 * @module
 */

import { isIP } from "node:net";
import { LIMITS } from "../limits.ts";

/** An address: its bits as signed 32-bit words, one of IPv4 or four of IPv6. */
export type IpAddress = readonly number[];

/** A range: the addresses of as many words whose bits under `mask` are `network`. */
export interface IpRange {
  /** As it was written. */
  readonly text: string;
  /** First words of `network` and `mask`, beside them: most addresses are seen not to be in it without fetching those. */
  readonly head: number;
  readonly headMask: number;
  readonly network: IpAddress;
  readonly mask: readonly number[];
}

/** `::ffff:0:0/96`. RFC 4291 §2.5.5.2. */
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0xffff];

/** Addresses of recent clients: reading one takes a fiftieth of the time of a small request. */
const known = new Map<string, IpAddress>();

/** The same as {@linkcode parseIpAddress}, for addresses that come again. */
export function parseClientAddress(text: string): IpAddress | undefined {
  const found = known.get(text);
  if (found !== undefined) return found;
  const address = parseIpAddress(text);
  if (known.size >= LIMITS.knownAddressesMax) known.clear();
  if (address !== undefined) known.set(text, address);
  return address;
}

/** Reads an address; a zone (`fe80::1%eth0`) is dropped. `undefined` for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const zoneAt = text.indexOf("%");
  const bare = zoneAt < 0 ? text : text.slice(0, zoneAt);
  switch (isIP(bare)) {
    case 4:
      return joinGroups(parseIpv4Groups(bare));
    case 6:
      return joinGroups(unmap(parseIpv6Groups(bare)));
    default:
      return undefined;
  }
}

/**
 * Reads `address` or `address/length`. Bits behind the length are dropped, as IAM does:
 * `10.1.2.3/8` is `10.0.0.0/8`. `undefined` for anything else.
 */
export function parseIpRange(text: string): IpRange | undefined {
  const [addressText = "", lengthText, ...rest] = text.split("/");
  const address = addressText.includes("%") ? undefined : parseIpAddress(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  const width = address.length * WORD_BITS;
  // A mapped range counts the prefix that its address has lost: `::ffff:10.0.0.0/104` is a `/8`.
  const dropped = isIP(addressText) === 6 ? 128 - width : 0;
  if (lengthText !== undefined && !/^(?:0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = lengthText === undefined ? width : Number(lengthText) - dropped;
  if (length < 0 || length > width) return undefined;
  const mask = address.map((_, index) => buildWordMask(length - index * WORD_BITS));
  const network = address.map((word, index) => word & (mask[index] ?? 0));
  return { text, head: network[0] ?? 0, headMask: mask[0] ?? 0, network, mask };
}

/** Whether `address` is in `range`; an IPv4 address is in no range of IPv6. */
export function containsAddress(
  { head, headMask, network, mask }: IpRange,
  address: IpAddress,
): boolean {
  if (((address[0] ?? 0) & headMask) !== head) return false;
  if (address.length !== network.length) return false;
  for (let index = 0; index < network.length; index++) {
    if (((address[index] ?? 0) & (mask[index] ?? 0)) !== network[index]) return false;
  }
  return true;
}

/** Words of an IPv6 address that its network has: 64 bits, which one customer is given. */
const NETWORK_WORDS = 2;

/** The address, or the network of an IPv6 one: whose share of what strangers may ask it is. */
export function networkOf(clientAddress: string): string {
  const address = parseIpAddress(clientAddress);
  return address === undefined || address.length === 1
    ? clientAddress
    : address.slice(0, NETWORK_WORDS).join(".");
}

const WORD_BITS = 32;

/** A word whose first `bits` bits are set: none for 0 or less, all for 32 or more. */
function buildWordMask(bits: number): number {
  return bits <= 0 ? 0 : -1 << (WORD_BITS - Math.min(bits, WORD_BITS));
}

/** Words of 16-bit groups, of which there is an even number. */
function joinGroups(groups: readonly number[]): IpAddress {
  return Array.from(
    { length: groups.length / 2 },
    (_, index) => (groups[index * 2] ?? 0) << 16 | (groups[index * 2 + 1] ?? 0),
  );
}

function unmap(groups: readonly number[]): readonly number[] {
  return MAPPED_PREFIX.every((group, index) => groups[index] === group) ? groups.slice(6) : groups;
}

/** INVARIANT: `text` is a dotted quad, as `isIP` saw. */
function parseIpv4Groups(text: string): number[] {
  const [first = 0, second = 0, third = 0, fourth = 0] = text.split(".").map(Number);
  return [first << 8 | second, third << 8 | fourth];
}

/** INVARIANT: `text` is an IPv6 address without a zone, as `isIP` saw. */
function parseIpv6Groups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = parseGroups(head);
  if (tail === undefined) return before;
  const after = parseGroups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function parseGroups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) =>
    group.includes(".") ? parseIpv4Groups(group) : [Number.parseInt(group, 16)]
  );
}
