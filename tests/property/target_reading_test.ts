import fc from "fast-check";
import assert from "node:assert/strict";
import { S3Error } from "../../src/s3/error.ts";
import { parseObjectKey } from "../../src/s3/names.ts";
import { parseRequestTarget } from "../../src/s3/target.ts";
import { buildFetchUrl, buildUpstreamTarget } from "../../src/upstream/target.ts";
import { anyCharacter } from "../support/any_character.ts";
import { uriEncode } from "../support/signer.ts";
import { parseSample } from "../unit/s3/sample_request.ts";

const ENDPOINT = new URL("https://backend.example");
/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 100, verbose: 1 } as const;

/** Pieces with which paths are smuggled. */
const piece = fc.constantFrom(
  ..."/.%\\?&=+;:#@ ab".split(""),
  "%2e",
  "%2E",
  "%2f",
  "%5c",
  "%00",
  "%25",
  "%252e",
  "%c0%af",
  "%ff",
  "%F0%9F%98%80",
  "..",
  "mine",
  "victim",
  "é",
  "\0",
  "\t",
);
const rawTarget = fc.array(piece, { maxLength: 12 }).map((pieces) => `/mine/${pieces.join("")}`);

Deno.test("parseS3Request() Z3 refuses a target or forwards what it read", () => {
  fc.assert(
    fc.property(rawTarget, (target) => {
      let request;
      try {
        request = parseSample({ target });
      } catch (error) {
        assert.ok(error instanceof S3Error, String(error));
        return;
      }
      // The backend decodes once: it must find what was authorized, and `fetch` must not fold it.
      const url = new URL(buildFetchUrl(ENDPOINT, buildUpstreamTarget(ENDPOINT, request).target));
      const { resource } = request;
      assert.equal(resource.level === "service" ? "" : resource.bucket, "mine");
      const path = resource.level === "object" ? `/mine/${resource.key}` : "/mine";
      assert.equal(decodeURIComponent(url.pathname), path);
      assert.deepEqual(parseRequestTarget(url.pathname + url.search).query, request.parameters);
    }),
    PARAMETERS,
  );
});

Deno.test("parseS3Request() Z4 reads any key from its encoding, byte for byte", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 60 }), (key) => {
      fc.pre(isKey(key));
      const { resource } = parseSample({ target: `/bucket/${uriEncode(key)}` });
      assert.deepEqual(resource, { level: "object", bucket: "bucket", key });
    }),
    PARAMETERS,
  );
});

function isKey(text: string): boolean {
  try {
    parseObjectKey(text);
    return true;
  } catch {
    return false;
  }
}
