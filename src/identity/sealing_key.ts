/**
 * Session tokens, sealed by AES-256-GCM: nobody without the key reads or makes one, and no byte of one is looked at before
 * it was authenticated. The key pair that belongs to a token follows from it, so nothing is stored and all who share the
 * key know all sessions.
 * See {@link https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf NIST SP 800-38D}.
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { assert } from "../lib/assert.ts";
import { concatBytes } from "../lib/bytes.ts";
import { Redacted } from "../lib/redacted.ts";
import { LIMITS } from "../limits.ts";
import { type AccessKeyId, parseAccessKeyId } from "../s3/names.ts";

/** What stands first in a token, so that another form can follow. */
const VERSION = 1;
/** The first bytes of the key's own digest: which of several keys a token is sealed with. */
const KEY_ID_BYTES = 4;
/** NIST SP 800-38D §5.2.1.1: 96 bits. Random ones are safe for 2^32 tokens of one key (§8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;
const CIPHER = "aes-256-gcm";
/** As AWS's temporary keys begin; 16 characters follow. */
const ACCESS_KEY_PREFIX = "ASIA";
const ACCESS_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** The key pair of a token. */
export interface SessionKeyPair {
  readonly accessKeyId: AccessKeyId;
  /** 40 characters. */
  readonly secretAccessKey: string;
}

/** One of `sts.keys`. */
export class SealingKey extends Redacted {
  readonly #id: Uint8Array;
  readonly #sealing: Uint8Array;
  readonly #pairs: Uint8Array;

  /** `text` is as long and as random as a secret has to be. */
  constructor(text: string) {
    super();
    this.#id = derive(text, "id").subarray(0, KEY_ID_BYTES);
    this.#sealing = derive(text, "sealing");
    this.#pairs = derive(text, "key pairs");
  }

  /** A token that holds `content`; base64url, which grows in no URL. */
  seal(content: Uint8Array): string {
    const nonce = randomBytes(NONCE_BYTES);
    const head = concatBytes([Uint8Array.of(VERSION), this.#id, nonce]);
    const cipher = createCipheriv(CIPHER, this.#sealing, nonce).setAAD(head);
    const sealed = concatBytes([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([head, sealed]).toString("base64url");
  }

  /** What `token` holds; `undefined` for one that this key has not sealed. */
  open(token: string): Uint8Array | undefined {
    const bytes = decodeToken(token);
    if (bytes === undefined || bytes[0] !== VERSION) return undefined;
    if (this.#id.some((byte, index) => byte !== bytes[1 + index])) return undefined;
    const head = bytes.subarray(0, HEAD_BYTES);
    const sealed = bytes.subarray(HEAD_BYTES, -TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#sealing, head.subarray(1 + KEY_ID_BYTES), {
      authTagLength: TAG_BYTES,
    }).setAAD(head).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return concatBytes([decipher.update(sealed), decipher.final()]);
    } catch {
      return undefined; // not authentic: nothing of it has been looked at
    }
  }

  /** The key pair that belongs to `token`. */
  pairOf(token: string): SessionKeyPair {
    const id = createHmac("sha256", this.#pairs).update(`access key ${token}`).digest();
    const secret = createHmac("sha256", this.#pairs).update(`secret key ${token}`).digest();
    let text = ACCESS_KEY_PREFIX;
    for (const byte of id.subarray(0, 16)) text += ACCESS_KEY_CHARACTERS[byte % 32];
    const accessKeyId = parseAccessKeyId(text);
    assert(accessKeyId !== undefined, "An access key made here is one");
    return { accessKeyId, secretAccessKey: secret.toString("base64").slice(0, 40) };
  }
}

function derive(text: string, purpose: string): Uint8Array {
  return createHmac("sha256", text).update(`s3-proxy session ${purpose}`).digest();
}

/** `undefined` for what is no base64url, or too short to be a token, or has another spelling: bits that stand for nothing. */
function decodeToken(token: string): Uint8Array | undefined {
  if (token.length > LIMITS.sessionTokenCharactersMax || !TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const isOne = bytes.length > HEAD_BYTES + TAG_BYTES && bytes.toString("base64url") === token;
  return isOne ? bytes : undefined;
}
