/**
 * Sets that last as long as the program, of members that last for milliseconds.
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
 * A set without an order. Where requests are added to a `Set` and deleted from it, it leaves a trail of outgrown tables, each of
 * which still holds its members and the next table. The collector of young garbage has to treat all of them as alive, and copies
 * every request that has ever been in the set (V8 of 2.9.6).
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
    // From the end: the member that takes the place of a removed one has been looked at already.
    for (let at = this.#items.length - 1; at >= 0; at--) {
      const item = this.#items[at];
      if (item !== undefined) look(item);
    }
  }
}
