/** XML bodies: every digest that came with one is held to, and both bounds are kept. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LIMITS } from "../../src/limits.ts";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatRequestHead } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { type Header, sha256, signHeaders } from "../support/signer.ts";
import { writeAll } from "../support/wire.ts";

const TARGET = "/mine?delete";
const DOCUMENT = "<Delete><Object><Key>k</Key></Object></Delete>";

function contentMd5(text: string | Uint8Array): string {
  return createHash("md5").update(text).digest("base64");
}

const WRONG: readonly [
  name: string,
  input: { headers?: readonly Header[]; payloadHash?: string },
  code: string,
][] = [
  ["Content-MD5", { headers: [["content-md5", contentMd5("other")]] }, "BadDigest"],
  ["Content-MD5 that is none", { headers: [["content-md5", "x"]] }, "InvalidDigest"],
  ["CRC32", { headers: [["x-amz-checksum-crc32", "AAAAAA=="]] }, "BadDigest"],
  ["CRC32 beside the right Content-MD5", {
    headers: [["content-md5", contentMd5(DOCUMENT)], ["x-amz-checksum-crc32", "AAAAAA=="]],
  }, "BadDigest"],
  ["SHA-256 that was signed", { payloadHash: sha256("other") }, "XAmzContentSHA256Mismatch"],
];

for (const [name, input, code] of WRONG) {
  testListeners(`a document with a wrong ${name}: ${code}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await proxy.send({ method: "POST", target: TARGET, body: DOCUMENT, ...input });
    proxy.assertRefused(response, code);
  });
}

testListeners("Z2 a DeleteObjects of 1 MiB is read, one byte more is not", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body: "<DeleteResult/>" })] }),
  });
  const send = (length: number, isChunked: boolean): ReturnType<ProxyUnderTest["send"]> => {
    // Blanks between comments: one text has a bound of its own.
    const blanks = `<!---->${" ".repeat(8_000)}`;
    const missing = length - DOCUMENT.length;
    const padding = blanks.repeat(missing / blanks.length);
    const body = DOCUMENT.replace(
      "</Delete>",
      `${padding}${" ".repeat(missing - padding.length)}</Delete>`,
    );
    const bytes = new TextEncoder().encode(body);
    assert.equal(bytes.length, length);
    return proxy.send({
      method: "POST",
      target: TARGET,
      body: isChunked ? { chunks: [bytes] } : bytes,
    });
  };
  for (const isChunked of [false, true]) {
    proxy.assertRefused(await send(LIMITS.deleteObjectsBytesMax + 1, isChunked), "MalformedXML");
  }
  assert.equal((await send(LIMITS.deleteObjectsBytesMax, false)).status, 200);
});

testListeners("a DeleteObjects over 1 MiB goes to the backend in parts", async (listener) => {
  let answered = 0;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => {
      const body = `<DeleteResult><Deleted><Key>${answered++}</Key></Deleted></DeleteResult>`;
      return { send: [formatResponse({ body })] };
    },
  });
  const count = LIMITS.deleteObjectsKeysMax;
  const keys = Array.from({ length: count }, (_, at) => `${at}`.padEnd(1000, "'"));
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
  for (const quiet of ["", "<Quiet>true</Quiet>"]) {
    const before = proxy.backend.requests.length;
    const body = `<Delete>${quiet}${objects}</Delete>`;
    const response = await proxy.send({ method: "POST", target: TARGET, body });
    assert.equal(response.status, 200, response.text);
    const parts = proxy.backend.requests.slice(before);
    const results = response.text.match(/<Key>\d+<\/Key>/g);
    assert.deepEqual(results, parts.map((_, at) => `<Key>${before + at}</Key>`));
    const seen = parts.map((part) => {
      assert.ok(part.bodyBytes <= LIMITS.backendXmlBodyBytesMax);
      assert.equal(part.header("content-md5"), contentMd5(part.body));
      const text = new TextDecoder().decode(part.body);
      assert.equal(text.includes("<Quiet>true</Quiet>"), quiet !== "");
      return text.match(/\d+(?=(?:&#39;)+<\/Key>)/g) ?? [];
    });
    assert.deepEqual(seen.flat(), keys.map((key) => key.replaceAll("'", "")));
  }
});

testListeners("Z2 DeleteObjects refuses keys that cannot be by themselves", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body: "<DeleteResult/>" })] }),
  });
  const long = "k".repeat(LIMITS.keyBytesMax + 1);
  const send = (...keys: string[]): ReturnType<ProxyUnderTest["send"]> => {
    const body = `<Delete>${
      keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")
    }</Delete>`;
    return proxy.send({ method: "POST", target: TARGET, body });
  };
  const alone = await send("a/../../b");
  assert.equal(alone.status, 200);
  assert.match(alone.text, /<Error><Key>a\/\.\.\/\.\.\/b<\/Key><Code>InvalidURI<\/Code>/);
  assert.equal(proxy.backend.requests.length, 0);
  const { text } = await send("../a", "fine", long);
  const codes = [...text.matchAll(/<Code>(\w+)<\/Code>/g)].map(([, code]) => code);
  assert.deepEqual(codes, ["InvalidURI", "KeyTooLongError"]);
  const seen = new TextDecoder().decode(proxy.backend.requests[0]?.body);
  assert.match(seen, /<Delete [^>]*><Object><Key>fine<\/Key><\/Object><\/Delete>$/);
});

for (
  const [name, body] of [
    ["an error", "<Error><Code>InternalError</Code><AWSAccessKeyId>M</AWSAccessKeyId></Error>"],
    ["another document", "<html/>"],
  ] as const
) {
  testListeners(`${name} in a 200 to DeleteObjects: BadGateway`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [formatResponse({ body })] }),
    });
    const response = await proxy.send({ method: "POST", target: TARGET, body: DOCUMENT });
    assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"]);
  });
}

testListeners("of a backend's DeleteResult only what S3 tells is told", async (listener) => {
  const body = "<DeleteResult><AWSAccessKeyId>MASTER</AWSAccessKeyId><Deleted><Key>a</Key>" +
    "<DeleteMarker>true</DeleteMarker><StringToSign>MASTER</StringToSign></Deleted>" +
    "<Error><Key>b</Key><Code>AccessDenied</Code><Message>MASTER</Message></Error></DeleteResult>";
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  const { text } = await proxy.send({ method: "POST", target: TARGET, body: DOCUMENT });
  assert.doesNotMatch(text, /MASTER/);
  assert.match(text, /<Deleted><Key>a<\/Key><DeleteMarker>true<\/DeleteMarker><\/Deleted><Error>/);
});

Deno.test("DeleteObjects tells of 1000 keys that cannot be in pieces of 16 KiB, not one by one", async () => {
  await using proxy = await ProxyUnderTest.start({ listener: "hardened" });
  const key = "../".repeat(300);
  const objects = Array.from(
    { length: LIMITS.deleteObjectsKeysMax },
    (_, at) => `<Object><Key>${at}${key}</Key></Object>`,
  );
  const body = `<Delete>${objects.join("")}</Delete>`;
  const { headers } = signHeaders({
    method: "POST",
    target: TARGET,
    headers: [["host", proxy.host], ["content-length", String(body.length)]],
    ...ALICE,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const closing: Header[] = [...headers, ["connection", "close"]];
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  const head = formatRequestHead({ method: "POST", target: TARGET, headers: closing, port: 0 });
  await writeAll(connection, new TextEncoder().encode(head + body));
  const text = await new Response(connection.readable).text();
  assert.equal(text.match(/<Error>/g)?.length, LIMITS.deleteObjectsKeysMax);
  const chunks = text.match(/\r\n[0-9a-f]+\r\n/g)?.length ?? 0;
  assert.ok(chunks <= text.length / LIMITS.documentPieceBytes + 2, `${chunks} chunks`);
  assert.equal(proxy.backend.requests.length, 0);
});
