/** A page reads every answer to it, errors too: without CORS headers it would be told of a network error. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import { ProxyUnderTest, type SignedRequest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";

const PAGE: Header = ["origin", "https://app.example"];
const SETTINGS = {
  cors: [{
    buckets: ["mine"],
    allowed_origins: ["https://app.example"],
    allowed_methods: ["GET", "PUT", "POST"],
    expose_headers: ["ETag"],
  }],
};

/** name → request → status of the answer. */
const ANSWERED: readonly (readonly [name: string, request: SignedRequest, status: number])[] = [
  ["a key that climbs out", { target: "/mine/../k" }, 400],
  ["a broken escape", { target: "/mine/%zz" }, 400],
  ["a key that is too long", { target: `/mine/${"k".repeat(1025)}` }, 400],
  ["a parameter that is not known", { target: "/mine/k?foo" }, 400],
  ["a parameter given twice", { target: "/mine?prefix=a&prefix=b" }, 400],
  ["a header that is not done", {
    target: "/mine/k",
    headers: [["x-amz-write-offset-bytes", "1"]],
  }, 501],
  ["a bucket in the host", { target: "/%zz", headers: [] }, 400],
  ["a wrong signature", { target: "/mine/k", service: "ec2" }, 400],
];

for (const [name, request, status] of ANSWERED) {
  testListeners(`${name}: the page reads why`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const isHosted = name === "a bucket in the host";
    const headers = [...request.headers ?? [], PAGE];
    const response = isHosted
      ? await proxy.sendRaw({
        method: "GET",
        target: request.target,
        headers: [["host", "mine.s3.test"], ...headers],
      })
      : await proxy.send({ ...request, headers });
    assert.equal(response.status, status, response.text);
    assert.equal(response.header("access-control-allow-origin"), PAGE[1]);
    assert.equal(response.header("access-control-expose-headers"), "ETag");
    assert.deepEqual(proxy.backend.requests, []);
  });
}

for (
  const [name, target, origin] of [
    ["another origin", "/mine/../k", "https://evil.example"],
    ["another bucket", "/app-1/../mine/k", "https://app.example"],
    ["no bucket", "/?foo", "https://app.example"],
    ["no path", "/%zz", "https://app.example"],
  ] as const
) {
  testListeners(`an error for ${name} has no CORS headers`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
    const response = await proxy.send({ target, headers: [["origin", origin]] });
    assert.equal(response.status, 400);
    assert.equal(response.header("access-control-allow-origin"), undefined);
  });
}

testListeners("a page reads that all slots are taken", async (listener) => {
  const gate = new Gate();
  const settings = { ...SETTINGS, server: { max_in_flight_requests: 1, workers: 1 } };
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings,
    respond: () => ({ send: [gate, formatResponse()] }),
  });
  const first = proxy.send({ target: "/mine/k" });
  await proxy.backend.nextRequest();
  const second = await proxy.send({ target: "/mine/k", headers: [PAGE] });
  gate.open(); // before anything can fail, and leave the first one waiting
  assert.deepEqual([second.status, second.errorCode], [503, "SlowDown"]);
  assert.equal(second.header("access-control-allow-origin"), PAGE[1]);
  assert.equal((await first).status, 200);
});
