/**
 * A bound on one user's uploads that are decoded here at one time: each costs memory and processor time.
 * @module
 */

import { S3Error } from "../s3/error.ts";

/** Counts uploads by user. */
export class UploadSlots {
  readonly #uploads = new Map<string, number>();

  /**
   * Takes one of `slotsMax` slots; the function gives it back.
   * @throws {S3Error} `SlowDown` where none is left.
   */
  take(user: string, slotsMax: number): () => void {
    const taken = this.#uploads.get(user) ?? 0;
    if (taken >= slotsMax) throw new S3Error("SlowDown", { reason: "upload_slots" });
    this.#uploads.set(user, taken + 1);
    return () => {
      const left = (this.#uploads.get(user) ?? 1) - 1;
      if (left === 0) this.#uploads.delete(user);
      else this.#uploads.set(user, left);
    };
  }
}
