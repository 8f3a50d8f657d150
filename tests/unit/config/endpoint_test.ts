import assert from "node:assert/strict";
import { isLoopback, parseEndpoint } from "../../../src/config/endpoint.ts";

const PASSWORD = "hunter2hunter2";

const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
  ["", /expected a URL like/],
  ["fsn1.your-objectstorage.com", /expected a URL like/],
  ["ftp://h", /expected a URL like/],
  [" https://h", /expected a URL like/],
  ["//h", /expected a URL like/],
  ["https:h", /expected a URL like/],
  ["https://", /valid host/],
  ["https:///", /valid host/],
  ["https://h h", /valid host/],
  ["https://h\t", /valid host/],
  ["https://h:99999", /valid host/],
  ["https://h:x", /valid host/],
  ["https://[::1", /valid host/],
  ["https://h/path", /path/],
  ["https://h//", /path/],
  ["https://h/.", /path/],
  ["https://h\\path", /path/],
  ["https://h?", /path/],
  ["https://h/?a=b", /path/],
  ["https://h#", /path/],
  [`https://user:${PASSWORD}@h`, /user or password/],
  [`https://${PASSWORD}@h/`, /user or password/],
  ["http://h:6000", /port/],
  ["https://h:10080/", /port/],
  ["https://h:4045", /port/],
  ["https://h:0", /port/],
];

for (const [text, message] of REFUSED) {
  Deno.test(`parseEndpoint() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseEndpoint(text), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes(PASSWORD));
      return true;
    });
  });
}

for (
  const [text, origin] of [
    ["https://fsn1.your-objectstorage.com", "https://fsn1.your-objectstorage.com"],
    ["https://fsn1.your-objectstorage.com/", "https://fsn1.your-objectstorage.com"],
    ["HTTP://127.0.0.1:7480", "http://127.0.0.1:7480"],
    ["https://[::1]:9000", "https://[::1]:9000"],
    ["https://h:443", "https://h"],
  ] as const
) {
  Deno.test(`parseEndpoint() reads "${text}"`, () => {
    assert.equal(parseEndpoint(text).href, `${origin}/`);
  });
}

Deno.test("parseEndpoint() refuses the ports that fetch refuses", async () => {
  const refused = Array.from({ length: 65_536 }, (_, port) => port).filter(isRefusedPort);
  assert.equal(refused.length, 83); // as the Fetch standard lists them
  for (const port of refused) {
    await assert.rejects(() => fetch(`http://127.0.0.1:${port}/`), /are blocked/, String(port));
  }
});

Deno.test("isLoopback() knows this machine", () => {
  for (const host of ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]) {
    assert.ok(isLoopback(parseEndpoint(`http://${host}`)), host);
  }
  for (const host of ["127.example.com", "localhost.example.com", "10.0.0.1", "[::2]"]) {
    assert.ok(!isLoopback(parseEndpoint(`http://${host}`)), host);
  }
});

function isRefusedPort(port: number): boolean {
  try {
    parseEndpoint(`http://h:${port}`);
    return false;
  } catch {
    return true;
  }
}
