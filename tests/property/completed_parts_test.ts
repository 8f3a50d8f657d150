/** CompleteMultipartUpload: parts that are written as clients write them are read by a way of their own, to the same end. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { runWhole } from "../../src/lib/turns.ts";
import { rewriteCompletedParts } from "../../src/s3/completed_parts.ts";
import { S3Error } from "../../src/s3/error.ts";

const RUNS = { numRuns: 10_000, verbose: 1 } as const;

/** Of tags, names and texts, with the mistakes that are near. */
const field = fc.constantFrom(
  ...["<PartNumber>1</PartNumber>", "<PartNumber>10000</PartNumber>", "<PartNumber>0</PartNumber>"],
  ...["<PartNumber> 1</PartNumber>", "<PartNumber></PartNumber>", "<PartNumber>1</PartNumber >"],
  ...["<ETag>e</ETag>", '<ETag>"e"</ETag>', "<ETag>&quot;e&quot;</ETag>", '<ETag>"</ETag>'],
  ...['<ETag>""</ETag>', '<ETag>"e</ETag>', '<ETag>&quot;e"</ETag>', "<ETag>&amp;</ETag>"],
  ...[
    "<ETag>&#34;e&#34;</ETag>",
    "<ETag>&#x22;e&#x22;</ETag>",
    '<ETag>&#34;e"</ETag>',
    "<ETag>&#3;e&#34;</ETag>",
  ],
  ...["<ETag>\u00e9</ETag>", "<ETag>e</Etag>", "<ETag/>", "<ETag>e<!-- c --></ETag>"],
  ...["<ChecksumCRC32>A==</ChecksumCRC32>", "<ChecksumSHA1>B</ChecksumSHA1>", "<ChecksumCRC32/>"],
  ...["<ChecksumCRC32>A</ChecksumCRC3>", "<ChecksumMD4>A</ChecksumMD4>", "<Size>1</Size>"],
  ...["<Checksum>A</Checksum>", "<p:ETag>e</p:ETag>", "\n", "x", "</Part>", "<Part>"],
);
const part = fc.tuple(
  fc.constantFrom(...new Array(5).fill("<PartNumber>7</PartNumber>"), ""),
  fc.constantFrom(...new Array(5).fill('<ETag>"f"</ETag>'), ""),
  fc.array(field, { maxLength: 2 }),
).map(([number, eTag, fields]) => `<Part>${number}${eTag}${fields.join("")}</Part>`);

Deno.test("rewriteCompletedParts() writes or refuses parts the same, whichever way they are read", () => {
  let written = 0;
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
      // A blank in the tag is enough to be read as any XML.
      const expected = rewrite(document.replaceAll("<Part>", "<Part >"));
      assert.equal(rewrite(document), expected, document);
      if (expected !== undefined) written++;
    }),
    RUNS,
  );
  assert.ok(written > RUNS.numRuns / 20, `${written} were written`);
});

/** `undefined` for a document that is refused. */
function rewrite(document: string): string | undefined {
  try {
    const bytes = runWhole(rewriteCompletedParts(document, { checksums: ["CRC32"] }));
    return new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof S3Error && error.code === "MalformedXML") return undefined;
    throw error;
  }
}
