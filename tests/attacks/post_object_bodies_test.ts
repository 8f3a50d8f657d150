/**
 * F Form uploads: what they are answered with, what of them becomes the object, and the bounds of their parts.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { LIMITS } from "../../src/limits.ts";
import { createChecksumHasher } from "../../src/payload/checksum.ts";
import { checksumHeader } from "../../src/s3/checksum_algorithm.ts";
import { BOUNDARY, buildForm, formatPart, type FormInput } from "../support/form_builder.ts";
import {
  ALICE,
  type ListenerName,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import {
  connectRaw,
  formatRequestHead,
  type RawConnection,
  type RawResponse,
} from "../support/raw_client.ts";
import { joinBytes } from "../support/wire.ts";

const LONG = new Uint8Array(LIMITS.formHeldBytesMax + LIMITS.bodyPieceBytesMax).map((_, at) =>
  at % 251
);

function start(listener: ListenerName): Promise<ProxyUnderTest> {
  const security = { form_redirect_origins: ["https://app.example.com", "http://localhost:3000"] };
  return ProxyUnderTest.start({ listener, settings: { security } });
}

function build(change: Partial<FormInput> = {}): ReturnType<typeof buildForm> {
  return buildForm({
    bucket: "mine",
    key: ALICE,
    date: new Date(),
    fields: { key: "a b.txt" },
    ...change,
  });
}

function send(
  proxy: ProxyUnderTest,
  { headers, body }: ReturnType<typeof buildForm>,
  { isChunked = false, target = "/mine", host = proxy.host } = {},
): Promise<RawResponse> {
  const all = [["host", host] as const, ...headers];
  const sent = isChunked ? { chunks: [body] } : body;
  return proxy.sendRaw({ method: "POST", target, headers: all, body: sent });
}

testListeners("F success_action_status asks for 200, 201 or 204", async (listener) => {
  await using proxy = await start(listener);
  for (const [asked, status] of [["200", 200], ["201", 201], ["204", 204], ["404", 204]] as const) {
    const fields = { key: "a b.txt", success_action_status: asked };
    const response = await send(proxy, build({ fields }));
    assert.equal(response.status, status, response.text);
    assert.equal(response.header("etag"), '"stored"');
    const location = `http://${proxy.host}/mine/a%20b.txt`;
    assert.equal(response.header("location"), location);
    const document = `<PostResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<Location>${location}</Location><Bucket>mine</Bucket><Key>a b.txt</Key>` +
      `<ETag>&quot;stored&quot;</ETag></PostResponse>`;
    assert.equal(response.text.replace(/^<\?.*\?>\s*/, ""), status === 201 ? document : "");
  }
});

testListeners("F a bucket in the host", async (listener) => {
  await using proxy = await start(listener);
  const response = await send(proxy, build(), { target: "/", host: "mine.s3.test" });
  assert.equal(response.status, 204, response.text);
  assert.equal(response.header("location"), "http://mine.s3.test/a%20b.txt");
});

const REDIRECTS: readonly (readonly [url: string, location: string | undefined])[] = [
  ["https://app.example.com/done", "https://app.example.com/done?"],
  ["https://app.example.com:443/done?a=1#end", "https://app.example.com:443/done?a=1&"],
  ["HTTPS://APP.example.com", "HTTPS://APP.example.com?"],
  ["http://localhost:3000/", "http://localhost:3000/?"],
  ["http://localhost/", undefined],
  ["http://app.example.com/done", undefined],
  ["https://app.example.com.evil.test/", undefined],
  ["https://app.example.com@evil.test/", undefined],
  ["https://evil.test\\@app.example.com/", undefined],
  ["https://evil.test/https://app.example.com/", undefined],
  ["//app.example.com/", undefined],
  ["javascript:alert(1)", undefined],
  ["https://app.example.com/\r\nset-cookie: a=b", undefined],
];

testListeners(
  "F success_action_redirect goes to origins of the configuration only",
  async (listener) => {
    await using proxy = await start(listener);
    for (const field of ["success_action_redirect", "redirect"]) {
      for (const [url, location] of REDIRECTS) {
        const response = await send(proxy, build({ fields: { key: "a&b", [field]: url } }));
        assert.equal(response.status, location === undefined ? 204 : 303, url);
        if (location === undefined) continue;
        const fragment = url.includes("#") ? "#end" : "";
        const query = "bucket=mine&key=a%26b&etag=%22stored%22";
        assert.equal(response.header("location"), `${location}${query}${fragment}`);
        assert.equal(response.header("set-cookie"), undefined);
      }
    }
  },
);

testListeners("F fields become the headers of a PutObject", async (listener) => {
  await using proxy = await start(listener);
  const tagging = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag>" +
    "<Tag><Key>c</Key><Value></Value></Tag></TagSet></Tagging>";
  const fields = {
    key: "k",
    acl: "private",
    tagging,
    "Cache-Control": "no-cache",
    "Content-Type": "",
    "Content-Disposition": 'attachment; filename="${filename}"',
    "X-Amz-Meta-Name": "é",
    "x-amz-storage-class": "STANDARD",
    "x-amz-server-side-encryption": "AES256",
  };
  const conditions = ["bucket", ...Object.keys(fields)].map((name) => [
    "starts-with",
    `$${name}`,
    "",
  ]);
  const response = await send(proxy, build({ fields, conditions, filename: "d/e.txt" }));
  assert.equal(response.status, 204, response.text);
  const [seen] = proxy.backend.requests;
  for (
    const [name, value] of [
      ["x-amz-acl", "private"],
      ["x-amz-tagging", "a%20b=1%262&c="],
      ["cache-control", "no-cache"],
      ["content-type", undefined],
      ["content-disposition", 'attachment; filename="e.txt"'],
      ["x-amz-meta-name", Buffer.from("é").toString("latin1")],
      ["x-amz-storage-class", "STANDARD"],
      ["x-amz-server-side-encryption", "AES256"],
      ["x-amz-signature", undefined],
      ["policy", undefined],
    ] as const
  ) assert.equal(seen?.header(name), value, name);
});

const SHORT = new TextEncoder().encode("the file");

for (const [name, file] of [["short", SHORT], ["long", LONG]] as const) {
  testListeners(
    `F a ${name} file is stored as it is, with its checksum proven`,
    async (listener) => {
      await using proxy = await start(listener);
      const hasher = createChecksumHasher("XXHASH128");
      hasher.update(file);
      const header = checksumHeader("XXHASH128");
      const value = Buffer.from(hasher.digest()).toString("base64");
      const response = await send(proxy, build({ fields: { key: "k", [header]: value }, file }));
      assert.equal(response.status, 204, response.text);
      assert.equal(response.header(header), value);
      const [seen] = proxy.backend.requests;
      assert.equal(await seen?.bodyEnd, "complete");
      assert.equal(seen?.header("content-length"), String(file.length));
      assert.deepEqual(Buffer.from(seen?.body ?? []), Buffer.from(file));
    },
  );
}

/** Each is told from the form's length to be as long as it is not. */
const BROKEN: readonly (readonly [name: string, change: Partial<FormInput>, code: string])[] = [
  ["another field behind it", { after: { submit: "Upload" } }, "MalformedPOSTRequest"],
  ["another file behind it", { after: { file: "x" } }, "MalformedPOSTRequest"],
  ["no line break at the end", { end: "--" }, "MalformedPOSTRequest"],
  ["bytes behind the end", { end: "--\r\nmore" }, "MalformedPOSTRequest"],
  ["no end", { end: "\r\n\r\n" }, "MalformedPOSTRequest"],
  ["a wrong checksum", { fields: { key: "k", "x-amz-checksum-crc32": "AAAAAA==" } }, "BadDigest"],
];

for (const [name, change, code] of BROKEN) {
  testListeners(`F a long file with ${name}: ${code}, and no object`, async (listener) => {
    await using proxy = await start(listener);
    const response = await send(proxy, build({ file: LONG, ...change }));
    assert.equal(response.errorCode, code, response.text);
    for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
  });
}

testListeners(
  "F a long file is held to its range before the backend hears of it",
  async (listener) => {
    await using proxy = await start(listener);
    for (
      const [range, code] of [
        [[0, LONG.length - 1], "EntityTooLarge"],
        [[LONG.length + 1, LONG.length + 2], "EntityTooSmall"],
      ] as const
    ) {
      const conditions = [
        { bucket: "mine" },
        ["starts-with", "$key", ""],
        ["content-length-range", ...range],
      ];
      proxy.assertRefused(await send(proxy, build({ file: LONG, conditions })), code);
    }
  },
);

testListeners("F a form without a length may be short only", async (listener) => {
  await using proxy = await start(listener);
  const short = await send(proxy, build(), { isChunked: true });
  assert.equal(short.status, 204, short.text);
  const long = await send(proxy, build({ file: LONG }), { isChunked: true });
  assert.equal(long.errorCode, "MissingContentLength");
  assert.equal(proxy.backend.requests.length, 1);
});

testListeners("F a client that leaves amid a long file makes no object", async (listener) => {
  await using proxy = await start(listener);
  const { headers, body } = build({ file: LONG });
  {
    using connection = await connectRaw(proxy.destination);
    const all = [...headers, ["host", proxy.host] as const];
    await connection.write(
      formatRequestHead({
        ...proxy.destination,
        method: "POST",
        target: "/mine",
        headers: all,
        body,
      }),
    );
    await connection.write(body.subarray(0, LIMITS.formHeldBytesMax));
    const seen = await proxy.backend.nextRequest();
    assert.equal(seen.method, "PUT");
  }
  const [seen] = proxy.backend.requests;
  assert.equal(await seen?.bodyEnd, "broken");
});

const TOO_LARGE: readonly (readonly [name: string, pieces: readonly (string | Uint8Array)[]])[] = [
  ["fields one byte past their bound", [
    formatPart("a", { value: "x".repeat(LIMITS.formFieldsBytesMax) }),
  ]],
  [
    "one field past their number",
    Array.from(
      { length: LIMITS.formFieldsMax + 1 },
      (_, index) => formatPart(`f${index}`, { value: "" }),
    ),
  ],
  ["a part's head past its bound", [
    `--${BOUNDARY}\r\nX-Long: ${"x".repeat(LIMITS.formPartHeadBytesMax)}`,
  ]],
];

for (const [name, pieces] of TOO_LARGE) {
  testListeners(`F ${name}: MaxPostPreDataLengthExceededError`, async (listener) => {
    await using proxy = await start(listener);
    const { headers } = build();
    const response = await send(proxy, { headers, body: joinBytes(pieces) });
    proxy.assertRefused(response, "MaxPostPreDataLengthExceededError");
  });
}

testListeners("F a file's name may not make fields longer than their bound", async (listener) => {
  await using proxy = await start(listener);
  const value = "${filename}".repeat(20);
  const form = build({ fields: { key: "k", "x-amz-meta-a": value }, filename: "n".repeat(1025) });
  proxy.assertRefused(await send(proxy, form), "MaxPostPreDataLengthExceededError");
});

testListeners(
  "F X6 forms whose sender is not proven are few, and who keeps his fields back gives way",
  async (listener) => {
    await using proxy = await start(listener);
    const { headers, body } = build();
    const all = [["host", proxy.host] as const, ...headers];
    const head = formatRequestHead({
      ...proxy.destination,
      method: "POST",
      target: "/mine",
      headers: all,
      body,
    });
    const strangers = await Promise.all(
      Array.from({ length: LIMITS.formsUnprovenMax }, () => connectRaw(proxy.destination)),
    );
    for (const stranger of strangers) {
      await stranger.write(head);
      await stranger.write(body.subarray(0, 50));
    }
    // Who comes now has its turn at once, and one of them gives way to it.
    const taken = await send(proxy, build());
    assert.equal(taken.status, 204, taken.text);
    const another = await send(proxy, build());
    assert.equal(another.status, 204, another.text);
    const answers = strangers.map((stranger) => stranger.readResponse());
    assert.equal((await Promise.any(answers)).errorCode, "SlowDown");
    assert.equal(proxy.backend.requests.length, 2);
    for (const stranger of strangers) stranger.close();
    const others = await Promise.allSettled(answers);
    assert.equal(others.filter(({ status }) => status === "fulfilled").length, 1);
  },
);

testListeners(
  "F X6 one address with many forms ends none of another's that is slow",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { server: { trusted_proxies: ["127.0.0.1"] } },
    });
    const { headers, body } = build();
    const begin = async (from: string): Promise<RawConnection> => {
      const connection = await connectRaw(proxy.destination);
      const head = formatRequestHead({
        ...proxy.destination,
        method: "POST",
        target: "/mine",
        headers: [["host", proxy.host], ["x-forwarded-for", from], ...headers],
        body,
      });
      await connection.write(head);
      await connection.write(body.subarray(0, 50));
      return connection;
    };
    using slow = await begin("2001:db8:1::1");
    // It is surely the first of them.
    const another = {
      ...build(),
      headers: [...headers, ["x-forwarded-for", "192.0.2.1"] as const],
    };
    assert.equal((await send(proxy, another)).status, 204);
    const strangers: RawConnection[] = [];
    for (let count = 0; count < LIMITS.formsUnprovenMax + 10; count++) {
      strangers.push(await begin(`2001:db8::${count}`));
    }
    const refused = await Promise.any(strangers.map((stranger) => stranger.readResponse()));
    assert.equal(refused.errorCode, "SlowDown");
    await slow.write(body.subarray(50));
    assert.equal((await slow.readResponse()).status, 204);
    for (const stranger of strangers) stranger.close();
  },
);

testListeners(
  "F no header of the request is the object's, nor a second signature",
  async (listener) => {
    await using proxy = await start(listener);
    const { headers, body } = build();
    const foreign = ["x-amz-acl", "x-amz-meta-a", "cache-control", "content-md5"];
    const sent = foreign.map((name) => [name, "public-read"] as const);
    const response = await send(proxy, { headers: [...headers, ...sent], body });
    assert.equal(response.status, 204, response.text);
    const [seen] = proxy.backend.requests;
    for (const name of foreign) assert.equal(seen?.header(name), undefined, name);
    const second = ["authorization", "AWS4-HMAC-SHA256 Credential=a"] as const;
    const signed = await send(proxy, { headers: [...headers, second], body });
    assert.equal(signed.errorCode, "InvalidArgument");
  },
);
