/** X4 listings of the worst keys stream through, bounded; and none that breaks off looks complete. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, writeRequest } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";

const HEAD = "<ListBucketResult><Name>mine</Name>";
const TAIL = "</ListBucketResult>";

/** An entry whose key is 1 KiB of control characters, 6 bytes each as RGW writes them. */
function writeEntry(at: number): string {
  const key = `${at}`.padStart(4, "0") + "&#x01;".repeat(LIMITS.keyBytesMax - 4);
  return `<Contents><Key>${key}</Key><Owner><ID>master-id</ID></Owner></Contents>`;
}

const ENTRIES = Array.from({ length: 40 }, (_, at) => writeEntry(at));

testListeners("X4 a listing of control characters comes whole", async (listener) => {
  const body = HEAD + ENTRIES.join("") + TAIL;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  for (const target of ["/mine", "/mine?versions", "/mine?list-type=2&fetch-owner=true"]) {
    const response = await proxy.send({ target });
    assert.deepEqual([response.status, response.bodyEnd], [200, "complete"], target);
    const expected = body.replaceAll("master-id", "alice-key");
    assert.equal(response.text.replace(/^<\?.*?\?>/, ""), expected);
  }
});

testListeners("what was asked for is told encoded, as S3 tells it", async (listener) => {
  const asked = new Map([["Prefix", "a+ /%"], ["Delimiter", "+ "], ["Marker", "a+ /%k"]]);
  const raw = [...asked].map(([name, text]) => `<${name}>${text}</${name}>`).join("");
  const body = `${HEAD}<EncodingType>url</EncodingType>${raw}<Contents><Key>a%2B</Key></Contents>` +
    TAIL;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  const query = [...asked].map(([name, text]) =>
    `${name.toLowerCase()}=${encodeURIComponent(text)}`
  );
  const { text } = await proxy.send({ target: `/mine?encoding-type=url&${query.join("&")}` });
  for (const [name, plain] of asked) {
    const encoded = encodeURIComponent(plain).replaceAll("%2F", "/");
    assert.deepEqual(text.match(new RegExp(`<${name}>[^<]*`, "g")), [`<${name}>${encoded}`]);
  }
  assert.match(text, /<Key>a%2B<\/Key>/);
});

testListeners("X4 a listing is sent on before the backend has sent all", async (listener) => {
  const gate = new Gate();
  const body = HEAD + ENTRIES.join("") + TAIL;
  const head = formatResponse({ body }).slice(0, -body.length);
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [head, body.slice(0, -TAIL.length), gate, TAIL] }),
  });
  using connection = await connectRaw(proxy.destination);
  const target = "/mine";
  const host: Header = ["host", proxy.host];
  const { headers } = signHeaders({
    method: "GET",
    target,
    headers: [host],
    ...ALICE,
    date: new Date(),
  });
  await writeRequest(connection, { ...proxy.destination, method: "GET", target, headers });
  const answered = await connection.readHead();
  assert.equal(answered?.status, 200);
  gate.open();
  const { body: received, bodyEnd } = await connection.readBody(answered);
  assert.equal(bodyEnd, "complete");
  assert.match(new TextDecoder().decode(received), /<\/ListBucketResult>$/);
});

const BROKEN: readonly (readonly [name: string, end: string, close: boolean])[] = [
  ["the backend breaks off", "", true],
  ["ends without its end", "<Contents></Contents>", false],
  ["has a tag in the wrong place", `</Contents>${TAIL}`, false],
  ["is followed by another", `${TAIL}<a></a>`, false],
];

for (const [name, end, close] of BROKEN) {
  testListeners(`a listing that ${name} never looks complete`, async (listener) => {
    for (const count of [1, ENTRIES.length]) {
      const body = HEAD + ENTRIES.slice(0, count).join("") + end;
      const response = formatResponse({ body: close ? `${body}x` : body });
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: () => ({ send: [close ? response.slice(0, -1) : response], close }),
      });
      const { status, bodyEnd, text } = await proxy.send({ target: "/mine" });
      if (count === 1) assert.equal(status, 502, "known before the head has gone");
      else assert.deepEqual([status, bodyEnd], [200, "broken"]);
      assert.doesNotMatch(text, /master-id/);
    }
  });
}

testListeners(
  "a document in a 200 that is no listing is 502, an error is one",
  async (listener) => {
    const bodies = ["<html><body>Sign in</body></html>", "<Error><Code>SlowDown</Code></Error>"];
    for (const [at, body] of bodies.entries()) {
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: () => ({ send: [formatResponse({ body })] }),
      });
      const { status } = await proxy.send({ target: "/mine?versions" });
      assert.equal(status, at === 0 ? 502 : 500);
    }
  },
);

testListeners("an ACL of up to 64 KiB is rewritten, a longer one is 502", async (listener) => {
  let body = "";
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  const acl = (bytes: number): string =>
    `<AccessControlPolicy>${" ".repeat(bytes - 43)}</AccessControlPolicy>`;
  for (const [bytes, status] of [[0, 200], [1, 502]] as const) {
    body = acl(LIMITS.aclBytesMax + bytes);
    assert.equal(body.length, LIMITS.aclBytesMax + bytes);
    assert.equal((await proxy.send({ target: "/mine?acl" })).status, status);
  }
});

testListeners("uploads with a delimiter take a bounded number of pages", async (listener) => {
  let page = 0;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => {
      const key = `k${String(++page).padStart(4, "0")}`;
      const body = "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>" +
        `<NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>` +
        `<Upload><Key>${key}</Key><UploadId>u</UploadId><Owner><ID>master-id</ID></Owner></Upload>` +
        "</ListMultipartUploadsResult>";
      return { send: [formatResponse({ body })] };
    },
  });
  const target = `/mine?uploads&delimiter=/&max-uploads=${LIMITS.listedUploadsMax + 1}`;
  const { status, text } = await proxy.send({ target });
  assert.equal(status, 200);
  assert.equal(proxy.backend.requests.length, LIMITS.groupedPagesMax);
  assert.equal(text.match(/<Upload>/g)?.length, LIMITS.groupedPagesMax);
  assert.match(text, new RegExp(`<MaxUploads>${LIMITS.listedUploadsMax}<`));
  assert.match(text, /<IsTruncated>true<\/IsTruncated><NextKeyMarker>k0020<\/NextKeyMarker>/);
  assert.doesNotMatch(text, /master-id/);
  for (const { target } of proxy.backend.requests) assert.doesNotMatch(target, /delimiter/);
  proxy.backend.requests.length = 0;
  const refused = await proxy.send({ target: "/mine?uploads&delimiter=/&max-uploads=x" });
  proxy.assertRefused(refused, "InvalidArgument");
});

const SLOW_READERS = 4;
const LONG_ENTRIES = 6_000;

/** More than sockets hold, and no part like another. */
function writeLongListing(): string {
  const entries = Array.from(
    { length: LONG_ENTRIES },
    (_, at) =>
      `<Contents><Key>${`${at}.`.repeat(200).slice(0, LIMITS.keyBytesMax)}</Key>` +
      "<Owner><ID>master-id</ID></Owner></Contents>",
  );
  return HEAD + entries.join("") + TAIL;
}

testListeners("a listing arrives as it is, however late it is read", async (listener) => {
  const body = writeLongListing();
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  const target = "/mine";
  const host: Header = ["host", proxy.host];
  const sign = (): readonly Header[] =>
    signHeaders({
      method: "GET",
      target,
      headers: [host],
      ...ALICE,
      date: new Date(),
      payloadHash: "UNSIGNED-PAYLOAD",
    }).headers;
  using stack = new DisposableStack();
  const connections = [];
  for (let count = 0; count < SLOW_READERS; count++) {
    const connection = stack.use(await connectRaw(proxy.destination));
    await writeRequest(connection, {
      ...proxy.destination,
      method: "GET",
      target,
      headers: sign(),
    });
    connections.push(connection);
  }
  const expected = body.replaceAll("master-id", "alice-key");
  // One that is read at once, while the memory of the others is free to be used again.
  const whole = await proxy.send({ target });
  assert.equal(whole.text.replace(/^<\?.*?\?>/, ""), expected);
  for (const connection of connections) {
    const { text, bodyEnd } = await connection.readResponse({ method: "GET" });
    assert.equal(bodyEnd, "complete");
    assert.ok(text.replace(/^<\?.*?\?>/, "") === expected, "every byte is the listing's");
  }
});
