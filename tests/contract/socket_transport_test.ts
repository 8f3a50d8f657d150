import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { beforeDeadline } from "../support/deadline.ts";
import { Gate } from "../support/gate.ts";
import { type Answer, formatResponse } from "../support/recording_backend.ts";
import { type Asked, readText, Scene, sized } from "../support/socket_scene.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

Deno.test("the request is exactly what was asked for, byte by byte", async () => {
  await using scene = new Scene([]);
  const target = "/b/a/../%2E%2E/.//k?x=%2F..";
  await scene.send({ method: "PUT", target });
  const bytes = new TextEncoder().encode("xyz");
  await scene.send({ method: "POST", target, body: { kind: "bytes", bytes } });
  await scene.send({
    method: "PUT",
    target,
    body: sized(3, bytes.subarray(0, 1), bytes.subarray(1)),
  });
  await scene.send({ method: "DELETE", target });
  const { port, requests } = scene.backend;
  const lines = (length: string[]): string[] => [
    `Host: 127.0.0.1:${port}`,
    "User-Agent: test",
    "Accept-Encoding: identity",
    ...length,
    "x-amz-a: \xe9",
  ];
  assert.deepEqual(requests.map(({ startLine }) => startLine), [
    `PUT ${target} HTTP/1.1`,
    `POST ${target} HTTP/1.1`,
    `PUT ${target} HTTP/1.1`,
    `DELETE ${target} HTTP/1.1`,
  ]);
  assert.deepEqual(requests.map(({ headerLines }) => headerLines), [
    lines(["Content-Length: 0"]),
    lines(["Content-Length: 3"]),
    lines(["Content-Length: 3"]),
    lines([]),
  ]);
  assert.deepEqual(requests.map(({ body }) => String.fromCharCode(...body)), [
    "",
    "xyz",
    "xyz",
    "",
  ]);
  assert.equal(scene.backend.connections, 1);
});

/** Answers that end by themselves: the connection is used again. */
const WHOLE:
  readonly (readonly [name: string, send: readonly string[], asked: Asked, text: string])[] = [
    ["a length", [`${OK}Content-Length: 9\r\n\r\n123456789`], {}, "123456789"],
    ["a length, in two pieces", [`${OK}Content-Length: 9\r\n\r\n1`, "23456789"], {}, "123456789"],
    ["a length of 0", [`${OK}Content-Length: 0\r\n\r\n`], {}, ""],
    ["chunks", [`${CHUNKED}3;a=b\r\n123\r\n6\r\n456789\r\n0\r\nx: y\r\n\r\n`], {}, "123456789"],
    ["chunks, the end later", [`${CHUNKED}9\r\n123456789`, "\r\n0\r\n", "\r\n"], {}, "123456789"],
    ["no chunks", [`${CHUNKED}0\r\n\r\n`], {}, ""],
    ["HEAD and a length", [`${OK}Content-Length: 9\r\n\r\n`], { method: "HEAD" }, ""],
    ["HEAD and chunks", [CHUNKED], { method: "HEAD" }, ""],
    ["204", ["HTTP/1.1 204 No Content\r\n\r\n"], { method: "DELETE" }, ""],
    ["304 and a length", ["HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"], {}, ""],
    [
      "1xx before",
      [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
        `${OK}Content-Length: 1\r\n\r\nx`,
      ],
      {},
      "x",
    ],
    [
      "as many 1xx as may be",
      [
        `${
          "HTTP/1.1 102 Processing\r\n\r\n".repeat(LIMITS.informationalResponsesMax)
        }${OK}Content-Length: 1\r\n\r\nx`,
      ],
      {},
      "x",
    ],
  ];

for (const [name, send, asked, text] of WHOLE) {
  Deno.test(`a connection is used again after ${name}`, async () => {
    for (const sent of [send, [...send.join("")]]) {
      await using scene = new Scene([{ send: sent }]);
      const [, read] = await scene.read(asked);
      assert.equal(read, text);
      assert.deepEqual(await scene.read(), [200, ""]);
      assert.equal(scene.backend.connections, 1, `${sent.length} pieces`);
    }
  });
}

/** Answers after which nobody can tell where the next one begins. */
const LAST: readonly (readonly [name: string, answer: Answer, asked: Asked, text: string])[] = [
  [
    "Connection: close",
    { send: [`${OK}Connection: x, Close\r\nContent-Length: 1\r\n\r\nx`] },
    {},
    "x",
  ],
  ["HTTP/1.0", { send: ["HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"] }, {}, "x"],
  ["the connection's end", { send: [`${OK}\r\n123456789`], close: true }, {}, "123456789"],
  ["a second answer", { send: [`${OK}Content-Length: 1\r\n\r\nx${OK}\r\n`] }, {}, "x"],
  ["one byte more than its length", { send: [`${OK}Content-Length: 1\r\n\r\nxy`] }, {}, "x"],
  ["one byte more than its chunks", { send: [`${CHUNKED}1\r\nx\r\n0\r\n\r\ny`] }, {}, "x"],
  ["a body to HEAD", { send: [`${OK}Content-Length: 1\r\n\r\nx`] }, { method: "HEAD" }, ""],
  ["a body of 304", { send: ["HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\nx"] }, {}, ""],
  ["a body of 204", { send: ["HTTP/1.1 204 No Content\r\n\r\nx"] }, {}, ""],
];

for (const [name, answer, asked, text] of LAST) {
  Deno.test(`a connection is not used again after ${name}`, async () => {
    await using scene = new Scene([answer]);
    const [, read] = await scene.read(asked);
    assert.equal(read, text);
    assert.deepEqual(await scene.read(), [200, ""]);
    assert.equal(scene.backend.connections, 2);
  });
}

Deno.test("a byte that comes behind a body that filled the reader's memory ends the connection", async () => {
  for (const bytes of [LIMITS.responseReadBytes, 4 * LIMITS.responseReadBytes]) {
    const body = "x".repeat(bytes);
    await using scene = new Scene([{
      send: [`${OK}Content-Length: ${bytes}\r\n\r\n${body}${OK}\r\n`],
    }]);
    const response = await scene.send();
    assert.ok(response.body !== null && !(response.body instanceof ReadableStream));
    const piece = new Uint8Array(bytes);
    for (let length = 0; length < bytes;) {
      length += await response.body.read(piece.subarray(0, bytes - length));
    }
    assert.deepEqual(await scene.read(), [200, ""]);
    assert.equal(scene.backend.connections, 2);
  }
});

Deno.test("a body that is here whole is taken at once, and its connection used again; one with more behind it, or less, is not", async () => {
  const answers = [
    ["12345", 5, 5],
    ["12345", 4, undefined], // it does not fit
    ["123456", 5, undefined],
    ["1234", 5, undefined],
  ] as const;
  for (const [body, room, taken] of answers) {
    await using scene = new Scene([{
      send: [`${OK}Content-Length: 5\r\n\r\n${body}`],
      close: body.length < 5,
    }]);
    const response = await scene.send();
    assert.ok(response.body !== null && !(response.body instanceof ReadableStream));
    const piece = new Uint8Array(room);
    assert.equal(response.body.takeRest?.(piece), taken, body);
    if (taken === undefined) {
      const reading = readText(response);
      if (body.length < 5) await assert.rejects(reading);
      else assert.equal(await reading, "12345");
    } else {
      assert.equal(new TextDecoder().decode(piece), body);
      assert.equal(response.body.takeRest?.(piece), undefined);
      assert.equal(await readText(response), "");
    }
    assert.deepEqual(await scene.read(), [200, ""]);
    assert.equal(scene.backend.connections, body === "12345" ? 1 : 2, body);
  }
});

Deno.test("a byte on an idle connection ends it", async () => {
  const gate = new Gate();
  await using scene = new Scene([{ send: [formatResponse(), gate, "H"] }]);
  await scene.read();
  const [first] = scene.backend.requests;
  gate.open();
  await beforeDeadline(first?.connectionClosed ?? Promise.reject(), "the connection's end");
  await scene.read();
  assert.equal(scene.backend.connections, 2);
});

/** Heads that two readers could read in two ways, or nobody. */
const BROKEN = [
  "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
  `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
  `${OK}Content-Length: 1, 1\r\n\r\nx`,
  `${OK}Content-Length: +1\r\n\r\nx`,
  `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  `${OK}Content-Length : 1\r\n\r\nx`,
  `${OK}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
  `${OK}A: \0\r\nContent-Length: 0\r\n\r\n`,
  `HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\nx`,
  `HTTP/1.1 101 Switching Protocols\r\n\r\n`,
  `HTTP/2 200\r\n\r\n`,
  `HTTP/1.1 0200 OK\r\n\r\n`,
  `<html>`.padEnd(100),
  `${OK}A: ${"a".repeat(LIMITS.responseHeadBytesMax)}\r\n\r\n`,
  `${"HTTP/1.1 102 Processing\r\n\r\n".repeat(LIMITS.informationalResponsesMax + 1)}${OK}\r\n`,
];

for (const head of BROKEN) {
  Deno.test(`no answer, and the connection's end: ${JSON.stringify(head.slice(0, 60))}`, async () => {
    await using scene = new Scene([{ send: [head] }]);
    await assert.rejects(scene.read());
    const [first] = scene.backend.requests;
    await beforeDeadline(first?.connectionClosed ?? Promise.reject(), "the connection's end");
    assert.equal(scene.backend.requests.length, 1, "it was not sent again");
  });
}

Deno.test("an answer that is cut off is never whole, wherever it is", async () => {
  for (
    const answer of [
      `${OK}Content-Length: 9\r\n\r\n12345678`,
      `${CHUNKED}9\r\n123456789\r\n0\r\n\r`,
    ]
  ) {
    for (let end = 1; end <= answer.length; end++) {
      await using scene = new Scene([{ send: [answer.slice(0, end)], close: true }]);
      await assert.rejects(scene.read(), `${end} bytes`);
      assert.equal(scene.backend.requests.length, 1);
    }
  }
});

Deno.test("a body that is not wanted ends its connection, one that was read does not", async () => {
  await using scene = new Scene([{ send: [`${OK}Content-Length: 9\r\n\r\n1234`] }]);
  const { body } = await scene.send();
  assert.ok(body !== null && !(body instanceof ReadableStream));
  const waiting = assert.rejects(readText({ status: 200, headers: new Headers(), body }));
  body.cancel();
  await waiting;
  await assert.rejects(body.read(new Uint8Array(1)));
  await scene.read();
  assert.equal(scene.backend.connections, 2);
});
