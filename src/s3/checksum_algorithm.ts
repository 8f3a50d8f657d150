/**
 * The checksums of S3, by name: one list.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}.
 * @module
 */

/** All of them, as `x-amz-sdk-checksum-algorithm` and S3's messages name them. */
export const CHECKSUM_ALGORITHMS = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "MD5",
  "SHA1",
  "SHA256",
  "SHA512",
  "XXHASH3",
  "XXHASH64",
  "XXHASH128",
] as const;

/** One of them. */
export type ChecksumAlgorithm = typeof CHECKSUM_ALGORITHMS[number];

const BY_HEADER: ReadonlyMap<string, ChecksumAlgorithm> = new Map(
  CHECKSUM_ALGORITHMS.map((algorithm) => [checksumHeader(algorithm), algorithm]),
);

/** Name of the header or trailer: `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The algorithm whose header or trailer has this lower-case `name`. */
export function findChecksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return BY_HEADER.get(name);
}
