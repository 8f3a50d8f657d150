import assert from "node:assert/strict";
import { runWhole } from "../../../src/lib/turns.ts";
import { formatDeleteRequest, takeDeletePart } from "../../../src/s3/delete_request.ts";
import { parseObjectKey } from "../../../src/s3/names.ts";
import { type DeleteRequest, parseDeleteRequest } from "../../../src/s3/request_documents.ts";

const OBJECTS = Array.from({ length: 120 }, (_, at) => ({
  key: parseObjectKey(`${at}é'&`),
  versionId: at % 3 === 0 ? `v${at}` : undefined,
}));

for (const quiet of [false, true]) {
  Deno.test(`takeDeletePart() takes what fits, quiet: ${quiet}`, () => {
    const whole = { objects: OBJECTS, quiet };
    const bytes = formatDeleteRequest(whole).length;
    assert.deepEqual(runWhole(takeDeletePart(whole, bytes)).objects, OBJECTS);
    const most = runWhole(takeDeletePart(whole, bytes - 1));
    assert.deepEqual(most.objects, OBJECTS.slice(0, -1));
    const part: DeleteRequest = parseDeleteRequest(most.document);
    assert.deepEqual([part.objects, part.quiet], [OBJECTS.slice(0, -1), quiet]);
  });

  Deno.test(`takeDeletePart() takes one at least, quiet: ${quiet}`, () => {
    let left = OBJECTS.slice(0, 3);
    const seen = [];
    while (left.length > 0) {
      const { objects } = runWhole(takeDeletePart({ objects: left, quiet }, 1));
      assert.equal(objects.length, 1);
      seen.push(...objects);
      left = left.slice(1);
    }
    assert.deepEqual(seen, OBJECTS.slice(0, 3));
  });
}
