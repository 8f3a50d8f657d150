/**
 * Attacks, as data: who sends what. `mine` and `victim` are there with objects of known content, an upload that the master has
 * begun, and `hollow`, an empty bucket.
 * @module
 */

import type { Header } from "../../support/signer.ts";
import type { UserName } from "./scene.ts";

/** What is there, by bucket and key; the content says the name. */
export const OBJECTS = [
  "mine/releases/x",
  "mine/secret",
  "mine/free",
  "mine/team/own",
  "mine/log/1",
  "victim/k",
];
/** Where an upload is under way; {@linkcode UPLOAD_ID} stands for its id. */
export const UPLOADING = { bucket: "mine", key: "releases/up" };
/** In a target. */
export const UPLOAD_ID = "UPLOAD_ID";

/**
 * `refused`: with an error, on every store · `odd`: on a store that folds slashes; elsewhere it is about another key, and may be
 * done · `harmless`: it may be done, and changes nothing that is there.
 */
export type Expected = "refused" | "odd" | "harmless";

/** One request. */
export interface Attack {
  readonly user: UserName;
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly expected?: Expected;
}

/** Everything that is written by an attack. */
export const OVERWRITTEN = "OVERWRITTEN";

/** A denied key in spellings that stores take for it. */
const SPELLINGS = [
  "/releases/x",
  "releases//x",
  "//releases/x",
  "releases%5Cx",
  "%5Creleases/x",
  "./releases/x",
  "a/../releases/x",
  "a%5C..%5Creleases/x",
  "a/%2e%2e/releases/x",
  "secret/",
  "/secret",
  "secret%5C",
];

/** Keys outside of `team/`, however they are spelt. */
const OUTSIDE = [
  "free",
  "/free",
  "team/../free",
  "team//../free",
  "team%5C..%5Cfree",
  "team/%2e%2e/free",
  "teamx",
  "/team/own",
];

/** Sources of copies; those that are `odd` may be there on a store that does not fold them. */
const SOURCES: readonly { user: UserName; source: string; expected: Expected }[] = [
  ...[
    "victim/k",
    "/victim/k",
    "victim%2Fk",
    "/victim/k?versionId=null",
    "mine/../victim/k",
    "mine/releases/x",
    "mine/releases/x%3FversionId%3Dnull",
    "mine/free%3FversionId%3Dnull",
  ].map((source) => ({ user: "carol", source, expected: "refused" }) as const),
  ...SPELLINGS.map((key) => ({ user: "carol", source: `mine/${key}`, expected: "odd" }) as const),
  ...OUTSIDE.map((key) =>
    ({ user: "dave", source: `mine/${key}`, expected: climbs(key) ? "odd" : "refused" }) as const
  ),
];

/** Each as one of a whole object; attacks.ts makes parts of them as well. */
export const COPIES: readonly Attack[] = SOURCES.map(({ user, source, expected }) => ({
  user,
  method: "PUT",
  target: user === "dave" ? "/mine/team/stolen" : "/mine/stolen",
  headers: [["x-amz-copy-source", source]],
  expected,
}));

/** What listings a user of one prefix must not see beyond. */
const LISTINGS = [
  "",
  "list-type=2",
  "prefix=",
  "prefix=tea",
  "prefix=/team/",
  "prefix=team/../",
  "prefix=team/../releases/",
  "prefix=team%5C..%5Creleases%5C",
  "prefix=/releases/",
  "prefix=releases/",
  "delimiter=/",
  "prefix=team/&marker=../",
  "list-type=2&prefix=team/&start-after=../a",
  "prefix=team/&prefix=",
  "versions",
  "versions&prefix=releases/",
  "versions&prefix=team/../",
  "uploads",
  "uploads&prefix=releases/",
  "uploads&prefix=team/../releases/",
];

const SUBRESOURCES = [
  "accelerate",
  "analytics",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "lifecycle",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "tagging",
  "website",
  "unknown",
];
const OF_OBJECTS = ["acl", "attributes", "legal-hold", "renameObject", "restore", "retention"];

/** Names the part that is there; {@linkcode PART_ETAG} stands for its ETag. */
const COMPLETE = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>PART_ETAG</ETag>" +
  "</Part></CompleteMultipartUpload>";
/** In a body. */
export const PART_ETAG = "PART_ETAG";
const DELETE_FREE = "<Delete>" +
  ["free", "/free", "team/../free", "releases/x", "secret/"].map((key) =>
    `<Object><Key>${key}</Key></Object>`
  ).join("") + "</Delete>";
/** Looks like one, and is none. */
const VERSION = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH";
const PUBLIC: readonly Header[] = [
  ["x-amz-acl", "public-read"],
  ["x-amz-grant-read", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
];

const WRITES = ["PUT", "DELETE"] as const;
const put = (method: string): { body?: string } => method === "PUT" ? { body: OVERWRITTEN } : {};

/** Writes, deletions and reads of keys that are denied, or outside of one's prefix. */
const OF_KEYS: readonly Attack[] = [...WRITES, "GET", "HEAD"].flatMap((method): Attack[] => [
  { user: "carol", method, target: "/mine/releases/x", ...put(method) },
  { user: "carol", method, target: "/mine/secret", ...put(method) },
  ...SPELLINGS.map((key): Attack => ({
    user: "carol",
    method,
    target: `/mine/${key}`,
    expected: "odd",
    ...put(method),
  })),
  ...["/victim/k", "/mine/../victim/k", "/mine/%2e%2e/victim/k"].map((target): Attack => ({
    user: "carol",
    method,
    target,
    ...put(method),
  })),
  ...OUTSIDE.map((key): Attack => ({
    user: "dave",
    method,
    target: `/mine/${key}`,
    expected: climbs(key) ? "odd" : "refused",
    ...put(method),
  })),
  { user: "carol", method, target: "/mine/releases/x?versionId=null", ...put(method) },
]);

/** Requests on uploads of others, and with their ids on a key of one's own. */
const OF_UPLOADS: readonly Attack[] = ["PUT", "POST", "GET", "DELETE"].flatMap((method) => {
  const query = `${method === "PUT" ? "partNumber=1&" : ""}uploadId=${UPLOAD_ID}`;
  const body = method === "POST" ? { body: COMPLETE } : put(method);
  return [
    { user: "carol", method, target: `/mine/releases/up?${query}`, ...body },
    { user: "carol", method, target: `/mine//releases/up?${query}`, expected: "odd", ...body },
    { user: "dave", method, target: `/mine/releases/up?${query}`, ...body },
    // Some answer 204 to the end of an upload that they do not know.
    { user: "dave", method, target: `/mine/team/own?${query}`, expected: "harmless", ...body },
  ] satisfies Attack[];
});

/** All of them. */
export const ATTACKS: readonly Attack[] = [
  ...OF_KEYS,
  ...OF_UPLOADS,
  ...COPIES,
  ...LISTINGS.map((query): Attack => ({
    user: "dave",
    method: "GET",
    target: `/mine?${query}`,
    expected: /prefix=team.*\.\./.test(query) ? "odd" : "refused",
  })),
  ...["", "?versions", "?uploads", "?acl", "?policy"].map((query): Attack => ({
    user: "carol",
    method: "GET",
    target: `/victim${query}`,
  })),
  ...["", "?cors", "?lifecycle"].map((query): Attack => ({
    user: "carol",
    method: "DELETE",
    target: `/victim${query}`,
  })),
  ...["acl", "tagging", "retention", "legal-hold", "attributes"].flatMap((name): Attack[] => [
    { user: "carol", method: "GET", target: `/mine/releases/x?${name}` },
    { user: "carol", method: "PUT", target: `/mine/releases/x?${name}`, body: OVERWRITTEN },
    { user: "dave", method: "GET", target: `/mine/free?${name}` },
  ]),
  {
    user: "carol",
    method: "PUT",
    target: "/victim/k",
    headers: [["x-amz-copy-source", "mine/free"]],
  },
  ...["carol", "dave"].map((user): Attack => ({
    user: user === "dave" ? "dave" : "carol",
    method: "POST",
    target: user === "dave" ? "/mine?delete" : "/victim?delete",
    body: DELETE_FREE,
    expected: "harmless",
  })),
  // Settings that a store does not know are not the bare operation: `hollow` stays, and what is in `mine`.
  ...SUBRESOURCES.flatMap((name): Attack[] => [
    { user: "alice", method: "DELETE", target: `/hollow?${name}`, expected: "harmless" },
    { user: "alice", method: "PUT", target: `/mine/free?${name}`, body: OVERWRITTEN },
  ]),
  ...OF_OBJECTS.flatMap((name): Attack[] => [
    { user: "alice", method: "PUT", target: `/mine/free?${name}`, body: OVERWRITTEN },
    { user: "alice", method: "DELETE", target: `/mine/free?${name}` },
  ]),
  {
    user: "alice",
    method: "DELETE",
    target: `/mine/free?versionId=${VERSION}`,
    expected: "harmless",
  },
  ...PUBLIC.flatMap((header): Attack[] => [
    { user: "alice", method: "PUT", target: "/mine/public", headers: [header], body: "x" },
    { user: "alice", method: "PUT", target: "/mine/free?acl", headers: [header] },
    { user: "alice", method: "PUT", target: "/mine?acl", headers: [header] },
  ]),
  { user: "erin", method: "PUT", target: "/mine/log/1", body: OVERWRITTEN },
  { user: "erin", method: "PUT", target: "/mine/log//1", body: OVERWRITTEN, expected: "odd" },
  { user: "erin", method: "PUT", target: "/mine//log/1", body: OVERWRITTEN },
  {
    user: "erin",
    method: "PUT",
    target: "/mine/log/1",
    headers: [["x-amz-copy-source", "mine/log/1"]],
  },
  { user: "erin", method: "DELETE", target: "/mine/log/1" },
  { user: "erin", method: "DELETE", target: "/mine/log//1" },
];

/** Keys of form uploads. */
export const FORM_KEYS: readonly (readonly [user: UserName, key: string])[] = [
  ...["releases/x", "/releases/x", "releases\\x", "secret"].map((key) => ["carol", key] as const),
  ...["free", "/free", "team/../free"].map((key) => ["dave", key] as const),
  ["erin", "log/1"],
];

/** To a store that does not fold keys this is below `team/`. */
function climbs(key: string): boolean {
  return key.startsWith("team/");
}
