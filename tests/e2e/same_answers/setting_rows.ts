/**
 * Settings of buckets: each is read, written right and wrong, read again and deleted.
 * @module
 */

import {
  CREATED,
  malformed,
  noMethod,
  OTHER_PARAMETER,
  otherHeaders,
  otherOutcome,
  wrongDigest,
} from "./differences.ts";
import { type Difference, type Row, row, type Scene } from "./row.ts";
import { aclRows, TAG_DOCUMENTS } from "./version_rows.ts";

const RULE = "<CORSRule><AllowedOrigin>https://a.example</AllowedOrigin>" +
  "<AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>" +
  "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>";
const EXPIRE = "<Rule><ID>one</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>" +
  "<Expiration><Days>1</Days></Expiration></Rule>";
const PUBLIC_ACCESS = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>" +
  "<IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy>" +
  "<RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>";

function policy(bucket: string, action = "s3:GetObject"): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Principal: "*",
      Action: action,
      Resource: `arn:aws:s3:::${bucket}/*`,
    }],
  });
}

const MINIMUM = otherHeaders(
  "The answers to Put and Get carry it",
  "x-amz-transition-default-minimum-object-size",
);

interface Setting {
  readonly name: string;
  /** Documents that RGW takes, or answers alike; the first is right. */
  readonly taken: readonly string[];
  /** Documents beside those that suit no setting. */
  readonly refused?: readonly string[];
  /** What RGW answers to the first of them, where it is not 200. */
  readonly written?: string;
  /** Nobody can write or delete it; on RGW, DELETE is sometimes the bucket's. */
  readonly isReadOnly?: true;
  /** What RGW does where nobody can delete it; `undefined` where it can be. */
  readonly deleted?: "200" | "bucket";
}

function lifecycle(rules: string): string {
  return `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`;
}

function payer(name: string): string {
  return `<RequestPaymentConfiguration><Payer>${name}</Payer></RequestPaymentConfiguration>`;
}

const NOT_ALLOWED = "405 MethodNotAllowed";

const SETTINGS: readonly Setting[] = [
  {
    name: "cors",
    taken: [
      `<CORSConfiguration>${RULE}</CORSConfiguration>`,
      `<CORSConfiguration>${RULE}${RULE}</CORSConfiguration>`,
    ],
    refused: [
      "<CORSConfiguration/>",
      "<CORSConfiguration><CORSRule><AllowedMethod>WRONG</AllowedMethod>" +
      "<AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
    ],
  },
  {
    name: "lifecycle",
    taken: [
      lifecycle(EXPIRE),
      lifecycle(
        "<Rule><ID>up</ID><Prefix/><Status>Enabled</Status><AbortIncompleteMultipartUpload>" +
          "<DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>",
      ),
      lifecycle(
        "<Rule><ID>and</ID><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>" +
          "</And></Filter><Status>Enabled</Status><NoncurrentVersionExpiration>" +
          "<NoncurrentDays>5</NoncurrentDays></NoncurrentVersionExpiration></Rule>",
      ),
      lifecycle(
        "<Rule><ID>date</ID><Prefix>é &amp;</Prefix><Status>Disabled</Status>" +
          "<Expiration><Date>2100-01-01T00:00:00Z</Date></Expiration></Rule>",
      ),
      lifecycle(
        "<Rule><ID>marker</ID><Prefix/><Status>Enabled</Status><Expiration>" +
          "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>",
      ),
      lifecycle(
        "<Rule><ID>t</ID><Prefix/><Status>Enabled</Status><Transition><Days>1</Days>" +
          "<StorageClass>GLACIER</StorageClass></Transition></Rule>",
      ),
    ],
    refused: [
      lifecycle(EXPIRE + EXPIRE),
      lifecycle(EXPIRE.replace(">1<", ">0<")),
      lifecycle(""),
      lifecycle(
        "<Rule><Prefix/><Status>Wrong</Status><Expiration><Days>1</Days></Expiration></Rule>",
      ),
    ],
  },
  {
    name: "policy",
    taken: [policy("{b}"), policy("another-bucket"), "{}"],
    refused: [policy("{b}", "s3:Wrong")],
    written: "204",
  },
  { name: "tagging", taken: TAG_DOCUMENTS },
  {
    name: "website",
    taken: [
      "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
      "<WebsiteConfiguration/>",
    ],
    written: NOT_ALLOWED,
  },
  {
    name: "notification",
    taken: ["<NotificationConfiguration/>"],
    written: "400 MalformedXML",
    deleted: "200",
  },
  { name: "logging", taken: ["<BucketLoggingStatus/>"], written: NOT_ALLOWED },
  {
    name: "requestPayment",
    taken: [payer("Requester"), payer("BucketOwner")],
    refused: [payer("Wrong")],
    deleted: "bucket",
  },
  {
    name: "publicAccessBlock",
    taken: [PUBLIC_ACCESS, "<PublicAccessBlockConfiguration/>"],
  },
  {
    name: "replication",
    taken: ["<ReplicationConfiguration><Role/></ReplicationConfiguration>"],
    written: NOT_ALLOWED,
  },
  { name: "policyStatus", taken: [], isReadOnly: true, deleted: "bucket" },
];

/** These documents are read by the proxy, because they name buckets. */
const NAMING_BUCKETS: ReadonlySet<string> = new Set(["logging", "replication"]);

function settingRows({ name, taken, refused = [], written = "200", ...more }: Setting): Row[] {
  const { isReadOnly = false, deleted } = more;
  const target = `/{b}?${name}`;
  const [right = ""] = taken;
  // What both sides answer a success with, they do in another header.
  const success = name === "lifecycle" ? MINIMUM : undefined;
  const read = row(`GET ${target}`, { differs: success });
  const unfit = NAMING_BUCKETS.has(name) ? malformed(NOT_ALLOWED) : undefined;
  const write = (body: string, differs?: Difference): Row[] => [
    row(`PUT ${target}`, { body, differs }),
    read,
  ];
  return [
    row("PUT /{b}", { differs: CREATED }),
    row(`GET ${target}`),
    ...taken.flatMap((body) => write(body, success)),
    ...refused.flatMap((body) => write(body)),
    ...isReadOnly ? [] : [...write("not xml", unfit), ...write("", unfit)],
    ...isReadOnly ? [] : write("<Other/>", unfit ?? success),
    row(`GET /{b}-none?${name}`),
    ...isReadOnly ? [] : [row(`PUT /{b}-none?${name}`, { body: right })],
    row(`GET ${target}=`, { differs: success }),
    row(`GET ${target}&versionId=null`, {
      differs: { ...OTHER_PARAMETER, gateway: name === "website" ? NOT_ALLOWED : "200" },
    }),
    row(`HEAD ${target}`, { differs: noMethod() }),
    row(`POST ${target}`, { differs: noMethod("400 InvalidArgument") }),
    ...isReadOnly || name === "lifecycle" ? [] : [
      row(`PUT ${target}`, {
        body: right,
        headers: { "content-md5": `${"A".repeat(22)}==` },
        differs: wrongDigest(written),
      }),
    ],
    ...deleteRows(name, deleted),
  ];
}

function deleteRows(name: string, deleted: Setting["deleted"]): Row[] {
  const target = `/{b}?${name}`;
  if (deleted === undefined) {
    return [
      row(`DELETE /{b}-none?${name}`),
      row(`DELETE ${target}`),
      row(`GET ${target}`),
      row(`DELETE ${target}`),
    ];
  }
  return [row(`DELETE ${target}`, { differs: noMethod(deleted === "bucket" ? "204" : deleted) })];
}

/** Settings that RGW 16 does not know: it answers what the bucket itself does. */
const NOT_FORWARDED = ["encryption", "ownershipControls", "accelerate"];

/** See the module. */
export const SETTING_SCENES: readonly Scene[] = [
  ...SETTINGS.map((setting): Scene => ({
    name: setting.name.toLowerCase(),
    rows: settingRows(setting),
  })),
  {
    name: "acl",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...aclRows("/{b}?acl"),
      row("GET /{b}-none?acl"),
    ],
  },
  {
    name: "settings that are not forwarded",
    rows: [
      row("PUT /{b}", { differs: CREATED }),
      ...NOT_FORWARDED.flatMap((name) =>
        ["GET", "PUT"].map((method) =>
          row(`${method} /{b}?${name}`, {
            differs: otherOutcome("So these answer `501 NotImplemented`", {
              proxy: "501 NotImplemented",
            }),
          })
        )
      ),
    ],
  },
];
