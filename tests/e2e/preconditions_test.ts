/**
 * Headers of requests on the real gateway: conditions that RGW honours, or ignores and the proxy does, and what RGW
 * reads in another way than it is written.
 */

import assert from "node:assert/strict";
import type { RawBody, RawResponse } from "../support/raw_client.ts";
import type { Header } from "../support/signer.ts";
import { USERS } from "./support/proxy_child.ts";
import { sendSigned } from "./support/signed_request.ts";
import { useStack } from "./support/stack.ts";

const stack = useStack({ name: "preconditions" });

const BUCKET = "e2e-alpha-conditions";
const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Mon, 01 Jan 2035 00:00:00 GMT";

interface Input {
  readonly headers?: readonly Header[];
  readonly body?: RawBody;
  /** Default: {@linkcode BUCKET}. */
  readonly bucket?: string;
}

async function send(
  method: string,
  path: string,
  { headers = [], body, bucket = BUCKET }: Input = {},
): Promise<RawResponse> {
  const { proxies: { http } } = stack();
  const port = Number(new URL(http.endpoint).port);
  const target = `/${bucket}${path}`;
  const rest = body === undefined ? {} : { body };
  return await sendSigned({ port, method, target, headers, user: USERS.admin, ...rest });
}

/** Makes the bucket and an object in it; resolves with its ETag. */
async function putObject(bucket = BUCKET): Promise<string> {
  assert.equal((await send("PUT", "", { bucket })).status, 200);
  const eTag = (await send("PUT", "/k", { bucket, body: "hello world" })).header("etag");
  assert.ok(eTag);
  return eTag;
}

Deno.test("C7 reads with conditions and ranges", async () => {
  const eTag = await putObject();
  const read = async (method: string, ...headers: Header[]): Promise<unknown[]> => {
    const { status, errorCode, text } = await send(method, "/k", { headers });
    return [status, errorCode ?? text];
  };
  assert.equal((await send("HEAD", "/k")).header("content-length"), "11");
  assert.deepEqual(await read("GET", ["if-none-match", eTag]), [304, ""]);
  assert.deepEqual(await read("GET", ["if-modified-since", FUTURE]), [304, ""]);
  assert.deepEqual(await read("GET", ["if-match", '"x"']), [412, "PreconditionFailed"]);
  assert.deepEqual(await read("GET", ["range", "bytes=6-"]), [206, "world"]);
  assert.deepEqual(await read("GET", ["range", "bytes=-5"]), [206, "world"]);
  assert.deepEqual(await read("GET", ["range", "bytes=11-"]), [416, "InvalidRange"]);
  assert.deepEqual(await read("HEAD", ["range", "bytes=11-"]), [416, ""]);
  const range: Header = ["range", "bytes=6-"];
  assert.deepEqual(await read("GET", range, ["if-range", eTag]), [206, "world"]);
  assert.deepEqual(await read("GET", range, ["if-range", '"x"']), [200, "hello world"]);
  assert.equal((await send("GET", "/k?partNumber=1")).text, "hello world");
  assert.equal((await send("GET", "/k?partNumber=2")).errorCode, "NotImplemented");
});

/** Versions on or off, both of which RGW takes in another way. */
for (const versions of ["Suspended", "Enabled"]) {
  Deno.test(`a write is held to its condition, with versions ${versions}`, async () => {
    const bucket = `${BUCKET}-${versions.toLowerCase()}`;
    const eTag = await putObject(bucket);
    const prefix = eTag.slice(0, -3);
    const setting =
      `<VersioningConfiguration><Status>${versions}</Status></VersioningConfiguration>`;
    assert.equal((await send("PUT", "?versioning", { bucket, body: setting })).status, 200);
    const put = (...headers: Header[]): Promise<RawResponse> =>
      send("PUT", "/k", { bucket, headers, body: "hello world" });
    const copy = (...headers: Header[]): Promise<RawResponse> =>
      send("PUT", "/k", {
        bucket,
        headers: [["x-amz-copy-source", `${bucket}/source`], ...headers],
      });
    const complete = (...headers: Header[]): Promise<RawResponse> =>
      completeUpload(bucket, headers);
    assert.equal((await send("PUT", "/source", { bucket, body: "hello world" })).status, 200);
    const refused: readonly [Header, string][] = [
      [["if-none-match", "*"], "PreconditionFailed"],
      [["if-none-match", eTag], "PreconditionFailed"],
      [["if-match", '"x"'], "PreconditionFailed"],
      [["if-match", `${prefix}"`], "PreconditionFailed"],
      [["if-match", 'W/"x"'], "InvalidArgument"],
      [["if-unmodified-since", PAST], "NotImplemented"],
      [["if-modified-since", FUTURE], "NotImplemented"],
    ];
    for (const write of [put, copy, complete]) {
      for (const [header, code] of refused) {
        assert.equal((await write(header)).errorCode, code, `${write.name} ${header.join()}`);
      }
      assert.equal((await send("HEAD", "/k", { bucket })).header("etag"), eTag);
    }
    for (
      const header of [["if-match", eTag], ["if-match", "*"], ["if-none-match", '"x"']] as const
    ) {
      const written = await put(header);
      assert.equal(written.status, 200, `${header.join()} ${written.text}`);
    }
    assert.equal((await copy(["if-match", eTag])).status, 200);
    assert.equal((await complete(["if-match", eTag.slice(1, -1)])).status, 200);
    assert.equal((await send("DELETE", "/k", { bucket })).status, 204);
    for (const write of [put, copy, complete]) {
      assert.equal((await write(["if-match", eTag])).errorCode, "NoSuchKey");
      assert.equal((await write(["if-none-match", "*"])).status, 200, write.name);
      assert.equal((await send("DELETE", "/k", { bucket })).status, 204);
    }
  });
}

/** Uploads one part and completes it with `headers`; ends the upload where that is refused. */
async function completeUpload(
  bucket: string,
  headers: readonly Header[],
): Promise<RawResponse> {
  const started = await send("POST", "/k?uploads", { bucket });
  const uploadId = /<UploadId>([^<]*)/.exec(started.text)?.[1] ?? assert.fail(started.text);
  const part = await send("PUT", `/k?partNumber=1&uploadId=${uploadId}`, {
    bucket,
    body: "hello world",
  });
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${
    part.header("etag")
  }</ETag></Part></CompleteMultipartUpload>`;
  const done = await send("POST", `/k?uploadId=${uploadId}`, { bucket, headers, body });
  if (done.status !== 200) await send("DELETE", `/k?uploadId=${uploadId}`, { bucket });
  return done;
}

Deno.test("a copy whose source does not meet its conditions is not made", async () => {
  const eTag = await putObject();
  const started = await send("POST", "/parts?uploads");
  const uploadId = /<UploadId>([^<]*)/.exec(started.text)?.[1] ?? "";
  const copy = (path: string, [name, value]: Header): Promise<RawResponse> =>
    send("PUT", path, {
      headers: [
        ["x-amz-copy-source", `/${BUCKET}/k`],
        [`x-amz-copy-source-${name}`, value],
      ],
    });
  for (const path of ["/copy", `/parts?partNumber=1&uploadId=${uploadId}`]) {
    for (
      const header of [
        ["if-match", '"x"'],
        ["if-none-match", eTag],
        ["if-unmodified-since", PAST],
        ["if-modified-since", FUTURE],
      ] as const
    ) {
      const response = await copy(path, header);
      assert.equal(response.errorCode, "PreconditionFailed", `${path} ${header.join()}`);
    }
  }
  assert.equal((await send("HEAD", "/copy")).status, 404);
  assert.equal((await copy("/copy", ["if-match", eTag])).status, 200);
  assert.equal((await send("GET", "/copy")).text, "hello world");
  assert.equal((await send("DELETE", `/parts?uploadId=${uploadId}`)).status, 204);
});

Deno.test("Z1 a copy that leaves its source's tags behind does so, or is refused", async () => {
  await putObject();
  const tagging: Header = ["x-amz-tagging", "secret=1"];
  const metadata: Header = ["x-amz-metadata-directive", "REPLACE"];
  const directive: Header = ["x-amz-tagging-directive", "REPLACE"];
  assert.equal((await send("PUT", "/tagged", { headers: [tagging], body: "x" })).status, 200);
  const copy = (...headers: Header[]): Promise<RawResponse> =>
    send("PUT", "/untagged", {
      headers: [["x-amz-copy-source", `/${BUCKET}/tagged`], ...headers],
    });
  assert.equal((await copy(directive)).errorCode, "NotImplemented");
  assert.equal((await copy(["x-amz-tagging", "new=2"])).errorCode, "NotImplemented");
  assert.equal((await copy(metadata, directive)).status, 200);
  assert.equal((await send("GET", "/untagged?tagging")).text.includes("secret"), false);
  assert.equal((await copy()).status, 200);
  assert.equal((await send("GET", "/untagged?tagging")).text.includes("secret"), true);
  const upload = await send("POST", "/parts?uploads", { headers: [tagging] });
  assert.equal(upload.errorCode, "NotImplemented");
  const lock: Header = ["x-amz-object-lock-legal-hold", "ON"];
  assert.equal((await copy(lock)).errorCode, "NotImplemented");
});

Deno.test("keys that XML cannot hold are listed", async () => {
  await putObject();
  for (const key of ["odd%01key", "odd%0D%0Akey", "odd%EF%BF%BEkey"]) {
    assert.equal((await send("PUT", `/${key}`, { body: "x" })).status, 200);
  }
  for (const query of ["?prefix=odd", "?versions&prefix=odd"]) {
    const { status, text } = await send("GET", query);
    assert.equal(status, 200);
    // However the gateway has written them: its text passes.
    const keys = [...text.matchAll(/<Key>([^<]*)/g)].map(([, key = ""]) => readReferences(key));
    assert.deepEqual(keys, ["odd\x01key", "odd\r\nkey", "odd\ufffekey"]);
  }
});

Deno.test("RGW believes our signature over headers with tabs, and never sees two names that it takes for one", async () => {
  await putObject();
  const headers: Header[] = [["x-amz-meta-v", "a\tb\t \tc"], ["cache-control", "x\t\ty"]];
  const stored = await send("PUT", "/tabs", { headers, body: "b" });
  assert.equal(stored.status, 200, stored.text);
  const head = await send("HEAD", "/tabs");
  assert.deepEqual([head.header("x-amz-meta-v"), head.header("cache-control")], ["a b c", "x y"]);

  const twins: Header[] = [["x-amz-meta-a-b", "1"], ["x-amz-meta-a_b", "2"]];
  assert.equal((await send("PUT", "/twins", { headers: twins })).errorCode, "InvalidRequest");
});

Deno.test("keys with dot segments are keys of their own", async () => {
  await putObject();
  const keys = ["a/../k", "./k", "a/./k", "k/..", "k/."];
  for (const key of keys) {
    assert.equal((await send("PUT", `/${key}`, { body: key })).status, 200, key);
  }
  for (const key of keys) {
    assert.equal((await send("GET", `/${key}`)).text, key);
    assert.equal((await send("HEAD", `/${key}`)).header("content-length"), String(key.length));
  }
  assert.equal((await send("GET", "/k")).text, "hello world");
  const { text } = await send("GET", "?list-type=2");
  const listed = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key);
  assert.deepEqual(keys.filter((key) => !listed.includes(key)), []);
  for (const key of keys) assert.equal((await send("DELETE", `/${key}`)).status, 204, key);
  assert.equal((await send("GET", "/k")).text, "hello world");
});

/** Character references as what they stand for: `&#x1;`, `&#13;`. */
function readReferences(text: string): string {
  return text.replace(
    /&#(?:x([0-9a-f]+)|([0-9]+));/gi,
    (_, hexadecimal: string | undefined, decimal: string | undefined) =>
      String.fromCodePoint(
        hexadecimal === undefined ? Number(decimal) : Number(`0x${hexadecimal}`),
      ),
  );
}
