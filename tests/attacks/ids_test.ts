/**
 * Ids of uploads and versions that no store has given out, and values that would become headers of an answer.
 * @module
 */

import { LIMITS } from "../../src/limits.ts";
import assert from "node:assert/strict";
import { ProxyUnderTest, type SignedRequest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

/** Texts that are no id: of other characters, too long, or none at all. */
const NO_IDS = [
  "a/b",
  "a b",
  "a\tb",
  "a\\b",
  "a:b",
  "a%b",
  "a?b",
  "a&b",
  '"a"',
  "é",
  ".",
  "..",
  "...",
  "x".repeat(LIMITS.idCharactersMax + 1),
];
const UPLOAD_TARGETS: readonly (readonly [method: string, target: string])[] = [
  ["GET", "/mine/k?uploadId="],
  ["DELETE", "/mine/k?uploadId="],
  ["PUT", "/mine/k?partNumber=1&uploadId="],
  ["POST", "/mine/k?uploadId="],
  ["GET", "/mine?uploads&key-marker=k&upload-id-marker="],
];
const VERSION_TARGETS: readonly (readonly [method: string, target: string])[] = [
  ["GET", "/mine/k?versionId="],
  ["HEAD", "/mine/k?versionId="],
  ["DELETE", "/mine/k?versionId="],
  ["GET", "/mine/k?tagging&versionId="],
  ["GET", "/mine?versions&key-marker=k&version-id-marker="],
];

testListeners(
  "B2 what cannot be an id is not found, and the backend not asked",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (
      const [targets, code] of [[UPLOAD_TARGETS, "NoSuchUpload"], [
        VERSION_TARGETS,
        "NoSuchVersion",
      ]] as const
    ) {
      for (const [method, target] of targets) {
        for (const id of NO_IDS) {
          const response = await proxy.send({ method, target: target + encodeURIComponent(id) });
          assert.equal(response.status, 404, `${method} ${target} ${id}`);
          if (method !== "HEAD") proxy.assertRefused(response, code);
        }
      }
    }
    assert.deepEqual(proxy.backend.requests, []);
  },
);

testListeners("B2 an id of Ceph's with two dots in a row goes to the backend", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const id = "aB3dEfGh1..kLmNopQ-stUvWxYz0123";
  for (const [method, target] of VERSION_TARGETS) await proxy.send({ method, target: target + id });
  assert.equal(proxy.backend.requests.length, VERSION_TARGETS.length);
  for (const { target } of proxy.backend.requests) assert.ok(target.includes(id), target);
});

testListeners(
  "B2 the longest id goes to the backend, and so does a marker that says nothing",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const id = "aZ09._~+=-".repeat(LIMITS.idCharactersMax).slice(0, LIMITS.idCharactersMax);
    const targets = [...UPLOAD_TARGETS, ...VERSION_TARGETS].filter(([method]) => method !== "POST");
    for (const [method, target] of targets) {
      await proxy.send({ method, target: target + encodeURIComponent(id) });
      assert.ok(proxy.backend.requests.at(-1)?.target.includes(encodeURIComponent(id)), target);
    }
    const before = proxy.backend.requests.length;
    for (const target of ["/mine?uploads&upload-id-marker=", "/mine?versions&version-id-marker="]) {
      await proxy.send({ target });
    }
    assert.equal(proxy.backend.requests.length, before + 2);
  },
);

testListeners(
  "B2 DeleteObjects answers for a version that cannot be, and does the rest",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({
        send: [
          formatResponse({
            status: 200,
            headers: [],
            body: "<DeleteResult><Deleted><Key>b</Key></Deleted></DeleteResult>",
          }),
        ],
      }),
    });
    const request: SignedRequest = {
      method: "POST",
      target: "/mine?delete",
      body:
        "<Delete><Object><Key>a</Key><VersionId>x/y</VersionId></Object><Object><Key>b</Key></Object></Delete>",
    };
    const { text } = await proxy.send(request);
    assert.match(
      text,
      /<Error><Key>a<\/Key><VersionId>x\/y<\/VersionId><Code>NoSuchVersion<\/Code>/,
    );
    assert.match(text, /<Deleted><Key>b<\/Key><\/Deleted>/);
    const sent = new TextDecoder().decode(proxy.backend.requests[0]?.body);
    assert.deepEqual([...sent.matchAll(/<Key>(.*?)</g)].map(([, key]) => key), ["b"]);
  },
);

testListeners("R5 no control character becomes a header of an answer", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const names = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
  ];
  const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
    .filter((character) => /\p{Cc}/u.test(character) && character !== "\0");
  assert.equal(controls.length, 64);
  for (const name of names) {
    for (const control of controls) {
      const value = encodeURIComponent(`a${control}b`);
      proxy.assertRefused(
        await proxy.send({ target: `/mine/k?response-${name}=${value}` }),
        "InvalidArgument",
      );
    }
  }
  await proxy.send({ target: "/mine/k?response-content-language=%C3%A9%20~" });
  assert.equal(proxy.backend.requests.length, 1);
});
