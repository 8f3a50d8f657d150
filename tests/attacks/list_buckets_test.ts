/** X4, Z12 ListBuckets streams: as many buckets as there may be, of a master that has more than the user sees. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { ADMIN, ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";

const OWNER = "<Owner><ID>master</ID><DisplayName>Master</DisplayName></Owner>";
const NAMES = Array.from(
  { length: LIMITS.listBucketsMax + 1 },
  (_, at) => `app-${String(at).padStart(5, "0")}`,
);
const HIDDEN = ["another", "victim"];

function dateOf(name: string): string {
  return `20${name.slice(-2)}-01-01T00:00:00.000Z`;
}

function answering(names: readonly string[]): Respond {
  const buckets = names.map((name) =>
    `<Bucket><Name>${name}</Name><CreationDate>${dateOf(name)}</CreationDate></Bucket>`
  );
  const body = `<?xml version="1.0"?><ListAllMyBucketsResult>${OWNER}<Buckets>${
    buckets.join("")
  }</Buckets></ListAllMyBucketsResult>`;
  return () => ({ send: [formatResponse({ body })] });
}

function readNames(text: string): string[] {
  return Array.from(text.matchAll(/<Name>(.*?)<\/Name>/g), ([, name = ""]) => name);
}

testListeners("Z12 ListBuckets tells of every bucket of the user", async (listener) => {
  const respond = answering([...NAMES, ...HIDDEN]);
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const response = await proxy.send({ target: "/" });
  assert.deepEqual([response.status, response.bodyEnd], [200, "complete"]);
  assert.deepEqual(readNames(response.text), NAMES);
  assert.match(response.text, /<Name>app-00021<\/Name><CreationDate>2021-01-01T/);
  assert.match(response.text, /<Owner><ID>alice-key<\/ID><DisplayName>alice-key</);
  assert.doesNotMatch(response.text, /master|victim|another/i);
  const all = await proxy.send({ target: "/", key: ADMIN });
  assert.equal(readNames(all.text).length, NAMES.length + HIDDEN.length);
});

testListeners("ListBuckets pages through buckets in any order", async (listener) => {
  const mixed = [...NAMES.filter((_, at) => at % 2 === 1), ...HIDDEN, ...NAMES].toReversed();
  const respond = answering([...new Set(mixed)]);
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const seen: string[] = [];
  for (let token: string | undefined = "";;) {
    const from: string = token === "" ? "" : `&continuation-token=${encodeURIComponent(token)}`;
    const { status, text } = await proxy.send({ target: `/?max-buckets=4000${from}` });
    assert.equal(status, 200);
    seen.push(...readNames(text));
    token = /<ContinuationToken>(.*?)</.exec(text)?.[1];
    if (token === undefined) break;
    assert.equal(seen.length % 4000, 0);
  }
  assert.deepEqual(seen, NAMES);
});

testListeners("ListBuckets filters by prefix and region", async (listener) => {
  const respond = answering(["app-1", "app-2", "mine", "victim"]);
  await using proxy = await ProxyUnderTest.start({ listener, respond });
  const ask = async (query: string): Promise<string> =>
    (await proxy.send({ target: `/?${query}` })).text;
  assert.deepEqual(readNames(await ask("prefix=app-")), ["app-1", "app-2"]);
  assert.match(await ask("prefix=app-"), /<BucketRegion>us-east-1<.*<Prefix>app-<\/Prefix>/);
  assert.deepEqual(readNames(await ask("prefix=vic")), []);
  assert.deepEqual(readNames(await ask("bucket-region=us-east-1")).length, 3);
  assert.deepEqual(readNames(await ask("bucket-region=eu-west-1")), []);
  const behind = `continuation-token=${encodeURIComponent(btoa("app-1"))}`;
  assert.deepEqual(readNames(await ask(behind)), ["app-2", "mine"]);
  assert.doesNotMatch(await ask(`max-buckets=3`), /ContinuationToken/);
});

for (
  const [name, body] of [
    ["an error", "<Error><Code>InternalError</Code></Error>"],
    ["another document", "<ListBucketResult></ListBucketResult>"],
    ["a document that breaks off", "<ListAllMyBucketsResult><Buckets><Bucket><Name>app-1</Name>"],
    ["nothing", ""],
  ] as const
) {
  testListeners(`ListBuckets refuses ${name} of the backend`, async (listener) => {
    const respond: Respond = () => ({ send: [formatResponse({ body })] });
    await using proxy = await ProxyUnderTest.start({ listener, respond });
    for (const target of ["/", "/?max-buckets=10"]) {
      assert.equal((await proxy.send({ target, key: ALICE })).status, 502);
    }
  });
}
