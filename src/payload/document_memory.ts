/**
 * A bound on what the documents of all requests hold in memory, and one on those of one user: a document is read whole
 * before it is understood, and a client can send many, or hold them back.
 * @module
 */

import { WorkQueue } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";

/** Counts the bytes of one thread's documents. */
export class DocumentMemory {
  #bytes = 0;
  readonly #byUser = new Map<string, number>();

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A place for one document of `user`. */
  open(user: string): DocumentPlace {
    let held = 0;
    return {
      user,
      grow: (bytes) => {
        const ofUser = (this.#byUser.get(user) ?? 0) + bytes;
        if (
          this.#bytes + bytes > LIMITS.documentMemoryBytesMax ||
          ofUser > LIMITS.documentMemoryOfUserBytesMax
        ) {
          throw new S3Error("SlowDown", { reason: "document_memory" });
        }
        held += bytes;
        this.#add(user, bytes);
      },
      release: () => {
        this.#add(user, -held);
        held = 0;
      },
    };
  }

  #add(user: string, bytes: number): void {
    this.#bytes += bytes;
    const ofUser = (this.#byUser.get(user) ?? 0) + bytes;
    if (ofUser === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, ofUser);
  }
}

/** What one document holds. */
export interface DocumentPlace {
  /** Whose document it is. */
  readonly user: string;
  /** Takes `bytes` more. @throws {S3Error} `SlowDown` where there are no more. */
  grow(bytes: number): void;
  /** Gives all of it back. A second call does nothing. */
  release(): void;
}

/** Of this thread. */
export const DOCUMENT_MEMORY = new DocumentMemory();

/** Documents are parsed one at a time: of many that end together, only one is in memory in its parsed form, and other requests are served meanwhile. */
export const DOCUMENT_QUEUE = new WorkQueue();
