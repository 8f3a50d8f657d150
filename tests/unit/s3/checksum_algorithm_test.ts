import assert from "node:assert/strict";
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  findChecksumAlgorithm,
} from "../../../src/s3/checksum_algorithm.ts";
import { headerFate } from "../../../src/s3/header_table.ts";
import { buildObjectAttributes } from "../../../src/s3/object_attributes.ts";
import { formatXml } from "../../../src/s3/xml.ts";
import { loadVectors } from "../../support/vectors.ts";

const vectors = await loadVectors<{ readonly algorithm: string; readonly header: string }>(
  "payload/checksums.json",
);

Deno.test("CHECKSUM_ALGORITHMS are the ten of S3, by their headers, wherever a header is read", () => {
  assert.deepEqual(
    CHECKSUM_ALGORITHMS.map((algorithm) => `${algorithm} ${checksumHeader(algorithm)}`).toSorted(),
    vectors.map(({ algorithm, header }) => `${algorithm} ${header}`).toSorted(),
  );
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const header = checksumHeader(algorithm);
    assert.equal(findChecksumAlgorithm(header), algorithm);
    assert.equal(headerFate(header), "consume");
    const attributes = buildObjectAttributes(
      new Headers([[header, "value"]]),
      new Set(["Checksum"]),
    );
    assert.ok(formatXml(attributes).includes(`<Checksum${algorithm}>value<`));
  }
});

Deno.test("findChecksumAlgorithm() knows no other header", () => {
  for (const name of ["x-amz-checksum-type", "x-amz-checksum-", "x-amz-acl", "constructor", ""]) {
    assert.equal(findChecksumAlgorithm(name), undefined);
  }
});
