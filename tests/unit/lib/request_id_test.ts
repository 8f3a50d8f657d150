import assert from "node:assert/strict";
import { createRequestId } from "../../../src/lib/request_id.ts";

Deno.test("createRequestId() gives 16 hexadecimal digits, never the same, past its store too", () => {
  const ids = Array.from({ length: 2000 }, createRequestId);
  for (const id of ids) assert.match(id, /^[0-9A-F]{16}$/);
  assert.equal(new Set(ids).size, ids.length);
});
