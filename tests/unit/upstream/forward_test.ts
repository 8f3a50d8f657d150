import assert from "node:assert/strict";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { ConnectionSlots } from "../../../src/upstream/connection_slots.ts";
import { type Deadlines, forward } from "../../../src/upstream/forward.ts";
import type { Transport, TransportRequest } from "../../../src/upstream/transport.ts";

const REQUEST: TransportRequest = {
  method: "GET",
  url: "http://backend.example/bucket/key",
  headers: new Map(),
  body: { kind: "none" },
};
const PATIENT: Deadlines = {
  connectTimeoutMs: 60_000,
  responseHeaderTimeoutMs: 60_000,
  uploadTimeoutMs: 60_000,
};

/** A backend that never answers. */
function silentBackend({ isReachable }: { isReachable: boolean }): Transport {
  return {
    send: (_request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
    isReachable: () => Promise.resolve(isReachable),
    close: () => {},
  };
}

/** The code of the error that a request to `transport` ends in. */
async function failWith(
  transport: Transport,
  { deadlines, clientGone = new AbortController().signal }: {
    deadlines: Partial<Deadlines>;
    clientGone?: AbortSignal;
  },
): Promise<string> {
  const memory = SharedMemory.create(1);
  const slots = new ConnectionSlots({ slotsMax: 1, waitTimeoutMs: 0, memory });
  const upstream = { transport, slots, deadlines: { ...PATIENT, ...deadlines } };
  // The wheel's own timer keeps no process alive.
  const timer = setTimeout(() => assert.fail("it waited for ever"), 10_000);
  try {
    await forward(REQUEST, {
      upstream,
      bodyBytes: 0,
      bodyRead: undefined,
      clientGone: () => clientGone,
    });
  } catch (error) {
    assert.ok(error instanceof S3Error);
    assert.ok(slots.tryAcquire(), "its connection was given back");
    return error.code;
  } finally {
    clearTimeout(timer);
  }
  return assert.fail("it was answered");
}

Deno.test("forward() does not wait for a head from a backend that accepts no connection", async () => {
  const transport = silentBackend({ isReachable: false });
  assert.equal(
    await failWith(transport, { deadlines: { connectTimeoutMs: 1 } }),
    "ServiceUnavailable",
  );
});

Deno.test("forward() waits beyond connectTimeoutMs for one that does, until its head is due", async () => {
  const transport = silentBackend({ isReachable: true });
  const deadlines = { connectTimeoutMs: 1, responseHeaderTimeoutMs: 300 };
  assert.equal(await failWith(transport, { deadlines }), "GatewayTimeout");
});

Deno.test("forward() looks after a while whether the client is still there", async () => {
  const transport = silentBackend({ isReachable: true });
  const clientGone = AbortSignal.abort();
  assert.equal(await failWith(transport, { deadlines: {}, clientGone }), "RequestTimeout");
});
