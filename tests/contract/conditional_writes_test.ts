/** Conditions on what a write finds at its key hold on a backend that ignores them, or reads them in its own way. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import {
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import type { Header } from "../support/signer.ts";
import { advanceMonotonicClock } from "../support/shifted_clock.ts";
import { LIMITS } from "../../src/limits.ts";

const KEY = "/mine/k";
const PUT: SignedRequest = { method: "PUT", target: KEY, body: "new" };
const COPY: SignedRequest = {
  method: "PUT",
  target: KEY,
  headers: [["x-amz-copy-source", "mine/s"]],
};
const COMPLETE: SignedRequest = {
  method: "POST",
  target: `${KEY}?uploadId=u`,
  body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
    "</CompleteMultipartUpload>",
};
const VERSIONING = "/mine?versioning=";
const DONE = "<Result><ETag>e</ETag></Result>";
const WRITES = [["PutObject", PUT], ["CopyObject", COPY], [
  "CompleteMultipartUpload",
  COMPLETE,
]] as const;

/** A backend that writes whatever the conditions say, and answers a look with `status`. */
function looking(status: number, eTag = '"abc-2"'): Respond {
  return ({ method }) => ({
    send: [
      formatResponse(
        method === "HEAD"
          ? { status, headers: status === 200 ? [["ETag", eTag]] : [] }
          : { body: DONE },
      ),
    ],
  });
}

function conditional(request: SignedRequest, ...conditions: Header[]): SignedRequest {
  return { ...request, headers: [...request.headers ?? [], ...conditions] };
}

function start(listener: ListenerName, respond: Respond): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({ listener, respond });
}

/** condition → status of the look → code of the answer, or none. */
const CASES: readonly (readonly [condition: Header, found: number, code?: string])[] = [
  [["if-match", '"abc-2"'], 200],
  [["if-match", "abc-2"], 200],
  [["if-match", "*"], 200],
  [["if-match", '"abc"'], 200, "PreconditionFailed"], // a prefix, which RGW takes
  [["if-match", '"other"'], 200, "PreconditionFailed"],
  [["if-match", '"abc-2"'], 404, "NoSuchKey"],
  [["if-match", "*"], 404, "PreconditionFailed"],
  [["if-match", '"abc-2"'], 400, "PreconditionFailed"],
  [["if-none-match", "*"], 404],
  [["if-none-match", "*"], 200, "PreconditionFailed"],
  [["if-none-match", "*"], 400, "PreconditionFailed"],
  [["if-none-match", '"abc-2"'], 200, "PreconditionFailed"],
  [["if-none-match", '"abc-2"'], 404],
  [["if-none-match", '"other"'], 200],
  [["if-match", '"abc-2"'], 503, "SlowDown"],
  [["if-none-match", "*"], 429, "SlowDown"],
  [["if-none-match", "*"], 403, "BadGateway"],
];

for (const [operation, request] of WRITES) {
  testListeners(`${operation} is held to its condition`, async (listener) => {
    for (const [condition, found, code] of CASES) {
      await using proxy = await start(listener, looking(found));
      const response = await proxy.send(conditional(request, condition));
      const told = `${condition.join(": ")} of ${found}: ${response.text}`;
      assert.equal(response.errorCode, code, told);
      const methods = proxy.backend.requests.filter(({ target }) => target !== VERSIONING)
        .map(({ method }) => method);
      const written = request.method ?? "";
      const asksTwice = found === 404 && condition[0] === "if-match";
      const looks = asksTwice ? ["HEAD", "GET"] : ["HEAD"];
      if (code !== undefined) assert.deepEqual(methods, looks, told);
      else assert.deepEqual(methods.slice(0, 2), ["HEAD", written], told);
    }
  });

  testListeners(`${operation} with If-Match in a bucket that is not there`, async (listener) => {
    const body = "<Error><Code>NoSuchBucket</Code></Error>";
    await using proxy = await start(listener, ({ method }) => ({
      send: [formatResponse(method === "HEAD" ? { status: 404 } : { status: 404, body })],
    }));
    for (const value of ["*", '"abc-2"']) {
      const response = await proxy.send(conditional(request, ["if-match", value]));
      assert.deepEqual([response.status, response.errorCode], [404, "NoSuchBucket"]);
    }
    const methods = proxy.backend.requests.map(({ method }) => method);
    assert.deepEqual(methods, ["HEAD", "GET", "HEAD", "GET"]);
  });

  testListeners(`${operation} refuses a condition that it cannot hold`, async (listener) => {
    await using proxy = await start(listener, looking(200));
    for (
      const [name, value, code] of [
        ["if-match", 'W/"abc-2"', "InvalidArgument"],
        ["if-match", '"abc-2", "other"', "InvalidArgument"],
        ["if-none-match", '"a","b"', "InvalidArgument"],
        ["if-unmodified-since", "Mon, 01 Jan 2035 00:00:00 GMT", "NotImplemented"],
      ] as const
    ) {
      proxy.assertRefused(await proxy.send(conditional(request, [name, value])), code);
    }
  });
}

testListeners("PutObject tells the backend what RGW understands", async (listener) => {
  for (
    const [condition, found, sent] of [
      [["if-match", '"abc-2"'], 200, ["abc-2", undefined]],
      [["if-match", "*"], 200, [undefined, undefined]],
      [["if-none-match", "*"], 404, [undefined, "*"]],
      [["if-none-match", '"other"'], 200, [undefined, undefined]],
    ] as const
  ) {
    await using proxy = await start(listener, looking(found));
    assert.equal((await proxy.send(conditional(PUT, condition))).status, 200);
    const seen = proxy.backend.requests.at(-1);
    assert.deepEqual([seen?.header("if-match"), seen?.header("if-none-match")], sent);
  }
});

testListeners(
  "PutObject leaves out what RGW misreads where there are or were versions, and asks once",
  async (listener) => {
    for (const status of ["Enabled", "Suspended", ""]) {
      const versions = `<VersioningConfiguration>${
        status && `<Status>${status}</Status>`
      }</VersioningConfiguration>`;
      await using proxy = await ProxyUnderTest.start({
        listener,
        settings: { server: { workers: 1 } },
        respond: (request) =>
          request.target === VERSIONING
            ? { send: [formatResponse({ body: versions })] }
            : looking(404)(request),
      });
      const create = conditional(PUT, ["if-none-match", "*"]);
      for (let writes = 0; writes < 2; writes++) {
        assert.equal((await proxy.send(create)).status, 200);
      }
      const puts = proxy.backend.requests.filter(({ method }) => method === "PUT");
      const sent = status === "" ? "*" : undefined;
      assert.deepEqual(puts.map((seen) => seen.header("if-none-match")), [sent, sent]);
      const countAsked = (): number =>
        proxy.backend.requests.filter(({ target }) => target === VERSIONING).length;
      assert.equal(countAsked(), 1);
      advanceMonotonicClock(LIMITS.bucketVersionsMs + 1);
      assert.equal((await proxy.send(create)).status, 200);
      assert.equal(countAsked(), 2, "asked anew after bucketVersionsMs");
    }
  },
);

testListeners(
  "a backend that is too busy to tell of versions: SlowDown, and nothing is remembered",
  async (listener) => {
    for (const status of [429, 503]) {
      let asked = 0;
      await using proxy = await ProxyUnderTest.start({
        listener,
        settings: { server: { workers: 1 } },
        respond: (request) =>
          request.target === VERSIONING && asked++ === 0
            ? { send: [formatResponse({ status })] }
            : looking(404)(request),
      });
      const create = conditional(PUT, ["if-none-match", "*"]);
      const refused = await proxy.send(create);
      assert.deepEqual([refused.status, refused.errorCode], [503, "SlowDown"]);
      assert.ok(proxy.backend.requests.every(({ method }) => method !== "PUT"));
      assert.equal((await proxy.send(create)).status, 200);
      assert.equal(asked, 2);
    }
  },
);

testListeners(
  "a trusted backend is told what the client said, but of what a copy overwrites",
  async (listener) => {
    const settings = { backend: { trust_preconditions: true } };
    await using proxy = await ProxyUnderTest.start({ listener, settings, respond: looking(200) });
    for (const [operation, request] of WRITES) {
      const seenBefore = proxy.backend.requests.length;
      const given: Header[] = [["if-match", '"abc-2"'], ["x-amz-meta-a", operation]];
      assert.equal((await proxy.send(conditional(request, ...given))).status, 200, operation);
      const seen = proxy.backend.requests.slice(seenBefore);
      const isCopy = operation === "CopyObject";
      const first = isCopy ? "HEAD" : request.method;
      assert.equal(seen[0]?.method, first);
      const write = seen.find(({ method }) => method === request.method);
      assert.equal(write?.header("if-match"), isCopy ? undefined : '"abc-2"');
    }
  },
);

testListeners("an object of SSE-C is looked at with the request's own key", async (listener) => {
  const name = "x-amz-server-side-encryption-customer-key";
  await using proxy = await start(listener, looking(200));
  const request = conditional(PUT, ["if-match", '"abc-2"'], [name, "c2VjcmV0"]);
  assert.equal((await proxy.send(request)).status, 200);
  assert.deepEqual(
    proxy.backend.requests.filter(({ target }) => target === KEY).map((seen) => seen.header(name)),
    [
      "c2VjcmV0",
      "c2VjcmV0",
    ],
  );
});

for (
  const [operation, request] of [["CopyObject", COPY], [
    "CompleteMultipartUpload",
    COMPLETE,
  ]] as const
) {
  testListeners(`of two that ${operation} with If-None-Match: *, one does`, async (listener) => {
    const firstLook = new Gate();
    let isThere = false;
    await using proxy = await start(listener, ({ method, target }) => {
      if (target === "/mine/other") return {};
      if (method !== "HEAD") {
        isThere = true;
        return { send: [formatResponse({ body: DONE })] };
      }
      const answer = formatResponse({ status: isThere ? 200 : 404 });
      return { send: isThere ? [answer] : [firstLook, answer] };
    });
    const create = conditional(request, ["if-none-match", "*"]);
    const first = proxy.send(create);
    await proxy.backend.nextRequest();
    const second = proxy.send(create);
    // Once this one has come and gone, the second has come, too: it waits for the first.
    await proxy.send({ target: "/mine/other" });
    const looks = proxy.backend.requests.filter(({ method }) => method === "HEAD");
    firstLook.open(); // before anything can fail, and leave both waiting
    assert.equal(looks.length, 1);
    const answers = await Promise.all([first, second]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 412]);
    const writes = proxy.backend.requests.filter(({ method }) => method === request.method);
    assert.equal(writes.length, 1);
  });
}
