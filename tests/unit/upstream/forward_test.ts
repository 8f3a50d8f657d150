import assert from "node:assert/strict";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { ConnectionSlots } from "../../../src/upstream/connection_slots.ts";
import { type Deadlines, forward } from "../../../src/upstream/forward.ts";
import type {
  Transport,
  TransportCall,
  TransportRequest,
} from "../../../src/upstream/transport.ts";

const REQUEST: TransportRequest = {
  method: "GET",
  target: "/bucket/key",
  headers: new Map(),
  body: { kind: "none" },
};
const USER = { name: "alice", ownMax: undefined };
const PATIENT: Deadlines = {
  connectTimeoutMs: 60_000,
  responseHeaderTimeoutMs: 60_000,
  uploadTimeoutMs: 60_000,
};

/** A backend that never answers, on a transport that tells `progress`. */
function silentBackend(progress: (call: TransportCall) => void): Transport {
  return {
    send: (_request, call) =>
      new Promise((_resolve, reject) => {
        call.closeWhenBroken({ close: () => reject(new Error("broken off")) });
        progress(call);
      }),
    close: () => {},
  };
}

/** The code of the error that a request to `transport` ends in. */
async function failWith(
  transport: Transport,
  { deadlines, isReachable = false, bodyBytes = 0, clientGone = new AbortController().signal }: {
    deadlines: Partial<Deadlines>;
    isReachable?: boolean;
    bodyBytes?: number;
    clientGone?: AbortSignal;
  },
): Promise<string> {
  const memory = SharedMemory.create(1);
  const slots = new ConnectionSlots({ slotsMax: 1, waitTimeoutMs: 0, memory });
  const upstream = {
    transport,
    slots,
    isReachable: () => Promise.resolve(isReachable),
    deadlines: { ...PATIENT, ...deadlines },
  };
  // The wheel's own timer keeps no process alive.
  const timer = setTimeout(() => assert.fail("it waited for ever"), 10_000);
  try {
    await forward(REQUEST, {
      upstream,
      user: USER,
      bodyBytes,
      bodyRead: undefined,
      client: { clientGone: () => clientGone },
    });
  } catch (error) {
    assert.ok(error instanceof S3Error);
    assert.ok(slots.tryAcquire(USER), "its connection was given back");
    return error.code;
  } finally {
    clearTimeout(timer);
  }
  return assert.fail("it was answered");
}

Deno.test("forward() does not wait for a head from a backend that accepts no connection", async () => {
  for (const progress of [() => {}, (call: TransportCall) => call.connectsUnseen()]) {
    assert.equal(
      await failWith(silentBackend(progress), { deadlines: { connectTimeoutMs: 1 } }),
      "ServiceUnavailable",
    );
  }
});

Deno.test("forward() waits beyond connectTimeoutMs for one that does, until its head is due", async () => {
  const deadlines = { connectTimeoutMs: 1, responseHeaderTimeoutMs: 300 };
  const unseen = silentBackend((call) => call.connectsUnseen());
  assert.equal(await failWith(unseen, { deadlines, isReachable: true }), "GatewayTimeout");
  const connected = silentBackend((call) => call.connected());
  assert.equal(await failWith(connected, { deadlines }), "GatewayTimeout");
});

Deno.test("forward() gives the backend its own time once the whole request was sent", async () => {
  const transport = silentBackend((call) => {
    call.connected();
    call.sent();
  });
  const deadlines = { uploadTimeoutMs: undefined, responseHeaderTimeoutMs: 1 };
  assert.equal(await failWith(transport, { deadlines, bodyBytes: 1 }), "GatewayTimeout");
});

Deno.test("forward() looks after a while whether the client is still there", async () => {
  const transport = silentBackend((call) => call.connected());
  const clientGone = AbortSignal.abort();
  assert.equal(await failWith(transport, { deadlines: {}, clientGone }), "RequestTimeout");
});
