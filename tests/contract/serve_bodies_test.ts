import assert from "node:assert/strict";
import type { ByteSource } from "../../src/lib/byte_source.ts";
import { concatBytes } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Listener } from "../../src/server/listener.ts";
import { createServeListener } from "../../src/server/serve_listener.ts";

const MIB = 1 << 20;
const FEW_PIECES = 24;
/** 128 MiB. */
const MANY_PIECES = 2048;

/** Pieces that differ. */
class PatternSource implements ByteSource {
  readonly #pieces: number;
  #at = 0;

  constructor(pieces: number) {
    this.#pieces = pieces;
  }

  read(into: Uint8Array): Promise<number> {
    if (this.#at === this.#pieces) return Promise.resolve(0);
    into.fill(++this.#at);
    return Promise.resolve(into.length);
  }

  cancel(): void {}
}

/** Answers with `pieces`, and ends itself once the test is over. */
function serve(pieces: number): Listener & AsyncDisposable {
  const listener = createServeListener(
    { hostname: "127.0.0.1", port: 0, tls: undefined },
    () => {
      const body = new PatternSource(pieces);
      return Promise.resolve({
        answer: { status: 200, headers: [], body, code: undefined },
        ended: () => {},
      });
    },
  );
  const shutdown = (): Promise<void> => listener.shutdown();
  return { port: listener.port, shutdown, [Symbol.asyncDispose]: shutdown };
}

Deno.test("a body that is made here arrives as it is", async () => {
  await using listener = serve(FEW_PIECES);
  const response = await fetch(`http://127.0.0.1:${listener.port}/`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const expected = Array.from(
    { length: FEW_PIECES },
    (_, at) => new Uint8Array(LIMITS.transferPieceBytes).fill(at + 1),
  );
  assert.deepEqual(bytes, concatBytes(expected));
});

Deno.test("a body that is made here gives back each piece that the runtime has", async () => {
  await using listener = serve(MANY_PIECES);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
  await connection.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
  );
  const memory = new Uint8Array(LIMITS.transferPieceBytes);
  const before = Deno.memoryUsage().external;
  let most = 0;
  let received = 0;
  for (;;) {
    const length = await connection.read(memory);
    if (length === null) break;
    received += length;
    most = Math.max(most, Deno.memoryUsage().external - before);
  }
  assert.ok(received > MANY_PIECES * LIMITS.transferPieceBytes);
  assert.ok(most < 12 * MIB, `${Math.round(most / MIB)} MiB`);
});
