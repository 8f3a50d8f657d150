/**
 * Sets of what lives for milliseconds, in what lives as long as the program.
 * @module
 */

/** What can be in a {@linkcode LiveSet}, in one at a time. */
export interface Living {
  /** The set's own: where in it this is; {@linkcode NOWHERE} outside. */
  place: number;
}

/** Not in a set. */
export const NOWHERE = -1;

/**
 * A set without an order. A `Set` that a request is put into and taken out of leaves a trail of outgrown tables, each of which
 * still holds what was in it and the next table: the collector of young garbage has to take all of it for alive, and copies
 * the whole of every request that has ever been in it (V8 of 2.9.6).
 */
export class LiveSet<Item extends Living> {
  readonly #items: Item[] = [];

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** Puts in what is in none. */
  add(item: Item): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Takes it out; does nothing where it is not in. */
  delete(item: Item): void {
    const { place } = item;
    if (place === NOWHERE) return;
    item.place = NOWHERE;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[place] = last;
    last.place = place;
  }

  /** Calls `look` for each, which may take out the one it is given. */
  forEach(look: (item: Item) => void): void {
    // From the end: what takes the place of one that is taken out has been looked at.
    for (let at = this.#items.length - 1; at >= 0; at--) {
      const item = this.#items[at];
      if (item !== undefined) look(item);
    }
  }
}
