/**
 * What waits, in a line for each user: whoever brings much waits behind others who bring little.
 * @module
 */

/** Lines, of which one after the other has its turn. */
export class RoundRobin<Item> {
  readonly #lines = new Map<string, Item[]>();
  #size = 0;

  /** How many wait in all lines. */
  get size(): number {
    return this.#size;
  }

  /** Puts `item` at the end of a line. */
  push(line: string, item: Item): void {
    this.#size++;
    const items = this.#lines.get(line);
    if (items === undefined) this.#lines.set(line, [item]);
    else items.push(item);
  }

  /** Takes the first of the line whose turn it is; that line is the last one then. */
  shift(): Item | undefined {
    for (const [line, items] of this.#lines) {
      const item = items.shift();
      this.#lines.delete(line);
      if (items.length > 0) this.#lines.set(line, items);
      this.#size--;
      return item;
    }
    return undefined;
  }
}
