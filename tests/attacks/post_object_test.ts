/**
 * F Form uploads: what a policy does not allow is refused before the backend hears of it, and what it allows is a
 * PutObject like any other.
 */

import assert from "node:assert/strict";
import { buildForm, type FormInput } from "../support/form_builder.ts";
import {
  ADMIN,
  ALICE,
  EXPIRED,
  type Key,
  type ListenerName,
  NOBODY,
  type ProxyOptions,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

const FIELDS = { key: "photos/a.txt", "Content-Type": "text/plain" };
const BUCKET = { bucket: "mine" };
const ANY_KEY = ["starts-with", "$key", ""];
const ANY_TYPE = ["starts-with", "$Content-Type", ""];
const APPENDER: Key = { accessKey: "appender-key", secretKey: "appender-secret-of-the-tests" };
const SETTINGS = {
  security: { form_redirect_origins: ["https://app.example.com"] },
  users: [{
    access_key: APPENDER.accessKey,
    secret_key: APPENDER.secretKey,
    grants: [{ buckets: ["mine"], access: "append-only", prefixes: ["inbox/"] }],
  }],
};

type Change = Partial<FormInput>;

function start(
  listener: ListenerName,
  options: ProxyOptions = {},
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({ listener, settings: SETTINGS, ...options });
}

function post(
  proxy: ProxyUnderTest,
  { target = "/mine", headers = [], ...change }: Change & {
    target?: string;
    headers?: readonly (readonly [string, string])[];
  } = {},
): Promise<RawResponse> {
  const form = buildForm({
    bucket: "mine",
    key: ALICE,
    date: new Date(),
    fields: FIELDS,
    ...change,
  });
  return proxy.sendRaw({
    method: "POST",
    target,
    headers: [["host", proxy.host], ...form.headers, ...headers],
    body: form.body,
  });
}

/** What is in a form that is taken: [what it is, the form, the key that is stored]. */
const TAKEN: readonly (readonly [name: string, change: Change, key: string])[] = [
  ["conditions that each are one field", {}, "photos/a.txt"],
  ["a field that nobody looks at, covered", {
    fields: { ...FIELDS, submit: "Upload" },
  }, "photos/a.txt"],
  ["x-ignore-* fields, not covered", {
    change: (fields) => fields.set("x-ignore-utf8", "✓"),
  }, "photos/a.txt"],
  ["names and operators in any case", {
    fields: { kEy: "photos/a.txt", "cONTENT-tYPE": "text/plain" },
    conditions: [
      { bUcKeT: "mine" },
      ["StArTs-WiTh", "$KeY", "photos/"],
      ["EQ", "$content-TYPE", "text/plain"],
    ],
  }, "photos/a.txt"],
  ["a key from the file's name", {
    fields: { key: "in/${filename}" },
    conditions: [BUCKET, ["starts-with", "$key", "in/"]],
    filename: "C:\\photos\\blue sky.jpg",
  }, "in/blue%20sky.jpg"],
  ["a key of special characters", {
    fields: { key: "a +%&=?#'()é😀/b" },
  }, "a%20%2B%25%26%3D%3F%23%27%28%29%C3%A9%F0%9F%98%80/b"],
  ["escapes of S3 in the policy", {
    fields: { key: "$a.txt" },
    policyText: JSON.stringify({
      expiration: new Date(Date.now() + 60_000).toISOString(),
      conditions: [BUCKET, ["eq", "$key", "ESCAPED"], ...signingConditions()],
    }).replace("ESCAPED", "\\$a.txt"),
  }, "%24a.txt"],
  ["a backslash in a value", {
    fields: { key: "\\$a.txt" },
    conditions: [BUCKET, ["starts-with", "$key", "\\$a"]],
  }, "%5C%24a.txt"],
  ["a length within its range", {
    conditions: [BUCKET, ANY_KEY, ANY_TYPE, ["content-length-range", 8, "8"]],
  }, "photos/a.txt"],
  ["several types that all fit", {
    fields: { key: "k", "Content-Type": "image/png, image/jpeg" },
    conditions: [BUCKET, ANY_KEY, ["starts-with", "$Content-Type", "image/"]],
  }, "k"],
  ["another field behind a short file, which S3 ignores", {
    after: { submit: "Upload" },
  }, "photos/a.txt"],
  ["no line break at the end", { end: "--" }, "photos/a.txt"],
  ["an empty file", { file: "" }, "photos/a.txt"],
  [
    "a file that looks like a boundary",
    { file: "\r\n------WebKitFormBoundaryOfTheTest\r\n--" },
    "photos/a.txt",
  ],
];

function signingConditions(): readonly unknown[] {
  return ["x-amz-algorithm", "x-amz-credential", "x-amz-date"].map((
    name,
  ) => ["starts-with", `$${name}`, ""]);
}

for (const [name, change, key] of TAKEN) {
  testListeners(`F ${name}: stored`, async (listener) => {
    await using proxy = await start(listener);
    const response = await post(proxy, change);
    assert.equal(response.status, 204, response.text);
    assert.equal(response.header("etag"), '"stored"');
    const [seen, ...others] = proxy.backend.requests;
    assert.deepEqual(others, []);
    assert.equal(seen?.startLine, `PUT /mine/${key} HTTP/1.1`);
    assert.equal(await seen.bodyEnd, "complete");
    assert.equal(new TextDecoder().decode(seen.body), change.file ?? "the file");
    assert.equal(seen.header("content-length") ?? "0", String(seen.body.length));
  });
}

const REFUSED:
  readonly (readonly [name: string, change: Change, code: string, message?: RegExp])[] = [
    ["no policy: nobody is anonymous", {
      change: (fields) => {
        for (const name of [...fields.keys()]) {
          if (/^(policy|x-amz-)/.test(name)) fields.delete(name);
        }
      },
    }, "AccessDenied"],
    ...["policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"].map((
      name,
    ) =>
      [
        `no ${name}`,
        { change: drop(name) },
        "InvalidArgument",
        new RegExp(`&#39;${name}&#39;`),
      ] as const
    ),
    ["another signature", {
      change: (fields) => fields.set("x-amz-signature", "0".repeat(64)),
    }, "SignatureDoesNotMatch"],
    ["another policy than was signed", {
      change: (fields) => fields.set("policy", `${fields.get("policy")}AAAA`),
    }, "SignatureDoesNotMatch"],
    ["an unknown key", { key: { ...ALICE, accessKey: "who" } }, "InvalidAccessKeyId"],
    ["an expired user's key", { key: EXPIRED }, "InvalidAccessKeyId"],
    [
      "another user's secret",
      { key: { ...ADMIN, secretKey: ALICE.secretKey } },
      "SignatureDoesNotMatch",
    ],
    ["another service in the scope", {
      change: (fields) =>
        fields.set(
          "x-amz-credential",
          fields.get("x-amz-credential")?.replace("/s3/", "/sts/") ?? "",
        ),
    }, "InvalidArgument"],
    ["another day than the scope's", {
      change: (fields) => fields.set("x-amz-date", "20200101T000000Z"),
    }, "InvalidArgument"],
    [
      "SigV4A",
      { change: (fields) => fields.set("x-amz-algorithm", "AWS4-ECDSA-P256-SHA256") },
      "InvalidArgument",
    ],
    ["a session token", {
      change: (fields) => fields.set("x-amz-security-token", "t"),
    }, "InvalidToken"],
    ["a policy that has expired", { expiresSeconds: -1 }, "AccessDenied", /Policy expired/],
    [
      "a signing key of eight days ago",
      {
        date: new Date(Date.now() - 8 * 86_400_000),
        expiresSeconds: 30 * 86_400,
      },
      "AccessDenied",
      /expired/,
    ],
    ["a signature of tomorrow", { date: new Date(Date.now() + 86_400_000) }, "AccessDenied"],
    [
      "a condition that is not met",
      {
        change: (fields) => fields.set("key", "elsewhere/a.txt"),
      },
      "AccessDenied",
      /Policy Condition failed: \[&quot;eq&quot;,&quot;\$key&quot;/,
    ],
    [
      "a prefix that is not met",
      {
        fields: { key: "private/a.txt" },
        conditions: [BUCKET, ["starts-with", "$key", "public/"]],
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    [
      "a file's name that leaves the prefix",
      {
        fields: { key: "${filename}" },
        conditions: [BUCKET, ["starts-with", "$key", "in/"]],
        filename: "out.txt",
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    [
      "a condition in another case",
      {
        conditions: [BUCKET, ["starts-with", "$key", "Photos/"], ANY_TYPE],
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    [
      "a condition on a field that is not sent",
      {
        conditions: [BUCKET, ANY_KEY, ANY_TYPE, ["starts-with", "$x-amz-meta-tag", ""]],
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    [
      "one type of several that does not fit",
      {
        fields: { key: "k", "Content-Type": "image/png,text/html" },
        conditions: [BUCKET, ANY_KEY, ["starts-with", "$Content-Type", "image/"]],
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    [
      "a field without a condition",
      {
        change: (fields) => fields.set("x-amz-meta-extra", "1"),
      },
      "AccessDenied",
      /Extra input fields: x-amz-meta-extra/,
    ],
    [
      "no condition for the bucket",
      {
        conditions: [ANY_KEY, ANY_TYPE],
      },
      "AccessDenied",
      /Extra input fields: bucket/,
    ],
    [
      "a policy for another bucket",
      {
        conditions: [{ bucket: "app-one" }, ANY_KEY, ANY_TYPE],
      },
      "AccessDenied",
      /Policy Condition failed/,
    ],
    ["a field for another bucket", {
      fields: { ...FIELDS, bucket: "app-one" },
      conditions: [{ bucket: "app-one" }, ANY_KEY, ANY_TYPE],
    }, "AccessDenied"],
    ["a longer file", {
      conditions: [BUCKET, ANY_KEY, ANY_TYPE, ["content-length-range", 0, 7]],
    }, "EntityTooLarge"],
    ["a shorter file", {
      conditions: [BUCKET, ANY_KEY, ANY_TYPE, ["content-length-range", 9, 20]],
    }, "EntityTooSmall"],
    ...([
      ["no JSON", { policyText: "{" }],
      ["a list", { policyText: "[]" }],
      ["no expiration", { policy: { conditions: [BUCKET] } }],
      ["EXPIRATION", { policy: { EXPIRATION: "2100-01-01T00:00:00Z", conditions: [BUCKET] } }],
      ["CONDITIONS", { policy: { expiration: "2100-01-01T00:00:00Z", CONDITIONS: [BUCKET] } }],
      ["no conditions", { policy: { expiration: "2100-01-01T00:00:00Z" } }],
      ["a date that is none", { policy: { expiration: "2100-13-01T00:00:00Z", conditions: [] } }],
      ["a date in another form", { policy: { expiration: "2100-01-01 00:00:00", conditions: [] } }],
      ["an empty condition", { conditions: [{}] }],
      ["two conditions in one", { conditions: [{ bucket: "mine", key: "k" }] }],
      ["a number for a value", { conditions: [{ bucket: 1 }] }],
      ["a range of one bound", { conditions: [["content-length-range", 0]] }],
      ["a range below nothing", { conditions: [["content-length-range", -1, 10]] }],
      ["an operator that is not known", { conditions: [["ends-with", "$key", ".txt"]] }],
      ["a field without its dollar", { conditions: [["eq", "key", "k"]] }],
    ] as const).map(([name, change]) =>
      [`a policy of ${name}`, change, "InvalidPolicyDocument", /Invalid Policy: /] as const
    ),
    [
      "no key",
      { fields: { "Content-Type": "text/plain" } },
      "InvalidArgument",
      /<ArgumentName>key<\/ArgumentName>/,
    ],
    ["an empty key", { fields: { ...FIELDS, key: "" } }, "InvalidArgument", /<ArgumentName>key</],
    ["a key that leaves its folder", { fields: { key: "photos/../k" } }, "InvalidURI"],
    ["a key of 1025 bytes", { fields: { key: "k".repeat(1025) } }, "KeyTooLongError"],
    [
      "a copy's source",
      {
        fields: { ...FIELDS, "x-amz-copy-source": "/victim/secret" },
      },
      "NotImplemented",
      /x-amz-copy-source/,
    ],
    [
      "a header that is not known",
      { fields: { ...FIELDS, "x-amz-unheard-of": "1" } },
      "NotImplemented",
    ],
    ["a line break in a value", {
      fields: { ...FIELDS, "x-amz-meta-a": "1\r\nx-amz-acl: public-read" },
    }, "InvalidArgument"],
    ["a blank in a name", { fields: { ...FIELDS, "x-amz-meta-a b": "1" } }, "InvalidArgument"],
    ["tags that are no XML", { fields: { ...FIELDS, tagging: "a=b" } }, "MalformedXML"],
    [
      "a public ACL",
      { fields: { ...FIELDS, acl: "public-read" } },
      "AccessDenied",
      /block_public_access/,
    ],
    [
      "a wrong checksum",
      { fields: { ...FIELDS, "x-amz-checksum-crc32": "AAAAAA==" } },
      "BadDigest",
    ],
    ["a user without a rule", { key: NOBODY }, "AccessDenied"],
    ["a prefix that is not the user's", { key: APPENDER }, "AccessDenied"],
    ["two files", { after: { file: "another" } }, "IncorrectNumberOfFilesInPostRequest"],
    ["bytes behind the end", { end: "--\r\nmore" }, "MalformedPOSTRequest"],
    ["no end", { end: "" }, "MalformedPOSTRequest"],
  ];

function drop(name: string): (fields: Map<string, string>) => void {
  return (fields) => void fields.delete(name);
}

for (const [name, change, code, message] of REFUSED) {
  testListeners(`F ${name}: ${code}`, async (listener) => {
    await using proxy = await start(listener);
    const response = await post(proxy, change);
    proxy.assertRefused(response, code);
    if (message !== undefined) assert.match(response.text, message);
  });
}

testListeners(
  "F a form in another user's bucket is refused, whatever its policy says",
  async (listener) => {
    await using proxy = await start(listener);
    const response = await post(proxy, { target: "/victim", bucket: "victim" });
    proxy.assertRefused(response, "AccessDenied");
  },
);

testListeners("F an append-only user's form overwrites nothing", async (listener) => {
  let exists = false;
  await using proxy = await start(listener, {
    respond: ({ method }) => ({
      send: [formatResponse({ status: method === "HEAD" && !exists ? 404 : 200 })],
    }),
  });
  const change = { key: APPENDER, fields: { key: "inbox/a.txt" } };
  const stored = await post(proxy, change);
  assert.equal(stored.status, 204, stored.text);
  assert.equal(proxy.backend.requests.at(-1)?.header("if-none-match"), "*");
  exists = true;
  const refused = await post(proxy, change);
  assert.notEqual(refused.status, 204);
  const puts = proxy.backend.requests.filter(({ method }) => method === "PUT");
  assert.equal(puts.length, 1);
});
