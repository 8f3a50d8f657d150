/**
 * `s3-proxy keygen`: a key pair as AWS makes them, for the configuration file.
 * @module
 */

import { Buffer } from "node:buffer";

/** 32 letters and digits, none of which looks like another: 5 bits each. */
const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ID_CHARACTERS = 16;
/** 240 bits: 40 characters of base64. */
const SECRET_BYTES = 30;

/** A pair that nobody has. */
export function createKeyPair(): { readonly accessKey: string; readonly secretKey: string } {
  const id = [...crypto.getRandomValues(new Uint8Array(ID_CHARACTERS))]
    .map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
  const secretKey = Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
    .toString("base64");
  return { accessKey: `AKIA${id}`, secretKey };
}

/** A user of the file, to be pasted under `users:`. */
export function formatNewUser(name: string): string {
  const { accessKey, secretKey } = createKeyPair();
  return [
    `  - name: ${JSON.stringify(name)}`,
    `    access_key: ${accessKey}`,
    `    secret_key: ${secretKey}`,
    "    allowed_buckets: []",
  ].join("\n");
}
