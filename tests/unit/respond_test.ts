import assert from "node:assert/strict";
import {
  type AnswerContext,
  freeBody,
  respondHealthy,
  respondWithDocument,
} from "../../src/respond.ts";

const CONTEXT: AnswerContext = { method: "GET", path: "/", requestId: "r" };

Deno.test("freeBody() gives a document's memory back, and does nothing the second time", () => {
  const answer = respondWithDocument("<A>é</A>", { context: CONTEXT, headers: [] });
  const { body } = answer;
  assert.ok(body instanceof Uint8Array);
  assert.equal(new TextDecoder().decode(body), "<A>é</A>");
  freeBody(answer);
  assert.equal(body.buffer.detached, true);
  freeBody(answer);
});

Deno.test("freeBody() leaves bytes alone that others may have, and what is none", () => {
  const healthy = respondHealthy(CONTEXT);
  const shared = new Uint8Array(8);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>();
  freeBody(healthy);
  for (const body of [shared, stream, null]) freeBody({ ...healthy, body });
  freeBody({ ...healthy, body: stream, ownsBody: true });
  assert.equal(shared.buffer.detached, false);
  assert.ok(healthy.body instanceof Uint8Array && !healthy.body.buffer.detached);
});
