/**
 * What a hostile backend, or an uploader with hostile keys, makes an ordinary request cost.
 * @module
 */

import { LIMITS } from "../../../src/limits.ts";
import type { Header } from "../../support/signer.ts";
import {
  fill,
  GREEDY,
  ORDINARY,
  type Script,
  single,
  type Variant,
  type WorstCase,
} from "./worst_case.ts";

const MIB = 1 << 20;
const KEYS = 1000;
const KEY_BYTES = 1024;
const BUCKETS = 10_000;
const XML: readonly Header[] = [["Content-Type", "application/xml"]];
const OWNER = "<Owner><ID>master</ID><DisplayName>Master</DisplayName></Owner>";
const INITIATOR = "<Initiator><ID>master</ID><DisplayName>Master</DisplayName></Initiator>";
const ENTRY = "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>" +
  "<Size>1</Size><StorageClass>STANDARD</StorageClass>";

/** Keys as RGW writes them. */
const KEY_TEXTS: Readonly<Record<string, string>> = {
  [ORDINARY]: "documents/2026/report.pdf",
  "keys of control characters": fill("&#x1;", 5 * KEY_BYTES),
  "keys of markup": fill("&amp;", 5 * KEY_BYTES),
  "keys of letters": fill("k", KEY_BYTES),
};

/** Documents that are none. */
const BROKEN: Readonly<Record<string, string>> = {
  "elements inside each other": fill("<a>", 2 * MIB),
  "short elements": fill("<a/>", 4 * MIB),
  "one text": fill("a", 8 * MIB),
  "one text of references": fill("&#x1;", 8 * MIB),
  "one long name": `<${fill("a", 8 * MIB)}`,
  "one long attribute": `<a b="${fill("c", 8 * MIB)}`,
  "one comment": `<!--${fill("-a", 8 * MIB)}`,
  "many attributes": `<a ${Array.from({ length: 50_000 }, (_, at) => `a${at}="1"`).join(" ")}/>`,
  owners: fill(OWNER, 4 * MIB),
};

interface Listing {
  readonly name: string;
  readonly target: string;
  readonly root: string;
  readonly entry: (key: string) => string;
  /** Of its document; a thousand entries, where there is no bound. */
  readonly bytesMax?: number;
}

const LISTINGS: readonly Listing[] = [
  {
    name: "ListObjects",
    target: "/worst",
    root: "ListBucketResult",
    entry: (key) => `<Contents><Key>${key}</Key>${ENTRY}${OWNER}</Contents>`,
  },
  {
    name: "ListObjectsV2",
    target: "/worst?list-type=2&fetch-owner=true",
    root: "ListBucketResult",
    entry: (key) => `<Contents><Key>${key}</Key>${ENTRY}${OWNER}</Contents>`,
  },
  {
    name: "ListObjectVersions",
    target: "/worst?versions",
    root: "ListVersionsResult",
    entry: (key) =>
      `<Version><Key>${key}</Key><VersionId>v</VersionId><IsLatest>true</IsLatest>${ENTRY}${OWNER}</Version>`,
  },
  {
    name: "ListMultipartUploads",
    target: "/worst?uploads",
    root: "ListMultipartUploadsResult",
    entry: (key) =>
      `<Upload><Key>${key}</Key><UploadId>u</UploadId>${INITIATOR}${OWNER}` +
      "<StorageClass>STANDARD</StorageClass><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>",
  },
  {
    name: "ListParts",
    target: "/worst/key?uploadId=u",
    root: "ListPartsResult",
    entry: (key) => `<Part><PartNumber>1</PartNumber>${ENTRY}<X>${key}</X>${OWNER}</Part>`,
  },
  {
    name: "GetObjectAcl",
    target: "/worst/key?acl",
    root: "AccessControlPolicy",
    entry: (key) =>
      `<Grant><Grantee><ID>master</ID><DisplayName>${key}</DisplayName></Grantee>` +
      "<Permission>FULL_CONTROL</Permission></Grant>",
    bytesMax: LIMITS.aclBytesMax,
  },
];

/** All of them. */
export function listAnswers(): WorstCase[] {
  return [
    ...LISTINGS.flatMap((listing) => [
      answer(`${listing.name}: a page of the worst keys`, pages(listing)),
      answer(`${listing.name}: a document that is none`, broken(listing.target, listing.root)),
    ]),
    answer("ListBuckets: as many as there may be", buckets()),
    answer("ListBuckets: a document that is none", broken("/", "ListAllMyBucketsResult")),
    answer("GetObject: as many headers as there may be", headers({ target: "/worst/key" })),
    answer("GetObject: an error of megabytes", errors()),
    answer("CopyObject: a document that is none", broken("/worst/key", "CopyObjectResult", COPY)),
    answer(
      "CompleteMultipartUpload: a document that is none",
      broken("/worst/key?uploadId=u", "CompleteMultipartUploadResult", COMPLETE),
    ),
    answer(
      "DeleteObjects: a document that is none",
      broken("/worst?delete", "DeleteResult", DELETE),
    ),
  ];
}

const COPY = { method: "PUT", headers: [["x-amz-copy-source", "/worst/source"] as const] };
const COMPLETE = {
  method: "POST",
  body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
    "</CompleteMultipartUpload>",
};
const DELETE = {
  method: "POST",
  body: "<Delete><Object><Key>a</Key></Object></Delete>",
};

function pages({ target, root, entry, bytesMax = Infinity }: Listing): Variant[] {
  return Object.entries(KEY_TEXTS).flatMap(([label, key]) => {
    const around = document(`<${root}>${OWNER}</${root}>`).body?.length ?? 0;
    const entries = Math.min(KEYS, Math.floor((bytesMax - around) / entry(key).length));
    return named(
      label,
      single(
        { target, key: GREEDY },
        document(`<${root}>${OWNER}${entry(key).repeat(entries)}</${root}>`),
      ),
    );
  });
}

function broken(target: string, root: string, wanted: object = {}): Variant[] {
  return Object.entries(BROKEN).flatMap(([label, text]) =>
    named(label, single({ target, key: GREEDY, ...wanted }, document(`<${root}>${text}`)))
  );
}

function buckets(): Variant[] {
  const bucket = (at: number): string =>
    `<Bucket><Name>worst-${at}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>`;
  const text = Array.from({ length: BUCKETS }, (_, at) => bucket(at)).join("");
  const root = "ListAllMyBucketsResult";
  return single(
    { target: "/", key: GREEDY },
    document(`<${root}>${OWNER}<Buckets>${text}</Buckets></${root}>`),
  );
}

function headers({ target }: { target: string }): Variant[] {
  const many = Array.from(
    { length: 95 },
    (_, at): Header => [`x-amz-meta-${at}`, fill("\xe9 \t", 600)],
  );
  return single({ target, key: GREEDY }, { headers: many, body: "small" });
}

function errors(): Variant[] {
  return Object.entries(BROKEN).flatMap(([label, text]) =>
    named(
      label,
      single({ target: "/worst/key", key: GREEDY }, {
        ...document(`<Error><Code>NoSuchKey</Code>${text}`),
        status: 404,
      }),
    )
  );
}

function document(body: string): Script {
  return { headers: XML, body: `<?xml version="1.0" encoding="UTF-8"?>${body}` };
}

function named(label: string, variants: readonly Variant[]): Variant[] {
  return variants.map((variant) => ({ ...variant, label }));
}

function answer(name: string, variants: readonly Variant[]): WorstCase {
  return { name, kind: "answer", variants };
}
