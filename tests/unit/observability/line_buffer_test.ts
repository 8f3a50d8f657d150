import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { LineBuffer } from "../../../src/observability/line_buffer.ts";

/** A reader of lines that takes a batch only when told to. */
class StallingReader {
  readonly batches: string[] = [];
  #release: ((outcome: { readonly broken: boolean }) => void) | undefined;
  #started = Promise.withResolvers<void>();

  readonly write = async (lines: string): Promise<void> => {
    const released = Promise.withResolvers<{ readonly broken: boolean }>();
    this.#release = released.resolve;
    this.#started.resolve();
    if ((await released.promise).broken) throw new Error("Broken pipe");
    this.batches.push(lines);
  };

  /** Waits for a write and lets it end. */
  async release({ broken = false } = {}): Promise<void> {
    await this.started();
    this.#started = Promise.withResolvers();
    this.#release?.({ broken });
  }

  started(): Promise<void> {
    return this.#started.promise;
  }
}

function createBuffer(): { buffer: LineBuffer; reader: StallingReader } {
  const reader = new StallingReader();
  const formatDropped = (lines: number): string => `dropped ${lines}\n`;
  return {
    buffer: new LineBuffer({ write: reader.write, formatDropped, dropped: () => {} }),
    reader,
  };
}

/** A line that together with `others` characters fills the buffer. */
function fillingLine(others = 0): string {
  return "x".repeat(LIMITS.logBufferCharactersMax - others - 1) + "\n";
}

Deno.test("LineBuffer drops the line one character past its bound and says so", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push(fillingLine());
  buffer.push("\n");
  const flushed = buffer.flush();
  await reader.release();
  await flushed;
  assert.deepEqual(reader.batches, [fillingLine() + "dropped 1\n"]);
});

Deno.test("LineBuffer counts the lines that came together, not how often some came", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push("a\nb\n");
  const failed = buffer.flush();
  await reader.release({ broken: true });
  await failed;
  buffer.push(fillingLine());
  buffer.push("c\nd\ne\n");
  const flushed = buffer.flush();
  await reader.release();
  await flushed;
  assert.deepEqual(reader.batches, [fillingLine() + "dropped 5\n"]);
});

Deno.test("LineBuffer keeps what exactly fills it", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push("first\n");
  buffer.push(fillingLine("first\n".length));
  const flushed = buffer.flush();
  await reader.release();
  await flushed;
  assert.deepEqual(reader.batches, ["first\n" + fillingLine("first\n".length)]);
});

Deno.test("LineBuffer counts the batch in flight while its reader stalls", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push(fillingLine("late\n".length));
  const first = buffer.flush();
  await reader.started();
  buffer.push("late\n");
  for (let line = 0; line < 1000; line++) buffer.push("lost\n");
  const second = buffer.flush();
  await reader.release();
  await first;
  await reader.release();
  await second;
  assert.deepEqual(reader.batches, [fillingLine("late\n".length), "late\ndropped 1000\n"]);
});

Deno.test("LineBuffer takes lines again once its reader has read", async () => {
  const { buffer, reader } = createBuffer();
  for (const line of [fillingLine(), fillingLine()]) {
    buffer.push(line);
    const flushed = buffer.flush();
    await reader.release();
    await flushed;
  }
  assert.deepEqual(reader.batches, [fillingLine(), fillingLine()]);
});

Deno.test("LineBuffer counts the lines of a failed write and writes the next", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push("a\n");
  buffer.push("b\n");
  const failed = buffer.flush();
  await reader.release({ broken: true });
  await failed;
  buffer.push("c\n");
  const flushed = buffer.flush();
  await reader.release();
  await flushed;
  assert.deepEqual(reader.batches, ["c\ndropped 2\n"]);
});

Deno.test("LineBuffer writes in one batch what came together, without being asked", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push("a\n");
  buffer.push("b\n");
  await reader.release();
  await buffer.flush();
  assert.deepEqual(reader.batches, ["a\nb\n"]);
});

Deno.test("LineBuffer writes what came during a write, without being asked", async () => {
  const { buffer, reader } = createBuffer();
  buffer.push("a\n");
  await reader.started();
  buffer.push("b\n");
  await reader.release();
  await reader.release();
  await buffer.flush();
  assert.deepEqual(reader.batches, ["a\n", "b\n"]);
});

Deno.test("LineBuffer.flush() writes nothing when there is nothing", async () => {
  const { buffer, reader } = createBuffer();
  await buffer.flush();
  assert.deepEqual(reader.batches, []);
});
