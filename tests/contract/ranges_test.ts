/** The Range of a read: one range of bytes is passed on, and what S3 ignores is not; RGW would answer 416, or a part. */

import assert from "node:assert/strict";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";

const LONGEST = "9".repeat(19);

for (
  const range of [
    "bytes=0-0",
    "bytes=00-01",
    "bytes=5-",
    "bytes=-1",
    "Bytes=1-2",
    `bytes=0-${LONGEST}`,
    `bytes=-${LONGEST}`,
  ]
) {
  testListeners(`Range: ${range} is passed on`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const method of ["GET", "HEAD"]) {
      await proxy.send({ method, target: "/mine/k", headers: [["range", range]] });
      assert.equal(proxy.backend.requests.at(-1)?.header("range"), range);
    }
  });
}

for (
  const range of [
    "bytes=,",
    "bytes= -1",
    "bytes=--1",
    "bytes=-",
    "bytes=10-5",
    "bytes=010-9",
    "bytes=abc",
    "bytes=1-x",
    "bytes=0-0,1-2",
    "lines=0-1",
    "0-1",
    `bytes=0-1${LONGEST}`,
  ]
) {
  testListeners(`Range: ${range} is ignored, as on S3`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const method of ["GET", "HEAD"]) {
      const response = await proxy.send({ method, target: "/mine/k", headers: [["range", range]] });
      assert.equal(response.status, 200, response.text);
      assert.equal(proxy.backend.requests.at(-1)?.header("range"), undefined);
    }
  });
}

testListeners("the last 0 bytes, and a range of a part, are refused", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (const range of ["bytes=-0", "bytes=-000"]) {
    const response = await proxy.send({ target: "/mine/k", headers: [["range", range]] });
    proxy.assertRefused(response, "InvalidRange");
    assert.equal(response.status, 416);
    assert.ok(response.text.includes(`<RangeRequested>${range}<`), response.text);
  }
  const headers = [["range", "bytes=0-1"]] as const;
  const response = await proxy.send({ target: "/mine/k?partNumber=1", headers });
  proxy.assertRefused(response, "InvalidRequest");
});
