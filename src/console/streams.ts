/**
 * Answers that go on: a request that is held open gets one more line of JSON whenever a second has passed. Whoever has opened it is
 * asked for its rights again before each line.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import type { Visitor } from "./authenticate.ts";
import { ConsoleError } from "./console_error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Those that are open. */
export class Streams {
  readonly #open = new Map<AnswerStream, Visitor>();

  /** How many of them administrators have. */
  get administratorsCount(): number {
    return this.#count(({ isAdmin }) => isAdmin);
  }

  /**
   * Makes room for one more.
   * @throws {ConsoleError} `too_many_viewers` at {@linkcode LIMITS.consoleViewersMax} of administrators, at
   *   {@linkcode LIMITS.consoleUserStreamsMax} of all others, and at {@linkcode LIMITS.consoleStreamsOfUserMax} of one of these.
   */
  open(visitor: Visitor): AnswerStream {
    const { isAdmin, identity } = visitor;
    const isFull = isAdmin
      ? this.administratorsCount >= LIMITS.consoleViewersMax
      : this.#count((other) => !other.isAdmin) >= LIMITS.consoleUserStreamsMax ||
        this.#count((other) => !other.isAdmin && other.identity.sharesAs === identity.sharesAs) >=
          LIMITS.consoleStreamsOfUserMax;
    if (isFull) {
      throw new ConsoleError("too_many_viewers", { message: "There are too many who watch." });
    }
    const stream = new AnswerStream(() => this.#open.delete(stream));
    this.#open.set(stream, visitor);
    return stream;
  }

  /** Ends all: pages ask anew, and are answered by the rules as they are then. */
  endAll(): void {
    for (const stream of this.#open.keys()) stream.end();
  }

  #count(isMeant: (visitor: Visitor) => boolean): number {
    return [...this.#open.values()].filter(isMeant).length;
  }
}

/** One of them; it takes room until it has ended. */
export class AnswerStream {
  readonly #forget: () => void;
  #isOver = false;
  #wake = (): void => {};

  constructor(forget: () => void) {
    this.#forget = forget;
  }

  /** What is sent: `first`, then what `ask` gives, until that is nothing. */
  createBody(
    first: unknown,
    ask: () => Promise<unknown>,
  ): ReadableStream<Bytes> {
    let answer: Promise<unknown> | undefined = Promise.resolve(first);
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        if (answer === undefined) await this.#wait();
        const told = this.#isOver ? undefined : await (answer ?? ask());
        answer = undefined;
        if (told !== undefined && !this.#isOver) {
          return controller.enqueue(encodeUtf8(`${JSON.stringify(told)}\n`));
        }
        this.end();
        controller.close();
      },
      cancel: () => this.end(),
    }, { highWaterMark: 0 });
  }

  /** Nothing more is sent. */
  end(): void {
    this.#isOver = true;
    this.#wake();
    this.#forget();
  }

  #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LIMITS.consoleStreamIntervalMs);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }
}
