/**
 * Names of requests.
 * @module
 */

import { Buffer } from "node:buffer";

const ID_BYTES = 8;

/** Random bytes in store: drawing them one id at a time costs a small request a twentieth. */
const random = Buffer.alloc(512 * ID_BYTES);
let used = random.length;

/** 16 hexadecimal digits, as S3 writes `x-amz-request-id`; nobody guesses the next one. */
export function createRequestId(): string {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  return random.toString("hex", used, used += ID_BYTES).toUpperCase();
}
