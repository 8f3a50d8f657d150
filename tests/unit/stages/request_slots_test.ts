import assert from "node:assert/strict";
import { S3Error } from "../../../src/s3/error.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { RequestSlots } from "../../../src/stages/request_slots.ts";

Deno.test("RequestSlots.take() refuses one more than there are, and takes it after a release", () => {
  const slots = new RequestSlots(SharedMemory.create(1));
  slots.take(2);
  const release = slots.take(2);
  assert.throws(
    () => slots.take(2),
    (error) => error instanceof S3Error && error.code === "SlowDown",
  );
  release();
  slots.take(2);
});

Deno.test("RequestSlots.take() goes by the bound of now, which a reload may have changed", () => {
  const slots = new RequestSlots(SharedMemory.create(1));
  slots.take(1);
  slots.take(2);
  assert.throws(() => slots.take(2), S3Error);
});
